"""Pictures of others are decoded safely and cropped, never stretched."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from services.imaging import fitting
from services.imaging.fitting import BadPicture, crop_box, fit


def png(width: int, height: int, kind: str = "PNG") -> bytes:
    """A picture whose colours tell the place: red grows to the right, green downwards."""
    ramp = Image.merge(
        "RGB",
        (
            Image.linear_gradient("L").rotate(90).resize((width, height)),
            Image.linear_gradient("L").resize((width, height)),
            Image.new("L", (width, height), 90),
        ),
    )
    buffer = io.BytesIO()
    ramp.save(buffer, kind)
    return buffer.getvalue()


def pixel(picture: Image.Image, x: int, y: int) -> bytes:
    """Red, green and blue at a place."""
    return picture.convert("RGB").crop((x, y, x + 1, y + 1)).tobytes()


@given(st.integers(1, 6000), st.integers(1, 6000))
def test_the_box_is_9_to_16_inside_the_picture_and_touches_two_sides(width: int, height: int) -> None:
    left, top, right, bottom = crop_box(width, height)
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    assert right - left == width or bottom - top == height
    # Whole pixels can miss the ratio by one of the shorter side, or of the longer one on a narrow picture.
    assert abs((right - left) * 16 - (bottom - top) * 9) <= 16


@pytest.mark.parametrize(
    ("size", "kind"),
    [((1024, 1536), "PNG"), ((1536, 1024), "JPEG"), ((768, 1376), "WEBP"), ((400, 1920), "PNG"), ((1080, 1920), "PNG")],
)
def test_every_result_is_1080x1920_and_not_stretched(size: tuple[int, int], kind: str) -> None:
    made = fit(png(*size, kind))
    assert (made.width, made.height) == (1080, 1920)
    picture = Image.open(io.BytesIO(made.data))
    assert picture.size == (1080, 1920)
    assert picture.format == "PNG"
    # A step of the ramp must be as wide as the crop makes it: shades across = share of the width that was kept.
    left, _, right, _ = crop_box(*size)
    shades = abs(pixel(picture, 1075, 960)[0] - pixel(picture, 4, 960)[0])
    assert shades == pytest.approx(255 * (right - left) / size[0], abs=14)


def test_more_is_kept_of_the_top_than_of_the_bottom() -> None:
    _, top, _, bottom = crop_box(1000, 3000)
    assert top == pytest.approx((3000 - bottom) / 2, abs=2)


def test_a_rotated_photo_is_put_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    buffer = io.BytesIO()
    Image.open(io.BytesIO(png(1920, 1080))).save(buffer, "JPEG", exif=exif)
    upright = Image.open(io.BytesIO(fit(buffer.getvalue()).data))
    green = [pixel(upright, 540, y)[1] for y in (10, 1900)]
    assert abs(green[0] - green[1]) < 40  # the ramp that ran downwards runs across now


def bomb(width: int, height: int) -> bytes:
    """A PNG that only claims to be huge."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"<html>busy</html>", "no picture"),
        (b"", "no picture"),
        (png(1080, 1920)[:5000], "no picture"),
        (bomb(60_000, 60_000), "pixels"),
        (png(100, 200), "only 100x200"),
        (b"GIF89a" + b"\0" * 100, "no picture"),
    ],
    ids=["html", "empty", "cut", "bomb", "tiny", "gif"],
)
def test_what_is_no_usable_picture_is_named(data: bytes, why: str) -> None:
    with pytest.raises(BadPicture, match=why):
        fit(data)


def test_one_colour_all_over_is_no_picture_but_a_fine_guide() -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (900, 1600), (236, 236, 236)).save(buffer, "PNG")
    with pytest.raises(BadPicture, match="one colour"):
        fit(buffer.getvalue())
    assert Image.open(io.BytesIO(fitting.guide(buffer.getvalue()))).size == (1080, 1920)
