"""Takes over real gRPC, real Postgres and a real bucket: their history, another one shown, what goes with an entity."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from kit.errors import InvalidInput, NotFound
from kit.testing.house import House
from sfd.assets.v1 import asset_service_pb2
from sfd.dramas.v1 import character_service_pb2 as characters
from sfd.dramas.v1 import drama_pb2 as pb
from sfd.dramas.v1 import drama_service_pb2 as dramas
from sfd.dramas.v1 import entity_asset_service_pb2 as assets
from sfd.dramas.v1 import episode_service_pb2 as episodes
from sfd.dramas.v1 import scene_service_pb2 as scenes
from stack.servers import Servers
from tests.system.storage.drama_bench import Bench, drama, film, image, plain

pytestmark = pytest.mark.system
PORTRAIT = "character:char_mina:portrait"


@pytest.fixture
async def bench(storage_house: House, servers: Servers) -> Bench:
    return Bench(storage_house, servers)


async def set_live(bench: Bench, drama_id: str, take: pb.Take, **more: Any) -> pb.Take:
    request = dramas.SetLiveTakeRequest(drama_id=drama_id, take_id=take.id, **more)
    chosen: pb.Take = (await bench.dramas.SetLiveTake(request)).take
    return chosen


async def object_keys(bench: Bench, takes: list[pb.Take]) -> set[str]:
    found = [await bench.library.GetAsset(asset_service_pb2.GetAssetRequest(asset_id=t.asset_id)) for t in takes]
    return {one.asset.key for one in found}


async def test_a_take_says_what_it_shows_and_who_made_it(bench: Bench) -> None:
    stored = await bench.put(drama())
    job = await bench.take(stored.id, "scene:ep01_s01:storyboard", prompt="A pier at night.")
    (take,) = await bench.takes(stored.id)
    now = await bench.get(stored.id)
    assert (take.slot, take.prompt, take.generator, take.live, take.job_id) == (
        "scene:ep01_s01:storyboard",
        "A pier at night.",
        "local",
        True,
        job.id,
    )
    assert take.live_since.ToDatetime() >= take.created_at.ToDatetime()
    shown = now.episodes[0].scenes[0]
    assert take.url == shown.image_url == shown.assets[0].url
    assert (now.etag, now.media_revision) == (stored.etag, stored.media_revision + 1)


async def test_the_history_goes_to_its_end_by_key_newest_first_in_each_slot(bench: Bench) -> None:
    stored = await bench.put(drama())
    for n in range(3):
        await bench.take(stored.id, "scene:ep01_s01:clip", prompt=f"clip {n}")
        await bench.take(stored.id, PORTRAIT, prompt=f"portrait {n}")
    seen: list[str] = []
    token = ""
    while True:
        request = dramas.ListTakesRequest(drama_id=stored.id, history=True, page_size=2, page_token=token)
        page = await bench.dramas.ListTakes(request)
        seen += [one.prompt for one in page.takes]
        token = page.next_page_token
        if not token:
            break
    assert seen == ["portrait 2", "portrait 1", "portrait 0", "clip 2", "clip 1", "clip 0"]
    one_slot = await bench.takes(stored.id, slot=PORTRAIT, history=True)
    assert [(one.live, one.HasField("live_since")) for one in one_slot] == [(True, True), *[(False, False)] * 2]
    assert [one.prompt for one in await bench.takes(stored.id, slot=PORTRAIT)] == ["portrait 2"]
    for bad in ("AAAA", "WyJhIiwgImIiLCAiYyJd"):
        with pytest.raises(InvalidInput):
            await bench.takes(stored.id, history=True, page_token=bad)
    with pytest.raises(NotFound):
        await bench.takes("no_such_drama", history=True)


async def test_another_take_is_shown_as_if_it_were_new(bench: Bench) -> None:
    stored = await bench.put(drama())
    for n in range(2):
        await bench.take(stored.id, PORTRAIT, prompt=f"p{n}", mark=f"f{n}")
    new, old = await bench.takes(stored.id, history=True)
    before = await bench.get(stored.id)
    request_id = uuid.uuid4().hex
    chosen = await set_live(bench, stored.id, old, fingerprint="f9", request_id=request_id)
    assert await set_live(bench, stored.id, old, fingerprint="f9", request_id=request_id) == chosen
    assert (chosen.id, chosen.live, chosen.fingerprint, chosen.prompt) == (old.id, True, "f9", "p0")
    assert chosen.live_since.ToDatetime() > new.live_since.ToDatetime()
    now = await bench.get(stored.id)
    mina = now.characters[0]
    assert mina.url == mina.assets[0].url == old.url != new.url
    assert (mina.assets[0].prompt, json.loads(mina.assets[0].metadata_json)["job_id"]) == ("p0", old.job_id)
    assert (now.etag, now.revision, now.media_revision) == (before.etag, before.revision, before.media_revision + 1)
    assert [(t.id, t.fingerprint) for t in await bench.takes(stored.id)] == [(old.id, "f9")]
    # The bytes of both stay, and the friendly copy is of the one that is shown.
    base = f"dramas/{stored.id}/"
    await bench.until_keys(base, {f"{base}drama.json", f"{base}characters/char_mina.png"})
    kept = await set_live(bench, stored.id, old)
    assert (kept.fingerprint, kept.live_since) == ("f9", chosen.live_since)


async def test_a_take_that_is_not_there_is_named(bench: Bench) -> None:
    stored, other = await bench.put(drama()), await bench.put(drama())
    await bench.take(other.id, PORTRAIT)
    for take in (*await bench.takes(other.id), pb.Take(id=str(uuid.uuid4())), pb.Take(id="x")):
        with pytest.raises(NotFound) as caught:
            await set_live(bench, stored.id, take)
        assert (caught.value.reason, caught.value.message) == ("take_not_found", f"Take {take.id} not found")


@pytest.mark.parametrize(
    ("slot", "owner", "name"),
    [
        ("asset:character:char_mina:look", {"character_id": "char_mina"}, "characters/char_mina_look.png"),
        ("asset:scene:ep01_s01:pan_video", {"scene_id": "ep01_s01"}, "scenes/ep01_s01_pan_video.mp4"),
    ],
)
async def test_a_further_asset_gets_its_url_alone(bench: Bench, slot: str, owner: dict[str, Any], name: str) -> None:
    stored = await bench.put(drama())
    wanted = slot.rpartition(":")[2]
    asset = film(wanted) if wanted.endswith("video") else image(wanted)
    await bench.assets.CreateEntityAsset(assets.CreateEntityAssetRequest(drama_id=stored.id, asset=asset, **owner))
    before = await bench.get(stored.id)
    await bench.take(stored.id, slot)
    (take,) = await bench.takes(stored.id)
    found = await bench.assets.GetEntityAsset(
        assets.GetEntityAssetRequest(drama_id=stored.id, asset_id=wanted, **owner)
    )
    now = await bench.get(stored.id)
    assert found.asset.url == take.url
    assert now.etag == before.etag
    shown = [a.url for c in now.characters for a in c.assets] + [
        a.url for e in now.episodes for s in e.scenes for a in s.assets
    ]
    assert [url for url in shown if url] == [take.url]
    base = f"dramas/{stored.id}/"
    await bench.until_keys(base, {f"{base}drama.json", f"{base}{name}"})


@pytest.mark.parametrize(
    ("slot", "reason"),
    [
        ("character:nobody:portrait", "character_not_found"),
        ("character:nobody:audition", "character_not_found"),
        ("scene:nowhere:clip", "scene_not_found"),
        ("episode:none:film", "episode_not_found"),
        ("asset:scene:ep01_s01:nothing", "asset_not_found"),
        ("asset:scene:ep01_s01:a:b", "invalid_input"),
        ("asset:scene::b", "bad_id"),
        ("asset:episode:ep01:b", "invalid_input"),
        ("drama:poster", "invalid_input"),
    ],
)
async def test_a_take_for_what_is_not_there_is_refused(bench: Bench, slot: str, reason: str) -> None:
    stored = await bench.put(drama())
    with pytest.raises(AssertionError, match=f"^{reason}$"):
        await bench.take(stored.id, slot)
    assert await bench.takes(stored.id, history=True) == []
    assert await bench.get(stored.id) == stored


async def test_what_a_person_wrote_into_a_machine_made_asset_stays(bench: Bench) -> None:
    stored = await bench.put(drama())
    await bench.take(stored.id, PORTRAIT, prompt="first")
    asset_id = "char_mina_portrait_front_halfbody"
    change = assets.UpdateEntityAssetRequest(
        drama_id=stored.id,
        character_id="char_mina",
        asset=pb.EntityAsset(id=asset_id, prompt="mine"),
        update_mask=FieldMask(paths=["prompt"]),
    )
    await bench.assets.UpdateEntityAsset(change)
    edited = await bench.get(stored.id)
    assert edited.etag != stored.etag
    await bench.take(stored.id, PORTRAIT, prompt="second")
    now = await bench.get(stored.id)
    assert now.characters[0].assets[0].prompt == "mine"
    assert now.characters[0].url == now.characters[0].assets[0].url != edited.characters[0].url
    assert now.etag == edited.etag
    # Sent back whole, a drama keeps its ETag: what was machine-made is so still.
    await bench.take(stored.id, "character:char_jun:portrait")
    again = await bench.put(plain(await bench.get(stored.id)))
    assert again.etag == edited.etag


async def test_a_character_goes_with_its_takes_and_their_objects(bench: Bench) -> None:
    """Another one whose files have names that begin alike stays whole."""
    cast = [pb.Character(id="a", name="A", assets=[image("x")]), pb.Character(id="a_x", name="AX", assets=[image("x")])]
    stored = await bench.put(drama(characters=cast))
    for slot in ("character:a:portrait", "character:a:portrait", "character:a:audition", "asset:character:a:x"):
        await bench.take(stored.id, slot)
    for slot in ("character:a_x:portrait", "asset:character:a_x:x", "scene:ep01_s01:clip"):
        await bench.take(stored.id, slot)
    every = await bench.takes(stored.id, history=True)
    mine = await object_keys(bench, [t for t in every if t.slot.split(":")[-2] == "a"])
    others = await object_keys(bench, [t for t in every if t.slot.split(":")[-2] != "a"])
    assert (len(mine), len(others)) == (4, 3)
    await bench.characters.DeleteCharacter(characters.DeleteCharacterRequest(drama_id=stored.id, character_id="a"))
    now = await bench.get(stored.id)
    assert [c.id for c in now.characters] == ["a_x"]
    assert now.revision == stored.revision + 1
    left = await bench.takes(stored.id, history=True)
    assert {t.slot for t in left} == {"character:a_x:portrait", "asset:character:a_x:x", "scene:ep01_s01:clip"}
    base = f"dramas/{stored.id}/"
    names = ("drama.json", "characters/a_x.png", "characters/a_x_x.png", "scenes/ep01_s01_clip.mp4")
    await bench.until_keys(base, {base + name for name in names})
    for key in mine:
        await bench.until_keys(key, set())
    for key in others:
        await bench.until_keys(key, {key})


async def test_an_episode_and_a_scene_go_with_all_that_is_under_them(bench: Bench) -> None:
    stored = await bench.put(drama())
    slots = ("episode:ep01:film", "scene:ep01_s01:clip", "scene:ep02_s01:clip", "asset:scene:ep02_s02:ep02_s02_image")
    for slot in slots:
        await bench.take(stored.id, slot)
    await bench.episodes.DeleteEpisode(episodes.DeleteEpisodeRequest(drama_id=stored.id, episode_id="ep01"))
    assert [t.slot for t in await bench.takes(stored.id)] == [slots[3], slots[2]]
    request = scenes.DeleteSceneRequest(drama_id=stored.id, episode_id="ep02", scene_id="ep02_s02")
    await bench.scenes.DeleteScene(request)
    assert [t.slot for t in await bench.takes(stored.id)] == [slots[2]]
    base = f"dramas/{stored.id}/"
    await bench.until_keys(base, {f"{base}drama.json", f"{base}scenes/ep02_s01_clip.mp4"})
    now = await bench.get(stored.id)
    assert [[s.id for s in e.scenes] for e in now.episodes] == [["ep02_s01"]]
    # Nothing of it is left behind for one that is made anew under the same id.
    again = episodes.CreateEpisodeRequest(
        drama_id=stored.id, episode=pb.Episode(id="ep01", scenes=[pb.Scene(id="ep01_s01")])
    )
    made = (await bench.episodes.CreateEpisode(again)).episode
    assert list(made.scenes[0].assets) == []


async def test_a_portrait_that_is_removed_as_an_asset_is_shown_no_more(bench: Bench) -> None:
    stored = await bench.put(drama())
    await bench.take(stored.id, PORTRAIT)
    await bench.take(stored.id, "drama:cover")
    before = await bench.get(stored.id)
    for owner, asset_id in (
        ({"character_id": "char_mina"}, "char_mina_portrait_front_halfbody"),
        ({}, f"{stored.id}_cover"),
    ):
        request = assets.DeleteEntityAssetRequest(drama_id=stored.id, asset_id=asset_id, **owner)
        await bench.assets.DeleteEntityAsset(request)
    now = await bench.get(stored.id)
    assert (now.HasField("url"), now.characters[0].HasField("url"), len(now.assets)) == (False, False, 0)
    assert (now.etag, now.revision, now.media_revision) == (before.etag, before.revision, before.media_revision + 2)
    base = f"dramas/{stored.id}/"
    await bench.until_keys(base, {f"{base}drama.json"})
