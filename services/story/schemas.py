"""JSON schemas of answers, in the strict form that structured outputs take: closed objects, every property required, no default."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

_DROPPED = ("default", "title")


class VoiceLite(BaseModel):
    """A voice, described again."""

    character_id: str
    voice_description: str


class Voices(BaseModel):
    """The answer to the second question: the voices that were incomplete."""

    voices: list[VoiceLite]


def strict(model: type[BaseModel]) -> dict[str, Any]:
    """Returns the schema of a model; optional fields stay nullable and become required, as strict structured outputs ask."""
    closed = _closed(model.model_json_schema())
    if not isinstance(closed, dict):
        raise TypeError(f"{model.__name__} is no object")
    return closed


def _closed(part: Any) -> Any:
    if isinstance(part, list):
        return [_closed(item) for item in part]
    if not isinstance(part, dict):
        return part
    if isinstance(part.get("properties"), dict):
        names = {name: _closed(value) for name, value in part["properties"].items()}
        rest = {key: _closed(value) for key, value in part.items() if key not in (*_DROPPED, "properties", "required")}
        return {**rest, "properties": names, "required": list(names), "additionalProperties": False}
    return {key: _closed(value) for key, value in part.items() if key not in _DROPPED}
