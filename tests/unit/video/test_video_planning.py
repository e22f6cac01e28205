"""A film planned here is the one that the story service's planner would plan; prompts of vendors' films."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kit.errors import InvalidInput, NotFound, NotReady
from kit.media.specs import CharacterSpec, LineSpec
from kit.providers.catalogue import load, resolve
from kit.providers.dramas import drama_film
from kit.providers.pricing import OwnPrices
from services.story.crew import Crew as StoryCrew
from services.story.plan_assets import episode_steps
from services.story.plan_jobs import Workshop
from services.story.plan_step import Portraits
from services.story.planner import identities
from services.video import planning, prompts
from services.video.config import VideoSettings
from services.video.keyring import Keys
from services.video.planning import Crew
from services.video.servicer import VideoServicer
from sfd.dramas.v1 import drama_pb2, drama_service_pb2
from sfd.jobs.v1 import job_pb2, job_service_pb2
from sfd.story.v1 import story_pb2
from sfd.usage.v1.usage_pb2 import Price
from sfd.video.v1 import video_service_pb2


def drama() -> drama_pb2.Drama:
    cast = [
        drama_pb2.Character(
            id=f"c{n}", name=f"Name {n}", description="tall", gender="male", voice_description="low", url="http://x"
        )
        for n in range(3)
    ]
    scenes = [drama_pb2.Scene(id=f"s{n}", description="A pier") for n in range(3)]
    return drama_pb2.Drama(
        id="d1",
        title="밤의 배",
        description="배가 사라진다",
        premise="a ferry",
        characters=cast,
        episodes=[drama_pb2.Episode(id="ep01", scenes=scenes), drama_pb2.Episode(id="ep02")],
    )


def takes(*scenes: str) -> list[drama_pb2.Take]:
    clips = [drama_pb2.Take(slot=f"scene:{s}:clip", asset_id=f"a-{s}", fingerprint=f"f-{s}", live=True) for s in scenes]
    return [*clips, drama_pb2.Take(slot="character:c1:portrait", asset_id="p1", sha256="abc", live=True)]


def _head(job: job_pb2.NewJob) -> tuple[str, str, str]:
    return job.kind, job.queue, job.payload_type


@pytest.mark.parametrize("filmer", ["local", "openai"])
@pytest.mark.parametrize("options", [story_pb2.Options(), story_pb2.Options(style="comic", seed=9, language="zh")])
def test_an_audition_is_the_planners(filmer: str, options: story_pb2.Options) -> None:
    model = resolve("video", filmer).model
    local = resolve("text", "local").model
    shop = Workshop(drama(), StoryCrew(local, resolve("image", "local").model, model, model, options))
    for number in (0, 1):
        ours = planning.audition_job(drama(), f"c{number}", takes(), Crew(model, options))
        theirs = shop.audition(drama().characters[number], Portraits(live=identities(takes())))
        assert json.loads(ours.input_json) == json.loads(theirs.job.input_json)
        assert json.loads(ours.metadata_json) == json.loads(theirs.job.metadata_json)
        assert (ours.step, ours.kind, ours.queue, ours.payload_type) == ("audition:" + f"c{number}", *_head(theirs.job))


def test_an_episode_of_live_clips_has_the_fingerprint_of_a_produced_one() -> None:
    local = resolve("text", "local").model
    video = resolve("video", "local").model
    shop = Workshop(drama(), StoryCrew(local, resolve("image", "local").model, video, video, story_pb2.Options()))
    steps, _ = episode_steps(shop, "ep01", drama().episodes[0].scenes, Portraits())
    clips = [step for step in steps if step.job.kind == "video.clip"]
    live = [
        drama_pb2.Take(slot=clip.slot, asset_id=f"a{n}", fingerprint=clip.fingerprint, live=True)
        for n, clip in enumerate(clips)
    ]
    ours = planning.assemble_job(drama(), "ep01", reversed(live))
    told = json.loads(ours.input_json)
    assert told["fingerprint"] == shop.assemble("ep01", clips).fingerprint
    assert told["stored_asset_ids"] == ["a0", "a1", "a2"]
    assert "clip_steps" not in told


def test_scenes_without_a_clip_are_named() -> None:
    with pytest.raises(NotReady, match=r"s0, s2\."):
        planning.assemble_job(drama(), "ep01", takes("s1"))
    dead = takes("s0", "s1", "s2")
    dead[1].live = False
    with pytest.raises(NotReady, match=r"no clip yet: s1\."):
        planning.assemble_job(drama(), "ep01", dead)
    with pytest.raises(NotReady, match="ep02 has no scenes"):
        planning.assemble_job(drama(), "ep02", [])
    with pytest.raises(NotFound, match="ep9"):
        planning.assemble_job(drama(), "ep9", [])
    with pytest.raises(NotFound, match="cx"):
        planning.audition_job(drama(), "cx", [], Crew(resolve("video", "local").model, story_pb2.Options()))


class Storage:
    def __init__(self) -> None:
        self.submitted: list[job_service_pb2.SubmitRunRequest] = []

    async def GetDrama(self, request: drama_service_pb2.GetDramaRequest) -> drama_service_pb2.GetDramaResponse:
        return drama_service_pb2.GetDramaResponse(drama=drama())

    async def ListTakes(self, request: drama_service_pb2.ListTakesRequest) -> drama_service_pb2.ListTakesResponse:
        return drama_service_pb2.ListTakesResponse(takes=takes("s0", "s1", "s2"))

    async def SubmitRun(self, request: job_service_pb2.SubmitRunRequest) -> job_service_pb2.SubmitRunResponse:
        self.submitted.append(request)
        return job_service_pb2.SubmitRunResponse(run=job_pb2.Run(public_id="job_1", kind=request.kind))


async def test_each_call_submits_one_run_of_its_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    storage = Storage()
    monkeypatch.setattr("services.video.servicer.drama_service_pb2_grpc.DramaServiceStub", lambda _: storage)
    monkeypatch.setattr("services.video.servicer.job_service_pb2_grpc.JobServiceStub", lambda _: storage)
    settings = VideoSettings(_env_file=None, SFD_INTERNAL_SECRET="x" * 32)
    nobody: Any = None
    serves: Any = VideoServicer(nobody, Keys({}), nobody, settings)
    pb = video_service_pb2
    await serves.GenerateAudition(pb.GenerateAuditionRequest(drama_id="d1", character_id="c1", request_id="r1"), None)
    reply = await serves.AssembleEpisode(pb.AssembleEpisodeRequest(drama_id="d1", episode_id="ep01"), None)
    assert reply.run.kind == "assemble"
    assert [(run.kind, run.jobs[0].kind, run.jobs[0].queue) for run in storage.submitted] == [
        ("audition", "video.audition", "video"),
        ("assemble", "video.assemble", "video"),
    ]
    assert storage.submitted[0].request_id == "r1"
    options = story_pb2.Options(cast=story_pb2.Cast(filmer="openai"))
    with pytest.raises(InvalidInput) as raised:
        await serves.GenerateAudition(
            pb.GenerateAuditionRequest(drama_id="d1", character_id="c1", options=options), None
        )
    assert raised.value.reason == "vendor_key_missing"


class Ring:
    """An account with a key of Runway."""

    async def open(self, account_id: str, key_id: str) -> str:
        return "secret"

    async def living(self, account_id: str) -> list[tuple[str, str]]:
        return [("key-1", "runway")]


class Own:
    """An account that pays less."""

    async def of(self, account_id: str) -> OwnPrices:
        return OwnPrices([Price(vendor="runway", model="gen4.5", unit="seconds", nano_usd=1_000)])


async def test_an_audition_is_filmed_by_every_vendor_with_the_accounts_key_and_price(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    storage = Storage()
    monkeypatch.setattr("services.video.servicer.drama_service_pb2_grpc.DramaServiceStub", lambda _: storage)
    monkeypatch.setattr("services.video.servicer.job_service_pb2_grpc.JobServiceStub", lambda _: storage)
    settings = VideoSettings(_env_file=None, SFD_INTERNAL_SECRET="x" * 32)
    nobody: Any = None
    own: Any = Own()
    serves: Any = VideoServicer(nobody, Keys({}, Ring()), own, settings)
    ask = video_service_pb2.GenerateAuditionRequest(drama_id="d1", character_id="c1")
    ask.options.cast.filmer = "runway"
    await serves.GenerateAudition(ask, None)
    labels = json.loads(storage.submitted[0].jobs[0].metadata_json)
    assert (labels["model"], labels["price_nano_usd"]) == ("runway/gen4.5", 10_000)
    ask.options.cast.filmer = "kling"
    with pytest.raises(InvalidInput, match="KLING_API_KEY is not set"):
        await serves.GenerateAudition(ask, None)
    ask.options.cast.filmer_model = "who-knows"
    with pytest.raises(InvalidInput) as unknown:
        await serves.GenerateAudition(ask, None)
    assert unknown.value.field == "options.cast.filmer_model"


def test_films_own_host_and_key_win() -> None:
    settings = VideoSettings(
        _env_file=None, SFD_INTERNAL_SECRET="x" * 32, OPENAI_API_KEY="o", SORA_API_BASE="http://films.test/v1"
    )
    assert (settings.films_base, settings.films_key.get_secret_value()) == ("http://films.test/v1", "o")
    assert settings.film_key_missing("openai") == ""
    assert (settings.film_key_missing("runway"), settings.film_key_missing("local")) == ("RUNWAYML_API_SECRET", "")


MINA = CharacterSpec("c_mina", "Mina", "A detective in a red coat.", "female", "low, dry, unhurried")


def test_a_clips_prompt_has_the_words_the_voices_and_the_format() -> None:
    lines = [LineSpec("c_mina", "Where is  the ferry?", "angry"), LineSpec("", "Night fell.")]
    text = prompts.clip(
        "A pier", "rain", "waves", [MINA], lines, seconds=10, style="anime", language="en", starts_from_picture=True
    )
    for part in (
        'Mina (angry): "Where is the ferry?"',
        'Narrator (neutral): "Night fell."',
        "Mina's voice: low, dry, unhurried.",
    ):
        assert part in text
    for part in ("9:16", "English", "second 9.5", "starts exactly from the reference picture", "No subtitles", "anime"):
        assert part in text
    silent = prompts.clip("A pier", "", "", [], [], seconds=10, style="x", language="ko", starts_from_picture=False)
    assert "Nobody speaks" in silent
    assert "reference picture" not in silent


def test_an_auditions_prompt_carries_the_voice_description() -> None:
    text = prompts.audition(MINA, seconds=10, style="anime", language="zh", starts_from_picture=True)
    assert "low, dry, unhurried" in text
    assert "Mandarin Chinese" in text
    assert "portrait" in text


def test_a_short_prompt_keeps_what_happens_and_is_said() -> None:
    gen = load().resolve("video", "runway").model
    room = prompts.room_of(gen)
    lines = [LineSpec("c_mina", "Where is the ferry?", "angry")]
    full = prompts.clip(
        "A pier \U0001f30a" * 60,
        "rain",
        "waves",
        [MINA],
        lines,
        seconds=10,
        style="anime",
        language="en",
        starts_from_picture=True,
    )
    short = prompts.clip(
        "A pier \U0001f30a" * 60,
        "rain",
        "waves",
        [MINA],
        lines,
        seconds=10,
        style="anime",
        language="en",
        starts_from_picture=True,
        room=room,
    )
    assert room.length(full) > room.limit >= room.length(short)
    for part in ("What happens: waves", '"Where is the ferry?"', "9:16"):
        assert part in short
    assert "First frame: rain" not in short, "the picture shows it"
    assert drama_film(gen, short, 10).prompt == short
    endless = prompts.audition(
        MINA, seconds=10, style="x", language="en", starts_from_picture=True, wish="\U0001f30a" * 5000, room=room
    )
    assert room.length(endless) <= room.limit
    assert prompts.room_of(load().resolve("video", "local").model).limit == prompts.MAX_PROMPT
