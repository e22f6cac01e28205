"""One step by its name: what is made with it, what a person wants of it this once, and that the next production leaves that alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kit.errors import InvalidInput, NotFound, NotReady
from services.story.crew import Casting
from services.story.productions import Producer
from services.story.wish import Wish
from sfd.dramas.v1 import drama_pb2
from sfd.jobs.v1 import job_service_pb2
from sfd.story.v1 import story_pb2, story_service_pb2
from tests.unit.story.dramas import fixture, planned, takes_of
from tests.unit.story.test_story_assets import rich

Execute = story_service_pb2.ExecuteStepRequest
PHOTO = "https://example.com/a.png"


@pytest.fixture
def producer(store: Any, casting: Casting) -> Producer:
    store.drama_fake.stored["drama_ref"] = rich()
    return Producer(store.dramas, store.jobs, casting)


async def submitted(producer: Producer, store: Any, step: str, **more: Any) -> job_service_pb2.SubmitRunRequest:
    await producer.step(Execute(drama_id="drama_ref", step=step, **more))
    found: job_service_pb2.SubmitRunRequest = store.job_fake.submitted[-1]
    return found


def steps(request: job_service_pb2.SubmitRunRequest) -> dict[str, bool]:
    return {job.step: job.reused for job in request.jobs}


async def next_production(producer: Producer) -> list[str]:
    plan = (await producer.plan("drama_ref", Wish())).plan
    return [step.job.step for step in plan.made]


def done(store: Any, request: job_service_pb2.SubmitRunRequest, plan_takes: list[drama_pb2.Take]) -> None:
    """Carries a run out: what it made is live from now on, as storage would have it."""
    slots = {step.job.step: step.slot for step in planned(rich()).steps} | {"cover": "drama:cover"}
    takes = {take.slot: take for take in plan_takes}
    for number, job in enumerate(request.jobs):
        if job.reused or job.kind == "story.scenes":
            continue
        told = json.loads(job.input_json)
        mark = told.get("fingerprint") or (told.get("brush") or told.get("camera"))["fingerprint"]
        take = drama_pb2.Take(
            id=f"new-{job.step}", slot=slots[job.step], asset_id="a", fingerprint=mark, live=True, output_json='{"x":1}'
        )
        take.created_at.FromSeconds(10_000 + number)
        takes[take.slot] = take
    store.drama_fake.takes = list(takes.values())


async def test_a_clip_uses_the_live_storyboard_or_makes_it(producer: Producer, store: Any) -> None:
    first = await submitted(producer, store, "clip:ep01_s01")
    assert steps(first) == {"portrait:char_detective": False, "storyboard:ep01_s01": False, "clip:ep01_s01": False}
    assert (first.kind, first.expected_revision, json.loads(first.result_json)) == ("clip", 3, {"dramaId": "drama_ref"})
    takes = takes_of(planned(rich()))
    store.drama_fake.takes = takes
    # It serves as it is, even where the drama says something else by now.
    store.drama_fake.stored["drama_ref"].episodes[0].scenes[0].description = "Another place."
    again = await submitted(producer, store, "clip:ep01_s01")
    assert steps(again) == {"storyboard:ep01_s01": True, "clip:ep01_s01": False}
    assert json.loads(again.jobs[0].output_json) == {"slot": "scene:ep01_s01:storyboard"}
    assert list(again.jobs[1].hard_parents) == ["storyboard:ep01_s01"]


async def test_a_step_is_made_though_it_is_fresh_and_nothing_after_it(producer: Producer, store: Any) -> None:
    store.drama_fake.takes = takes_of(planned(rich()))
    assert steps(await submitted(producer, store, "storyboard:ep01_s01")) == {"storyboard:ep01_s01": False}
    assert steps(await submitted(producer, store, "portrait:char_ai")) == {"portrait:char_ai": False}
    assert steps(await submitted(producer, store, "audition:char_ai")) == {"audition:char_ai": False}
    close = await submitted(producer, store, "asset:scene:ep01_s01:close")
    assert steps(close) == {"storyboard:ep01_s01": True, "asset:scene:ep01_s01:close": False}


async def test_a_wish_is_in_the_input_and_not_in_the_fingerprint(producer: Producer, store: Any) -> None:
    takes = takes_of(planned(rich()))
    store.drama_fake.takes = takes
    assert await next_production(producer) == []
    request = await submitted(
        producer, store, "storyboard:ep01_s01", prompt="In the rain.", reference_urls=[PHOTO], duration=0
    )
    told = json.loads(request.jobs[0].input_json)
    assert (told["prompt"], told["reference_urls"]) == ("In the rain.", [PHOTO])
    done(store, request, takes)
    # The picture stays; what is made from it follows.
    follows = ["clip:ep01_s01", "asset:scene:ep01_s01:close", "asset:scene:ep01_s01:insert", "assemble:ep01"]
    assert await next_production(producer) == follows
    # Until somebody edits what it is made from.
    store.drama_fake.stored["drama_ref"].episodes[0].scenes[0].assets[0].prompt = "In the sun."
    assert await next_production(producer) == ["storyboard:ep01_s01", *follows]


async def test_a_length_changes_a_films_price_and_is_left_alone_too(producer: Producer, store: Any) -> None:
    takes = takes_of(planned(rich(), filmer="openai"))
    store.drama_fake.takes = takes
    options = story_pb2.Options(cast=story_pb2.Cast(filmer="openai"))
    request = await submitted(producer, store, "clip:ep01_s01", duration=4, options=options)
    assert json.loads(request.jobs[-1].input_json)["duration"] == 4
    assert json.loads(request.jobs[-1].metadata_json)["price_nano_usd"] == 4 * 100_000_000
    done(store, request, takes)
    plan = (await producer.plan("drama_ref", Wish(options))).plan
    assert [step.job.step for step in plan.made] == ["assemble:ep01"]


async def test_the_fingerprint_is_that_of_the_last_production(producer: Producer, store: Any) -> None:
    """A person has one picture drawn by somebody else: the next production, by those who made the drama, does not undo it."""
    takes = takes_of(planned(rich()))
    store.drama_fake.takes = takes
    await producer.execute(story_service_pb2.ExecuteProductionRequest(drama_id="drama_ref"))
    gemini = story_pb2.Options(cast=story_pb2.Cast(painter="gemini"))
    request = await submitted(producer, store, "storyboard:ep01_s02", options=gemini)
    told = json.loads(request.jobs[0].input_json)
    assert told["brush"]["painter"] == "gemini"
    done(store, request, takes)
    assert await next_production(producer) == ["clip:ep01_s02", "assemble:ep01"]


async def test_an_episode_is_joined_from_its_live_clips(producer: Producer, store: Any) -> None:
    with pytest.raises(NotReady) as none:
        await submitted(producer, store, "assemble:ep01")
    assert none.value.reason == "no_clips"
    takes = takes_of(planned(rich()))
    store.drama_fake.takes = [take for take in takes if take.slot != "scene:ep01_s01:clip"]
    answer = await producer.step(Execute(drama_id="drama_ref", step="assemble:ep01"))
    assert answer.warnings == ("These scenes have no clip yet and are left out: ep01_s01.",)
    (job,) = store.job_fake.submitted[-1].jobs
    told = json.loads(job.input_json)
    assert (told["stored_asset_ids"], "clip_steps" in told) == (["asset-scene:ep01_s02:clip"], False)
    # As soon as the other clip is there, a production joins both.
    done(store, store.job_fake.submitted[-1], takes)
    late = next(take for take in store.drama_fake.takes if take.slot == "scene:ep01_s01:clip")
    late.created_at.FromSeconds(20_000)
    assert await next_production(producer) == ["assemble:ep01"]


async def test_a_cover_needs_the_main_characters_pictures(producer: Producer, store: Any) -> None:
    with pytest.raises(NotReady, match="Mara") as faceless:
        await submitted(producer, store, "cover")
    assert faceless.value.reason == "portraits_missing"
    drama = store.drama_fake.stored["drama_ref"]
    drama.characters[0].url = PHOTO
    assert steps(await submitted(producer, store, "cover", prompt="Stormy.")) == {"cover": False}
    assert json.loads(store.job_fake.submitted[-1].jobs[0].input_json)["prompt"] == "Stormy."
    drama.characters[0].main = False
    with pytest.raises(NotReady) as nobody:
        await submitted(producer, store, "cover")
    assert nobody.value.reason == "no_main_character"


async def test_scenes_are_written_alone_and_once(producer: Producer, store: Any) -> None:
    with pytest.raises(NotReady) as there:
        await submitted(producer, store, "scenes:ep01")
    assert there.value.reason == "scenes_exist"
    store.drama_fake.stored["drama_ref"].episodes.add(id="ep02", title="More")
    request = await submitted(producer, store, "scenes:ep02")
    assert (steps(request), request.kind) == ({"scenes:ep02": False}, "scenes")
    assert "produce" not in json.loads(request.jobs[0].input_json)


async def test_an_asset_of_a_step_of_its_own_name_is_that_step(producer: Producer, store: Any) -> None:
    store.drama_fake.takes = takes_of(planned(rich()))
    names = {
        "asset:scene:ep01_s01:ep01_s01_storyboard": "storyboard:ep01_s01",
        "asset:scene:ep01_s01:ep01_s01_clip": "clip:ep01_s01",
        "asset:character:char_detective:char_detective_portrait_front_halfbody": "portrait:char_detective",
        "asset:character:char_detective:side": "asset:character:char_detective:side",
    }
    for name, step in names.items():
        request = await submitted(producer, store, name, prompt="Mine.")
        assert [job.step for job in request.jobs if not job.reused] == [step]
        assert json.loads(request.jobs[-1].input_json)["prompt"] == "Mine."


async def test_a_linked_asset_is_made_when_it_is_asked_for_by_name(producer: Producer, store: Any) -> None:
    drama = store.drama_fake.stored["drama_ref"]
    drama.episodes[0].scenes[0].assets[2].url = PHOTO
    store.drama_fake.takes = [take for take in takes_of(planned(rich())) if take.slot.startswith(("char", "scene"))]
    assert not steps(await submitted(producer, store, "asset:scene:ep01_s01:close"))["asset:scene:ep01_s01:close"]


@pytest.mark.parametrize(
    "step", ["", "nonsense", "clip", "clip:", "asset:scene:x", "asset:prop:x:y", "storyboards:ep01"]
)
async def test_a_name_that_is_none_is_refused(producer: Producer, store: Any, step: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await submitted(producer, store, step)
    assert refused.value.field == "step"


@pytest.mark.parametrize(
    "step",
    ["clip:s9", "portrait:nobody", "scenes:ep9", "assemble:ep9", "asset:scene:ep01_s01:a9", "asset:character:x:y"],
)
async def test_what_is_not_there_is_named(producer: Producer, store: Any, step: str) -> None:
    with pytest.raises(NotFound) as gone:
        await submitted(producer, store, step)
    assert gone.value.field == "step"


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"reference_urls": [PHOTO] * 4}, "reference_urls"),
        ({"reference_urls": [PHOTO, "file:///x"]}, "reference_urls[1]"),
        ({"prompt": "x" * 8001}, "prompt"),
        ({"duration": -1}, "duration"),
        ({"duration": 61}, "duration"),
        ({"ceiling_nano_usd": -1}, "ceiling_nano_usd"),
        ({"metadata_json": "["}, "metadata_json"),
    ],
)
async def test_a_wish_that_cannot_be_is_refused(producer: Producer, store: Any, more: Any, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await submitted(producer, store, "clip:ep01_s01", **more)
    assert refused.value.field == field
    with pytest.raises(InvalidInput):
        await submitted(producer, store, "assemble:ep01", prompt="x")
    assert not store.job_fake.submitted


async def test_a_ceiling_below_the_plan_is_told_and_kept(producer: Producer, store: Any) -> None:
    options = story_pb2.Options(cast=story_pb2.Cast(filmer="openai"))
    request = Execute(
        drama_id="drama_ref", step="clip:ep01_s01", options=options, ceiling_nano_usd=10**9, request_id="r"
    )
    answer = await producer.step(request)
    assert answer.warnings == (
        "The plan costs about $1.20 and the ceiling is $1.00: the run stops before it would cost more.",
    )
    assert store.job_fake.submitted[-1].ceiling_nano_usd == 10**9
    assert (await producer.step(request)).run.public_id == answer.run.public_id
    assert len(store.job_fake.submitted) == 1


async def test_only_a_repeat_is_answered_when_nothing_else_may_be(producer: Producer, store: Any) -> None:
    request = Execute(drama_id="drama_ref", step="clip:ep01_s01", request_id="again")
    only = Execute(drama_id="drama_ref", step="clip:ep01_s01", request_id="again", repeat_only=True)
    with pytest.raises(NotReady) as refused:
        await producer.step(only)
    assert refused.value.reason == "no_earlier_request"
    assert not store.job_fake.submitted
    first = (await producer.step(request)).run.public_id
    # The drama may be gone: a repeat is answered from what was accepted.
    store.drama_fake.stored.clear()
    assert (await producer.step(only)).run.public_id == first
    assert (await producer.step(request)).run.public_id == first
    assert len(store.job_fake.submitted) == 1


async def test_a_plain_drama_has_no_assets_beyond(store: Any, casting: Casting) -> None:
    store.drama_fake.stored["drama_ref"] = fixture()
    producer = Producer(store.dramas, store.jobs, casting)
    with pytest.raises(NotFound, match="Asset close not found"):
        await producer.step(Execute(drama_id="drama_ref", step="asset:scene:ep01_s01:close"))
