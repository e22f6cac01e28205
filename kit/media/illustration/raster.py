"""Pictures as arrays: rendering SVG, encoding PNG, soft masks."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

import numpy as np
import resvg_py
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]


def render_svg(body: str, view: tuple[float, float, float, float], width: int, height: int) -> Bytes:
    """Draw SVG markup seen through `view` (x, y, width, height in its units) as RGBA of `height` x `width`, alpha not premultiplied."""
    import io

    x, y, w, h = view
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="{x:.4f} {y:.4f} {w:.4f} {h:.4f}" '
        f'preserveAspectRatio="none">{body}</svg>'
    )
    data = bytes(resvg_py.svg_to_bytes(svg_string=svg, width=width, height=height, skip_system_fonts=True))
    with Image.open(io.BytesIO(data)) as picture:
        return np.array(picture.convert("RGBA"))


def encode_png(pixels: Bytes, level: int = 1) -> bytes:
    """Return RGB or RGBA pixels as PNG. Every row is stored as the difference to the row above, which suits soft gradients and is one array
    operation; so this is several times faster than a general encoder."""
    height, width, channels = pixels.shape
    rows = pixels.reshape(height, width * channels)
    filtered = np.empty((height, width * channels + 1), np.uint8)
    filtered[:, 0] = 2
    filtered[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=filtered[1:, 1:])
    header = struct.pack(">IIBBBBB", width, height, 8, 6 if channels == 4 else 2, 0, 0, 0)
    packed = zlib.compress(filtered.tobytes(), level)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(*one) for one in ((b"IHDR", header), (b"IDAT", packed), (b"IEND", b""))
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def decode_png(data: bytes) -> Bytes:
    """Return the pixels of a PNG, RGB or RGBA as it was stored."""
    import io

    with Image.open(io.BytesIO(data)) as picture:
        return np.array(picture)


def blur(mask: Bytes, radius: float) -> Bytes:
    """Return a single channel blurred by `radius` pixels; large radii are worked out on a smaller copy."""
    picture = Image.fromarray(mask)
    factor = max(1, int(radius // 4))
    if factor > 1:
        small = picture.resize(
            (max(1, picture.width // factor), max(1, picture.height // factor)), Image.Resampling.BILINEAR
        )
        small = small.filter(ImageFilter.GaussianBlur(radius / factor))
        return np.array(small.resize(picture.size, Image.Resampling.BICUBIC))
    return np.array(picture.filter(ImageFilter.GaussianBlur(radius)))


def shifted(mask: Bytes, dx: int, dy: int) -> Bytes:
    """Return the mask moved by whole pixels; what comes in from outside is empty."""
    out = np.zeros_like(mask)
    height, width = mask.shape
    x0, x1 = max(0, dx), min(width, width + dx)
    y0, y1 = max(0, dy), min(height, height + dy)
    if x0 < x1 and y0 < y1:
        out[y0:y1, x0:x1] = mask[y0 - dy : y1 - dy, x0 - dx : x1 - dx]
    return out


def over(base: Bytes, top: Bytes, x: int, y: int) -> None:
    """Put RGBA `top` over the opaque RGB `base` in place, at `x`, `y`; what lies outside is cut off."""
    height, width = base.shape[:2]
    left, upper = max(0, x), max(0, y)
    right, lower = min(width, x + top.shape[1]), min(height, y + top.shape[0])
    if left >= right or upper >= lower:
        return
    cut = top[upper - y : lower - y, left - x : right - x]
    alpha = cut[..., 3:4].astype(np.uint16)
    target = base[upper:lower, left:right]
    mixed = cut[..., :3] * alpha + target * (255 - alpha) + 127
    target[...] = (mixed // 255).astype(np.uint8)


def noise(shape: tuple[int, int], seed: int, amount: float) -> Floats:
    """Return repeatable grain of standard deviation `amount` as float32 of `shape`, tiled from a block of 256 x 256."""
    block = np.random.default_rng(seed).normal(0.0, amount, (256, 256)).astype(np.float32)
    return np.tile(block, (shape[0] // 256 + 1, shape[1] // 256 + 1))[: shape[0], : shape[1]]


def stack(layers: Sequence[tuple[Bytes, int, int]], background: Bytes) -> Bytes:
    """Return a copy of `background` (RGB) with the RGBA `layers` put over it in order."""
    out = background.copy()
    for pixels, x, y in layers:
        over(out, pixels, x, y)
    return out
