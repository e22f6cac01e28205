"""What a vendor's film maker is told. Pure text; the same input gives the same prompt, because prompts are part of fingerprints."""

from __future__ import annotations

from collections.abc import Sequence

from kit.media.specs import CharacterSpec, LineSpec

MAX_PROMPT = 8_000

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
) -> str:
    """Returns the prompt of one scene's film; `picture` describes its first frame, which is sent along when there is one."""
    return _join(
        f"One scene of a vertical short drama, {seconds} seconds.",
        f"Scene: {_clean(description)}" if description.strip() else "",
        f"First frame: {_clean(picture)}" if picture.strip() else "",
        "The film starts exactly from the reference picture and keeps its people, place, light and colours."
        if starts_from_picture
        else "",
        f"What happens: {_clean(wish)}" if wish.strip() else "",
        _people(present),
        _dialogue(present, lines, seconds, language),
        _SPECIES if present else "",
        look(style),
        _FORMAT,
    )


def audition(
    who: CharacterSpec, *, seconds: int, style: str, language: str, starts_from_picture: bool, wish: str = ""
) -> str:
    """Returns the prompt of an audition: one character, alone, tells who it is in the voice that is described, or does what `wish` says."""
    return _join(
        f"Audition of one character of a vertical short drama, {seconds} seconds: {_described(who)}",
        "The film starts exactly from the reference picture, which is this character's portrait."
        if starts_from_picture
        else "",
        f"What happens: {_clean(wish)}"
        if wish.strip()
        else "Front view, half body, alone before a simple background, eyes to the camera, natural small gestures.",
        f"The character introduces itself and says what it wants, in {_LANGUAGES.get(language, language)}, with exact lip "
        f"movements; the last word ends before second {seconds - 0.5:g}."
        if not wish.strip()
        else "",
        f"Voice, to be kept exactly: {_clean(who.voice_description)}" if who.voice_description.strip() else "",
        "Sound: this voice alone, close and clean, no music.",
        _SPECIES,
        look(style),
        _FORMAT,
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
    voices = " ".join(
        f"{who.name}'s voice: {_clean(who.voice_description).rstrip('.')}."
        for who in present
        if who.voice_description.strip() and any(line.character_id == who.id for line in lines)
    )
    return _join(
        f"Dialogue in {_LANGUAGES.get(language, language)}, word for word, in this order, with exact lip movements, ending before "
        f"second {seconds - 0.5:g}: {said}",
        voices,
    )


def _clean(text: str) -> str:
    return " ".join(text.split())


def _join(*parts: str) -> str:
    return "\n".join(part for part in parts if part)[:MAX_PROMPT]
