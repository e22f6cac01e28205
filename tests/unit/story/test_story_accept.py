"""Accepting: what is refused before anything is accepted, and that a repeat is the first run."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from google.protobuf import json_format

from kit.errors import AlreadyExists, InvalidInput, NotFound, NotReady
from kit.providers.catalogue import load
from services.story.accept import REQUEST_HASH, improved_id, new_id
from services.story.config import StorySettings
from services.story.crew import Casting
from services.story.productions import Producer
from services.story.usecases import Desk
from services.story.wish import Wish
from sfd.dramas.v1 import drama_pb2
from sfd.story.v1 import story_pb2, story_service_pb2

Generate = story_service_pb2.GenerateDramaRequest


@pytest.fixture
def desk(store: Any, casting: Casting) -> Desk:
    return Desk(store.dramas, store.jobs, casting)


@pytest.fixture
def producer(store: Any, casting: Casting) -> Producer:
    return Producer(store.dramas, store.jobs, casting)


def cast(**names: str) -> story_pb2.Options:
    return story_pb2.Options(cast=story_pb2.Cast(**names))


async def test_a_premise_becomes_one_run(desk: Desk, store: Any) -> None:
    done = await desk.generate(Generate(premise="  A ferry at night.  "))
    (submitted,) = store.job_fake.submitted
    assert re.fullmatch(r"drama_[a-z0-9]{12}", done.run.drama_id)
    assert re.fullmatch(r"job_[a-z0-9]{12}", done.run.public_id)
    assert (submitted.kind, json.loads(submitted.result_json)) == ("generate_drama", {"dramaId": done.run.drama_id})
    (job,) = submitted.jobs
    assert (job.step, job.kind, job.queue) == ("generate", "story.generate", "story")
    assert job.payload_type == "sfd.story.v1.GenerateInput"
    payload = json_format.Parse(job.input_json, story_pb2.GenerateInput())
    assert payload.premise == "A ferry at night."
    assert payload.options.seed > 0
    assert payload.options.cast.writer == "local"
    assert payload.base_etag == ""


async def test_a_repeat_is_the_first_run_and_another_request_is_refused(desk: Desk, store: Any) -> None:
    first = await desk.generate(Generate(premise="A ferry.", request_id="r1", drama_id="mine"))
    store.drama_fake.stored["mine"] = drama_pb2.Drama(id="mine", etag="written meanwhile")
    again = await desk.generate(Generate(premise="A ferry.", request_id="r1", drama_id="mine"))
    assert again.run.public_id == first.run.public_id
    assert len(store.job_fake.submitted) == 1
    with pytest.raises(AlreadyExists):
        await desk.generate(Generate(premise="Another.", request_id="r1", drama_id="mine"))
    other = await desk.generate(Generate(premise="A ferry.", request_id="r2"))
    assert other.run.public_id != first.run.public_id


async def test_an_existing_dramas_etag_goes_along(desk: Desk, store: Any) -> None:
    store.drama_fake.stored["mine"] = drama_pb2.Drama(id="mine", etag="abc")
    await desk.generate(Generate(premise="A ferry.", drama_id="mine"))
    payload = json_format.Parse(store.job_fake.submitted[0].jobs[0].input_json, story_pb2.GenerateInput())
    assert payload.base_etag == "abc"


async def test_a_retired_model_is_replaced_with_a_warning(desk: Desk, store: Any) -> None:
    done = await desk.generate(Generate(premise="A ferry.", options=cast(writer_model="gpt-5.1"), request_id="r"))
    assert done.warnings == ("gpt-5.1 is retired; gpt-5.6-sol is used instead.",)
    payload = json_format.Parse(store.job_fake.submitted[0].jobs[0].input_json, story_pb2.GenerateInput())
    assert (payload.options.cast.writer, payload.options.cast.writer_model) == ("openai", "gpt-5.6-sol")
    again = await desk.generate(Generate(premise="A ferry.", options=cast(writer_model="gpt-5.1"), request_id="r"))
    assert again.warnings == done.warnings


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (Generate(), "premise"),
        (Generate(premise="   "), "premise"),
        (Generate(premise="x" * 8001), "premise"),
        (Generate(premise="a\x00b"), "premise"),
        (Generate(premise="x", drama_id="no spaces"), "drama_id"),
        (Generate(premise="x", drama_id="x" * 129), "drama_id"),
        (Generate(premise="x", reference_image_url="file:///etc/passwd"), "reference_image_url"),
        (Generate(premise="x", options=story_pb2.Options(language="xx")), "options.language"),
        (Generate(premise="x", options=story_pb2.Options(episodes=-1)), "options.episodes"),
        (Generate(premise="x", options=story_pb2.Options(episodes=51)), "options.episodes"),
        (Generate(premise="x", options=story_pb2.Options(seed=-1)), "options.seed"),
        (Generate(premise="x", options=cast(writer="acme")), "options.cast.writer"),
        (Generate(premise="x", options=cast(painter="gemini", painter_model="dall-e-9")), "options.cast.painter_model"),
        (Generate(premise="x", options=cast(filmer="acme")), "options.cast.filmer"),
        (Generate(premise="x", options=cast(filmer="runway", filmer_model="gen0")), "options.cast.filmer_model"),
        (Generate(premise="x", options=cast(filmer_model="fal/veo3.1-references")), "options.cast.filmer_model"),
    ],
)
async def test_what_cannot_be_done_is_refused_first(desk: Desk, store: Any, request_: Any, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await desk.generate(request_)
    assert refused.value.field == field
    assert not store.job_fake.submitted


@pytest.mark.parametrize(
    ("names", "variable"),
    [
        ({"writer": "openai"}, "OPENAI_API_KEY"),
        ({"writer": "gemini"}, "GEMINI_API_KEY"),
        ({"painter": "gemini"}, "GEMINI_API_KEY"),
        ({"painter": "openai"}, "OPENAI_API_KEY"),
    ],
)
async def test_a_missing_key_is_named_before_anything_is_accepted(
    store: Any, names: dict[str, str], variable: str
) -> None:
    keyless = {"SFD_INTERNAL_SECRET": "x" * 32, "OPENAI_API_KEY": "", "GEMINI_API_KEY": ""}
    desk = Desk(store.dramas, store.jobs, Casting(StorySettings.model_validate(keyless), load()))
    with pytest.raises(InvalidInput, match=variable):
        await desk.generate(Generate(premise="x", options=cast(**names)))
    assert not store.job_fake.submitted
    await desk.generate(Generate(premise="x", options=cast(filmer="openai")))  # nothing is filmed yet
    asked = cast(filmer="openai")
    asked.auditions = True
    with pytest.raises(InvalidInput, match="SORA_API_KEY"):
        await desk.generate(Generate(premise="x", options=asked))


def drama(scenes: bool = True) -> drama_pb2.Drama:
    made = drama_pb2.Drama(
        id="d",
        title="T",
        description="D",
        premise="P",
        revision=4,
        etag="e",
        metadata_json=json.dumps({"style": "noir", "language": "ko", "seed": 9}),
        characters=[drama_pb2.Character(id="c", name="N", description="x", main=True)],
        episodes=[drama_pb2.Episode(id="e1", title="E", description="x")],
    )
    if scenes:
        made.episodes[0].scenes.add(id="s1", description="They meet.")
    return made


async def test_a_production_is_planned_on_a_revision_and_keeps_labels(producer: Producer, store: Any) -> None:
    store.drama_fake.stored["d"] = drama()
    request = story_service_pb2.ExecuteProductionRequest(
        drama_id="d", request_id="r", ceiling_nano_usd=5, metadata_json='{"user_id":"10000"}'
    )
    done = await producer.execute(request)
    (submitted,) = store.job_fake.submitted
    assert (submitted.kind, submitted.expected_revision, submitted.ceiling_nano_usd) == ("execute_drama", 4, 5)
    assert [job.step for job in submitted.jobs] == ["portrait:c", "storyboard:s1", "clip:s1", "assemble:e1"]
    assert json.loads(submitted.metadata_json)["user_id"] == "10000"
    brush = json.loads(submitted.jobs[0].input_json)["brush"]
    assert (brush["style"], brush["language"], brush["seed"]) == ("noir", "ko", "9")
    # What was made meanwhile would change the plan; the repeat is the first run all the same.
    store.drama_fake.stored["d"].episodes[0].scenes.add(id="s2", description="They part.")
    assert (await producer.execute(request)).run.public_id == done.run.public_id
    assert REQUEST_HASH in json.loads(done.run.metadata_json)


async def test_a_plan_tells_a_missing_key_and_a_production_refuses_it(store: Any) -> None:
    keys = {"SFD_INTERNAL_SECRET": "x" * 32, "OPENAI_API_KEY": ""}
    producer = Producer(store.dramas, store.jobs, Casting(StorySettings.model_validate(keys), load()))
    wish, execute = Wish(cast(writer="openai")), story_service_pb2.ExecuteProductionRequest
    store.drama_fake.stored["d"] = drama()
    planned = await producer.plan("d", wish)
    assert not planned.plan.estimated
    assert not planned.plan.told(planned.crew).missing_keys
    await producer.execute(execute(drama_id="d", options=wish.options))  # nothing is to be written
    store.drama_fake.stored["d"] = drama(scenes=False)
    planned = await producer.plan("d", wish)
    told = planned.plan.told(planned.crew)
    assert list(told.missing_keys) == ["OPENAI_API_KEY"]
    assert {s.step: s.missing_key for s in told.steps if s.missing_key} == {"scenes:e1": "OPENAI_API_KEY"}
    with pytest.raises(InvalidInput, match="OPENAI_API_KEY"):
        await producer.execute(execute(drama_id="d", options=wish.options))
    # What follows the scenes needs its keys as well.
    filmed = await producer.plan("d", Wish(cast(filmer="openai")))
    assert filmed.plan.told(filmed.crew).missing_keys == ["SORA_API_KEY"]
    with pytest.raises(InvalidInput, match="SORA_API_KEY"):
        await producer.execute(execute(drama_id="d", options=cast(filmer="openai")))
    assert len(store.job_fake.submitted) == 1


async def test_unknown_dramas_and_empty_ones(desk: Desk, producer: Producer, store: Any) -> None:
    with pytest.raises(NotFound, match="Drama nobody not found"):
        await producer.plan("nobody", Wish())
    with pytest.raises(NotFound):
        await desk.critique(story_service_pb2.CritiqueDramaRequest(drama_id="nobody"))
    store.drama_fake.stored["d"] = drama_pb2.Drama(id="d", title="T")
    with pytest.raises(NotReady):
        await producer.execute(story_service_pb2.ExecuteProductionRequest(drama_id="d"))


async def test_an_improvement_is_filed_under_the_new_drama(desk: Desk, store: Any) -> None:
    store.drama_fake.stored["d"] = drama()
    request = story_service_pb2.ImproveDramaRequest(drama_id="d", feedback="Darker.", request_id="r")
    done = await desk.improve(request)
    assert re.fullmatch(r"d_improved_\d{13}", done.run.drama_id)
    assert (await desk.improve(request)).run.drama_id == done.run.drama_id
    payload = json_format.Parse(store.job_fake.submitted[0].jobs[0].input_json, story_pb2.ImproveInput())
    assert (payload.drama_id, payload.original.id, payload.base_etag) == (done.run.drama_id, "d", "")
    await desk.improve(story_service_pb2.ImproveDramaRequest(drama_id="d", feedback="Darker.", new_drama_id="d"))
    payload = json_format.Parse(store.job_fake.submitted[1].jobs[0].input_json, story_pb2.ImproveInput())
    assert (payload.drama_id, payload.base_etag) == ("d", "e")


async def test_a_large_drama_is_named_instead_of_copied(desk: Desk, producer: Producer, store: Any) -> None:
    large = drama()
    large.episodes[0].scenes[0].description = "x" * 70_000
    store.drama_fake.stored["d"] = large
    await desk.critique(story_service_pb2.CritiqueDramaRequest(drama_id="d"))
    payload = json_format.Parse(store.job_fake.submitted[0].jobs[0].input_json, story_pb2.CritiqueInput())
    assert payload.drama == drama_pb2.Drama(id="d")
    with pytest.raises(InvalidInput, match="64 KiB"):
        await producer.execute(story_service_pb2.ExecuteProductionRequest(drama_id="d"))


def test_ids() -> None:
    assert new_id("drama") != new_id("drama")
    assert new_id("drama", "r") == new_id("drama", "r")
    assert new_id("drama", "r")[6:] != new_id("job", "r")[4:]
    assert improved_id("d", "", 1763600000000) == "d_improved_1763600000000"
    assert len(improved_id("x" * 128, "r", 0)) == 128
