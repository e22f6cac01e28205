"""ETags of entities and of the whole drama: compare-and-set, repeats, rows of an older release."""

from __future__ import annotations

import asyncio
import random
import uuid

import asyncpg
import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from kit.errors import AlreadyExists, Conflict, InvalidInput, NotFound
from kit.testing.house import House
from sfd.dramas.v1 import character_service_pb2 as characters
from sfd.dramas.v1 import drama_pb2 as pb
from sfd.dramas.v1 import drama_service_pb2 as dramas
from sfd.dramas.v1 import entity_asset_service_pb2 as assets
from sfd.dramas.v1 import scene_service_pb2 as scenes
from stack.servers import Servers
from tests.system.storage.drama_bench import Bench, check_etag, drama, ids, image, mina, patch_character, scene

pytestmark = pytest.mark.system


@pytest.fixture
async def bench(storage_house: House, servers: Servers) -> Bench:
    return Bench(storage_house, servers)


async def test_a_stale_etag_is_refused_and_another_entitys_is_not_stale(bench: Bench) -> None:
    stored = await bench.put(drama())
    seen = await mina(bench, stored.id)
    request = scenes.UpdateSceneRequest(
        drama_id=stored.id,
        episode_id="ep01",
        scene=pb.Scene(id="ep01_s01", description="A storm."),
        update_mask=FieldMask(paths=["description"]),
    )
    await bench.scenes.UpdateScene(request)

    async def write(n: int) -> str:
        try:
            await patch_character(bench, stored.id, "name", name=f"n{n}", if_etag=seen.etag)
        except Conflict as error:
            return error.reason
        return "ok"

    assert sorted(await asyncio.gather(*(write(n) for n in range(6)))) == ["ok", *["stale_etag"] * 5]
    with pytest.raises(Conflict):
        await bench.characters.DeleteCharacter(
            characters.DeleteCharacterRequest(drama_id=stored.id, character_id="char_mina", if_etag=seen.etag)
        )
    assert (await bench.get(stored.id)).revision == stored.revision + 2


async def test_the_same_request_id_is_one_write(bench: Bench) -> None:
    stored = await bench.put(drama())
    new = characters.CreateCharacterRequest(
        drama_id=stored.id, character=pb.Character(id="char_ada", name="Ada"), request_id=uuid.uuid4().hex
    )
    assert await bench.characters.CreateCharacter(new) == await bench.characters.CreateCharacter(new)
    gone = characters.DeleteCharacterRequest(drama_id=stored.id, character_id="char_ada", request_id=uuid.uuid4().hex)
    await bench.characters.DeleteCharacter(gone)
    await bench.characters.DeleteCharacter(gone)
    now = await bench.get(stored.id)
    assert (now.revision, now.etag, ids(now.characters)) == (
        stored.revision + 2,
        stored.etag,
        ["char_mina", "char_jun"],
    )
    new.character.name = "Other"
    with pytest.raises(AlreadyExists):
        await bench.characters.CreateCharacter(new)


async def test_another_accounts_drama_is_not_there(bench: Bench, storage_house: House, servers: Servers) -> None:
    stored = await bench.put(drama())
    other = Bench(storage_house, servers, str(uuid.uuid4()))
    for attempt in (
        mina(other, stored.id),
        patch_character(other, stored.id, "name", name="x"),
        other.characters.DeleteCharacter(
            characters.DeleteCharacterRequest(drama_id=stored.id, character_id="char_mina")
        ),
        other.takes(stored.id),
        other.dramas.SetLiveTake(dramas.SetLiveTakeRequest(drama_id=stored.id, take_id=str(uuid.uuid4()))),
    ):
        with pytest.raises(NotFound) as caught:
            await attempt
        assert caught.value.message == f"Drama {stored.id} not found"


async def test_the_dramas_etag_is_that_of_a_whole_write_after_any_changes(bench: Bench) -> None:
    """Hashes of rows are made anew on the way up only; a chance walk through all kinds of changes must not lose the whole."""
    stored = await bench.put(drama(episodes=3, scenes=2))
    dice = random.Random(7)
    seen = {stored.etag}
    for n in range(30):
        episode = f"ep0{dice.randint(1, 3)}"
        where = {"drama_id": stored.id, "episode_id": episode}
        try:
            match dice.randint(0, 5):
                case 0:
                    new = scenes.CreateSceneRequest(scene=scene(f"n{n}"), position=dice.randint(0, 3), **where)
                    await bench.scenes.CreateScene(new)
                case 1:
                    gone = scenes.DeleteSceneRequest(scene_id=f"{episode}_s0{dice.randint(1, 2)}", **where)
                    await bench.scenes.DeleteScene(gone)
                case 2:
                    change = scenes.UpdateSceneRequest(
                        scene=pb.Scene(id=f"{episode}_s02", description=f"d{n}"),
                        update_mask=FieldMask(paths=["description"]),
                        **where,
                    )
                    await bench.scenes.UpdateScene(change)
                case 3:
                    add = assets.CreateEntityAssetRequest(asset=image(f"a{n}"), position=dice.randint(0, 2), **where)
                    await bench.assets.CreateEntityAsset(add)
                case 4:
                    person = pb.Character(id=f"c{n}", name="N", assets=[image("look")])
                    cast = characters.CreateCharacterRequest(drama_id=stored.id, character=person, position=0)
                    await bench.characters.CreateCharacter(cast)
                case _:
                    title = dramas.UpdateDramaRequest(
                        drama=pb.Drama(id=stored.id, title=f"t{n}"), update_mask=FieldMask(paths=["title"])
                    )
                    await bench.dramas.UpdateDrama(title)
        except NotFound:
            continue
        now = await check_etag(bench, stored.id)
        assert now.etag not in seen
        seen.add(now.etag)
    assert len(seen) > 15
    assert now.revision == stored.revision + len(seen) - 1


async def test_rows_that_an_older_release_wrote_are_hashed_anew(bench: Bench, servers: Servers) -> None:
    stored = await bench.put(drama())
    sql = await asyncpg.connect(servers.postgres_dsn)
    key = await sql.fetchval("SELECT id FROM dramas WHERE public_id = $1", stored.id)
    await sql.execute("UPDATE dramas SET hashed_revision = 0, etag = 'old' WHERE id = $1", key)
    for table in ("characters", "episodes", "scenes", "drama_assets"):
        await sql.execute(f"UPDATE {table} SET etag = '' WHERE drama_id = $1", key)
    await sql.close()
    assert (await mina(bench, stored.id)).etag
    changed = await patch_character(bench, stored.id, "name", name="Minna")
    again = await patch_character(bench, stored.id, "name", name="Mina", if_etag=changed.etag)
    assert again.name == "Mina"
    assert (await bench.get(stored.id)).etag == stored.etag


async def test_a_text_that_is_too_long_is_refused_by_field(bench: Bench) -> None:
    stored = await bench.put(drama())
    with pytest.raises(InvalidInput) as caught:
        await bench.characters.CreateCharacter(
            characters.CreateCharacterRequest(drama_id=stored.id, character=pb.Character(id="c", name="x" * 100_001))
        )
    assert (caught.value.reason, caught.value.field) == ("too_long", "character.name")
