"""`make bench-productions`: dramas of about 10, 100 and 1,000 steps opened, changed, planned and executed through the gateway.

A drama has two steps a scene (storyboard and clip) and one an episode. No worker runs: requests are measured, not what follows them.
Beside it the approach with one JSON object per drama and one per step. The slowest of all calls is told beside the medians.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from typing import Any

import httpx

from bench.growth import median_ms, record, table
from bench.one_object import OneObject
from kit.testing.house import House, house
from stack.servers import Servers

SHAPES = ((1, 5), (9, 5), (100, 5))
"""Episodes and scenes of each: 11, 99 and 1,100 steps."""
CALLS = 15
TEXT = "The pier is dark, the ferry is late, and nobody says what both of them know. " * 4
HEAD = (
    "steps",
    "GET drama, ms",
    "GET scene, ms",
    "PATCH scene, ms",
    "PATCH drama, ms",
    "plan, ms",
    "execute, ms",
    "slowest, ms",
)


def drama(name: str, episodes: int, scenes: int) -> dict[str, Any]:
    """Returns a drama as the contract has it."""

    def scene(of: str) -> dict[str, Any]:
        image = {"id": f"{of}_image", "kind": "image", "depends_on": ["char_0"], "prompt": TEXT}
        film = {"id": f"{of}_video", "kind": "video", "depends_on": [f"{of}_image"], "prompt": TEXT, "duration": 10}
        said = {"dialogue": [{"character_id": "char_0", "text": "Wait.", "emotion": "sad"}]}
        return {"id": of, "description": TEXT, "assets": [image, film], "metadata": said}

    cast = [
        {
            "id": f"char_{n}",
            "name": f"N{n}",
            "description": TEXT,
            "gender": "female",
            "voice_description": "low, dry, unhurried",
            "main": not n,
            "url": "https://media.example.com/portrait.png",
        }
        for n in range(4)
    ]
    series = [
        {
            "id": f"ep{e}",
            "title": f"Part {e}",
            "description": TEXT,
            "scenes": [scene(f"ep{e}_s{s}") for s in range(scenes)],
        }
        for e in range(episodes)
    ]
    return {"id": name, "title": name, "description": TEXT, "premise": TEXT, "characters": cast, "episodes": series}


async def run(folder: Path) -> str:
    """Returns the tables."""
    ours: list[list[object]] = []
    theirs: list[list[object]] = []
    async with Servers(folder / "servers") as servers, house(servers, folder / "house") as made:
        await made.start("story", "--role", "serve")
        await made.start("gateway")
        peer = OneObject(servers.s3.endpoint, servers.s3.access_key, servers.s3.secret_key)
        await peer.fill_index(1000)
        for episodes, scenes in SHAPES:
            steps = episodes * (2 * scenes + 1)
            ours.append([steps, *await _ours(made, episodes, scenes)])
            theirs.append([steps, *await _theirs(peer, episodes, scenes, steps)])
            print(ours[-1], theirs[-1], flush=True)
    return (
        f"SFD, through the gateway:\n\n{table(HEAD, ours)}\n\nOne JSON object per drama, without a gateway (a scene is read and changed "
        f"with the whole drama):\n\n{table(('steps', 'GET drama, ms', 'PATCH scene, ms', 'start, ms'), theirs)}"
    )


async def _ours(made: House, episodes: int, scenes: int) -> list[float]:
    name = f"bench-{episodes}"
    slowest = 0.0
    async with httpx.AsyncClient(base_url=made.url, timeout=60) as client:

        async def call(method: str, path: str, body: Any = None) -> httpx.Response:
            nonlocal slowest
            started = time.perf_counter()
            answer = await client.request(method, path, json=body)
            slowest = max(slowest, (time.perf_counter() - started) * 1000)
            return answer.raise_for_status()

        await call("POST", "/dramas", {"drama": drama(name, episodes, scenes)})
        one = f"/dramas/{name}/episodes/ep0/scenes/ep0_s1"
        medians = [
            await median_ms(lambda: call("GET", f"/dramas/{name}"), CALLS),
            await median_ms(lambda: call("GET", one), CALLS),
            await median_ms(lambda: call("PATCH", one, {"description": f"{TEXT}{time.time()}"}), CALLS),
            await median_ms(lambda: call("PATCH", f"/dramas/{name}", {"title": f"{time.time()}"}), CALLS),
            await median_ms(lambda: call("POST", f"/dramas/{name}/plan", {}), 5),
        ]
        executes: list[float] = []
        for _ in range(3):
            started = time.perf_counter()
            accepted = (await call("POST", f"/dramas/{name}/execute", {})).json()
            executes.append((time.perf_counter() - started) * 1000)
            # The same step is never under way twice: the next one starts when this one is cancelled.
            await call("POST", f"/dramas/{name}/jobs/{accepted['parent_job_id']}/cancel")
        return [*medians, sorted(executes)[1], slowest]


async def _theirs(peer: OneObject, episodes: int, scenes: int, steps: int) -> list[float]:
    name = f"bench-{episodes}"
    await peer.put(drama(name, episodes, scenes))

    def change(whole: Any) -> None:
        whole["episodes"][0]["scenes"][1]["description"] = f"{TEXT}{time.time()}"

    return [
        await median_ms(lambda: peer.get(name), CALLS),
        await median_ms(lambda: peer.patch(name, change), CALLS),
        await median_ms(lambda: peer.start_production(name, steps), 1),
    ]


def main() -> int:
    """Returns 0 once it is measured and recorded."""
    record("bench-productions", asyncio.run(run(Path(".sfd/bench-productions").resolve())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
