"""Google's own SDK, unmodified, against the simulator."""

from __future__ import annotations

import io
import json

import pytest
from google import genai
from google.genai import errors, types
from PIL import Image
from pydantic import BaseModel

from simulator.testing import RunningSimulator

CAST = [{"id": "char_min", "name": "민서"}, {"id": "char_do", "name": "도윤"}]


class Line(BaseModel):
    character_id: str
    text: str


class Scene(BaseModel):
    id: str
    description: str
    dialogue: list[Line]


class Scenes(BaseModel):
    scenes: list[Scene]


def picture() -> types.Part:
    target = io.BytesIO()
    Image.new("RGB", (32, 32), (10, 90, 160)).save(target, "PNG")
    return types.Part.from_bytes(data=target.getvalue(), mime_type="image/png")


def test_text_follows_a_pydantic_schema_and_the_cast(gemini_client: genai.Client, sim: RunningSimulator) -> None:
    words = json.dumps(
        {"premise": "등대지기의 비밀 편지", "episode": {"id": "ep02"}, "characters": CAST}, ensure_ascii=False
    )
    answer = gemini_client.models.generate_content(
        model="gemini-3.8-flash",
        contents=words,
        config=types.GenerateContentConfig(response_mime_type="application/json", response_schema=Scenes),
    )
    assert isinstance(answer.parsed, Scenes)
    assert [s.id for s in answer.parsed.scenes] == ["ep02_s01", "ep02_s02", "ep02_s03"]
    assert {line.character_id for s in answer.parsed.scenes for line in s.dialogue} == {"char_min", "char_do"}
    assert any(
        "등대지기" in s.description or "비밀" in s.description or "편지" in s.description for s in answer.parsed.scenes
    )
    assert answer.usage_metadata is not None
    units = sim.ledger()[0]["units"]
    assert units == {
        "input_tokens": answer.usage_metadata.prompt_token_count,
        "output_tokens": answer.usage_metadata.candidates_token_count,
    }


def test_text_follows_a_json_schema_and_stops_at_the_limit(gemini_client: genai.Client) -> None:
    config = types.GenerateContentConfig(
        response_mime_type="application/json", response_json_schema=Scenes.model_json_schema()
    )
    answer = gemini_client.models.generate_content(model="gemini-3.8-flash", contents="A lost violin.", config=config)
    Scenes.model_validate_json(answer.text or "")
    config.max_output_tokens = 20
    cut = gemini_client.models.generate_content(model="gemini-3.8-flash", contents="A lost violin.", config=config)
    assert cut.candidates is not None
    assert cut.candidates[0].finish_reason == types.FinishReason.MAX_TOKENS
    with pytest.raises(ValueError, match="JSON"):
        Scenes.model_validate_json(cut.text or "")


def test_picture_with_references(gemini_client: genai.Client, sim: RunningSimulator) -> None:
    answer = gemini_client.models.generate_content(
        model="gemini-nano-banana-2.1",
        contents=types.Content(role="user", parts=[types.Part(text="Elin at dusk"), picture(), picture()]),
        config=types.GenerateContentConfig(
            response_modalities=["IMAGE"], image_config=types.ImageConfig(aspect_ratio="9:16", image_size="1K")
        ),
    )
    (part,) = answer.parts or []
    assert part.inline_data is not None
    assert part.inline_data.data is not None
    assert Image.open(io.BytesIO(part.inline_data.data)).size == (768, 1376)
    assert sim.ledger()[0]["units"] == {"images": 1, "size": "1K", "pixels": "768x1376", "references": 2}
    assert sim.ledger()[0]["price_nano_usd"] == 67_000_000


@pytest.mark.parametrize("reason", ["SAFETY", "IMAGE_SAFETY", "NO_IMAGE"])
def test_blocked_candidates(gemini_client: genai.Client, sim: RunningSimulator, reason: str) -> None:
    sim.fault("refusal", variant=reason)
    answer = gemini_client.models.generate_content(model="gemini-nano-banana-2.1", contents="Elin")
    assert answer.candidates is not None
    assert answer.candidates[0].finish_reason == types.FinishReason(reason)
    assert not answer.parts


def test_blocked_prompt(gemini_client: genai.Client, sim: RunningSimulator) -> None:
    sim.fault("refusal", variant="PROMPT")
    answer = gemini_client.models.generate_content(model="gemini-3.8-flash", contents="Elin")
    assert not answer.candidates
    assert answer.prompt_feedback is not None
    assert answer.prompt_feedback.block_reason == types.BlockedReason.PROHIBITED_CONTENT


@pytest.mark.parametrize(
    ("key", "code", "status"),
    [("g-bad", 400, "INVALID_ARGUMENT"), ("g-quota", 429, "RESOURCE_EXHAUSTED")],
)
def test_keys(sim: RunningSimulator, key: str, code: int, status: str) -> None:
    with (
        genai.Client(api_key=key, http_options=types.HttpOptions(base_url=sim.gemini_base)) as client,
        pytest.raises(errors.ClientError) as refused,
    ):
        client.models.generate_content(model="gemini-3.8-flash", contents="x")
    assert (refused.value.code, refused.value.status) == (code, status)
    assert sim.ledger() == []


@pytest.mark.parametrize("model", ["gemini-99", "gemini-2.5-flash-image"])
def test_models_that_are_not_there(gemini_client: genai.Client, model: str) -> None:
    with pytest.raises(errors.ClientError) as refused:
        gemini_client.models.generate_content(model=model, contents="x")
    assert (refused.value.code, refused.value.status) == (404, "NOT_FOUND")


def test_illegal_ratio_and_the_list(gemini_client: genai.Client) -> None:
    config = types.GenerateContentConfig(image_config=types.ImageConfig(aspect_ratio="7:5"))
    with pytest.raises(errors.ClientError) as refused:
        gemini_client.models.generate_content(model="gemini-nano-banana-2.1", contents="x", config=config)
    assert refused.value.code == 400
    assert "models/gemini-3.8-flash" in [m.name for m in gemini_client.models.list()]
