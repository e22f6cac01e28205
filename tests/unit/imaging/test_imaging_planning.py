"""A picture planned here is the one that the story service's planner would plan: same input, same fingerprint."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from google.protobuf import json_format

from kit.errors import InvalidInput, NotFound
from kit.fingerprint import fingerprint
from kit.providers.catalogue import resolve
from kit.wording import language_of
from services.imaging import planning
from services.imaging.config import ImagingSettings
from services.imaging.planning import Easel
from services.imaging.servicer import ImagingServicer
from services.story.crew import Crew
from services.story.plan_jobs import Workshop
from services.story.plan_step import Portraits
from services.story.planner import identities
from sfd.dramas.v1 import drama_pb2, drama_service_pb2
from sfd.imaging.v1 import imaging_service_pb2, picture_pb2
from sfd.jobs.v1 import job_pb2, job_service_pb2
from sfd.story.v1 import story_pb2


def drama() -> drama_pb2.Drama:
    cast = [
        drama_pb2.Character(
            id=f"c{n}",
            name=f"Name {n}",
            description="tall",
            gender="male",
            main=n < 2,
            url="http://x/y.png",
            premise_url=f"http://r/{n}",
        )
        for n in range(5)
    ]
    dialogue = [
        {"character_id": "c4", "text": "你好", "emotion": "angry"},
        {"character_id": "c0", "text": "Hm", "emotion": "odd"},
        7,
    ]
    scene = drama_pb2.Scene(
        id="ep01_s01",
        description="A pier",
        metadata_json=json.dumps({"dialogue": dialogue}),
        assets=[
            drama_pb2.EntityAsset(
                id="board", kind=drama_pb2.ASSET_KIND_IMAGE, prompt="rain", depends_on=["c2", "c0", "nobody"]
            ),
            drama_pb2.EntityAsset(id="clip", kind=drama_pb2.ASSET_KIND_VIDEO, prompt="waves", duration=15),
        ],
    )
    return drama_pb2.Drama(
        id="d1",
        title="Night Ferry",
        description="A ferry vanishes.",
        premise="a ferry",
        characters=cast,
        episodes=[drama_pb2.Episode(id="ep01", title="One", scenes=[scene])],
    )


def takes() -> list[drama_pb2.Take]:
    made = [
        drama_pb2.Take(slot=f"character:c{n}:portrait", asset_id=f"a{n}", fingerprint=f"f{n}", sha256="s", live=n != 2)
        for n in range(5)
    ]
    return [*made, drama_pb2.Take(slot="drama:cover", asset_id="cover", live=True)]


def workshop(options: story_pb2.Options, painter: str) -> Workshop:
    local = resolve("text", "local").model
    filmer = resolve("video", "local").model
    return Workshop(drama(), Crew(local, resolve("image", painter).model, filmer, filmer, options))


def plain(job: job_pb2.NewJob) -> dict[str, Any]:
    """A job as values: the order of names in its JSON is no part of it."""
    told = json_format.MessageToDict(job, preserving_proto_field_name=True)
    return told | {name: json.loads(told[name]) for name in ("input_json", "metadata_json")}


@pytest.mark.parametrize("painter", ["local", "openai", "gemini"])
@pytest.mark.parametrize("options", [story_pb2.Options(), story_pb2.Options(style="comic", seed=9, language="ko")])
def test_inputs_and_fingerprints_are_the_planners(painter: str, options: story_pb2.Options) -> None:
    easel = Easel(resolve("image", painter).model, options)
    told, shop = drama(), workshop(options, painter)
    portraits = Portraits(live=identities(takes()))
    pairs = [
        (planning.portrait_job(told, "c1", "", easel), shop.portrait(told.characters[1])),
        (planning.cover_job(told, takes(), easel), shop.cover(portraits)),
        (
            planning.storyboard_job(told, "ep01", "ep01_s01", "", takes(), easel),
            shop.scene_picture("ep01", told.episodes[0].scenes[0], told.episodes[0].scenes[0].assets[0], portraits),
        ),
    ]
    for ours, theirs in pairs:
        assert plain(ours) == plain(theirs.job)
        assert json.loads(ours.input_json)["brush"]["fingerprint"] == theirs.fingerprint


@pytest.mark.parametrize("words", [("Night", "x"), ("밤의 배", "배가 사라진다"), ("夜渡", "一艘船消失了"), ("", "")])
def test_the_language_is_the_dramas_own(words: tuple[str, str]) -> None:
    told = drama()
    told.title, told.description = words
    crew = Crew(
        resolve("text", "local").model,
        resolve("image", "local").model,
        resolve("video", "local").model,
        resolve("video", "local").model,
        story_pb2.Options(),
    )
    assert language_of(told) == Workshop(told, crew).language


def test_a_wish_changes_the_fingerprint_and_its_place_is_the_same() -> None:
    easel = Easel(resolve("image", "local").model, story_pb2.Options())
    plain = planning.portrait_job(drama(), "c1", "", easel)
    wished = planning.portrait_job(drama(), "c1", "with a lantern", easel)
    assert plain.step == wished.step
    assert json.loads(plain.input_json)["brush"]["fingerprint"] != json.loads(wished.input_json)["brush"]["fingerprint"]


def test_what_is_not_there_is_named() -> None:
    easel = Easel(resolve("image", "local").model, story_pb2.Options())
    calls: list[tuple[Callable[[], object], str]] = [
        (lambda: planning.portrait_job(drama(), "cx", "", easel), "cx"),
        (lambda: planning.storyboard_job(drama(), "ep9", "ep01_s01", "", [], easel), "ep9"),
        (lambda: planning.storyboard_job(drama(), "ep01", "sx", "", [], easel), "sx"),
    ]
    for call, name in calls:
        with pytest.raises(NotFound, match=name):
            call()
    for options in (story_pb2.Options(language="fr"), story_pb2.Options(seed=-1)):
        with pytest.raises(InvalidInput):
            planning.cover_job(drama(), [], Easel(easel.painter, options))


def test_equal_parts_have_equal_fingerprints_whatever_their_order() -> None:
    first = fingerprint("k", 1, "m", {"a": 1, "b": [1, 2]})
    assert first == fingerprint("k", 1, "m", {"b": [1, 2], "a": 1})
    others = {
        fingerprint("j", 1, "m", {"a": 1, "b": [1, 2]}),
        fingerprint("k", 2, "m", {"a": 1, "b": [1, 2]}),
        fingerprint("k", 1, "n", {"a": 1, "b": [1, 2]}),
        fingerprint("k", 1, "m", {"a": 1, "b": [2, 1]}),
    }
    assert len(others | {first}) == 5


class Storage:
    """The two stubs of storage that the servicer uses."""

    def __init__(self) -> None:
        self.submitted: list[job_service_pb2.SubmitRunRequest] = []

    async def GetDrama(self, request: drama_service_pb2.GetDramaRequest) -> drama_service_pb2.GetDramaResponse:
        return drama_service_pb2.GetDramaResponse(drama=drama())

    async def ListTakes(self, request: drama_service_pb2.ListTakesRequest) -> drama_service_pb2.ListTakesResponse:
        return drama_service_pb2.ListTakesResponse(takes=takes())

    async def SubmitRun(self, request: job_service_pb2.SubmitRunRequest) -> job_service_pb2.SubmitRunResponse:
        self.submitted.append(request)
        return job_service_pb2.SubmitRunResponse(run=job_pb2.Run(public_id="job_1", kind=request.kind))


def servicer(monkeypatch: pytest.MonkeyPatch, storage: Storage, **values: Any) -> ImagingServicer:
    monkeypatch.setattr("services.imaging.servicer.drama_service_pb2_grpc.DramaServiceStub", lambda _: storage)
    monkeypatch.setattr("services.imaging.servicer.job_service_pb2_grpc.JobServiceStub", lambda _: storage)
    settings = ImagingSettings(_env_file=None, SFD_INTERNAL_SECRET="x" * 32, **values)
    channel: Any = None
    return ImagingServicer(channel, settings)


async def test_each_call_submits_one_run_of_its_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    storage, context = Storage(), None
    serves: Any = servicer(monkeypatch, storage)
    pb = imaging_service_pb2
    await serves.GeneratePortrait(
        pb.GeneratePortraitRequest(drama_id="d1", character_id="c1", request_id="r1"), context
    )
    await serves.GenerateCover(pb.GenerateCoverRequest(drama_id="d1"), context)
    reply = await serves.GenerateStoryboard(
        pb.GenerateStoryboardRequest(drama_id="d1", episode_id="ep01", scene_id="ep01_s01", prompt="fog"), context
    )
    assert reply.run.public_id == "job_1"
    assert [run.kind for run in storage.submitted] == ["portrait", "cover", "storyboard"]
    assert [run.jobs[0].kind for run in storage.submitted] == [
        "imaging.portrait",
        "imaging.cover",
        "imaging.storyboard",
    ]
    assert storage.submitted[0].request_id == "r1"
    assert {run.drama_id for run in storage.submitted} == {"d1"}
    board = storage.submitted[2].jobs[0]
    assert board.payload_type == picture_pb2.StoryboardInput.DESCRIPTOR.full_name
    assert json.loads(board.input_json)["prompt"] == "fog"
    assert [one["id"] for one in json.loads(board.input_json)["cast"]] == ["c2", "c0", "c4"]
    assert board.max_attempts == 3


async def test_painters_are_chosen_with_care(monkeypatch: pytest.MonkeyPatch) -> None:
    storage = Storage()
    serves: Any = servicer(monkeypatch, storage, OPENAI_API_KEY="sk-1", MAX_RETRIES=0)

    async def cover(**cast: str) -> None:
        options = story_pb2.Options(cast=story_pb2.Cast(**cast))
        await serves.GenerateCover(imaging_service_pb2.GenerateCoverRequest(drama_id="d1", options=options), None)

    await cover(painter="openai", painter_model="gpt-image-1")
    run = storage.submitted[-1]
    assert "is retired" in json.loads(run.metadata_json)["warnings"][0]
    assert json.loads(run.jobs[0].input_json)["brush"]["model"] == "gpt-image-2.5-flare"
    assert json.loads(run.jobs[0].metadata_json)["price_nano_usd"] == 20_000_000
    assert run.jobs[0].max_attempts == 1
    await cover(painter_model="gpt-image-2.5-sunburst")
    for cast, reason in (
        ({"painter": "gemini"}, "vendor_key_missing"),
        ({"painter": "dall-e"}, "unknown_vendor"),
        ({"painter": "openai", "painter_model": "none"}, "unknown_model"),
    ):
        with pytest.raises(InvalidInput) as raised:
            await cover(**cast)
        assert raised.value.reason == reason
        assert raised.value.field.startswith("options.cast")
    with pytest.raises(InvalidInput):
        await serves.GenerateCover(imaging_service_pb2.GenerateCoverRequest(), None)
    assert len(storage.submitted) == 2


def test_the_images_own_host_and_key_win() -> None:
    settings = ImagingSettings(
        _env_file=None,
        SFD_INTERNAL_SECRET="x" * 32,
        GEMINI_API_KEY="g",
        NANO_BANANA_API_KEY="n",
        NANO_BANANA_API_BASE="http://bananas.test",
    )
    assert (settings.images_base, settings.images_key.get_secret_value()) == ("http://bananas.test", "n")
    assert settings.missing("gemini") == ""
    assert settings.missing("openai") == "OPENAI_API_KEY"
    assert settings.missing("local") == ""
