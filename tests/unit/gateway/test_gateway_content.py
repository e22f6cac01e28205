"""What an uploaded file is, told from its bytes: bombs, polyglots, cut files and strangers are refused with a reason."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pytest
from PIL import Image

from services.gateway.content import BadContent, inspect


def picture(form: str, size: tuple[int, int] = (64, 96)) -> bytes:
    """Returns a picture."""
    out = io.BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(out, form)
    return out.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    """Returns a chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *more: bytes) -> bytes:
    """Returns a PNG that announces a size."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


def box(kind: bytes, *parts: bytes) -> bytes:
    """Returns a box of a film."""
    data = b"".join(parts)
    return struct.pack(">I4s", len(data) + 8, kind) + data


def film(
    width: int = 1080, height: int = 1920, seconds: int = 10, tracks: int = 1, brand: bytes = b"isom", pad: int = 64
) -> bytes:
    """Returns the boxes of a film without its pictures."""
    mvhd = box(b"mvhd", struct.pack(">IIIII", 0, 0, 0, 1000, seconds * 1000) + bytes(80))
    trak = box(b"trak", box(b"tkhd", bytes(76) + struct.pack(">II", width << 16, height << 16)))
    return box(b"ftyp", brand, bytes(4)) + box(b"moov", mvhd, trak * tracks) + box(b"mdat", bytes(pad))


@pytest.mark.parametrize(
    ("form", "content_type"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp")]
)
def test_pictures(form: str, content_type: str) -> None:
    found = inspect(io.BytesIO(picture(form)))
    assert (found.content_type, found.kind, found.width, found.height) == (content_type, "image", 64, 96)


def test_films() -> None:
    found = inspect(io.BytesIO(film()))
    assert (found.content_type, found.kind, found.width, found.height) == ("video/mp4", "video", 1080, 1920)
    assert found.seconds == 10.0
    assert inspect(io.BytesIO(film(brand=b"qt  "))).content_type == "video/quicktime"
    webm = b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm" + bytes(40)
    assert inspect(io.BytesIO(webm)).content_type == "video/webm"


@pytest.mark.parametrize(
    ("text", "content_type"),
    [
        ("A rainy night.\r\n\tNo one.", "text/plain"),
        ("물은 기억한다 👩‍🚀", "text/plain"),
        ("\ufeffwith a mark", "text/plain"),
        ('{"a": [1, 2]}', "application/json"),
        ("[INT. KITCHEN - NIGHT] A kettle.", "text/plain"),
    ],
)
def test_texts(text: str, content_type: str) -> None:
    found = inspect(io.BytesIO(text.encode()))
    assert (found.content_type, found.kind) == (content_type, "text")


def archive(data: bytes) -> bytes:
    """Returns the bytes with a ZIP archive behind them."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("a.class", b"x" * 100)
    return data + out.getvalue()


REFUSED = [
    (b"", "empty_file"),
    (b"<html><script>alert(1)</script>", "unsupported_content"),
    (b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "unsupported_content"),
    (b"\xef\xbb\xbf  <!DOCTYPE html>", "unsupported_content"),
    (b"%PDF-1.7 text", "unsupported_content"),
    (b"GIF89a/*" + bytes(40), "unsupported_content"),
    (b"MZ\x90\x00" + bytes(40), "unsupported_content"),
    (b"plain at first " * 400 + b"\xff\xfe", "unsupported_content"),
    (b"plain at first " * 400 + b"\0", "unsupported_content"),
    (b"OggS" + bytes(40), "unsupported_content"),
    (b"\x89PNG\r\n\x1a\n" + b"<html>" + bytes(40), "polyglot"),
    (png(10, 10, chunk(b"tEXt", b"Comment\0<script>alert(1)</script>")), "polyglot"),
    (picture("PNG") + b"<html><script>alert(1)</script></html>", "polyglot"),
    (picture("JPEG") + b"<?php system($_GET[0]);", "polyglot"),
    (archive(picture("JPEG")), "polyglot"),
    (picture("PNG") + b"tail", "trailing_data"),
    (picture("WEBP") + b"a longer tail", "trailing_data"),
    (picture("PNG")[:-20], "truncated"),
    (picture("JPEG", (400, 400))[:-2000], "truncated"),
    (picture("WEBP")[:-10], "truncated"),
    (b"\x89PNG\r\n\x1a\n", "truncated"),
    (png(16_385, 1), "image_too_large"),
    (png(8000, 5001), "image_too_large"),
    (png(0, 10), "image_too_large"),
    (png(10, 10, chunk(b"acTL", struct.pack(">II", 61, 0))), "too_many_frames"),
    (film()[:-10], "truncated"),
    (box(b"ftyp", b"isom", bytes(4)) + box(b"mdat", bytes(90)), "truncated"),
    (film() + b"<not a box at all>", "trailing_data"),
    (film(width=20_000), "video_too_large"),
    (film(width=9000, height=9000), "video_too_large"),
    (film(seconds=5 * 3600), "video_too_long"),
    (film(tracks=17), "too_many_streams"),
    (box(b"ftyp", b"isom", bytes(4)) + struct.pack(">I4sQ", 1, b"moov", 2**62), "truncated"),
    (box(b"ftyp", b"isom", bytes(4)) + box(b"free") * 60_000, "video_too_large"),
]


@pytest.mark.parametrize(("data", "reason"), REFUSED, ids=[f"{n}-{reason}" for n, (_, reason) in enumerate(REFUSED)])
def test_refused(data: bytes, reason: str) -> None:
    with pytest.raises(BadContent) as caught:
        inspect(io.BytesIO(data))
    assert caught.value.reason == reason


def test_a_picture_keeps_its_exif() -> None:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "A description"
    Image.new("RGB", (9, 16)).save(out, "JPEG", exif=exif)
    assert inspect(io.BytesIO(out.getvalue())).width == 9


def test_a_moov_larger_than_its_limit_is_not_read() -> None:
    class Sparse(io.BytesIO):
        """Counts what is read."""

        taken = 0

        def read(self, size: int | None = -1, /) -> bytes:
            data = super().read(size)
            self.taken += len(data)
            return data

    data = box(b"ftyp", b"isom", bytes(4)) + box(b"moov", bytes((64 << 20) + 1))
    file = Sparse(data)
    with pytest.raises(BadContent) as caught:
        inspect(file)
    assert caught.value.reason == "video_too_large"
    assert file.taken < len(data) + (2 << 20)
