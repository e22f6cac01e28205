"""Two whole systems in front of one vendor: this house and LiteLLM's proxy. The end client's wait, less what the vendor itself takes.

Ours accepts a film durably (Postgres with fsync) and looks up its state in the record; LiteLLM's forwards both calls to the vendor. Keys
are checked in both. Films are accepted and not made: the video service runs without its worker, which is another process.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import yaml

from bench.edge.hops import KEY, WISH, Asked, plans
from bench.edge.load import Heard
from bench.edge.processes import PYTHON, heard, running
from bench.growth import table
from kit.testing.house import free_port, house
from stack.servers import Servers

ROUNDS = 3
CONNECTIONS = (1, 32)
_REQUIREMENTS = Path(__file__).resolve().parent.parent / "peers" / "gateway-requirements.txt"
HEAD = (
    *("connections", "what", "who", "p50, ms", "p99, ms", "added p50, ms", "added p99, ms"),
    *("answers/s", "bad", "every round: p50 p99, ms"),
)
GOAL = 0.2


async def compare(folder: Path) -> str:
    """Returns the table and the ratios of what is added."""
    peers = await asyncio.to_thread(environment, folder / "peers")
    vendor, proxy = free_port(), free_port()
    async with AsyncExitStack() as stack:
        servers = await stack.enter_async_context(Servers(folder / "servers"))
        films = {"SORA_API_BASE": f"http://127.0.0.1:{vendor}/v1", "SORA_API_KEY": "sk-mock", "API_KEYS": KEY}
        made = await stack.enter_async_context(house(servers, folder / "house", films))
        serving = [*PYTHON, "-m", "bench.edge.vendor", str(vendor)]
        await stack.enter_async_context(running(folder, "vendor", serving, vendor))
        await made.start("video", "--role", "serve")
        await made.start("gateway")
        file = folder / "litellm.yaml"
        file.write_text(_litellm(vendor), encoding="utf-8")
        command = [str(peers / "bin" / "litellm"), "--config", str(file), "--host", "127.0.0.1", "--port", str(proxy)]
        quiet = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR", "PYTHONPATH": ""}
        await stack.enter_async_context(running(folder, "litellm", command, proxy, env=quiet))
        ports = {"vendor alone": vendor, "sfd": made.ports["gateway"], "litellm": proxy}
        return await _rounds({who: (port, await _film(port)) for who, port in ports.items()})


async def _rounds(films: dict[str, tuple[int, str]]) -> str:
    found: dict[tuple[int, str, str], list[Heard]] = {}
    for connections in CONNECTIONS:
        for number in range(-1, ROUNDS):
            names = list(films)
            for who in names[number % 3 :] + names[: number % 3]:
                port, film = films[who]
                asked: Asked = plans(port, film, connections=connections, seconds=3.0)
                for what, plan in asked.items():
                    answer = await heard(plan)
                    if number >= 0:
                        found.setdefault((connections, what, who), []).append(answer)
                        print(f"{connections} round {number + 1} {what} {who:12} p50 {answer.p50:.2f} ms", flush=True)
    return _told(found)


def _told(found: dict[tuple[int, str, str], list[Heard]]) -> str:
    def median(key: tuple[int, str, str], name: str) -> float:
        return float(statistics.median(getattr(one, name) for one in found[key]))

    rows: list[list[object]] = []
    ratios = []
    for key, answers in found.items():
        connections, what, who = key
        alone = (connections, what, "vendor alone")
        added = [f"{median(key, name) - median(alone, name):.2f}" for name in ("p50", "p99")]
        if who == "sfd":
            theirs = (connections, what, "litellm")
            for name in ("p50", "p99"):
                ratio = (median(key, name) - median(alone, name)) / (median(theirs, name) - median(alone, name))
                ratios.append(f"{connections} connections, {what}, {name}: {ratio:.2f}")
        rows.append(
            [
                *(connections, what, who, f"{median(key, 'p50'):.2f}", f"{median(key, 'p99'):.2f}"),
                *(added if who != "vendor alone" else ("", "")),
                *(round(median(key, "rate")), sum(one.bad for one in answers)),
                ", ".join(f"{one.p50:.2f} {one.p99:.2f}" for one in answers),
            ]
        )
    return f"{table(HEAD, rows)}\n\nAdded by sfd / added by litellm (goal: at most {GOAL}): {'; '.join(ratios)}."


async def _film(port: int) -> str:
    """Returns the id of a film that is there."""
    async with httpx.AsyncClient(timeout=60, trust_env=False) as client:
        headers = {"Authorization": f"Bearer {KEY}"}
        answer = await client.post(f"http://127.0.0.1:{port}/v1/videos", json=WISH, headers=headers)
        return str(answer.raise_for_status().json()["id"])


def _litellm(vendor: int) -> str:
    model = {"model": "openai/sora-2", "api_base": f"http://127.0.0.1:{vendor}/v1", "api_key": "sk-mock"}
    known = {"model_list": [{"model_name": "sora-2", "litellm_params": model}], "general_settings": {"master_key": KEY}}
    return yaml.safe_dump(known)


def environment(folder: Path) -> Path:
    """Returns the peers' own environment, made when it is not there."""
    if not (folder / "bin" / "litellm").exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "-r", str(_REQUIREMENTS)]
        subprocess.run(pip, check=True)
    return folder
