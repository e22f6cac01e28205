"""POST /v1beta/models/{model}:generateContent (or /v1) for texts and pictures, and GET /v1beta/models."""

from __future__ import annotations

import base64
import secrets

from simulator.catalogue import Model
from simulator.content import pictures
from simulator.content.prompt import Prompt
from simulator.content.texts import tokens, write
from simulator.door import Answer, Ask, World
from simulator.faults import Fault
from simulator.gemini_face.errors import GeminiErrors, error, model_of
from simulator.jsons import Json, as_dict, as_int, as_list, as_str, compact, pick

_FIELDS = frozenset(
    {
        "contents",
        "generationConfig",
        "systemInstruction",
        "safetySettings",
        "tools",
        "toolConfig",
        "cachedContent",
        "labels",
    }
    | {"model", "generation_config", "system_instruction", "safety_settings", "tool_config", "cached_content", "store"}
    | {"serviceTier", "service_tier"}
)
_PIXELS = {
    "1:1": (1024, 1024),
    "2:3": (848, 1264),
    "3:2": (1264, 848),
    "3:4": (896, 1200),
    "4:3": (1200, 896),
    "4:5": (928, 1152),
    "5:4": (1152, 928),
    "9:16": (768, 1376),
    "16:9": (1376, 768),
    "21:9": (1584, 672),
    "1:4": (512, 2064),
    "4:1": (2064, 512),
    "1:8": (384, 3072),
    "8:1": (3072, 384),
}
"""Pixels at 1K."""
_SCALE = {"512": 0.5, "1K": 1.0, "2K": 2.0, "4K": 4.0}
_DEARER = {"512": 0.67, "1K": 1.0, "2K": 1.5, "4K": 2.25}
_IMAGE_TOKENS = 1120
_MAX_REFERENCES = 14
_BLOCKED = (
    "SAFETY",
    "PROHIBITED_CONTENT",
    "RECITATION",
    "BLOCKLIST",
    "IMAGE_SAFETY",
    "IMAGE_RECITATION",
    "NO_IMAGE",
    "OTHER",
)


class GenerateDesk:
    """Answers one generateContent call."""

    vendor, op = "gemini", "submit"
    errors = GeminiErrors()

    def __init__(self, world: World, kind: str) -> None:
        self._world = world
        self.kind = kind

    def look(self, ask: Ask) -> tuple[str, str]:
        """Check model, body, ratio, size and pictures; return (model, all words)."""
        model = model_of(self._world.catalogue, ask.params["model"])
        for name in ask.fields:
            if name not in _FIELDS:
                raise error(400, f'Invalid JSON payload received. Unknown name "{name}": Cannot find field.')
        if not _parts(ask):
            raise error(400, "* GenerateContentRequest.contents: contents is not specified")
        config = _config(ask)
        if model.kind == "text" and "IMAGE" in _modalities(config):
            raise error(400, "Model does not support the requested response modalities: image")
        if model.kind == "image":
            _pixels(config)
            self._check_references(ask)
        return model.id, _prompt(ask).text

    @staticmethod
    def _check_references(ask: Ask) -> None:
        inline = [as_dict(pick(p, "inlineData")) for p in _parts(ask) if pick(p, "inlineData")]
        if len(inline) > _MAX_REFERENCES:
            raise error(400, f"At most {_MAX_REFERENCES} input images are supported.")
        for item in inline:
            try:
                data = base64.b64decode(as_str(item.get("data")).translate(str.maketrans("-_", "+/")), validate=True)
            except ValueError as problem:
                raise error(
                    400, "Invalid value at 'inline_data.data' (TYPE_BYTES), Base64 decoding failed"
                ) from problem
            if pictures.size_of(data) is None:
                raise error(400, "Unable to process input image. Please retry or report it.")

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Return one candidate. Faults `refusal` (variant = finishReason or PROMPT) and `malformed` change it."""
        model = model_of(self._world.catalogue, ask.params["model"])
        prompt, config = _prompt(ask), _config(ask)
        if fault and fault.type == "refusal":
            reason = fault.variant or ("IMAGE_SAFETY" if model.kind == "image" else "SAFETY")
            return self._blocked(model, prompt, reason)
        return (
            self._picture(ask, model, prompt, config) if model.kind == "image" else _text(model, prompt, config, fault)
        )

    @staticmethod
    def _blocked(model: Model, prompt: Prompt, reason: str) -> Answer:
        if reason == "PROMPT":
            return _answer(model, None, tokens(prompt.text), 0, {}, 0, feedback="PROHIBITED_CONTENT")
        if reason not in _BLOCKED:
            raise error(400, f"x-sim-fault: unknown finish reason {reason}; known: {', '.join(_BLOCKED)}")
        candidate: Json = {
            "finishReason": reason,
            "index": 0,
            "finishMessage": f"Unable to show the generated content: {reason}.",
        }
        spent = tokens(prompt.text)
        return _answer(model, candidate, spent, 0, {"input_tokens": spent}, spent * model.price_in)

    @staticmethod
    def _picture(ask: Ask, model: Model, prompt: Prompt, config: Json) -> Answer:
        width, height, size = _pixels(config)
        references = sum(1 for p in _parts(ask) if pick(p, "inlineData") or pick(p, "fileData"))
        data = base64.b64encode(pictures.draw(prompt.user, width, height, "png", f"{model.id}:{references}")).decode()
        parts: list[Json] = [{"inlineData": {"mimeType": "image/png", "data": data}}]
        if "TEXT" in _modalities(config):
            parts.insert(0, {"text": "Here is the picture."})
        candidate: Json = {"content": {"parts": parts, "role": "model"}, "finishReason": "STOP", "index": 0}
        units: Json = {"images": 1, "size": size, "pixels": f"{width}x{height}", "references": references}
        spent = tokens(prompt.text) + references * 258
        return _answer(model, candidate, spent, _IMAGE_TOKENS, units, int(model.price_out * _DEARER[size]))


def _text(model: Model, prompt: Prompt, config: Json, fault: Fault | None) -> Answer:
    schema = as_dict(pick(config, "responseJsonSchema") or pick(config, "responseSchema")) or None
    any_json = pick(config, "responseMimeType") == "application/json"
    if schema and not any_json:
        raise error(400, "response_schema is only supported with response_mime_type application/json")
    limit = as_int(pick(config, "maxOutputTokens"), 0) or None
    made = write(prompt, schema, any_json, limit, fault)
    candidate: Json = {"content": {"parts": [{"text": made.text}], "role": "model"}, "index": 0}
    candidate["finishReason"] = "MAX_TOKENS" if made.ending == "length" else "STOP"
    units: Json = {"input_tokens": made.tokens_in, "output_tokens": made.tokens_out}
    price = made.tokens_in * model.price_in + made.tokens_out * model.price_out
    return _answer(model, candidate, made.tokens_in, made.tokens_out, units, price)


def _answer(
    model: Model, candidate: Json | None, spent: int, out: int, units: Json, price: int, feedback: str = ""
) -> Answer:
    identity = secrets.token_urlsafe(16)
    usage: Json = {"promptTokenCount": spent, "candidatesTokenCount": out, "totalTokenCount": spent + out}
    usage["promptTokensDetails"] = [{"modality": "TEXT", "tokenCount": spent}]
    body: Json = {"usageMetadata": usage, "modelVersion": model.id, "responseId": identity}
    if candidate is not None:
        body["candidates"] = [candidate]
    if feedback:
        body["promptFeedback"] = {"blockReason": feedback}
    headers = {"content-type": "application/json; charset=UTF-8"}
    return Answer(compact(body), headers=headers, units=units, price=price, operation=identity)


def _config(ask: Ask) -> Json:
    return as_dict(pick(ask.fields, "generationConfig"))


def _modalities(config: Json) -> list[str]:
    named = [as_str(m).upper() for m in as_list(pick(config, "responseModalities"))]
    return named or ["TEXT"]


def _parts(ask: Ask) -> list[Json]:
    contents = ask.fields.get("contents")
    turns = contents if isinstance(contents, list) else [contents]
    return [as_dict(p) for turn in turns for p in as_list(as_dict(turn).get("parts"))]


def _prompt(ask: Ask) -> Prompt:
    system = as_list(as_dict(pick(ask.fields, "systemInstruction")).get("parts"))
    words = [as_str(as_dict(p).get("text")) for p in system]
    return Prompt("\n".join(words), "\n".join(as_str(p.get("text")) for p in _parts(ask) if p.get("text")))


def _pixels(config: Json) -> tuple[int, int, str]:
    """Return width, height and the size's name; raise 400 for a ratio or size that does not exist."""
    image = as_dict(pick(config, "imageConfig"))
    ratio, size = as_str(pick(image, "aspectRatio")) or "1:1", as_str(pick(image, "imageSize")) or "1K"
    if ratio not in _PIXELS:
        raise error(400, f"Invalid aspect ratio: {ratio}. Supported: {', '.join(_PIXELS)}.")
    if size not in _SCALE:
        raise error(400, f"Invalid image size: {size}. Supported: {', '.join(_SCALE)}.")
    width, height = _PIXELS[ratio]
    return int(width * _SCALE[size]), int(height * _SCALE[size]), size


class GeminiModelsDesk:
    """GET /v1beta/models and /v1beta/models/{model}."""

    vendor, kind, op = "gemini", "models", "models"
    errors = GeminiErrors()

    def __init__(self, world: World) -> None:
        self._world = world

    def look(self, ask: Ask) -> tuple[str, str]:
        """Nothing to check."""
        return ask.params.get("model", ""), ""

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Return the list or the one model."""
        if name := ask.params.get("model"):
            return Answer.of(_view(model_of(self._world.catalogue, name)))
        return Answer.of({"models": [_view(m) for m in self._world.catalogue.of("gemini")]})


def _view(model: Model) -> Json:
    return {
        "name": f"models/{model.id}",
        "version": "001",
        "displayName": model.id,
        "inputTokenLimit": 1048576,
        "outputTokenLimit": 65536,
        "supportedGenerationMethods": ["generateContent", "countTokens"],
    }
