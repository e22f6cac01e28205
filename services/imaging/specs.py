"""From messages of the contract to the plain descriptions that painters take."""

from __future__ import annotations

from collections.abc import Iterable

from kit.media.specs import EMOTIONS, LANGUAGES, CharacterSpec, LineSpec
from sfd.dramas.v1 import drama_pb2
from sfd.imaging.v1 import picture_pb2

DEFAULT_STYLE = "anime"
"""The look of a drama that names none."""


def character(message: drama_pb2.Character) -> CharacterSpec:
    """Returns one member of the cast."""
    return CharacterSpec(
        id=message.id,
        name=message.name,
        description=message.description,
        gender=message.gender or "other",
        voice_description=message.voice_description,
        main=message.main,
    )


def characters(messages: Iterable[drama_pb2.Character]) -> tuple[CharacterSpec, ...]:
    """Returns the cast in its order."""
    return tuple(character(message) for message in messages)


def lines(messages: Iterable[picture_pb2.Line]) -> tuple[LineSpec, ...]:
    """Returns the spoken lines in their order; an unknown emotion becomes `neutral`."""
    return tuple(
        LineSpec(line.character_id, line.text, line.emotion if line.emotion in EMOTIONS else "neutral")
        for line in messages
    )


def language(code: str) -> str:
    """Returns a language that the local painters know; English for any other."""
    return code if code in LANGUAGES else "en"


def style(name: str) -> str:
    """Returns the look to draw in."""
    return name.strip() or DEFAULT_STYLE
