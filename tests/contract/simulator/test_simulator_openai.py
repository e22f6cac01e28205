"""OpenAI's own SDK, unmodified, against the simulator."""

from __future__ import annotations

import base64
import io
import subprocess
from pathlib import Path
from typing import Literal

import imageio_ffmpeg
import openai
import pytest
from openai import OpenAI
from openai.types.chat import ChatCompletion
from openai.types.responses import ParsedResponseOutputMessage
from PIL import Image
from pydantic import BaseModel, Field

from simulator.testing import RunningSimulator

PREMISE = "A lighthouse keeper named Elin hides a stolen violin from the harbour police. 3 episodes."


class Asset(BaseModel):
    id: str
    kind: Literal["image", "video"]
    depends_on: list[str]
    prompt: str
    duration: int | None


class Scene(BaseModel):
    id: str
    description: str
    assets: list[Asset] = Field(description="exactly 2: one image and one video")


class Person(BaseModel):
    id: str
    name: str
    gender: str
    voice_description: str
    main: bool


class Episode(BaseModel):
    id: str
    title: str
    scenes: list[Scene]


class Drama(BaseModel):
    title: str
    description: str
    characters: list[Person]
    episodes: list[Episode]


def picture(width: int = 64, height: int = 64) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (width, height), (10, 90, 160)).save(target, "PNG")
    return target.getvalue()


def test_chat_parse_gives_a_valid_drama_of_the_premise(openai_client: OpenAI, sim: RunningSimulator) -> None:
    done = openai_client.chat.completions.parse(
        model="gpt-6-luna", messages=[{"role": "user", "content": PREMISE}], response_format=Drama
    )
    drama = done.choices[0].message.parsed
    assert drama is not None
    assert [e.id for e in drama.episodes] == ["ep01", "ep02", "ep03"]
    assert "Elin" in [c.name for c in drama.characters]
    assert 1 <= sum(c.main for c in drama.characters) <= 2
    people = {c.id for c in drama.characters}
    for quality in ("tone", "pitch", "pace", "accent", "emotional quality", "speaking style"):
        assert quality in drama.characters[0].voice_description.lower()
    ids = [a.id for e in drama.episodes for s in e.scenes for a in s.assets]
    assert len(ids) == len(set(ids))
    for scene in (s for e in drama.episodes for s in e.scenes):
        image, video = scene.assets
        assert (image.kind, video.kind) == ("image", "video")
        assert set(image.depends_on) <= people
        assert 1 <= len(image.depends_on) <= 3
        assert video.depends_on == [image.id]
        assert image.duration is None
    (entry,) = sim.ledger()
    assert done.usage is not None
    assert entry["units"] == {"input_tokens": done.usage.prompt_tokens, "output_tokens": done.usage.completion_tokens}
    assert entry["price_nano_usd"] == done.usage.prompt_tokens * 1250 + done.usage.completion_tokens * 10_000


def test_responses_parse_and_metadata(openai_client: OpenAI, sim: RunningSimulator) -> None:
    answer = openai_client.responses.parse(
        model="gpt-5.6-sol", input=PREMISE, text_format=Drama, metadata={"sfd_submission": "sub-7"}
    )
    assert answer.status == "completed"
    assert answer.output_parsed is not None
    assert sim.ledger()[0]["submission"] == "sub-7"
    assert sim.ledger()[0]["operation"] == answer.id


def test_responses_incomplete_and_refusal(openai_client: OpenAI, sim: RunningSimulator) -> None:
    short = openai_client.responses.create(model="gpt-5.6-sol", input=PREMISE, max_output_tokens=16)
    assert short.status == "incomplete"
    assert short.incomplete_details is not None
    assert short.incomplete_details.reason == "max_output_tokens"
    sim.fault("refusal")
    refused = openai_client.responses.parse(model="gpt-5.6-sol", input=PREMISE, text_format=Drama)
    assert refused.output_parsed is None
    message = refused.output[0]
    assert isinstance(message, ParsedResponseOutputMessage)
    assert message.content[0].type == "refusal"


def test_images_generate_and_edit(openai_client: OpenAI, sim: RunningSimulator) -> None:
    made = openai_client.images.generate(
        model="gpt-image-2.5-flare", prompt="Elin at dusk", size="1024x1536", quality="low"
    )
    assert made.data is not None
    assert Image.open(io.BytesIO(base64.b64decode(made.data[0].b64_json or ""))).size == (1024, 1536)
    edited = openai_client.images.edit(
        model="gpt-image-2.5-flare",
        prompt="Elin at dusk",
        image=[picture(), picture()],
        size="1024x1536",
        quality="low",
    )
    assert edited.usage is not None
    assert edited.usage.input_tokens_details.image_tokens > 0
    assert edited.data is not None
    assert edited.data[0].b64_json != made.data[0].b64_json
    assert [e["kind"] for e in sim.ledger()] == ["image", "image"]


def test_video_create_and_poll_and_download(openai_client: OpenAI, sim: RunningSimulator, tmp_path: Path) -> None:
    video = openai_client.videos.create_and_poll(
        model="sim-video-1",
        prompt="waves",
        seconds="8",
        size="720x1280",
        input_reference=("a.png", picture(), "image/png"),
    )
    assert video.status == "completed"
    target = tmp_path / "film.mp4"
    openai_client.videos.download_content(video.id).write_to_file(target)
    shown = subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-i", str(target)], capture_output=True, text=True).stderr
    assert "h264" in shown
    assert "720x1280" in shown
    assert "aac" in shown
    assert "01.0" in shown
    thumbnail = openai_client.videos.download_content(video.id, variant="thumbnail").read()
    assert Image.open(io.BytesIO(thumbnail)).format == "WEBP"
    again = openai_client.videos.remix(video.id, prompt="calm sea")
    assert again.remixed_from_video_id == video.id
    assert [v.id for v in openai_client.videos.list(limit=1)] == [again.id, video.id]
    openai_client.videos.delete(video.id)
    with pytest.raises(openai.NotFoundError):
        openai_client.videos.retrieve(video.id)
    assert [e["price_nano_usd"] for e in sim.ledger()] == [800_000_000, 800_000_000]


def test_jobs_belong_to_their_key(openai_client: OpenAI) -> None:
    video = openai_client.videos.create(model="sim-video-1", prompt="waves")
    other = openai_client.with_options(api_key="sk-other")
    assert list(other.videos.list()) == []
    with pytest.raises(openai.NotFoundError):
        other.videos.retrieve(video.id)


def test_idempotency_kinds(openai_client: OpenAI, sim: RunningSimulator) -> None:
    header = {"Idempotency-Key": "k1"}
    ids = [openai_client.videos.create(model="sim-video-replay", prompt="x", extra_headers=header).id for _ in range(2)]
    assert ids[0] == ids[1]
    header = {"Idempotency-Key": "k2"}
    openai_client.videos.create(model="sim-video-reject", prompt="x", extra_headers=header)
    with pytest.raises(openai.UnprocessableEntityError):
        openai_client.videos.create(model="sim-video-reject", prompt="x", extra_headers=header)
    blind = openai_client.videos.create(model="sim-video-blind", prompt="x")
    assert blind.id not in [v.id for v in openai_client.videos.list()]
    assert len(sim.ledger()) == 3


def test_refusals_are_the_vendors_own(openai_client: OpenAI, sim: RunningSimulator) -> None:
    def chat(client: OpenAI, model: str = "gpt-6-luna", **extra: object) -> ChatCompletion:
        return client.chat.completions.create(
            model=model, messages=[{"role": "user", "content": "hello"}], extra_body=extra
        )

    with pytest.raises(openai.AuthenticationError) as bad:
        openai_client.with_options(api_key="sk-bad").models.list()
    assert bad.value.code == "invalid_api_key"
    with pytest.raises(openai.RateLimitError) as poor:
        chat(openai_client.with_options(api_key="sk-quota"))
    assert poor.value.code == "insufficient_quota"
    with pytest.raises(openai.NotFoundError) as unknown:
        chat(openai_client, "gpt-99")
    assert unknown.value.code == "model_not_found"
    with pytest.raises(openai.NotFoundError, match="deprecated"):
        openai_client.videos.create(model="sora-2", prompt="x")
    with pytest.raises(openai.BadRequestError):
        openai_client.images.generate(model="gpt-image-2.5-flare", prompt="x", extra_body={"size": "1000x10"})
    with pytest.raises(openai.BadRequestError):
        openai_client.videos.create(model="sim-video-1", prompt="x", extra_body={"seconds": "5"})
    loose = {
        "type": "json_schema",
        "json_schema": {"name": "x", "strict": True, "schema": {"type": "object", "properties": {}}},
    }
    with pytest.raises(openai.BadRequestError, match="additionalProperties"):
        chat(openai_client, response_format=loose)
    assert openai_client.models.retrieve("gpt-5").shutdown_date == "2026-12-11"
    assert sim.ledger() == []
