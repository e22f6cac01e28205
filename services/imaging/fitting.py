"""From bytes of unknown worth to a picture of the house: decoded safely, upright, 9:16, 1080x1920, never stretched.

Plain synchronous functions for a subprocess: Pillow is imported inside, so that the service itself stays small.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

WIDTH, HEIGHT = 1080, 1920
"""Pixels of every picture of a drama: 9:16."""

MAX_BYTES = 64 * 1024 * 1024
MAX_PIXELS = 40_000_000
"""More than 4K at 9:16 (8.3 million) with room; decoding it takes some 160 MB at most."""

MIN_SIDE = 256
"""A picture smaller than this is a thumbnail or an error page's icon, not a portrait."""

MOST_SENT = 1536
"""Pixels a side of a reference: painters see no more."""

_FORMATS = ("PNG", "JPEG", "WEBP")


class BadPicture(Exception):
    """The bytes are no picture this house can use; the message says why."""


@dataclass(frozen=True)
class Picture:
    """PNG bytes of `width` x `height` pixels and their SHA-256, hexadecimal."""

    data: bytes
    width: int
    height: int
    sha256: str


def crop_box(width: int, height: int) -> tuple[int, int, int, int]:
    """Returns the largest 9:16 box (left, top, right, bottom) within `width` x `height`.

    Centred across; of what is cut from the height, a third goes at the top, because faces are above the middle.
    """
    if width * HEIGHT > height * WIDTH:
        wanted = max(1, round(height * WIDTH / HEIGHT))
        left = (width - wanted) // 2
        return left, 0, left + wanted, height
    wanted = max(1, round(width * HEIGHT / WIDTH))
    top = (height - wanted) // 3
    return 0, top, width, top + wanted


def fit(data: bytes) -> Picture:
    """Returns `data` as a PNG of 1080x1920, cropped to 9:16 where it is not.

    Raises `BadPicture` for bytes that are no PNG, JPEG or WebP, for one with too many or too few pixels, and for one that is empty:
    a single colour all over. The size is read from the header before anything is decoded.
    """
    from PIL import Image

    upright = _opened(data)
    box = crop_box(*upright.size)
    fitted = upright.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS, box=box)
    # Compared at a size where noise of compression is gone.
    small = fitted.resize((32, 32)).tobytes()
    if all(max(small[band::3]) - min(small[band::3]) <= 2 for band in range(3)):
        raise BadPicture("The picture is one colour all over.")
    buffer = io.BytesIO()
    fitted.save(buffer, "PNG", compress_level=4)
    return _picture(buffer.getvalue())


def guide(data: bytes) -> bytes:
    """Returns an operator's own 9:16 reference as a PNG of 1080x1920; raises `BadPicture`, but not for a single colour."""
    plain = _opened(data)
    buffer = io.BytesIO()
    plain.resize((WIDTH, HEIGHT), box=crop_box(*plain.size)).save(buffer, "PNG")
    return buffer.getvalue()


def reference(data: bytes) -> bytes:
    """Returns a picture that somebody gave to look at, whole, upright and small enough to be sent: a PNG of at most 1536 pixels a side.

    Raises `BadPicture`.
    """
    upright = _opened(data)
    from PIL import Image

    upright.thumbnail((MOST_SENT, MOST_SENT), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    upright.save(buffer, "PNG", compress_level=6)
    return buffer.getvalue()


def checked(data: bytes) -> Picture:
    """Returns what a local painter drew; raises `BadPicture` when it is not a 1080x1920 PNG."""
    from PIL import Image

    with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
        size, kind = opened.size, opened.format
    return _picture(data) if size == (WIDTH, HEIGHT) and kind == "PNG" else fit(data)


def _picture(data: bytes) -> Picture:
    return Picture(data, WIDTH, HEIGHT, hashlib.sha256(data).hexdigest())


def _opened(data: bytes) -> Image.Image:
    """A decoded, upright RGB picture; its size is read from the header before anything is decoded."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    if len(data) > MAX_BYTES:
        raise BadPicture(f"The picture has {len(data)} bytes; {MAX_BYTES} are allowed.")
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
            width, height = opened.size
            if width * height > MAX_PIXELS:
                raise BadPicture(f"The picture has {width}x{height} pixels; {MAX_PIXELS} in all are allowed.")
            if min(width, height) < MIN_SIDE:
                raise BadPicture(f"The picture has only {width}x{height} pixels.")
            return ImageOps.exif_transpose(opened).convert("RGB")
    except Image.DecompressionBombError as error:
        raise BadPicture("The picture has far too many pixels.") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise BadPicture("The bytes are no picture that can be decoded.") from error
