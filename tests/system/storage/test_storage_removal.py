"""Deleting a drama leaves no object behind, whatever was under way, and takes nothing from one that is made anew under its id."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any

import asyncpg
import pytest

from kit.testing.house import House
from services.storage.chores import Chores
from services.storage.config import StorageSettings
from services.storage.db import Database
from services.storage.dramas.store import DramaStore
from services.storage.objects import Objects
from sfd.assets.v1 import asset_service_pb2
from sfd.assets.v1 import library_service_pb2 as library
from sfd.dramas.v1 import character_service_pb2 as characters
from sfd.dramas.v1 import drama_pb2 as pb
from sfd.dramas.v1 import drama_service_pb2 as dramas
from sfd.jobs.v1 import job_pb2, job_service_pb2
from stack.servers import Servers
from tests.system.storage.drama_bench import Bench, drama, image

pytestmark = pytest.mark.system


class SlowBucket(Objects):
    """The bucket, and something that happens just before it writes."""

    before: Callable[[], Any] | None = None

    async def put(self, key: str, data: bytes, content_type: str) -> None:
        """Writes, late."""
        if self.before is not None:
            await self.before()
        await super().put(key, data, content_type)


@pytest.fixture
async def bench(storage_house: House, servers: Servers) -> Bench:
    return Bench(storage_house, servers)


@pytest.fixture
async def sql(storage_house: House, servers: Servers) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(servers.postgres_dsn)
    yield connection
    await connection.close()


async def delete(bench: Bench, drama_id: str) -> None:
    await bench.dramas.DeleteDrama(dramas.DeleteDramaRequest(drama_id=drama_id))


async def test_nothing_of_a_drama_stays_in_the_bucket(bench: Bench, sql: Any) -> None:
    """Takes that are live and that are not, further assets, what the library has under the drama, and pictures it began with."""
    first = await bench.upload(b"a reference with no drama yet" + uuid.uuid4().bytes)
    asked = asset_service_pb2.ConfirmUploadRequest(asset_id=first)
    reference = (await bench.library.ConfirmUpload(asked)).asset
    cast = [pb.Character(id="char_mina", name="Mina", premise_url=reference.url, assets=[image("look")])]
    stored = await bench.put(drama(characters=cast))
    for slot in ("drama:cover", "scene:ep01_s01:clip", "scene:ep01_s01:clip", "asset:character:char_mina:look"):
        await bench.take(stored.id, slot)
    await bench.upload(b"of the library" + uuid.uuid4().bytes, drama_id=stored.id)
    rows = await sql.fetch("SELECT object_key FROM assets WHERE drama_id = $1", stored.id)
    assert len(rows) == 6
    base = f"dramas/{stored.id}/"
    names = ("drama.json", "cover.png", "scenes/ep01_s01_clip.mp4", "characters/char_mina_look.png")
    await bench.until_keys(base, {base + name for name in names})
    await delete(bench, stored.id)
    for prefix in (base, *(row["object_key"] for row in rows)):
        await bench.until_keys(prefix, set())
    for table in ("assets", "friendly_keys"):
        assert not await sql.fetch(f"SELECT 1 FROM {table} WHERE drama_id = $1", stored.id)
    await delete(bench, stored.id)


async def test_somebody_elses_reference_stays(bench: Bench, storage_house: House, servers: Servers, sql: Any) -> None:
    other = Bench(storage_house, servers, str(uuid.uuid4()))
    asked = asset_service_pb2.ConfirmUploadRequest(asset_id=await other.upload(uuid.uuid4().bytes))
    reference = (await other.library.ConfirmUpload(asked)).asset
    stored = await bench.put(drama(characters=[pb.Character(id="c", name="C", premise_url=reference.url)]))
    await delete(bench, stored.id)
    assert await sql.fetchval("SELECT drama_id FROM assets WHERE id = $1", uuid.UUID(reference.id)) == ""


async def object_of(sql: Any, url: str) -> str:
    """Returns the key of the object behind a media URL."""
    capability = url.rpartition("/")[2].partition(".")[0]
    return str(await sql.fetchval("SELECT object_key FROM assets WHERE capability = $1", capability))


@pytest.mark.parametrize("whole", [True, False])
async def test_what_another_drama_shows_stays_until_that_one_goes_too(bench: Bench, sql: Any, whole: bool) -> None:
    """A drama that was written anew keeps the faces of the first; the first, or one of its characters, is removed."""
    first = await bench.put(drama())
    for slot in ("character:char_mina:portrait", "character:char_jun:portrait"):
        await bench.take(first.id, slot)
    mina, jun = (character.url for character in (await bench.get(first.id)).characters)
    second = await bench.put(drama(characters=[pb.Character(id="char_mina", name="Mina", url=mina)]))
    kept, gone = await object_of(sql, mina), await object_of(sql, jun)
    if whole:
        await delete(bench, first.id)
    else:
        for one in ("char_mina", "char_jun"):
            asked = characters.DeleteCharacterRequest(drama_id=first.id, character_id=one)
            await bench.characters.DeleteCharacter(asked)
    await bench.until_keys(gone, set())
    assert await bench.keys(kept) == {kept}
    assert await sql.fetchval("SELECT drama_id FROM assets WHERE object_key = $1", kept) == second.id
    await delete(bench, second.id)
    await bench.until_keys(kept, set())
    await delete(bench, first.id)


async def test_a_picture_of_the_library_outlives_the_drama_that_uses_it(bench: Bench, sql: Any) -> None:
    stored = await bench.upload(uuid.uuid4().bytes)
    listed = await bench.listing.AddLibraryAsset(
        library.AddLibraryAssetRequest(
            stored_asset_id=stored, project_name="mine", asset_type="image", tag="character", filename="a.png"
        )
    )
    url = (await bench.library.GetAsset(asset_service_pb2.GetAssetRequest(asset_id=stored))).asset.url
    made = await bench.put(drama(characters=[pb.Character(id="c", name="C", premise_url=url)]))
    await delete(bench, made.id)
    asked = library.GetLibraryAssetRequest(project_name="mine", asset_type="image", asset_id=listed.asset.asset_id)
    assert (await bench.listing.GetLibraryAsset(asked)).asset.stored_asset_id == stored
    key = await object_of(sql, url)
    assert await bench.keys(key) == {key}


@pytest.mark.parametrize("anew", [False, True])
async def test_an_export_that_races_a_deletion_leaves_no_orphan(
    bench: Bench, storage_house: House, servers: Servers, sql: Any, anew: bool
) -> None:
    """The export has read the drama and is about to write when the drama is deleted, and perhaps made anew."""
    values: dict[str, Any] = dict(storage_house.env)
    settings = StorageSettings(_env_file=None, **values)
    database = Database(servers.postgres_dsn, size=3)
    bucket = SlowBucket(settings)
    chores = Chores(database, bucket, DramaStore(database))
    stored = await bench.put(drama(title="Old"))
    base = f"dramas/{stored.id}/"
    await bench.until_keys(base, {f"{base}drama.json"})
    key = await sql.fetchval("SELECT id FROM dramas WHERE public_id = $1", stored.id)

    async def deleted() -> None:
        await delete(bench, stored.id)
        await bench.until_keys(base, set())
        if anew:
            await bench.put(drama(id=stored.id, title="New"))
            await bench.until_keys(base, {f"{base}drama.json"})
            await asyncio.sleep(1)

    bucket.before = deleted
    await chores._export(key)
    if anew:
        async with asyncio.timeout(30):
            while b'"New"' not in await bench.read(f"{base}drama.json"):
                await asyncio.sleep(0.2)
    else:
        await bench.until_keys(base, set())
    await database.close()


async def test_a_process_that_dies_in_mid_export_leaves_no_orphan_either(bench: Bench, sql: Any) -> None:
    """Whoever deletes knows the name beforehand and looks again when a call of the bucket must be over."""
    stored = await bench.put(drama())
    base = f"dramas/{stored.id}/"
    await bench.until_keys(base, {f"{base}drama.json"})
    await delete(bench, stored.id)
    await bench.until_keys(base, set())
    await bench.write(f"{base}drama.json", b"{}")
    late = await sql.fetch(
        "UPDATE garbage SET run_after = now() WHERE object_key = $1 RETURNING run_after", f"{base}drama.json"
    )
    assert len(late) == 1
    await bench.until_keys(base, set())


async def test_a_drama_made_anew_under_an_id_keeps_its_objects(bench: Bench, sql: Any) -> None:
    stored = await bench.put(drama())
    base = f"dramas/{stored.id}/"
    await bench.take(stored.id, "drama:cover")
    await bench.until_keys(base, {f"{base}drama.json", f"{base}cover.png"})
    await delete(bench, stored.id)
    await bench.until_keys(base, set())
    await bench.put(drama(id=stored.id))
    await bench.take(stored.id, "drama:cover")
    await bench.until_keys(base, {f"{base}drama.json", f"{base}cover.png"})
    await sql.execute("UPDATE garbage SET run_after = now() WHERE starts_with(object_key, $1)", base)
    async with asyncio.timeout(30):
        while await sql.fetch("SELECT 1 FROM garbage WHERE starts_with(object_key, $1)", base):
            await asyncio.sleep(0.2)
    assert await bench.keys(base) == {f"{base}drama.json", f"{base}cover.png"}


async def test_a_run_that_is_accepted_while_its_drama_goes_is_ended_too(bench: Bench, sql: Any) -> None:
    """A plan is accepted under the lock of its drama: the deletion has looked for open runs, and waits for that lock."""
    stored = await bench.put(drama())
    new = [job_pb2.NewJob(step="s", kind="video.clip", queue=f"q{uuid.uuid4().hex[:12]}", payload_type="x")]
    run = (await bench.jobs.SubmitRun(job_service_pb2.SubmitRunRequest(kind="test", jobs=new))).run
    async with sql.transaction():
        await sql.execute("SELECT 1 FROM dramas WHERE public_id = $1 FOR UPDATE", stored.id)
        await sql.execute("UPDATE runs SET drama_id = $2 WHERE id = $1", uuid.UUID(run.id), stored.id)
        going = asyncio.create_task(delete(bench, stored.id))
        await asyncio.sleep(1)
    await going
    now = (await bench.jobs.GetRun(job_service_pb2.GetRunRequest(id=run.id))).run
    assert now.state == job_pb2.JOB_STATE_CANCELLED
