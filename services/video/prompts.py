"""What a vendor's film maker is told. Pure text; the same input gives the same prompt, because prompts are part of fingerprints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from kit.media.specs import CharacterSpec, LineSpec
from kit.providers.catalogue import Model
from kit.providers.fitting import prompt_length

MAX_PROMPT = 8_000


@dataclass(frozen=True)
class Room:
    """How long a prompt may be, as its reader counts."""

    limit: int = MAX_PROMPT
    length: Callable[[str], int] = len


def room_of(model: Model) -> Room:
    """Returns how long a prompt a model takes; 8000 characters at most."""
    if model.film is None or not model.film.max_prompt:
        return Room()
    return Room(min(MAX_PROMPT, model.film.max_prompt), partial(prompt_length, model.film))


_LOOKS = {
    "anime": "high-end Japanese anime, clean line art, cel shading, soft rim light, fluid character animation",
    "realistic": "cinematic live action, natural skin, soft key light, shallow depth of field, 35 mm",
    "watercolor": "moving watercolour illustration, paper grain, soft edges",
    "comic": "moving graphic novel, bold inks, flat colours",
    "3d": "polished 3D animated feature film",
}
_LANGUAGES = {"en": "English", "zh": "Mandarin Chinese", "ko": "Korean"}
_FORMAT = (
    "Format: vertical 9:16, one continuous shot without cuts, faces inside the middle 80% of the width. No subtitles, captions, "
    "text, logos or watermarks: captions are added later."
)
_STARTS = "The film starts exactly from the reference picture and keeps its people, place, light and colours."
_SPECIES = "Every being keeps its species, face, hair, body and clothes from the first frame to the last."


def clip(
    description: str,
    picture: str,
    wish: str,
    present: Sequence[CharacterSpec],
    lines: Sequence[LineSpec],
    *,
    seconds: int,
    style: str,
    language: str,
    starts_from_picture: bool,
    room: Room = Room(),
) -> str:
    """Returns the prompt of one scene's film; `picture` describes its first frame, which is sent along when there is one.

    Where there is not room for all of it, what the picture shows anyway is left out first, what happens and is said last.
    """
    return _fitted(
        room,
        (6, f"One scene of a vertical short drama, {seconds} seconds."),
        (8, f"Scene: {_clean(description)}" if description.strip() else ""),
        (1 if starts_from_picture else 7, f"First frame: {_clean(picture)}" if picture.strip() else ""),
        (5, _STARTS if starts_from_picture else ""),
        (9, f"What happens: {_clean(wish)}" if wish.strip() else ""),
        (3, _people(present)),
        (10, _dialogue(present, lines, seconds, language)),
        (2, _voices(present, lines)),
        (0, _SPECIES if present else ""),
        (4, look(style)),
        (7, _FORMAT),
    )


def audition(
    who: CharacterSpec,
    *,
    seconds: int,
    style: str,
    language: str,
    starts_from_picture: bool,
    wish: str = "",
    room: Room = Room(),
) -> str:
    """Returns the prompt of an audition: one character, alone, tells who it is in the voice that is described, or does what `wish` says."""
    return _fitted(
        room,
        (9, f"Audition of one character of a vertical short drama, {seconds} seconds: {_described(who)}"),
        (
            4,
            "The film starts exactly from the reference picture, which is this character's portrait."
            if starts_from_picture
            else "",
        ),
        (
            10,
            f"What happens: {_clean(wish)}"
            if wish.strip()
            else "Front view, half body, alone before a simple background, eyes to the camera, natural small gestures.",
        ),
        (
            8,
            f"The character introduces itself and says what it wants, in {_LANGUAGES.get(language, language)}, with exact lip "
            f"movements; the last word ends before second {seconds - 0.5:g}."
            if not wish.strip()
            else "",
        ),
        (7, f"Voice, to be kept exactly: {_clean(who.voice_description)}" if who.voice_description.strip() else ""),
        (2, "Sound: this voice alone, close and clean, no music."),
        (0, _SPECIES),
        (3, look(style)),
        (6, _FORMAT),
    )


def look(style: str) -> str:
    """Returns the sentence that names the look; an unknown style is taken literally."""
    return f"Style: {_LOOKS.get(style.casefold(), f'{style} style, professional finish')}."


def _described(who: CharacterSpec) -> str:
    gender = f", {who.gender}" if who.gender not in ("", "other") else ""
    looks = _clean(who.description).rstrip(".")
    return f"{who.name}{gender}: {looks}." if looks else f"{who.name}{gender}."


def _people(present: Sequence[CharacterSpec]) -> str:
    return "In the scene: " + " ".join(_described(who) for who in present) if present else "Nobody is in the scene."


def _dialogue(present: Sequence[CharacterSpec], lines: Sequence[LineSpec], seconds: int, language: str) -> str:
    if not lines:
        return "Nobody speaks; natural sound of the place."
    names = {who.id: who.name for who in present}
    said = " ".join(
        f'{names.get(line.character_id, "Narrator")} ({line.emotion}): "{_clean(line.text)}"' for line in lines
    )
    return (
        f"Dialogue in {_LANGUAGES.get(language, language)}, word for word, in this order, with exact lip movements, ending before "
        f"second {seconds - 0.5:g}: {said}"
    )


def _voices(present: Sequence[CharacterSpec], lines: Sequence[LineSpec]) -> str:
    return " ".join(
        f"{who.name}'s voice: {_clean(who.voice_description).rstrip('.')}."
        for who in present
        if who.voice_description.strip() and any(line.character_id == who.id for line in lines)
    )


def _clean(text: str) -> str:
    return " ".join(text.split())


def _fitted(room: Room, *parts: tuple[int, str]) -> str:
    """Joins the parts that are not empty, the least important left out, and in the end the text cut, until there is room."""
    kept = [part for part in parts if part[1]]
    while len(kept) > 1 and room.length(_joined(kept)) > room.limit:
        kept.remove(min(kept, key=lambda part: part[0]))
    text = _joined(kept)[: room.limit]
    while room.length(text) > room.limit:
        text = text[: -max(1, (room.length(text) - room.limit) // 2)]
    return text


def _joined(parts: Sequence[tuple[int, str]]) -> str:
    return "\n".join(text for _, text in parts)
