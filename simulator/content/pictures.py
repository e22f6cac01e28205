"""Quickly drawn pictures: the prompt's hash as colours and shapes, its first words as a caption."""

from __future__ import annotations

import hashlib
import io
import textwrap


def draw(prompt: str, width: int, height: int, form: str = "png", salt: str = "") -> bytes:
    """Return a picture of exactly `width` x `height` pixels as `png`, `jpeg` or `webp`; `salt` tells siblings apart."""
    from PIL import Image, ImageDraw, ImageFont

    digest = hashlib.sha512(f"{salt}\n{prompt}".encode("utf-8", "surrogatepass")).digest()
    # A handful of colours enlarged smoothly: looks like a backdrop, compresses fast.
    small = Image.frombytes("RGB", (4, 5), bytes(b // 2 + 40 for b in digest[:60]))
    picture = small.resize((width, height), Image.Resampling.BILINEAR)
    pen = ImageDraw.Draw(picture)
    unit = min(width, height)
    head = (width / 2, height * 0.38, unit * (0.16 + digest[60] / 2560))
    skin, coat = (224, 190, 165), (digest[61], digest[62], digest[63])
    pen.rounded_rectangle(
        (width / 2 - unit * 0.32, head[1] + head[2], width / 2 + unit * 0.32, height * 0.95),
        radius=unit * 0.1,
        fill=coat,
    )
    pen.ellipse((head[0] - head[2], head[1] - head[2], head[0] + head[2], head[1] + head[2]), fill=skin)
    for side in (-0.4, 0.4):
        x, y, r = head[0] + side * head[2], head[1], head[2] * 0.1
        pen.ellipse((x - r, y - r, x + r, y + r), fill=(30, 30, 40))
    caption = "\n".join(textwrap.wrap(prompt.encode("ascii", "ignore").decode()[:160], 36)[:4]) or digest.hex()[:12]
    pen.text(
        (unit * 0.04, unit * 0.04), caption, fill=(255, 255, 255), font=ImageFont.load_default(max(10, unit // 36))
    )
    target = io.BytesIO()
    if form == "png":
        picture.save(target, "PNG", compress_level=1)
    else:
        picture.save(target, "JPEG" if form in ("jpeg", "jpg") else "WEBP", quality=85, method=0)
    return target.getvalue()


def size_of(data: bytes) -> tuple[int, int] | None:
    """Return width and height of a PNG, JPEG or WebP without decoding it, or None if it is none of them."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data), formats=["PNG", "JPEG", "WEBP"]) as picture:
            return picture.size
    except (UnidentifiedImageError, OSError, ValueError):
        return None
