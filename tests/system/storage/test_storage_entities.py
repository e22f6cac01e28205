"""Characters, episodes, scenes and assets over real gRPC and real Postgres: read alone, changed alone, never lost."""

from __future__ import annotations

import json
from typing import Any

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from kit.errors import Conflict, InvalidInput, NotFound
from kit.testing.house import House
from sfd.dramas.v1 import character_service_pb2 as characters
from sfd.dramas.v1 import drama_pb2 as pb
from sfd.dramas.v1 import drama_service_pb2 as dramas
from sfd.dramas.v1 import entity_asset_service_pb2 as assets
from sfd.dramas.v1 import episode_service_pb2 as episodes
from sfd.dramas.v1 import scene_service_pb2 as scenes
from stack.servers import Servers
from tests.system.storage.drama_bench import (
    Bench,
    check_etag,
    drama,
    film,
    ids,
    image,
    mina,
    patch_character,
    plain,
    scene,
)

pytestmark = pytest.mark.system


@pytest.fixture
async def bench(storage_house: House, servers: Servers) -> Bench:
    return Bench(storage_house, servers)


async def of_scene(bench: Bench, drama_id: str, scene_id: str = "ep01_s01") -> list[pb.EntityAsset]:
    request = assets.ListEntityAssetsRequest(drama_id=drama_id, episode_id="ep01", scene_id=scene_id)
    return list((await bench.assets.ListEntityAssets(request)).assets)


async def test_an_entity_read_alone_is_the_one_of_the_drama(bench: Bench) -> None:
    stored = await bench.put(drama())
    listed = (await bench.episodes.ListEpisodes(episodes.ListEpisodesRequest(drama_id=stored.id))).episodes
    assert ids(listed) == ["ep01", "ep02"]
    request = scenes.GetSceneRequest(drama_id=stored.id, episode_id="ep01", scene_id="ep01_s02")
    alone = (await bench.scenes.GetScene(request)).scene
    assert len(alone.etag) == 64
    assert alone.etag == listed[0].scenes[1].etag
    for one in [alone, *alone.assets]:
        one.ClearField("etag")
    assert alone == stored.episodes[0].scenes[1]
    assert ids(await of_scene(bench, stored.id)) == ["ep01_s01_image", "ep01_s01_video"]


async def test_a_drama_never_grows_too_large_to_be_read(bench: Bench) -> None:
    """Each change is small enough; what they come to together is refused where it is written."""
    stored = await bench.put(drama())
    large = json.dumps({"notes": "n" * 1_000_000})

    async def add(n: int) -> None:
        one = pb.Character(id=f"extra_{n}", name="E", metadata_json=large)
        await bench.characters.CreateCharacter(characters.CreateCharacterRequest(drama_id=stored.id, character=one))

    for n in range(12):
        await add(n)
    with pytest.raises(InvalidInput) as caught:
        await add(12)
    assert (caught.value.reason, caught.value.field) == ("drama_too_large", "character")
    for paths in (["metadata_json"], ["premise_url"]):
        assert await patch_character(bench, stored.id, *paths, metadata_json='{"a": 1}')
    with pytest.raises(InvalidInput) as caught:
        await patch_character(bench, stored.id, "metadata_json", metadata_json=large)
    assert (caught.value.reason, caught.value.field) == ("drama_too_large", "character")
    request = dramas.UpdateDramaRequest(
        drama=pb.Drama(id=stored.id, metadata_json=large), update_mask=FieldMask(paths=["metadata_json"])
    )
    with pytest.raises(InvalidInput) as caught:
        await bench.dramas.UpdateDrama(request)
    assert (caught.value.reason, caught.value.field) == ("drama_too_large", "drama")
    now = await bench.get(stored.id)
    assert len(now.characters) == 14
    now.characters.add(id="last", name="L", metadata_json=large)
    with pytest.raises(InvalidInput) as caught:
        await bench.put(plain(now))
    assert (caught.value.reason, caught.value.field) == ("drama_too_large", "drama")


async def test_a_mask_changes_its_fields_alone_and_an_optional_one_becomes_null(bench: Bench) -> None:
    stored = await bench.put(drama())
    changed = await patch_character(
        bench, stored.id, "name", "voice_description", "main", name="Minna", description="not sent"
    )
    assert (changed.name, changed.description, changed.main) == ("Minna", "A diver.", False)
    given = await patch_character(
        bench, stored.id, "premise_url", "metadata_json", premise_url="https://a.example/1.png"
    )
    assert given.premise_url == "https://a.example/1.png"
    taken = await patch_character(bench, stored.id, "premise_url")
    assert not taken.HasField("premise_url")
    now = await check_etag(bench, stored.id)
    assert now.characters[0].name == "Minna"
    assert (now.revision, now.media_revision) == (stored.revision + 3, stored.media_revision)


async def test_a_url_is_no_field_of_people(bench: Bench) -> None:
    stored = await bench.put(drama())
    before = await mina(bench, stored.id)
    after = await patch_character(bench, stored.id, "url", url="https://a.example/mina.png")
    now = await bench.get(stored.id)
    assert (after.url, after.etag) == ("https://a.example/mina.png", before.etag)
    assert (now.etag, now.revision, now.media_revision) == (
        stored.etag,
        stored.revision,
        stored.media_revision + 1,
    )


async def test_position_inserts_and_moves_the_others(bench: Bench) -> None:
    stored = await bench.put(drama())

    async def add(name: str, **more: Any) -> None:
        request = scenes.CreateSceneRequest(drama_id=stored.id, episode_id="ep01", scene=scene(name), **more)
        assert len((await bench.scenes.CreateScene(request)).scene.etag) == 64

    await add("last")
    await add("first", position=0)
    await add("second", position=1)
    await add("end", position=99)
    now = await check_etag(bench, stored.id)
    assert ids(now.episodes[0].scenes) == ["first", "second", "ep01_s01", "ep01_s02", "last", "end"]
    assert ids(now.episodes[1].scenes) == ["ep02_s01", "ep02_s02"]
    with pytest.raises(InvalidInput) as caught:
        await add("x", position=-1)
    assert caught.value.field == "position"


async def test_a_new_episode_brings_all_that_is_under_it(bench: Bench) -> None:
    stored = await bench.put(drama())
    new = pb.Episode(id="ep00", title="Before", scenes=[scene("ep00_s01")], assets=[image("poster")])
    request = episodes.CreateEpisodeRequest(drama_id=stored.id, episode=new, position=0)
    made = (await bench.episodes.CreateEpisode(request)).episode
    assert (ids(made.scenes), ids(made.scenes[0].assets), ids(made.assets)) == (
        ["ep00_s01"],
        ["ep00_s01_image", "ep00_s01_video"],
        ["poster"],
    )
    now = await check_etag(bench, stored.id)
    assert (ids(now.episodes), now.revision) == (["ep00", "ep01", "ep02"], stored.revision + 1)
    assert now.etag != stored.etag


@pytest.mark.parametrize(
    ("make", "reason", "field"),
    [
        (
            lambda b, d: b.characters.CreateCharacter(
                characters.CreateCharacterRequest(drama_id=d, character=pb.Character(id="char_mina"))
            ),
            "character_exists",
            "character.id",
        ),
        (
            lambda b, d: b.scenes.CreateScene(
                scenes.CreateSceneRequest(drama_id=d, episode_id="ep02", scene=pb.Scene(id="ep01_s01"))
            ),
            "scene_exists",
            "scene.id",
        ),
        (
            lambda b, d: b.episodes.CreateEpisode(
                episodes.CreateEpisodeRequest(drama_id=d, episode=pb.Episode(id="n", scenes=[scene("ep01_s02")]))
            ),
            "scene_exists",
            "episode.scenes[0].id",
        ),
        (
            lambda b, d: b.assets.CreateEntityAsset(
                assets.CreateEntityAssetRequest(drama_id=d, scene_id="ep01_s01", asset=image("ep01_s01_image"))
            ),
            "asset_exists",
            "asset.id",
        ),
    ],
)
async def test_a_taken_id_is_refused(bench: Bench, make: Any, reason: str, field: str) -> None:
    stored = await bench.put(drama())
    with pytest.raises(Conflict) as caught:
        await make(bench, stored.id)
    assert (caught.value.reason, caught.value.field) == (reason, field)
    assert await bench.get(stored.id) == stored


@pytest.mark.parametrize(
    ("ask", "reason", "text"),
    [
        (
            lambda b, d: b.characters.GetCharacter(characters.GetCharacterRequest(drama_id="no", character_id="x")),
            "drama_not_found",
            "Drama no not found",
        ),
        (
            lambda b, d: b.characters.DeleteCharacter(characters.DeleteCharacterRequest(drama_id=d, character_id="x")),
            "character_not_found",
            "Character x not found",
        ),
        (
            lambda b, d: b.episodes.UpdateEpisode(
                episodes.UpdateEpisodeRequest(drama_id=d, episode=pb.Episode(id="x"))
            ),
            "episode_not_found",
            "Episode x not found",
        ),
        (
            lambda b, d: b.scenes.ListScenes(scenes.ListScenesRequest(drama_id=d, episode_id="x")),
            "episode_not_found",
            "Episode x not found",
        ),
        (
            lambda b, d: b.scenes.GetScene(scenes.GetSceneRequest(drama_id=d, episode_id="ep02", scene_id="ep01_s01")),
            "scene_not_found",
            "Scene ep01_s01 not found",
        ),
        (
            lambda b, d: b.assets.ListEntityAssets(
                assets.ListEntityAssetsRequest(drama_id=d, episode_id="ep02", scene_id="ep01_s01")
            ),
            "scene_not_found",
            "Scene ep01_s01 not found",
        ),
        (
            lambda b, d: b.assets.GetEntityAsset(
                assets.GetEntityAssetRequest(drama_id=d, character_id="char_mina", asset_id="a\x00")
            ),
            "asset_not_found",
            "Asset a\ufffd not found",
        ),
    ],
)
async def test_what_is_not_there_is_named(bench: Bench, ask: Any, reason: str, text: str) -> None:
    stored = await bench.put(drama())
    with pytest.raises(NotFound) as caught:
        await ask(bench, stored.id)
    assert (caught.value.reason, caught.value.message) == (reason, text)


@pytest.mark.parametrize(
    ("owner", "there"),
    [
        ({}, []),
        ({"character_id": "char_jun"}, []),
        ({"episode_id": "ep02"}, []),
        ({"scene_id": "ep02_s01"}, ["ep02_s01_image", "ep02_s01_video"]),
        ({"episode_id": "ep02", "scene_id": "ep02_s01"}, ["ep02_s01_image", "ep02_s01_video"]),
    ],
)
async def test_every_owner_has_its_own_assets(bench: Bench, owner: dict[str, str], there: list[str]) -> None:
    stored = await bench.put(drama())
    create = assets.CreateEntityAssetRequest(drama_id=stored.id, asset=film("extra"), position=0, **owner)
    await bench.assets.CreateEntityAsset(create)
    change = assets.UpdateEntityAssetRequest(
        drama_id=stored.id,
        asset=pb.EntityAsset(id="extra", prompt="A storm."),
        update_mask=FieldMask(paths=["prompt", "duration"]),
        **owner,
    )
    changed = (await bench.assets.UpdateEntityAsset(change)).asset
    assert (changed.prompt, changed.HasField("duration")) == ("A storm.", False)
    await check_etag(bench, stored.id)
    listed = (await bench.assets.ListEntityAssets(assets.ListEntityAssetsRequest(drama_id=stored.id, **owner))).assets
    assert ids(listed) == ["extra", *there]
    gone = assets.DeleteEntityAssetRequest(drama_id=stored.id, asset_id="extra", if_etag=changed.etag, **owner)
    await bench.assets.DeleteEntityAsset(gone)
    now = await bench.get(stored.id)
    assert (now.etag, now.revision, plain(now)) == (stored.etag, stored.revision + 3, plain(stored))


async def test_assets_do_not_wait_for_each_other(bench: Bench) -> None:
    stored = await bench.put(drama())

    async def create(asset: pb.EntityAsset) -> None:
        await bench.assets.CreateEntityAsset(
            assets.CreateEntityAssetRequest(drama_id=stored.id, scene_id="ep01_s01", asset=asset)
        )

    async def needs(*names: str) -> None:
        request = assets.UpdateEntityAssetRequest(
            drama_id=stored.id,
            scene_id="ep01_s01",
            asset=pb.EntityAsset(id="ep01_s01_image", depends_on=names),
            update_mask=FieldMask(paths=["depends_on"]),
        )
        await bench.assets.UpdateEntityAsset(request)

    for attempt in (create(image("loop", "loop")), needs("ep01_s01_video")):
        with pytest.raises(InvalidInput) as caught:
            await attempt
        assert (caught.value.reason, caught.value.message) == ("cycle", "Cycle detected in dependency graph")
    await needs("char_jun", "nobody_knows")
    await create(image("third", "ep01_s01_video"))


@pytest.mark.parametrize(
    ("asset", "field"),
    [
        (pb.EntityAsset(id="a b"), "asset.id"),
        (pb.EntityAsset(id="a"), "asset.kind"),
        (image("a", metadata_json="[]"), "asset.metadata"),
        (image("a", *["x"] * 65), "asset.depends_on"),
        (pb.EntityAsset(id="a", kind=pb.ASSET_KIND_IMAGE, prompt="a\x00b"), "asset.prompt"),
    ],
)
async def test_a_bad_asset_is_refused_by_field(bench: Bench, asset: pb.EntityAsset, field: str) -> None:
    stored = await bench.put(drama())
    with pytest.raises(InvalidInput) as caught:
        await bench.assets.CreateEntityAsset(assets.CreateEntityAssetRequest(drama_id=stored.id, asset=asset))
    assert caught.value.field == field


async def test_an_asset_has_one_owner_and_a_mask_known_fields(bench: Bench) -> None:
    stored = await bench.put(drama())
    with pytest.raises(InvalidInput) as caught:
        await bench.assets.ListEntityAssets(
            assets.ListEntityAssetsRequest(drama_id=stored.id, character_id="char_mina", scene_id="ep01_s01")
        )
    assert caught.value.reason == "two_owners"
    with pytest.raises(InvalidInput) as caught:
        await patch_character(bench, stored.id, "id")
    assert caught.value.field == "update_mask.id"
