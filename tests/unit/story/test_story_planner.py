"""The planner: levels, edges, labels, reuse, prices, circles. Pure functions, no storage."""

from __future__ import annotations

import json

import pytest

from kit.errors import InvalidInput, NotFound, NotReady
from services.story.plan_order import in_order, order_of
from services.story.plan_parts import portrait_slot
from services.story.planner import plan_production
from sfd.dramas.v1 import drama_pb2
from tests.unit.story.dramas import IMAGE, by_step, fixture, made, planned, takes_of, workshop

ALL = [
    "portrait:char_detective",
    "portrait:char_ai",
    "storyboard:ep01_s01",
    "storyboard:ep01_s02",
    "clip:ep01_s01",
    "clip:ep01_s02",
    "assemble:ep01",
]


def test_the_reference_drama_goes_level_by_level() -> None:
    plan = planned(fixture())
    assert [step.job.step for step in plan.steps] == ALL
    steps = by_step(plan)
    assert list(steps["storyboard:ep01_s01"].job.soft_parents) == ["portrait:char_detective"]
    assert list(steps["storyboard:ep01_s02"].job.soft_parents) == ["portrait:char_detective", "portrait:char_ai"]
    assert list(steps["clip:ep01_s01"].job.hard_parents) == ["storyboard:ep01_s01"]
    assert list(steps["assemble:ep01"].job.hard_parents) == ["clip:ep01_s01", "clip:ep01_s02"]
    assert not plan.estimated
    assert plan.price_nano_usd == 0


def test_steps_carry_the_contracts_nodes() -> None:
    labels = {name: json.loads(step.job.metadata_json) for name, step in by_step(planned(fixture())).items()}
    assert {name: (m["node_id"], m["node_type"], m["hierarchy_level"]) for name, m in labels.items()} == {
        "portrait:char_detective": ("char_char_detective", "character", 1),
        "portrait:char_ai": ("char_char_ai", "character", 1),
        "storyboard:ep01_s01": ("scene_ep01_ep01_s01", "scene", 2),
        "storyboard:ep01_s02": ("scene_ep01_ep01_s02", "scene", 2),
        "clip:ep01_s01": ("scene_asset_ep01_ep01_s01_ep01_s01_clip", "scene_asset", 3),
        "clip:ep01_s02": ("scene_asset_ep01_ep01_s02_ep01_s02_clip", "scene_asset", 3),
        "assemble:ep01": ("assemble_ep01", "assemble", 4),
    }


def test_inputs_say_what_the_next_service_needs() -> None:
    steps = by_step(planned(fixture()))
    board = json.loads(steps["storyboard:ep01_s02"].job.input_json)
    assert board["asset_id"] == "ep01_s02_storyboard"
    assert [c["id"] for c in board["cast"]] == ["char_detective", "char_ai"]
    assert board["brush"]["fingerprint"] == steps["storyboard:ep01_s02"].fingerprint
    clip = json.loads(steps["clip:ep01_s01"].job.input_json)
    assert clip["present"] == ["char_detective"]
    assert len(clip["cast"]) == 2
    assert clip["lines"] == [{"character_id": "char_detective", "text": "Who is there?", "emotion": "afraid"}]
    assert clip["duration"] == 10
    film = json.loads(steps["assemble:ep01"].job.input_json)
    assert film["clip_steps"] == ["clip:ep01_s01", "clip:ep01_s02"]


def test_what_is_live_and_fresh_is_reused_with_its_output() -> None:
    drama = fixture()
    takes = takes_of(planned(drama))
    again = planned(drama, takes)
    assert made(again) == []
    assert [step.job.step for step in again.steps] == ALL[2:]
    assert json.loads(by_step(again)["clip:ep01_s01"].job.output_json) == {"slot": "scene:ep01_s01:clip"}
    assert again.price_nano_usd == 0


def test_an_edit_redoes_what_hangs_on_it_and_nothing_else() -> None:
    drama = fixture()
    takes = takes_of(planned(drama))
    drama.episodes[0].scenes[0].description = "Another scene."
    assert made(planned(drama, takes)) == ["storyboard:ep01_s01", "clip:ep01_s01", "assemble:ep01"]


def test_a_spoken_word_redoes_storyboard_and_clip_but_a_title_does_not() -> None:
    drama = fixture()
    takes = takes_of(planned(drama))
    drama.episodes[0].title = "Renamed"
    drama.characters[0].assets.add(id="char_detective_portrait_front_halfbody", kind=IMAGE, prompt="p")
    assert made(planned(drama, takes)) == []
    drama.episodes[0].scenes[1].metadata_json = json.dumps({"dialogue": [{"character_id": "char_ai", "text": "Me."}]})
    assert made(planned(drama, takes)) == ["storyboard:ep01_s02", "clip:ep01_s02", "assemble:ep01"]


def test_a_film_prompt_redoes_the_clip_alone() -> None:
    drama = fixture()
    takes = takes_of(planned(drama))
    drama.episodes[0].scenes[1].assets[1].prompt = "Slow push in."
    assert made(planned(drama, takes)) == ["clip:ep01_s02", "assemble:ep01"]


def test_a_lost_take_is_made_again() -> None:
    drama = fixture()
    takes = [take for take in takes_of(planned(drama)) if take.slot != "scene:ep01_s02:clip"]
    assert made(planned(drama, takes)) == ["clip:ep01_s02", "assemble:ep01"]


def test_a_fresh_child_of_a_stale_parent_is_made_again() -> None:
    drama = fixture()
    takes = [take for take in takes_of(planned(drama)) if take.slot != "scene:ep01_s02:storyboard"]
    assert made(planned(drama, takes)) == ["storyboard:ep01_s02", "clip:ep01_s02", "assemble:ep01"]


def test_a_portrait_drawn_anew_makes_its_pictures_stale() -> None:
    drama = fixture()
    takes = takes_of(planned(drama))
    portrait = next(take for take in takes if take.slot == portrait_slot("char_ai"))
    portrait.created_at.FromSeconds(10_000)  # the same description, drawn again later
    assert made(planned(drama, takes)) == ["storyboard:ep01_s02", "clip:ep01_s02", "assemble:ep01"]
    portrait.created_at.FromSeconds(1)
    assert made(planned(drama, takes)) == []
    portrait.fingerprint = "a person's own wish"
    assert made(planned(drama, takes)) == ["storyboard:ep01_s02", "clip:ep01_s02", "assemble:ep01"]


def test_force_redoes_films_but_never_faces() -> None:
    drama = fixture()
    takes = takes_of(planned(drama))
    assert made(planned(drama, takes, force=True)) == ALL[2:]


def test_a_linked_portrait_is_not_drawn() -> None:
    drama = fixture()
    drama.characters[0].url = "https://example.com/mara.png"
    plan = planned(drama)
    assert "portrait:char_detective" not in by_step(plan)
    assert list(by_step(plan)["storyboard:ep01_s01"].job.soft_parents) == []


def test_another_model_is_another_product() -> None:
    drama = fixture()
    takes = takes_of(planned(drama))
    assert made(planned(drama, takes, filmer="openai")) == ["clip:ep01_s01", "clip:ep01_s02", "assemble:ep01"]


def test_prices_come_from_the_catalogue_and_reuse_is_free() -> None:
    drama = fixture()
    plan = planned(drama, painter="gemini", filmer="openai")
    # Four pictures at 6.7 cents; two clips of 12 s (the shortest legal length that holds 10 s) at 10 cents a second.
    assert plan.price_nano_usd == 4 * 67_000_000 + 2 * 12 * 100_000_000
    assert planned(drama, takes_of(plan), painter="gemini", filmer="openai").price_nano_usd == 0


def test_an_episode_without_scenes_is_written_first_and_estimated() -> None:
    drama = fixture()
    drama.episodes.add(id="ep02", title="Second", description="More.")
    plan = planned(drama, filmer="openai")
    steps = by_step(plan)
    job = steps["scenes:ep02"].job
    assert (job.kind, job.queue, list(job.hard_parents)) == ("story.scenes", "story", [])
    written = json.loads(job.input_json)
    assert written["produce"] is True
    assert "scenes" not in written["drama"]["episodes"][0]
    assert plan.estimated
    assert [step.kind for step in plan.expected] == ["imaging.storyboard", "video.clip", "video.assemble"]
    assert plan.price_nano_usd == 2 * 1_200_000_000 + 4 * 1_200_000_000
    assert json.loads(job.metadata_json)["node_id"] == "ep_ep02"


def test_only_the_episodes_asked_for() -> None:
    drama = fixture()
    drama.episodes.add(id="ep02", title="Second", description="More.")
    plan = plan_production(drama, [], workshop(drama), episode_ids=["ep02"])
    assert [step.job.step for step in plan.steps] == ["portrait:char_detective", "portrait:char_ai", "scenes:ep02"]
    with pytest.raises(NotFound):
        plan_production(drama, [], workshop(drama), episode_ids=["ep99"])


def test_a_drama_without_episodes_cannot_be_produced() -> None:
    with pytest.raises(NotReady):
        planned(drama_pb2.Drama(id="d", title="t"))


def test_assets_in_a_circle_are_refused() -> None:
    drama = fixture()
    drama.episodes[0].scenes[0].assets[0].depends_on.append("ep01_s01_clip")
    with pytest.raises(InvalidInput, match="Cycle detected in dependency graph"):
        planned(drama)
    with pytest.raises(InvalidInput, match="Cycle detected in dependency graph"):
        order_of({"a": ["a"]})


def test_order_is_by_level_and_keeps_what_was_given() -> None:
    assert order_of({"d": ["b", "c"], "c": ["a"], "b": ["a"], "a": []}) == ["a", "c", "b", "d"]
    plan = planned(fixture())
    assert [s.job.step for s in in_order(tuple(reversed(plan.steps)))][-1] == "assemble:ep01"


def test_more_than_three_faces_are_not_referred_to() -> None:
    drama = fixture()
    for number in range(3):
        drama.characters.add(id=f"c{number}", name=f"N{number}", description="x")
        drama.episodes[0].scenes[0].assets[0].depends_on.append(f"c{number}")
    job = by_step(planned(drama))["storyboard:ep01_s01"].job
    assert list(job.soft_parents) == ["portrait:char_detective", "portrait:c0", "portrait:c1"]
    assert len(json.loads(job.input_json)["cast"]) == 4


def test_a_scene_without_assets_still_gets_its_picture_and_clip() -> None:
    drama = fixture()
    del drama.episodes[0].scenes[0].assets[:]
    drama.episodes[0].scenes[0].metadata_json = "not json"
    steps = by_step(planned(drama))
    assert json.loads(steps["storyboard:ep01_s01"].job.input_json)["asset_id"] == "ep01_s01_storyboard"
    assert json.loads(steps["clip:ep01_s01"].job.input_json)["asset_id"] == "ep01_s01_clip"
