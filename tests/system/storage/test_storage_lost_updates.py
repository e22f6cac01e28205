"""Many writers of one drama lose nothing: what was answered with ok is there once, what was refused is not, and each ok counts one."""

from __future__ import annotations

import asyncio
import json
import random
import time
import uuid
from collections import Counter
from typing import Any

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from kit.errors import Conflict
from kit.testing.house import House
from sfd.dramas.v1 import character_service_pb2 as characters
from sfd.dramas.v1 import drama_pb2 as pb
from sfd.dramas.v1 import drama_service_pb2 as dramas
from sfd.dramas.v1 import scene_service_pb2 as scenes
from stack.servers import Servers
from tests.system.storage.drama_bench import Bench, drama, scene

pytestmark = pytest.mark.system
RETRIES = 20


class Writers:
    """Writers of one drama; `ok` counts answered writes.

    As clients should, each waits by chance before it tries, longer the more often it was refused lately: also after a success, for a
    writer that begins at full speed each time lets no other through. The unit is how long an attempt takes, so that the test asks
    for the same on a slow machine.
    """

    def __init__(self, bench: Bench, drama_id: str) -> None:
        self.bench = bench
        self.drama_id = drama_id
        self.ok = 0
        self.retries = Counter[int]()
        self.refused_lately = Counter[str]()
        self.took = 0.02
        self.chance = random.Random(4)

    async def wait(self, attempts: float) -> None:
        """Waits for up to twice as long as so many attempts take."""
        await asyncio.sleep(2 * self.chance.random() * attempts * self.took)

    async def compare_and_set(self, who: str, attempt: Any) -> None:
        """Runs `attempt`, which reads and writes, until it is not refused; fails after 20 retries."""
        for n in range(RETRIES + 1):
            await self.wait(2 ** self.refused_lately[who])
            begun = time.monotonic()
            try:
                await attempt()
            except Conflict:
                self.refused_lately[who] = min(6, self.refused_lately[who] + 1)
                continue
            finally:
                self.took += (time.monotonic() - begun - self.took) / 8
            self.refused_lately[who] = max(0, self.refused_lately[who] - 1)
            self.ok += 1
            self.retries[n] += 1
            return
        raise AssertionError(
            f"{who} was refused {RETRIES + 1} times after {self.ok} writes: {sorted(self.retries.items())}"
        )

    async def append(self, who: str, mark: str) -> None:
        """Appends to a list in the drama's metadata."""

        async def attempt() -> None:
            seen = await self.bench.get(self.drama_id)
            marks = [*json.loads(seen.metadata_json)["list"], mark]
            change = pb.Drama(id=self.drama_id, metadata_json=json.dumps({"list": marks}))
            mask = FieldMask(paths=["metadata_json"])
            await self.bench.dramas.UpdateDrama(
                dramas.UpdateDramaRequest(drama=change, update_mask=mask, if_etag=seen.etag)
            )

        await self.compare_and_set(who, attempt)

    async def extend(self, path: str, letter: str) -> None:
        """Adds a letter to one field of the first character, compared by the character's ETag."""

        async def attempt() -> None:
            request = characters.GetCharacterRequest(drama_id=self.drama_id, character_id="char_mina")
            seen = (await self.bench.characters.GetCharacter(request)).character
            change = pb.Character(id="char_mina", **{path: getattr(seen, path) + letter})
            await self.bench.characters.UpdateCharacter(
                characters.UpdateCharacterRequest(
                    drama_id=self.drama_id,
                    character=change,
                    update_mask=FieldMask(paths=[path]),
                    if_etag=seen.etag,
                )
            )

        await self.compare_and_set(path, attempt)

    async def add_scene(self, scene_id: str) -> None:
        """Adds a scene in front of all others; the same request twice is one scene."""
        request = scenes.CreateSceneRequest(
            drama_id=self.drama_id, episode_id="ep01", scene=scene(scene_id), position=0, request_id=uuid.uuid4().hex
        )

        async def once() -> None:
            while True:
                try:
                    await self.bench.scenes.CreateScene(request)
                    return
                except Conflict as error:
                    # The other of the two is at work under the same id: as a client would, ask again for its answer.
                    if error.reason != "idempotency_in_flight":
                        raise
                    await asyncio.sleep(0.02)

        await asyncio.gather(once(), once())
        self.ok += 1


async def write_all(bench: Bench, writers: int, appends: int, others: int) -> None:
    """Runs everything at once and looks at what is there."""
    stored = await bench.put(drama(metadata_json='{"list":[]}'))
    work = Writers(bench, stored.id)

    async def one(writer: int) -> None:
        for n in range(appends):
            await work.append(str(writer), f"{writer}-{n}")

    async def repeat(call: Any, *args: str) -> None:
        for n in range(others):
            # These are never refused for what others did elsewhere: without a pause they would let no append through.
            await work.wait(writers)
            await call(*(text.format(n) for text in args))

    await asyncio.gather(
        *(one(n) for n in range(writers)),
        repeat(work.extend, "name", "n"),
        repeat(work.extend, "description", "d"),
        repeat(work.add_scene, "new{}"),
        repeat(bench.take, stored.id, "scene:ep01_s01:clip"),
    )
    final = await bench.get(stored.id)
    wanted = Counter(f"{writer}-{n}" for writer in range(writers) for n in range(appends))
    assert Counter(json.loads(final.metadata_json)["list"]) == wanted
    mina = final.characters[0]
    assert (mina.name, mina.description) == ("Mina" + "n" * others, "A diver." + "d" * others)
    assert [s.id for s in final.episodes[0].scenes][:others] == [f"new{n}" for n in reversed(range(others))]
    assert len(await bench.takes(stored.id, history=True)) == others
    assert work.ok == writers * appends + 3 * others
    assert final.revision == stored.revision + work.ok
    assert final.media_revision == stored.media_revision + others
    print(f"{work.ok} writes, retries: {dict(sorted(work.retries.items()))}")


async def test_a_few_writers_lose_nothing(storage_house: House, servers: Servers) -> None:
    await write_all(Bench(storage_house, servers), writers=6, appends=4, others=4)


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_sixteen_writers_lose_none_of_640_appends(storage_house: House, servers: Servers) -> None:
    await write_all(Bench(storage_house, servers), writers=16, appends=40, others=30)
