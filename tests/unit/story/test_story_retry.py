"""Doing again what failed, with what was wished then; and choosing which take is shown."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kit.errors import InvalidInput, NotFound, NotReady
from kit.providers.catalogue import load
from services.story.crew import Casting
from services.story.productions import Producer
from services.story.usecases import Desk
from services.story.wish import WISH, Wish
from sfd.dramas.v1 import drama_pb2
from sfd.jobs.v1 import job_pb2
from sfd.story.v1 import story_pb2, story_service_pb2
from tests.unit.story.dramas import fixture, planned, settings, takes_of

GEMINI = story_pb2.Options(cast=story_pb2.Cast(painter="gemini"), style="noir", seed=5)
Retry = story_service_pb2.RetryJobRequest
Execute = story_service_pb2.ExecuteProductionRequest


@pytest.fixture
def producer(store: Any, casting: Casting) -> Producer:
    drama = fixture()
    drama.episodes.add(id="ep02", title="Second", description="More.", scenes=[drama_pb2.Scene(id="ep02_s01")])
    store.drama_fake.stored["drama_ref"] = drama
    return Producer(store.dramas, store.jobs, casting)


def last(store: Any) -> dict[str, bool]:
    return {job.step: job.reused for job in store.job_fake.submitted[-1].jobs}


async def produced(producer: Producer, store: Any, *failed: str, **more: Any) -> str:
    """A production that has ended; what succeeded of it is live. Returns its public id."""
    run = (await producer.execute(Execute(drama_id="drama_ref", options=GEMINI, **more))).run
    store.job_fake.ended(run.public_id, failed)
    plan = (await producer.plan("drama_ref", Wish(GEMINI, tuple(more.get("episode_ids", ()))))).plan
    store.drama_fake.takes = [
        t for t in takes_of(plan) if t.slot not in {s.slot for s in plan.steps if s.job.step in failed}
    ]
    return str(run.public_id)


async def test_a_failed_step_is_done_again_alone_by_who_did_it(producer: Producer, store: Any) -> None:
    run = await produced(producer, store, "clip:ep01_s02", episode_ids=["ep01"], metadata_json='{"user_id":"10000"}')
    answer = await producer.retry(Retry(job_id=f"{run}/clip:ep01_s02", ceiling_nano_usd=7))
    request = store.job_fake.submitted[-1]
    assert last(store) == {"storyboard:ep01_s02": True, "clip:ep01_s02": False}
    assert (request.kind, request.ceiling_nano_usd, request.expected_revision) == ("clip", 7, 3)
    labels = json.loads(answer.run.metadata_json)
    assert (labels["user_id"], labels["retry_of"]) == ("10000", f"{run}/clip:ep01_s02")
    assert labels[WISH]["options"]["style"] == "noir"
    told = json.loads(request.jobs[-1].input_json)
    assert (told["camera"]["style"], told["camera"]["seed"]) == ("noir", "5")


async def test_an_optional_portrait_of_a_creation_is_done_again(
    store: Any, casting: Casting, producer: Producer
) -> None:
    desk = Desk(store.dramas, store.jobs, casting)
    generate = story_service_pb2.GenerateDramaRequest(premise="A ferry.", drama_id="drama_ref", options=GEMINI)
    run = (await desk.generate(generate)).run
    # The creation added its pictures; one portrait has failed, and the run is done all the same.
    request = store.job_fake.submitted[-1]
    for step in ("portrait:char_ai", "portrait:char_detective"):
        request.jobs.add(step=step, kind="imaging.portrait", queue="imaging", optional=True, metadata_json="{}")
    store.job_fake.ended(run.public_id, ["portrait:char_ai"])
    store.job_fake.runs[run.public_id].state = job_pb2.JOB_STATE_SUCCEEDED
    for job_id in (f"{run.public_id}/portrait:char_ai", run.public_id):
        await producer.retry(Retry(job_id=job_id))
        (job,) = store.job_fake.submitted[-1].jobs
        assert (job.step, job.optional) == ("portrait:char_ai", False)
        brush = json.loads(job.input_json)["brush"]
        assert (brush["painter"], brush["style"], brush["seed"]) == ("gemini", "noir", "5")


async def test_a_whole_production_goes_on_where_it_ended(producer: Producer, store: Any) -> None:
    run = await produced(producer, store, "clip:ep01_s02", "assemble:ep01", episode_ids=["ep01"], episode_branch=True)
    await producer.retry(Retry(job_id=run))
    assert store.job_fake.submitted[-1].kind == "execute_drama"
    assert [step for step, reused in last(store).items() if not reused] == ["clip:ep01_s02", "assemble:ep01"]
    assert not [step for step in last(store) if "ep02" in step or step.startswith("portrait")]
    labels = json.loads(store.job_fake.submitted[-1].metadata_json)[WISH]
    assert (labels["episode_ids"], labels["episode_branch"]) == (["ep01"], True)


async def test_what_was_forced_and_failed_is_forced_and_what_succeeded_is_not(producer: Producer, store: Any) -> None:
    run = await produced(producer, store, episode_ids=["ep01"])
    forced = Execute(drama_id="drama_ref", options=GEMINI, episode_ids=["ep01"], force=True)
    again = (await producer.execute(forced)).run
    store.job_fake.ended(again.public_id, ["clip:ep01_s01", "assemble:ep01"])
    await producer.retry(Retry(job_id=again.public_id))
    assert [step for step, reused in last(store).items() if not reused] == ["clip:ep01_s01", "assemble:ep01"]
    with pytest.raises(NotReady) as nothing:
        await producer.retry(Retry(job_id=run))
    assert nothing.value.reason == "nothing_to_do"


async def test_a_single_steps_wish_is_wished_again(producer: Producer, store: Any) -> None:
    await produced(producer, store, episode_ids=["ep01"])
    step = story_service_pb2.ExecuteStepRequest(
        drama_id="drama_ref",
        step="storyboard:ep01_s01",
        prompt="In the rain.",
        reference_urls=["https://example.com/a.png"],
        options=GEMINI,
    )
    run = (await producer.step(step)).run
    store.job_fake.ended(run.public_id, ["storyboard:ep01_s01"], job_pb2.JOB_STATE_CANCELLED)
    for job_id in (run.public_id, f"{run.public_id}/storyboard:ep01_s01"):
        await producer.retry(Retry(job_id=job_id))
        (job,) = store.job_fake.submitted[-1].jobs
        told = json.loads(job.input_json)
        assert (job.reused, told["prompt"], told["reference_urls"]) == (
            False,
            "In the rain.",
            ["https://example.com/a.png"],
        )


async def test_writing_is_done_again_with_the_same_input(store: Any, casting: Casting) -> None:
    desk, producer = Desk(store.dramas, store.jobs, casting), Producer(store.dramas, store.jobs, casting)
    generate = story_service_pb2.GenerateDramaRequest(premise="A ferry.", drama_id="mine")
    run = (await desk.generate(generate)).run
    store.job_fake.ended(run.public_id, ["generate"])
    first = store.job_fake.submitted[-1].jobs[0]
    for job_id in (run.public_id, f"{run.public_id}/generate"):
        await producer.retry(Retry(job_id=job_id))
        request = store.job_fake.submitted[-1]
        (job,) = request.jobs
        assert (job.kind, job.input_json, job.payload_type) == (first.kind, first.input_json, first.payload_type)
        assert (request.kind, request.drama_id, request.expected_revision) == ("generate_drama", "mine", 0)
        assert json.loads(request.result_json) == {"dramaId": "mine"}
    keyless = Casting(settings(OPENAI_API_KEY=""), load())
    store.job_fake.runs[run.public_id].metadata_json = json.dumps({WISH: {"options": {"cast": {"writer": "openai"}}}})
    with pytest.raises(InvalidInput, match="OPENAI_API_KEY"):
        await Producer(store.dramas, store.jobs, keyless).retry(Retry(job_id=run.public_id))


async def test_a_run_of_another_service_is_done_again_by_its_labels(producer: Producer, store: Any) -> None:
    """Runs that imaging and video accept say only in their steps who works at them."""
    store.job_fake.runs["job_p"] = job_pb2.Run(
        id="p", public_id="job_p", kind="portrait", drama_id="drama_ref", state=job_pb2.JOB_STATE_FAILED
    )
    store.job_fake.jobs["p1"] = job_pb2.Job(
        id="p1",
        run_id="p",
        step="portrait:char_ai",
        kind="imaging.portrait",
        state=job_pb2.JOB_STATE_FAILED,
        metadata_json='{"model":"gemini/gemini-3-pro-image"}',
    )
    await producer.retry(Retry(job_id="job_p"))
    (job,) = store.job_fake.submitted[-1].jobs
    assert json.loads(job.input_json)["brush"]["model"] == "gemini-3-pro-image"


async def test_only_what_has_ended_is_done_again_and_a_repeat_once(producer: Producer, store: Any) -> None:
    run = (await producer.execute(Execute(drama_id="drama_ref"))).run
    with pytest.raises(NotReady) as early:
        await producer.retry(Retry(job_id=run.public_id))
    assert early.value.reason == "still_running"
    store.job_fake.ended(run.public_id, ["clip:ep01_s01"])
    store.job_fake.jobs[f"{run.public_id}/clip:ep01_s01"].state = job_pb2.JOB_STATE_RUNNING
    with pytest.raises(NotReady) as working:
        await producer.retry(Retry(job_id=f"{run.public_id}/clip:ep01_s01"))
    assert working.value.reason == "still_running"
    with pytest.raises(NotReady) as there:
        await producer.retry(Retry(job_id=f"{run.public_id}/portrait:char_ai"))
    assert there.value.reason == "nothing_to_do"
    for job_id, error in (("job_nobody", NotFound), ("", InvalidInput)):
        with pytest.raises(error) as refused:
            await producer.retry(Retry(job_id=job_id))
        assert refused.value.field == "job_id"
    store.job_fake.jobs[f"{run.public_id}/clip:ep01_s01"].state = job_pb2.JOB_STATE_FAILED
    first = (await producer.retry(Retry(job_id=run.public_id, request_id="r"))).run
    count = len(store.job_fake.submitted)
    assert (await producer.retry(Retry(job_id=run.public_id, request_id="r"))).run.public_id == first.public_id
    assert len(store.job_fake.submitted) == count


async def made_twice(producer: Producer, store: Any) -> None:
    """A drama that was produced, then a scene's picture prompt was edited, and produced again."""
    drama = store.drama_fake.stored["drama_ref"]
    del drama.episodes[1:]
    await producer.execute(Execute(drama_id="drama_ref"))
    old = takes_of(planned(drama))
    drama.episodes[0].scenes[0].assets[0].prompt = "Another frame."
    new = takes_of(planned(drama, old), start=500)
    kept = {take.slot: take for take in new if take.fingerprint not in {one.fingerprint for one in old}}
    for take in old:
        take.live = take.slot not in kept
    for take in kept.values():
        take.id = f"new-{take.slot}"
    store.drama_fake.takes = [*old, *kept.values()]


async def test_a_chosen_take_is_fresh_and_what_hangs_on_it_is_not(producer: Producer, store: Any) -> None:
    await made_twice(producer, store)
    assert [step.job.step for step in (await producer.plan("drama_ref", Wish())).plan.made] == []
    choose = story_service_pb2.ChooseTakeRequest
    slot = "scene:ep01_s01:storyboard"
    chosen = await producer.choose(choose(drama_id="drama_ref", take_id=f"take-{slot}"))
    assert (chosen.live, chosen.slot) == (True, slot)
    made = [step.job.step for step in (await producer.plan("drama_ref", Wish())).plan.made]
    assert made == ["clip:ep01_s01", "assemble:ep01"]
    # Its old clip is chosen too: it is fresh, and only the film is not.
    await producer.choose(choose(drama_id="drama_ref", take_id="take-scene:ep01_s01:clip"))
    made = [step.job.step for step in (await producer.plan("drama_ref", Wish())).plan.made]
    assert made == ["assemble:ep01"]
    store.drama_fake.stored["drama_ref"].episodes[0].scenes[0].assets[0].prompt = "A third frame."
    made = [step.job.step for step in (await producer.plan("drama_ref", Wish())).plan.made]
    assert made == ["storyboard:ep01_s01", "clip:ep01_s01", "assemble:ep01"]


async def test_a_chosen_take_stands_for_what_the_last_production_makes(producer: Producer, store: Any) -> None:
    drama = store.drama_fake.stored["drama_ref"]
    del drama.episodes[1:]
    await producer.execute(Execute(drama_id="drama_ref", options=GEMINI))
    plan = (await producer.plan("drama_ref", Wish(GEMINI))).plan
    old = drama_pb2.Take(
        id="old", slot="scene:ep01_s01:storyboard", fingerprint="something else", output_json='{"x":1}'
    )
    store.drama_fake.takes = [*takes_of(plan), old]
    chosen = await producer.choose(story_service_pb2.ChooseTakeRequest(drama_id="drama_ref", take_id="old"))
    assert chosen.fingerprint == next(s.fingerprint for s in plan.steps if s.slot == chosen.slot)


async def test_a_take_of_another_drama_is_not_there(producer: Producer, store: Any) -> None:
    for drama_id, take_id, words in (("drama_ref", "nope", "Take nope"), ("drama_x", "nope", "Drama drama_x")):
        with pytest.raises(NotFound, match=words):
            await producer.choose(story_service_pb2.ChooseTakeRequest(drama_id=drama_id, take_id=take_id))
    # What it belongs to is gone: it keeps its fingerprint.
    store.drama_fake.takes = [drama_pb2.Take(id="t", slot="scene:gone:clip", fingerprint="f")]
    chosen = await producer.choose(story_service_pb2.ChooseTakeRequest(drama_id="drama_ref", take_id="t"))
    assert (chosen.live, chosen.fingerprint) == (True, "f")
