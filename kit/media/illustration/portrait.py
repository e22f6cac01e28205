# ruff: noqa: E501 (drawings and word lists read better unbroken)
"""One character, front and half-length, with name and role."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

import numpy as np
from PIL import Image

from kit.media.illustration import words
from kit.media.illustration.actors import Actor, Frame, draw_actor
from kit.media.illustration.colours import darker, lighter, luminance, mix
from kit.media.illustration.figure.person import Pose
from kit.media.illustration.lettering import Type, set_type
from kit.media.illustration.light import Light
from kit.media.illustration.look import CLOTH_COLOURS, HAIR_COLOURS, Look
from kit.media.illustration.looks import look_for, looks_for
from kit.media.illustration.mood import AIRS
from kit.media.illustration.raster import Bytes, encode_png, noise, over, render_svg
from kit.media.illustration.scenery.draw import HIGH, WIDE, Canvas
from kit.media.illustration.staging import Mark
from kit.media.specs import CharacterSpec

_BACKDROPS = (("#1d1440", "#6a3f8f", "#f0a6c8"), ("#0d2038", "#2a6a94", "#8fd8ff"), ("#2a0d1c", "#8a2f4a", "#ffb08a"), ("#0c2624", "#2c7a70", "#a8f0d0"), ("#241608", "#96602a", "#ffd792"), ("#15182c", "#4a5590", "#c0c8ff"))  # fmt: skip

_AGE = re.compile(
    r"(?:aged\s+|of\s+)?\d{1,3}(?:[ -]?years?[ -]old|岁|세|살)?|[一二三四五六七八九十]{1,4}岁|(?:in )?(?:his|her|their) \w+",
    re.IGNORECASE,
)
_APPEARANCE = (
    "hair|haired|eyes|eyed|beard|bearded|moustache|stubble|glasses|spectacles|braid|freckle|scar|cap|hat|tall|short|slim|"
    f"{words.GARMENTS}|发|眼|胡|雀斑|疤|帽|{words.GARMENTS_EAST}|머리|수염|안경|눈|흉터|모자|은발|백발"
)


def draw_portrait(
    character: CharacterSpec,
    *,
    cast: Sequence[CharacterSpec] = (),
    style: str = "anime",
    width: int = 1080,
    height: int = 1920,
    seed: int = 0,
) -> bytes:
    """Return a portrait as RGB PNG. `cast` is everybody in the drama: with it the character keeps the look that sets it apart from them.
    `style` is taken as a wish for the light: `noir` and `realistic` are darker and less colourful."""
    look = looks_for(cast)[character.id] if any(member.id == character.id for member in cast) else look_for(character)
    frame = Frame.of(width, height)
    tones = _backdrop(look, random.Random(f"portrait {character.id} {character.name} {seed}"))
    if style.lower() in ("noir", "realistic", "film", "cinematic"):
        tones = (darker(tones[0], 0.3, "#08080c"), mix(tones[1], "#50535c", 0.45), mix(tones[2], "#e6e2dc", 0.4))
    picture = _paint(tones, frame, seed)
    light = Light(
        "#fff2e0",
        "#f2ecf4",
        mix(tones[0], "#6a5a90", 0.55),
        lighter(tones[2], 0.1),
        side=1.0,
        strength=0.46,
        tint=0.22,
        rim_power=0.85,
    )
    actor = _sitter(character, look, frame, light)
    over(picture, actor.pixels, actor.x, actor.y)
    over(picture, _veil(tones[0], frame), 0, 0)
    _letter(picture, character, frame, tones)
    return encode_png(picture)


def _backdrop(look: Look, dice: random.Random) -> tuple[str, str, str]:
    """A backdrop that neither the clothes nor the hair drown in: the one farthest from both, of a random few."""
    cloth = CLOTH_COLOURS[look.clothes_colour] if look.species == "human" else HAIR_COLOURS[look.hair_colour]

    return max(
        dice.sample(_BACKDROPS, 4),
        key=lambda tones: _gap(tones[1], cloth) + abs(luminance(tones[1]) - luminance(cloth)),
    )


def _gap(first: str, second: str) -> float:
    one, two = (np.array([int(tone[i : i + 2], 16) for i in (1, 3, 5)], float) for tone in (first, second))
    return float(np.abs(one - two).sum() / 765)


def _paint(tones: tuple[str, str, str], frame: Frame, seed: int) -> Bytes:
    deep, middle, light = tones
    canvas = Canvas(AIRS["night"], random.Random(f"backdrop {seed} {deep}"))
    canvas.rect(0, 0, WIDE, HIGH, canvas.gradient([(deep, 1, 0), (mix(deep, middle, 0.75), 1, 0.45), (deep, 1, 1)]))
    canvas.glow(WIDE * 0.52, 940, 980, middle, 1.0)
    canvas.glow(WIDE * 0.68, 760, 620, light, 0.5)
    for turn, power in ((0, 0.1), (70, 0.07), (-90, 0.06)):
        canvas.path(
            f"M{900 + turn},100 L{1120 + turn},100 L{520 + turn * 2},{HIGH} L{240 + turn * 2},{HIGH} Z",
            light,
            opacity=power,
        )
    canvas.put(
        f'<circle cx="{WIDE / 2}" cy="930" r="470" fill="none" stroke="{light}" stroke-width="3" opacity=".32"/><circle cx="{WIDE / 2}" cy="930" r="500" fill="none" stroke="{light}" stroke-width="1.5" opacity=".22"/>'
    )
    canvas.bokeh(34, (90, 200, 1120, 1300), (light, mix(middle, light, 0.5), "#ffffff"), 0.2)
    w, h = frame.width / frame.scale, frame.height / frame.scale
    view = ((WIDE - w) / 2, (HIGH - h) / 2, w, h)
    small = render_svg("".join(canvas.marks), view, max(8, frame.width // 2), max(8, frame.height // 2))
    picture = np.array(Image.fromarray(small[..., :3]).resize((frame.width, frame.height), Image.Resampling.BICUBIC))
    grain = np.rint(noise((frame.height, frame.width), seed, 1.8)).astype(np.int16)
    return np.clip(picture + grain[..., None], 0, 255).astype(np.uint8)


def _sitter(character: CharacterSpec, look: Look, frame: Frame, light: Light) -> Actor:
    size, y = 2.02, 800.0
    if look.species != "human":
        size, y = 1.85, 860.0
    elif look.age == "child":
        size, y = 1.9, 870.0
    elif look.hair in ("updo", "afro", "topknot", "bun") or look.headwear in ("hat", "crown"):
        y = 840.0
    mark = Mark(
        character, look, 540, y, size, Pose(tilt=-2.0, turn=0.22), "happy" if look.age == "child" else "neutral"
    )
    return draw_actor(mark, frame, light)


def _veil(deep: str, frame: Frame) -> Bytes:
    canvas = Canvas(AIRS["night"], random.Random(0))
    dark = darker(deep, 0.5, "#05030a")
    canvas.rect(0, 1330, WIDE, 974, canvas.gradient([(dark, 0.0, 0.0), (dark, 0.9, 0.42), (dark, 1.0, 1.0)]))
    canvas.rect(0, 0, WIDE, HIGH, canvas.gradient([(dark, 0.0, 0.0), (dark, 0.0, 0.6), (dark, 0.55, 1.0)], radial=True))
    w, h = frame.width / frame.scale, frame.height / frame.scale
    small = render_svg(
        "".join(canvas.marks),
        ((WIDE - w) / 2, (HIGH - h) / 2, w, h),
        max(8, frame.width // 4),
        max(8, frame.height // 4),
    )
    return np.array(Image.fromarray(small).resize((frame.width, frame.height), Image.Resampling.BICUBIC))


def _letter(picture: Bytes, character: CharacterSpec, frame: Frame, tones: tuple[str, str, str]) -> None:
    scale = frame.scale
    wide = round(min(frame.width * 0.86, 940 * scale))
    left = (frame.width - wide) // 2
    name = set_type(
        character.name.upper(),
        Type(
            "name",
            max(9, round(172 * scale)),
            max(6, round(70 * scale)),
            ("#ffffff", lighter(tones[2], 0.3)),
            lines=2,
            tracking=5 * scale,
        ),
        wide,
    )
    role = set_type(
        role_of(character),
        Type(
            "caption",
            max(7, round(46 * scale)),
            max(5, round(30 * scale)),
            (lighter(tones[2], 0.35),) * 2,
            lines=2,
            leading=1.15,
        ),
        wide,
    )
    low = frame.top + 1780 * scale
    y = round(low - role.shape[0] - name.shape[0] + 46 * scale)
    over(picture, name, left, y)
    rule = round(y + name.shape[0] - 60 * scale)
    half = round(70 * scale)
    tone = np.array([int(tones[2][i : i + 2], 16) for i in (1, 3, 5)], np.uint8)
    picture[rule : rule + max(1, round(4 * scale)), frame.width // 2 - half : frame.width // 2 + half] = tone
    over(picture, role, left, round(rule - 2 * scale))


def role_of(character: CharacterSpec) -> str:
    """Return a short caption: what the description says the character *is*, without the name, the age and, if anything else is left,
    without hair and clothes; at most about 64 letters (30 in Chinese or Korean)."""
    text = re.split(r"(?<=[.!?。！？])\s*", character.description.strip(), maxsplit=1)[0].rstrip(".!?。！？")
    if character.name:
        surname = r"(?:\s+[A-Z][\w'-]+)*"
        text = re.sub(rf"^(?i:{re.escape(character.name)}){surname}\s*(?:[,:：，]|\bis\b|은 |는 |是)?\s*", "", text)
    clauses = [clause for clause in re.split(r"\s*[,;，；、]\s*", text) if clause and not _AGE.fullmatch(clause)]
    if clauses and re.match(
        r"(?:an?|the)\s", clauses[0], re.IGNORECASE
    ):  # 'a red-haired singer in a green gown': who, but not how dressed
        clauses[0] = re.sub(
            rf"\s(?:in|with|wearing)\s.*\b(?:{words.GARMENTS}|hair|eyes|beard|glasses|braids)\b.*$",
            "",
            clauses[0],
            flags=re.IGNORECASE,
        )
        clauses[0] = re.sub(r"\b[\w]+-haired,?\s", "", clauses[0])
    telling = [clause for clause in clauses if not words.says(clause, _APPEARANCE)] or clauses
    wide = 30 if any(ord(sign) > 0x2E7F for sign in text) else 64
    picked = ""
    for clause in telling:
        longer = f"{picked}{'，' if '，' in text else ', '}{clause}" if picked else clause
        if picked and len(longer) > wide:
            break
        picked = longer
    if len(picked) > wide * 1.5:
        picked = picked[: wide - 1].rsplit(" ", 1)[0] + "…"
    return picked[:1].upper() + picked[1:]
