"""What the painters and the film makers are told: plain, picklable descriptions of people, lines and scenes."""

from __future__ import annotations

from dataclasses import dataclass, field

LANGUAGES = ("en", "zh", "ko")
"""Languages the local writer, voices and fonts know, as ISO 639-1 codes."""

EMOTIONS = ("neutral", "happy", "sad", "angry", "afraid", "surprised", "tender", "determined")
"""Emotions a line or a face can carry; anything else is treated as `neutral`."""


@dataclass(frozen=True)
class CharacterSpec:
    """One member of the cast, as the drama describes it.

    `id` is unique within the drama; `gender` is free text (`male`, `female`, `other`); `description` holds looks and role;
    `voice_description` names tone, pitch, pace, accent, emotional quality and speaking style.
    """

    id: str
    name: str
    description: str
    gender: str = "other"
    voice_description: str = ""
    main: bool = False


@dataclass(frozen=True)
class LineSpec:
    """One spoken line of a scene. `character_id` may be empty for a narrator; `emotion` is one of `EMOTIONS`."""

    character_id: str
    text: str
    emotion: str = "neutral"


@dataclass(frozen=True)
class SceneSpec:
    """One scene: what is seen (`description`, `prompt`), who is in it and what they say, in order.

    `seed` makes every choice that is left to the painter or film maker repeatable. `language` is one of `LANGUAGES`.
    """

    id: str
    description: str
    prompt: str
    cast: tuple[CharacterSpec, ...]
    lines: tuple[LineSpec, ...] = field(default_factory=tuple)
    language: str = "en"
    style: str = "anime"
    seed: int = 0
