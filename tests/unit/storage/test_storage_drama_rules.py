"""The rules of entities that need no database: ETags as a tree, slots, cycles."""

from __future__ import annotations

import pytest

from kit.errors import InvalidInput
from services.storage.dramas.hashes import seal, seal_drama
from services.storage.dramas.kinds import ASSET, CHARACTER, EPISODE, SCENE, assets_of, cast, season
from services.storage.dramas.rules import check_acyclic
from services.storage.dramas.slots import Slot, read_slot, slot_prefixes
from sfd.dramas.v1 import drama_pb2 as pb


def drama() -> pb.Drama:
    look = pb.EntityAsset(id="look", kind=pb.ASSET_KIND_IMAGE, prompt="p")
    scene = pb.Scene(id="s", description="d", metadata_json='{"a":1,"b":2}', assets=[look])
    return pb.Drama(
        id="d",
        title="t",
        characters=[pb.Character(id="c", name="C", assets=[look])],
        episodes=[pb.Episode(id="e", title="E", scenes=[scene], assets=[look])],
        assets=[look],
    )


def etag(value: pb.Drama, machine: frozenset[tuple[str, str, str]] = frozenset()) -> str:
    seal_drama(value, machine)
    return value.etag


def test_every_field_of_people_counts_and_no_url_does() -> None:
    begun = etag(drama())
    seen = {begun}
    for kind, path in ((CHARACTER, "characters"), (EPISODE, "episodes"), (SCENE, "scenes"), (ASSET, "assets")):
        for field in kind.fields:
            changed = drama()
            owner = changed.episodes[0] if path in ("scenes", "assets") else changed
            entity = getattr(owner, path)[0]
            descriptor = kind.message.DESCRIPTOR.fields_by_name[field]
            if descriptor.is_repeated:
                getattr(entity, field).append("x")
            elif descriptor.type in (descriptor.TYPE_STRING,):
                setattr(entity, field, '{"new":1}' if field == "metadata_json" else "new")
            else:
                setattr(entity, field, 2 if descriptor.type != descriptor.TYPE_BOOL else True)
            if field in kind.media:
                assert etag(changed) == begun
            else:
                seen.add(etag(changed))
    assert len(seen) == 1 + sum(len(kind.people) for kind in (CHARACTER, EPISODE, SCENE, ASSET))


def test_machine_made_assets_and_the_order_of_keys_do_not_count() -> None:
    value, less = drama(), drama()
    del less.characters[0].assets[:]
    assert etag(value, frozenset({("character", "c", "look")})) == etag(less) != etag(drama())
    value = drama()
    value.episodes[0].scenes[0].metadata_json = '{"b": 2, "a": 1}'
    assert etag(value) == etag(drama())


def test_a_change_shows_on_its_way_up_and_nowhere_else() -> None:
    before, after = drama(), drama()
    after.episodes[0].scenes[0].assets[0].prompt = "other"
    assert etag(before) != etag(after)
    old, new = before.episodes[0], after.episodes[0]
    assert (old.etag != new.etag, old.scenes[0].etag != new.scenes[0].etag) == (True, True)
    assert (old.assets[0].etag, before.characters[0].etag) == (new.assets[0].etag, after.characters[0].etag)
    assert seal(pb.Character(id="x")) != seal(pb.Episode(id="x")) != seal(pb.Scene(id="x"))


@pytest.mark.parametrize(
    ("text", "slot", "name"),
    [
        ("drama:cover", Slot("drama", "", "cover"), "cover.png"),
        ("character:c.1:portrait", Slot("character", "c.1", "portrait"), "characters/c.1.png"),
        ("character:c:audition", Slot("character", "c", "audition"), "characters/c_audition.mp4"),
        ("scene:s-1:storyboard", Slot("scene", "s-1", "storyboard"), "scenes/s-1_storyboard.png"),
        ("scene:s:clip", Slot("scene", "s", "clip"), "scenes/s_clip.mp4"),
        ("episode:e:film", Slot("episode", "e", "film"), "episodes/e.mp4"),
        ("asset:character:c:look", Slot("character", "c", "look", asset=True), "characters/c_look.mp4"),
        ("asset:scene:s:pan", Slot("scene", "s", "pan", asset=True), "scenes/s_pan.mp4"),
    ],
)
def test_a_slot_comes_apart_at_its_colons(text: str, slot: Slot, name: str) -> None:
    assert read_slot(text) == slot
    assert slot.file_name(film=True) == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        "drama",
        "drama:",
        "drama::cover",
        "scene:s",
        "scene:s:t:clip",
        "scene::clip",
        "scene:../x:clip",
        "scene:s:portrait",
        "asset:drama::x",
        "asset:episode:e:x",
        "asset:scene:s:a/b",
        "asset:scene:s:x:y",
        "asset:scene:s:" + "x" * 129,
    ],
)
def test_what_is_no_slot_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        read_slot(text)


def test_an_entity_takes_the_slots_under_it_and_no_others() -> None:
    episode = pb.Episode(id="e", scenes=[pb.Scene(id="s")])
    assert slot_prefixes(season(), episode, "d") == ["episode:e:", "scene:s:", "asset:episode:e:", "asset:scene:s:"]
    assert slot_prefixes(cast(), pb.Character(id="c"), "d") == ["character:c:", "asset:character:c:"]
    portrait = pb.EntityAsset(id="c_portrait_front_halfbody")
    owned = assets_of("c", "", "")
    assert slot_prefixes(owned, portrait, "d") == [f"asset:character:c:{portrait.id}:", "character:c:portrait:"]
    assert slot_prefixes(assets_of("", "", "c"), portrait, "d") == [f"asset:scene:c:{portrait.id}:"]


def test_only_names_of_the_owners_assets_make_a_cycle() -> None:
    check_acyclic({"a": ["b", "char_x"], "b": ["c"], "c": []}, "asset.depends_on")
    with pytest.raises(InvalidInput) as caught:
        check_acyclic({"a": ["b"], "b": ["c"], "c": ["a"]}, "asset.depends_on")
    assert (caught.value.reason, caught.value.field) == ("cycle", "asset.depends_on")
