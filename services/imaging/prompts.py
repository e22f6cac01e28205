"""What a vendor's painter is told. Pure text; the same input gives the same prompt, because prompts are part of fingerprints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kit.media.specs import CharacterSpec, LineSpec
from services.imaging.references import GIVEN, SCENE

MAX_PROMPT = 16_000
"""Characters a prompt may have: half of what the strictest host of the catalogue takes."""

_LOOKS = {
    "anime": "high-end Japanese anime key visual, clean confident line art, cel shading with soft rim light, expressive eyes",
    "realistic": "cinematic live-action still, natural skin, soft key light, shallow depth of field, 35 mm film grain",
    "watercolor": "watercolour illustration, visible paper grain, soft wet edges, restrained palette",
    "comic": "Western graphic novel, bold inks, flat colours with halftone shadows",
    "3d": "polished 3D animated feature film, subsurface skin, soft global illumination",
}

_FORMAT = (
    "Format: one vertical 9:16 picture, 1080x1920 pixels, filled edge to edge: no borders, no letterbox, no collage, no split panels. "
    "Safe area: keep every face, hand and important thing inside the middle 80% of the width and between 10% and 85% of the "
    "height, because players put their buttons over the edges."
)
_SPECIES = (
    "Species: draw exactly the being that is described. An animal stays an animal of that species, with that species' body, "
    "face and proportions; it never becomes a human, a human with animal ears, or another species."
)
_NO_TEXT = "No text, captions, speech bubbles, signatures, logos or watermarks anywhere."


def look(style: str) -> str:
    """Returns the sentence that names the look; an unknown style is taken literally."""
    known = _LOOKS.get(style.casefold(), f"{style} style, professional finish")
    return f"Style: {known}. The same style in every picture of this drama."


def portrait(
    who: CharacterSpec,
    *,
    cast: Sequence[CharacterSpec] = (),
    style: str,
    wish: str = "",
    framed: bool = True,
    references: Sequence[str] = (),
    guide: bool = False,
) -> str:
    """Returns the prompt of a portrait: front, half body, one character; `wish` is a person's own words.

    Without `framed` it is one more picture of the character, framed as the wish says. `references` and `guide` as for storyboards.
    """
    others = [other.name for other in cast if other.id != who.id]
    return _join(
        f"Character {'portrait' if framed else 'picture'} of {_described(who)}",
        f"What the picture must show: {_clean(wish)}" if wish.strip() else "",
        "Framing: front view, half body from the waist up, standing upright, centred, facing the viewer, eyes to the camera, "
        "both shoulders visible, calm natural expression that fits the character."
        if framed
        else "",
        "Background: simple and softly lit, nobody else in the picture, so that the portrait can serve as the reference "
        "of this character's face, hair, body and clothes in later scenes.",
        _mapping([who, *(other for other in cast if other.id != who.id)], references, guide),
        f"Distinct: unmistakably different in face, hair and clothes from {_listed(others)}." if others else "",
        _SPECIES,
        look(style),
        _FORMAT,
        _NO_TEXT,
    )


def cover(title: str, description: str, cast: Sequence[CharacterSpec], *, style: str, wish: str = "") -> str:
    """Returns the prompt of a cover: the main characters together, with the title written on it; `wish` is a person's own words."""
    people = "; ".join(_described(who) for who in cast)
    return _join(
        "Cover poster of a vertical short drama.",
        f"What the drama is about: {_clean(description)}" if description.strip() else "",
        f"What the picture must show: {_clean(wish)}" if wish.strip() else "",
        f"In the picture: {people}." if people else "",
        "Composition: the main characters together, large in the lower two thirds, their relation readable from pose and "
        "gaze, one strong light source, a background that tells place and mood.",
        f'Title: write exactly "{_clean(title)}" once, in its own language and script, correctly spelled, large and legible in '
        "the upper third inside the safe area, with strong contrast. No other text, logo or watermark.",
        _SPECIES,
        look(style),
        _FORMAT,
    )


def storyboard(
    description: str,
    wish: str,
    cast: Sequence[CharacterSpec],
    lines: Sequence[LineSpec],
    *,
    style: str,
    references: Sequence[str] = (),
    guide: bool = False,
) -> str:
    """Returns the prompt of a scene's key frame.

    `references` are the ids of those whose portraits are sent along, or `given` and `scene` for other pictures, in the order in which they
    are sent; `guide` says that an empty 9:16 picture comes before them.
    """
    return _join(
        "Key frame of one scene of a vertical short drama, the picture that a film clip will start from.",
        f"Scene: {_clean(description)}" if description.strip() else "",
        f"What the picture must show: {_clean(wish)}" if wish.strip() else "",
        f"In the picture: {'; '.join(_described(who) for who in cast)}." if cast else "Nobody is in the picture.",
        _expressions(cast, lines),
        _mapping(cast, references, guide),
        "Camera: one clear moment, eye level unless the scene asks otherwise, faces unobscured and large enough to read.",
        _SPECIES if cast else "",
        look(style),
        _FORMAT,
        _NO_TEXT,
    )


def _described(who: CharacterSpec) -> str:
    gender = f", {who.gender}" if who.gender not in ("", "other") else ""
    looks = _clean(who.description).rstrip(".")
    return f"{who.name}{gender}: {looks}" if looks else f"{who.name}{gender}"


def _expressions(cast: Sequence[CharacterSpec], lines: Sequence[LineSpec]) -> str:
    """The first emotion each visible speaker shows: the frame is the beginning of the clip."""
    names = {who.id: who.name for who in cast}
    shown: dict[str, str] = {}
    for line in lines:
        if line.character_id in names and line.emotion != "neutral":
            shown.setdefault(line.character_id, line.emotion)
    if not shown:
        return ""
    return "Expressions: " + ", ".join(f"{names[who]} looks {emotion}" for who, emotion in shown.items()) + "."


def _mapping(cast: Sequence[CharacterSpec], references: Sequence[str], guide: bool) -> str:
    names = {who.id: who.name for who in cast}
    parts = (
        ["Reference picture 1 only sets the 9:16 canvas: keep its proportions and nothing else of it"] if guide else []
    )
    first = 2 if guide else 1
    parts += [f"Reference picture {number} {_meaning(who, names)}" for number, who in enumerate(references, first)]
    return ". ".join(parts) + "." if parts else ""


def _meaning(reference: str, names: Mapping[str, str]) -> str:
    if reference == GIVEN and reference not in names:
        return "shows what this picture must look like"
    if reference == SCENE and reference not in names:
        return "is another picture of the same subject: keep its people, place, light and colours"
    return f"is {names.get(reference, reference)}: keep this face, hair, body, species and clothes exactly"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _clean(text: str) -> str:
    return " ".join(text.split())


def _join(*parts: str) -> str:
    return "\n".join(part for part in parts if part)[:MAX_PROMPT]
