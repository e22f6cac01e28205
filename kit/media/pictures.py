"""Pictures from outside: checked before they are decoded, cropped to a shape and never stretched."""

from __future__ import annotations

import io

from PIL import Image, ImageOps

from kit.media.ffmpeg import MediaError

MOST_PIXELS = 40_000_000
"""Pixels a picture may declare: forty million take 160 MB when decoded."""

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")


def open_picture(data: bytes) -> Image.Image:
    """The picture in `data`, not decoded yet. Raises MediaError when it is none of `FORMATS` or declares too many pixels."""
    try:
        # Pillow refuses by its own limit with a warning first; the check below is the one that counts.
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise MediaError(f"the picture cannot be read: {error}") from error
    if image.width * image.height > MOST_PIXELS:
        raise MediaError(
            f"the picture has {image.width}x{image.height} pixels, more than {MOST_PIXELS // 1_000_000} million"
        )
    return image


def pad_or_crop_image_to_9x16(png: bytes, w: int, h: int) -> bytes:
    """The picture as a PNG of exactly `w` x `h` pixels: scaled evenly to cover them, and what hangs over is cropped.

    A portrait is cropped a little above its middle, where faces are. One much wider than the frame (over 2:1) would lose its
    subject that way: it is shown whole over its own blurred enlargement. Raises MediaError when it cannot be read.
    """
    from PIL import ImageFilter

    image = open_picture(png)
    try:
        turned = ImageOps.exif_transpose(image).convert("RGB")
    except (OSError, ValueError, SyntaxError) as error:
        raise MediaError(f"the picture cannot be read: {error}") from error
    filled = ImageOps.fit(turned, (w, h), Image.Resampling.LANCZOS, centering=(0.5, 0.4))
    if turned.width / turned.height > 2.0 > w / h:
        whole = ImageOps.contain(turned, (w, h), Image.Resampling.LANCZOS)
        filled = filled.filter(ImageFilter.GaussianBlur(w / 30))
        filled.paste(whole, ((w - whole.width) // 2, (h - whole.height) // 2))
    out = io.BytesIO()
    filled.save(out, "PNG", compress_level=4)
    return out.getvalue()
