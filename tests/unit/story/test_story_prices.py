"""What a plan says of money and time: ranges, totals, keys, and the longest path against every path there is."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.errors import InvalidInput
from kit.providers.catalogue import load, typical_seconds
from kit.providers.dramas import film_makers
from kit.providers.film_keys import VARIABLES
from kit.providers.pricing import OwnPrices
from services.story.accounts import Account
from services.story.crew import Casting
from services.story.plan_jobs import Workshop
from services.story.plan_order import longest_path, order_of
from services.story.planner import plan_production
from sfd.dramas.v1 import drama_pb2
from sfd.jobs.v1 import job_service_pb2
from sfd.story.v1 import story_pb2, story_service_pb2
from sfd.usage.v1.usage_pb2 import Price
from tests.unit.story.dramas import IMAGE, VIDEO, fixture, planned, settings, takes_of, workshop

PICTURE, CLIP = 67_000_000, 12 * 100_000_000
"""A picture by Gemini; a clip of 12 s, the shortest legal length that holds 10 s."""


@st.composite
def graphs(draw: st.DrawFn) -> tuple[dict[str, float], dict[str, list[str]]]:
    """Steps of whole seconds, each waiting for any of those before it."""
    count = draw(st.integers(0, 7))
    seconds = {f"s{n}": float(draw(st.integers(0, 50))) for n in range(count)}
    parents = {f"s{n}": [f"s{p}" for p in range(n) if draw(st.booleans())] for n in range(count)}
    return seconds, parents


def brute(seconds: Mapping[str, float], parents: Mapping[str, list[str]]) -> float:
    """The longest of all paths, each walked from its end."""

    def to(name: str) -> list[float]:
        return [seconds[name] + before for parent in parents[name] for before in to(parent)] + [seconds[name]]

    return max((length for name in seconds for length in to(name)), default=0.0)


@given(graphs())
def test_the_longest_path_is_the_longest_of_all_paths(graph: tuple[dict[str, float], dict[str, list[str]]]) -> None:
    seconds, parents = graph
    assert longest_path(seconds, parents) == brute(seconds, parents)
    order = order_of(parents)
    assert all(order.index(parent) < order.index(name) for name in order for parent in parents[name])


def told_of(
    drama: drama_pb2.Drama, takes: list[drama_pb2.Take] | None = None, **cast: str
) -> story_service_pb2.PlanProductionResponse:
    shop = workshop(drama, **cast)
    return plan_production(drama, takes or [], shop).told(shop.crew)


def test_each_step_has_a_range_and_the_plan_is_their_sum() -> None:
    told = told_of(fixture(), painter="gemini", filmer="openai")
    steps = {step.step: step for step in told.steps}
    board, clip = steps["storyboard:ep01_s01"], steps["clip:ep01_s01"]
    assert (board.price_low_nano_usd, board.price_nano_usd, board.price_high_nano_usd) == (
        PICTURE,
        PICTURE,
        3 * PICTURE,
    )
    assert (clip.price_low_nano_usd, clip.price_high_nano_usd) == (CLIP, 3 * CLIP)
    assert steps["assemble:ep01"].price_high_nano_usd == 0
    assert told.price_nano_usd == told.price_low_nano_usd == 4 * PICTURE + 2 * CLIP
    assert told.price_high_nano_usd == 3 * told.price_nano_usd
    house = load()
    picture = typical_seconds(house.resolve("image", "gemini").model, images=1)
    film = typical_seconds(house.resolve("video", "openai").model, seconds=12)
    joined = typical_seconds(house.resolve("video", "local").model, clips=2)
    assert min(picture, film, joined) > 0
    assert (board.seconds, clip.seconds) == (picture, film)
    # Portrait, storyboard, clip and film one after another, however many can work at once.
    assert told.critical_path_seconds == pytest.approx(2 * picture + film + joined)


def test_what_is_reused_costs_nothing_and_takes_no_time() -> None:
    drama = fixture()
    takes = takes_of(planned(drama, painter="gemini", filmer="openai"))
    told = told_of(drama, takes, painter="gemini", filmer="openai")
    assert all(step.reused for step in told.steps)
    assert (told.price_low_nano_usd, told.price_high_nano_usd, told.critical_path_seconds) == (0, 0, 0)
    drama.episodes[0].scenes[1].assets[1].prompt = "Slower."
    told = told_of(drama, takes, painter="gemini", filmer="openai")
    assert (told.price_nano_usd, told.price_high_nano_usd) == (CLIP, 3 * CLIP)


def test_scenes_still_to_be_written_are_three_to_five() -> None:
    drama = fixture()
    del drama.episodes[0].scenes[:]
    told = told_of(drama, writer="openai", painter="gemini", filmer="openai")
    assert told.estimated
    steps = {step.step: step for step in told.steps}
    boards, clips, scenes = steps["storyboards:ep01"], steps["clips:ep01"], steps["scenes:ep01"]
    assert (boards.price_low_nano_usd, boards.price_nano_usd, boards.price_high_nano_usd) == (
        3 * PICTURE,
        4 * PICTURE,
        5 * 3 * PICTURE,
    )
    assert (clips.price_low_nano_usd, clips.price_high_nano_usd) == (3 * CLIP, 5 * 3 * CLIP)
    assert 0 < scenes.price_low_nano_usd < scenes.price_nano_usd < scenes.price_high_nano_usd
    assert told.price_low_nano_usd == sum(step.price_low_nano_usd for step in told.steps)
    assert told.critical_path_seconds == pytest.approx(
        scenes.seconds + boards.seconds + clips.seconds + steps["assemble:ep01"].seconds
    )
    assert (boards.node_type, boards.episode_id) == ("scene", "ep01")


def test_steps_tell_what_they_are_asked_and_for_whom() -> None:
    steps = {step.step: step for step in told_of(fixture()).steps}
    assert steps["storyboard:ep01_s02"].prompt == "Frame 2"
    assert steps["clip:ep01_s02"].prompt == "Move 2"
    assert (steps["clip:ep01_s02"].entity_id, steps["clip:ep01_s02"].episode_id) == ("ep01_s02", "ep01")
    assert (steps["portrait:char_ai"].entity_id, steps["portrait:char_ai"].prompt) == ("char_ai", "")


def test_a_missing_key_is_told_for_what_needs_it_only() -> None:
    drama = fixture()
    options = story_pb2.Options(cast=story_pb2.Cast(painter="gemini", filmer="openai"))
    crew = Casting(settings(OPENAI_API_KEY="", GEMINI_API_KEY="", SORA_API_KEY=""), load()).hire(options, kinds=())
    shop = Workshop(drama, crew)
    told = plan_production(drama, [], shop).told(crew)
    assert list(told.missing_keys) == ["GEMINI_API_KEY", "SORA_API_KEY"]
    keys = {step.step: step.missing_key for step in told.steps}
    assert (keys["storyboard:ep01_s01"], keys["clip:ep01_s01"]) == ("GEMINI_API_KEY", "SORA_API_KEY")
    assert keys["assemble:ep01"] == ""
    live = takes_of(plan_production(drama, [], shop))
    assert not plan_production(drama, live, shop).told(crew).missing_keys


@pytest.mark.parametrize("vendor", film_makers(load()))
def test_every_vendor_can_film_a_drama_and_its_plan_is_priced(vendor: str) -> None:
    options = story_pb2.Options(cast=story_pb2.Cast(filmer=vendor))
    casting = Casting(settings(OPENAI_API_KEY="", GEMINI_API_KEY="", SORA_API_KEY=""), load())
    crew = casting.hire(options, kinds=())
    told = plan_production(fixture(), [], Workshop(fixture(), crew)).told(crew)
    clip = next(step for step in told.steps if step.step == "clip:ep01_s01")
    assert clip.model == crew.filmer.name
    assert clip.model.partition("/")[0] == vendor
    assert clip.missing_key == ("" if vendor == "local" else VARIABLES[vendor])
    assert (clip.price_nano_usd > 0) == (vendor != "local")
    if vendor == "local":
        return
    with pytest.raises(InvalidInput, match=f"{VARIABLES[vendor]} is not set, so {vendor} cannot be used"):
        casting.hire(options)
    price = Price(vendor=vendor, model=crew.filmer.id, unit=next(iter(crew.filmer.prices)), nano_usd=1)
    own = casting.hire(options, account=Account(frozenset({vendor}), OwnPrices([price])))
    told = plan_production(fixture(), [], Workshop(fixture(), own)).told(own)
    mine = next(step for step in told.steps if step.step == "clip:ep01_s01")
    assert (list(told.missing_keys), mine.missing_key) == ([], "")
    assert 0 < mine.price_nano_usd < clip.price_nano_usd


def large(episodes: int = 100, scenes: int = 5) -> drama_pb2.Drama:
    """A long drama with people's usual amount of words."""
    drama = drama_pb2.Drama(id="big", title="Big", description="About much. " * 25, premise="p", revision=1)
    for n in range(6):
        drama.characters.add(
            id=f"c{n}", name=f"Name {n}", description="A tall sailor with a scar. " * 10, voice_description="low " * 20
        )
    for e in range(episodes):
        episode = drama.episodes.add(id=f"ep{e:03d}", title="t", description="What happens. " * 15)
        for s in range(scenes):
            sid = f"ep{e:03d}_s{s}"
            lines = [{"character_id": f"c{k}", "text": "Who is there, and why now?"} for k in range(4)]
            scene = episode.scenes.add(
                id=sid, description="Scene words. " * 20, metadata_json=json.dumps({"dialogue": lines})
            )
            scene.assets.add(
                id=f"{sid}_b", kind=IMAGE, depends_on=[f"c{s % 6}", f"c{(s + 1) % 6}"], prompt="Frame " * 10
            )
            scene.assets.add(id=f"{sid}_c", kind=VIDEO, depends_on=[f"{sid}_b"], prompt="Move " * 10, duration=10)
    return drama


def test_a_thousand_steps_are_one_message_and_people_are_turned_into_json_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from google.protobuf import json_format

    drama, shop_calls = large(), list[Any]()
    real = json_format.MessageToDict

    def counted(message: Any, **more: Any) -> Any:
        shop_calls.append(message)
        return real(message, **more)

    monkeypatch.setattr(json_format, "MessageToDict", counted)
    began = time.process_time()
    plan = planned(drama)
    told = plan.told(workshop(drama).crew)
    print(f"{len(plan.steps)} steps planned and told in {time.process_time() - began:.2f} s of CPU")
    assert len(plan.steps) == len(told.steps) == 6 + 100 * 11
    # One conversion for each step's own part, and a few for the cast, the brush and the camera.
    assert len(shop_calls) <= len(plan.steps) + 20
    message = job_service_pb2.SubmitRunRequest(jobs=plan.jobs)
    assert message.ByteSize() < 8 * 1024 * 1024
    assert plan.jobs[-1].input_json.isascii()
