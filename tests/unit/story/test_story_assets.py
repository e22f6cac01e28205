"""Every asset of a scene and of a character is a node: edges, references, labels, what is left out, and the episode branch."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kit.errors import InvalidInput
from services.story.planner import plan_production
from sfd.dramas.v1 import drama_pb2
from tests.unit.story.dramas import IMAGE, VIDEO, branch, by_step, fixture, made, planned, takes_of, workshop


def demo() -> drama_pb2.Drama:
    """The smallest drama of the contract's fixtures."""
    scene = drama_pb2.Scene(
        id="ep01_s01",
        description="On deck.",
        assets=[
            drama_pb2.EntityAsset(id="ep01_s01_storyboard", kind=IMAGE, depends_on=["char_mina"], prompt="Deck."),
            drama_pb2.EntityAsset(
                id="ep01_s01_clip", kind=VIDEO, depends_on=["ep01_s01_storyboard"], prompt="Wind.", duration=10
            ),
        ],
    )
    return drama_pb2.Drama(
        id="drama_demo",
        title="Night Ferry",
        characters=[drama_pb2.Character(id="char_mina", name="Mina", gender="female", main=True)],
        episodes=[drama_pb2.Episode(id="ep01", title="Boarding", scenes=[scene])],
        revision=1,
    )


def rich() -> drama_pb2.Drama:
    """The reference drama with further assets: a close-up and an insert of a scene, a side view and a walk of a character."""
    drama = fixture()
    scene, mara = drama.episodes[0].scenes[0], drama.characters[0]
    scene.assets.add(id="close", kind=IMAGE, depends_on=["char_ai", "ep01_s01_storyboard"], prompt="Close-up.")
    scene.assets.add(id="insert", kind=VIDEO, depends_on=["close"], prompt="A hand.", duration=5)
    mara.assets.add(id="side", kind=IMAGE, prompt="From the side.")
    mara.assets.add(id="walk", kind=VIDEO, depends_on=["side", "char_ai"], prompt="She walks.")
    mara.assets.add(id="char_detective_portrait_front_halfbody", kind=IMAGE, prompt="machine")
    mara.assets.add(id="x", kind=VIDEO, prompt="m", metadata_json=json.dumps({"type": "character_audition"}))
    return drama


def label(plan: Any, step: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(by_step(plan)[step].job.metadata_json)
    return found


def given(plan: Any, step: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(by_step(plan)[step].job.input_json)
    return found


def test_the_contracts_smallest_drama_goes_level_by_level() -> None:
    plan = planned(demo())
    assert [step.job.step for step in plan.steps] == [
        "portrait:char_mina",
        "storyboard:ep01_s01",
        "clip:ep01_s01",
        "assemble:ep01",
    ]
    nodes = [json.loads(step.job.metadata_json)["node_id"] for step in plan.steps]
    assert nodes == [
        "char_char_mina",
        "scene_ep01_ep01_s01",
        "scene_asset_ep01_ep01_s01_ep01_s01_clip",
        "assemble_ep01",
    ]
    assert [step.node_type for step in plan.steps] == ["character", "scene", "scene_asset", "assemble"]
    assert not plan.warnings


def test_further_assets_of_a_scene_wait_for_the_storyboard_and_for_what_they_name() -> None:
    plan = planned(rich())
    steps = by_step(plan)
    close, insert = steps["asset:scene:ep01_s01:close"], steps["asset:scene:ep01_s01:insert"]
    assert (close.job.kind, insert.job.kind) == ("imaging.storyboard", "video.clip")
    assert list(close.job.hard_parents) == ["storyboard:ep01_s01"]
    assert list(close.job.soft_parents) == ["portrait:char_ai"]
    assert list(insert.job.hard_parents) == ["storyboard:ep01_s01", "asset:scene:ep01_s01:close"]
    told = given(plan, "asset:scene:ep01_s01:close")
    assert told["slot"] == close.slot == "asset:scene:ep01_s01:close"
    assert told["reference_slots"] == ["scene:ep01_s01:storyboard"]
    assert [c["id"] for c in told["cast"]] == ["char_ai"]
    assert told["prompt"] == "Close-up."
    film = given(plan, "asset:scene:ep01_s01:insert")
    assert film["reference_slots"] == ["asset:scene:ep01_s01:close", "scene:ep01_s01:storyboard"]
    assert (film["image_prompt"], film["prompt"], film["duration"]) == ("Close-up.", "A hand.", 5)
    assert "lines" not in film  # the dialogue is spoken once, in the clip
    labels = label(plan, "asset:scene:ep01_s01:insert")
    assert labels["node_id"] == "scene_asset_ep01_ep01_s01_insert"
    assert (labels["node_type"], labels["hierarchy_level"], labels["type"]) == ("scene_asset", 3, "scene_video_clip")
    # The film is joined from the first clips, and the storyboard and the clip are what they were.
    assert list(steps["assemble:ep01"].job.hard_parents) == ["clip:ep01_s01", "clip:ep01_s02"]
    plain = by_step(planned(fixture()))
    for name in ("storyboard:ep01_s01", "clip:ep01_s01", "assemble:ep01"):
        assert steps[name].fingerprint == plain[name].fingerprint


def test_further_assets_of_a_character_follow_its_portrait() -> None:
    plan = planned(rich())
    steps = by_step(plan)
    side, walk = steps["asset:character:char_detective:side"], steps["asset:character:char_detective:walk"]
    assert (side.job.kind, walk.job.kind) == ("imaging.portrait", "video.audition")
    assert list(side.job.soft_parents) == ["portrait:char_detective"]
    assert list(walk.job.hard_parents) == [side.job.step]
    assert list(walk.job.soft_parents) == ["portrait:char_detective", "portrait:char_ai"]
    assert given(plan, side.job.step)["reference_slots"] == ["character:char_detective:portrait"]
    told = given(plan, walk.job.step)
    assert told["reference_slots"][0] == side.slot
    assert (told["prompt"], told["duration"], told["slot"]) == ("She walks.", 10, walk.slot)
    labels = label(plan, walk.job.step)
    assert labels["node_id"] == "char_asset_char_detective_walk"
    assert (labels["node_type"], labels["hierarchy_level"]) == ("character_asset", 2)
    assert (labels["type"], label(plan, side.job.step)["type"]) == ("character_video", "character_asset")
    # What the machine has made of portrait and audition is not made a second time.
    assert [name for name in steps if name.startswith("asset:character")] == [side.job.step, walk.job.step]


def test_more_references_than_three_are_not_sent() -> None:
    drama = rich()
    for number in range(4):
        drama.characters.add(id=f"c{number}", name=f"N{number}", description="x")
    drama.episodes[0].scenes[0].assets[2].depends_on.extend(f"c{number}" for number in range(4))
    soft = by_step(planned(drama))["asset:scene:ep01_s01:close"].job.soft_parents
    assert list(soft) == ["portrait:char_ai", "portrait:c0", "portrait:c1"]


def test_what_is_not_there_is_left_out_with_a_warning() -> None:
    drama = rich()
    drama.episodes[0].scenes[0].assets[2].depends_on.append("nobody")
    plan = planned(drama)
    assert plan.warnings == ("Scene ep01_s01: close depends on nobody, which is not there; it is left out.",)
    assert "nobody" not in by_step(plan)["asset:scene:ep01_s01:close"].job.input_json


@pytest.mark.parametrize(
    ("place", "names"), [(2, ["insert"]), (0, ["insert"]), (2, ["close"])], ids=["each other", "storyboard", "itself"]
)
def test_a_circle_of_further_assets_is_refused(place: int, names: list[str]) -> None:
    drama = rich()
    drama.episodes[0].scenes[0].assets[place].depends_on.extend(names)
    with pytest.raises(InvalidInput, match="Cycle detected in dependency graph"):
        planned(drama)
    drama = rich()
    drama.characters[0].assets[0].depends_on.append("walk")
    with pytest.raises(InvalidInput, match="Cycle detected in dependency graph"):
        planned(drama)


def test_a_further_asset_that_a_person_has_linked_is_shown_and_not_made() -> None:
    drama = rich()
    drama.episodes[0].scenes[0].assets[2].url = "https://example.com/close.png"
    plan = planned(drama)
    assert "asset:scene:ep01_s01:close" not in by_step(plan)
    assert given(plan, "asset:scene:ep01_s01:insert")["reference_urls"] == ["https://example.com/close.png"]
    # What is made here has a URL too, and is made again when it is stale.
    takes = takes_of(planned(rich()))
    drama.episodes[0].scenes[0].assets[2].prompt = "Closer."
    assert made(planned(drama, takes)) == ["asset:scene:ep01_s01:close", "asset:scene:ep01_s01:insert"]


def test_further_assets_are_reused_and_redone_like_all_others() -> None:
    drama = rich()
    takes = takes_of(planned(drama))
    assert made(planned(drama, takes)) == []
    drama.characters[0].assets[0].prompt = "From behind."
    side, walk = "asset:character:char_detective:side", "asset:character:char_detective:walk"
    assert made(planned(drama, takes)) == [side, walk]
    # Faces stay under `force`; what is in the scenes does not.
    fresh = rich()
    assert made(planned(fresh, takes_of(planned(fresh)), force=True)) == [
        "storyboard:ep01_s01",
        "storyboard:ep01_s02",
        "clip:ep01_s01",
        "asset:scene:ep01_s01:close",
        "clip:ep01_s02",
        "asset:scene:ep01_s01:insert",
        "assemble:ep01",
    ]


def test_the_episode_branch_draws_nobody_and_uses_who_is_there() -> None:
    drama = rich()
    plan = branch(drama)
    assert not [step for step in plan.steps if step.node_type in ("character", "character_asset", "cover")]
    assert list(by_step(plan)["storyboard:ep01_s02"].job.soft_parents) == []
    whole = takes_of(planned(drama))
    faces = [take for take in whole if take.slot.endswith(":portrait")]
    assert by_step(branch(drama, faces))["storyboard:ep01_s02"].fingerprint == (
        by_step(planned(drama))["storyboard:ep01_s02"].fingerprint
    )
    assert made(branch(drama, whole)) == []
    drama.episodes.add(id="ep02", title="More", description="More.")
    last = plan_production(drama, [], workshop(drama), episode_ids=["ep02"], episode_branch=True)
    assert [step.job.step for step in last.steps] == ["scenes:ep02"]
    assert given(last, "scenes:ep02")["episode_branch"] is True
