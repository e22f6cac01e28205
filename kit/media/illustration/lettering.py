# ruff: noqa: E501 (drawings and word lists read better unbroken)
"""Type on pictures: fitted, wrapped, tracked, with a soft shadow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from kit.media.fonts import font_for, script_of
from kit.media.illustration.colours import rgb
from kit.media.illustration.raster import Bytes

_NO_BREAK_BEFORE = "，。、；：！？）》」』…,.;:!?)"


@dataclass(frozen=True)
class Type:
    """How a text is set: `role` of `kit.media.fonts.ROLES`, largest and smallest size and tracking in pixels, colours from top to bottom."""

    role: str
    size: int
    least: int
    colours: tuple[str, str]
    lines: int = 2
    tracking: float = 0.0
    leading: float = 1.1
    shadow: float = 0.75


def wrap(text: str, font: ImageFont.FreeTypeFont, width: float, tracking: float) -> list[str]:
    """Return the text broken into lines no wider than `width` pixels; Chinese and Japanese break anywhere, other scripts between words."""
    glued = script_of(text) in ("zh", "ja") and " " not in text.strip()
    pieces = list(text.strip()) if glued else text.split()
    joint = "" if glued else " "
    lines: list[str] = []
    for piece in pieces:
        longer = f"{lines[-1]}{joint}{piece}" if lines else piece
        if lines and (_width(longer, font, tracking) <= width or (glued and piece in _NO_BREAK_BEFORE)):
            lines[-1] = longer
        else:
            lines.append(piece)
    return lines


def _balanced(text: str, font: ImageFont.FreeTypeFont, width: float, tracking: float) -> list[str]:
    """Break into as few lines as needed, then narrow the column as far as that number of lines allows: no lonely last word."""
    lines = wrap(text, font, width, tracking)
    for share in (0.55, 0.65, 0.75, 0.85, 0.92):
        narrow = wrap(text, font, width * share, tracking)
        if len(narrow) == len(lines) and max(_width(line, font, tracking) for line in narrow) <= width:
            return narrow
    return lines


def _width(text: str, font: ImageFont.FreeTypeFont, tracking: float) -> float:
    return font.getlength(text) + tracking * max(0, len(text) - 1)


def set_type(text: str, style: Type, width: int) -> Bytes:
    """Return the text as RGBA pixels, centred in `width` pixels; it shrinks until it fits `style.lines` lines, and ends in an ellipsis if even
    the least size does not do. An empty text gives an array without rows."""
    text = " ".join(text.split())
    if not text:
        return np.zeros((0, width, 4), np.uint8)
    size = style.size
    while True:
        font = font_for(text, style.role, size)
        tracking = style.tracking * size / style.size
        lines = _balanced(text, font, width, tracking)
        fits = len(lines) <= style.lines and max(_width(line, font, tracking) for line in lines) <= width
        if fits or size <= style.least:
            break
        size = max(style.least, int(size * 0.93))
    if len(lines) > style.lines:
        lines = [*lines[: style.lines - 1], lines[style.lines - 1].rstrip(" ,.;:，。") + "…"]
    return _draw(lines, font, tracking, style, width)


def _draw(lines: list[str], font: ImageFont.FreeTypeFont, tracking: float, style: Type, width: int) -> Bytes:
    ascent, descent = font.getmetrics()
    bold = 0.0 if script_of("".join(lines)) == "latin" or style.role in ("caption", "body") else font.size * 0.018
    step = (
        (ascent + descent) * style.leading
        if bold or script_of("".join(lines)) != "latin"
        else font.size * 1.18 * style.leading
    )
    pad = round(font.size * 0.5)
    height = round(step * len(lines) + pad * 2)
    mask = Image.new("L", (width, height), 0)
    pen = ImageDraw.Draw(mask)
    for row, line in enumerate(lines):
        x = (width - _width(line, font, tracking)) / 2
        y = pad + row * step
        if tracking:
            for sign in line:
                pen.text((x, y), sign, font=font, fill=255, stroke_width=bold)
                x += font.getlength(sign) + tracking
        else:
            pen.text((x, y), line, font=font, fill=255, stroke_width=bold)
    soft = np.array(mask.filter(ImageFilter.GaussianBlur(font.size * 0.16))).astype(np.float32) * style.shadow * 1.25
    near = (
        np.array(mask.filter(ImageFilter.GaussianBlur(max(1.0, font.size * 0.035)))).astype(np.float32) * style.shadow
    )
    shade = np.minimum(255, np.maximum(soft, np.roll(near, round(font.size * 0.045), axis=0)))
    ink = np.array(mask).astype(np.float32) / 255
    total = ink + shade / 255 * (1 - ink)
    top, low = (np.array(rgb(colour), np.float32) for colour in style.colours)
    phase = np.clip((np.arange(height, dtype=np.float32) - pad) % step / (font.size * 1.15), 0, 1)[:, None, None]
    tone = top + (low - top) * phase
    out = np.zeros((height, width, 4), np.uint8)
    out[..., :3] = (tone * (ink / np.maximum(total, 1e-4))[..., None]).astype(np.uint8)
    out[..., 3] = np.round(total * 255).astype(np.uint8)
    return out
