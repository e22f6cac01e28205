"""`python -m bench entities`: one entity of a large drama, read and changed alone, beside the whole; real Postgres, gRPC from outside.

The drama has 100 episodes of 5 scenes with 2 assets each. Prints milliseconds per call, one caller at a time.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask

from bench.jobs_ours import percentile
from kit.testing.house import house
from sfd.dramas.v1 import drama_pb2 as pb
from sfd.dramas.v1 import drama_service_pb2 as dramas
from sfd.dramas.v1 import drama_service_pb2_grpc, scene_service_pb2_grpc
from sfd.dramas.v1 import scene_service_pb2 as scenes
from stack.servers import Servers

EPISODES, SCENES, CALLS = 100, 5, 60
TEXT = "The pier is dark, the ferry is late, and nobody says what both of them know. " * 4


def drama() -> pb.Drama:
    """Returns the large drama."""

    def scene(name: str) -> pb.Scene:
        image = pb.EntityAsset(id=f"{name}_image", kind=pb.ASSET_KIND_IMAGE, depends_on=["char_0"], prompt=TEXT)
        film = pb.EntityAsset(id=f"{name}_video", kind=pb.ASSET_KIND_VIDEO, depends_on=[image.id], prompt=TEXT)
        lines = '{"dialogue":[{"character_id":"char_0","text":"Wait.","emotion":"sad"}]}'
        return pb.Scene(id=name, description=TEXT, metadata_json=lines, assets=[image, film])

    cast = [pb.Character(id=f"char_{n}", name=f"N{n}", description=TEXT) for n in range(6)]
    series = [
        pb.Episode(
            id=f"ep{e}", title=f"Part {e}", description=TEXT, scenes=[scene(f"ep{e}_s{s}") for s in range(SCENES)]
        )
        for e in range(EPISODES)
    ]
    return pb.Drama(id="large", title="Large", description=TEXT, premise=TEXT, characters=cast, episodes=series)


async def measured(name: str, call: Callable[[int], Awaitable[Any]]) -> None:
    """Prints the median and the 99th percentile of a call."""
    times: list[float] = []
    for n in range(CALLS):
        begun = time.perf_counter()
        await call(n)
        times.append((time.perf_counter() - begun) * 1000)
    times.sort()
    sys.stdout.write(f"{name:<12} p50 {percentile(times, 0.5):7.1f} ms   p99 {percentile(times, 0.99):7.1f} ms\n")


async def run() -> None:
    """Measures the four calls."""
    with tempfile.TemporaryDirectory() as folder:
        async with Servers(Path(folder) / "servers") as servers, house(servers, Path(folder) / "house") as made:
            channel = made.channel()
            whole: Any = drama_service_pb2_grpc.DramaServiceStub(channel)
            part: Any = scene_service_pb2_grpc.SceneServiceStub(channel)
            await whole.PutDrama(dramas.PutDramaRequest(drama=drama()))
            where = {"drama_id": "large", "episode_id": "ep50"}

            async def update_scene(n: int) -> None:
                change = pb.Scene(id="ep50_s2", description=f"{TEXT}{n}")
                mask = FieldMask(paths=["description"])
                await part.UpdateScene(scenes.UpdateSceneRequest(scene=change, update_mask=mask, **where))

            async def update_drama(n: int) -> None:
                change = pb.Drama(id="large", title=f"Large {n}")
                mask = FieldMask(paths=["title"])
                await whole.UpdateDrama(dramas.UpdateDramaRequest(drama=change, update_mask=mask))

            get_scene = scenes.GetSceneRequest(scene_id="ep50_s2", **where)
            await measured("GetScene", lambda _: part.GetScene(get_scene))
            await measured("UpdateScene", update_scene)
            await measured("GetDrama", lambda _: whole.GetDrama(dramas.GetDramaRequest(drama_id="large")))
            await measured("UpdateDrama", update_drama)


def main() -> int:
    """Runs the bench."""
    asyncio.run(run())
    return 0


if __name__ == "__main__":
    sys.exit(main())
