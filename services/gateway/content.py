"""What an uploaded file is, told from its bytes: type, size, checksum, and whether it is one thing only. Nothing is decoded."""

from __future__ import annotations

import codecs
import hashlib
import re
import struct
from dataclasses import dataclass
from typing import IO

from kit.blobs import is_json, sniff
from services.gateway import pictures
from services.gateway.films import BadFilm, probe

MAX_TEXT = 16 << 20
MAX_FRAMES = 60
_CHUNK = 1 << 20
_HEAD = 1 << 20
_EDGE = 64 << 10
_MAX_CHUNKS = 200_000
_MARKUP = re.compile(rb"<script|<html|<!doctype|<svg[\s>]|<iframe|<body|<\?php|%pdf-", re.IGNORECASE)
"""What a browser, a server or a viewer would take for a page or a program. XMP, which honest pictures hold, has none of it."""
_ZIP_END = b"PK\x05\x06"


class BadContent(Exception):
    """The bytes are not to be kept; `reason` is a stable word."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True)
class Content:
    """What the bytes are: `kind` is `image`, `video` or `text`; pixels and seconds are 0 when there are none."""

    content_type: str
    kind: str
    bytes: int
    sha256: str
    width: int = 0
    height: int = 0
    seconds: float = 0.0


def inspect(file: IO[bytes]) -> Content:
    """Returns what the file is; raises `BadContent`. Reads it once from end to end and keeps 1 MiB of it at most, or 16 MiB of a text.

    Blocks: call it in a thread.
    """
    file.seek(0)
    head = file.read(_HEAD)
    if not head:
        raise BadContent("empty_file", "The file is empty")
    kind_of = sniff(head[:4096]) or ""
    digest, size = _digest(file)
    if kind_of.startswith(("image/", "video/")):
        _one_thing(file, head, size)
    if kind_of.startswith("image/"):
        picture = pictures.sniff(head)
        if picture is None:
            raise BadContent("truncated", "The picture's header is cut short or not sound")
        if not picture.fits:
            raise BadContent("image_too_large", "The picture is larger than 40 megapixels or 16384 a side")
        _whole_picture(file, kind_of, size)
        return Content(kind_of, "image", size, digest, picture.width, picture.height)
    if kind_of in ("video/mp4", "video/quicktime"):
        try:
            film = probe(file, size)
        except BadFilm as error:
            raise BadContent(error.reason, str(error)) from None
        return Content(kind_of, "video", size, digest, film.width, film.height, film.seconds)
    if kind_of == "video/webm" and b"webm" in head[:64]:
        return Content(kind_of, "video", size, digest)
    if kind_of.startswith(("audio/", "video/")):
        raise BadContent("unsupported_content", f"{kind_of} files are not kept in the library")
    return Content(_text_type(file, head, size), "text", size, digest)


def _digest(file: IO[bytes]) -> tuple[str, int]:
    file.seek(0)
    digest, size = hashlib.sha256(), 0
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
        size += len(chunk)
    return digest.hexdigest(), size


def _one_thing(file: IO[bytes], head: bytes, size: int) -> None:
    """Raises `BadContent` for bytes that are also a page, a program, a PDF or an archive."""
    file.seek(max(0, size - _EDGE))
    tail = file.read(_EDGE)
    at = tail.rfind(_ZIP_END)
    # The end of an archive is one only when its comment reaches exactly to the end of the file.
    archive = at >= 0 and len(tail) - at >= 22 and struct.unpack_from("<H", tail, at + 20)[0] == len(tail) - at - 22
    if archive or _MARKUP.search(head[:_EDGE]) or _MARKUP.search(tail):
        raise BadContent("polyglot", "The file is more than one thing: it also holds a page, a program or an archive")


def _whole_picture(file: IO[bytes], content_type: str, size: int) -> None:
    """Raises `BadContent` unless the picture is whole, alone in the file, and has few frames."""
    if content_type == "image/png":
        _whole_png(file, size)
    elif content_type == "image/webp":
        _whole_webp(file, size)
    else:
        file.seek(max(0, size - _EDGE))
        if b"\xff\xd9" not in file.read(_EDGE):
            raise BadContent("truncated", "The picture is cut short")


def _whole_png(file: IO[bytes], size: int) -> None:
    at = 8
    for _ in range(_MAX_CHUNKS):
        file.seek(at)
        head = file.read(12)
        if len(head) < 12:
            raise BadContent("truncated", "The picture is cut short")
        length, kind = struct.unpack_from(">I4s", head)
        if kind == b"acTL" and struct.unpack_from(">I", head, 8)[0] > MAX_FRAMES:
            raise BadContent("too_many_frames", f"The picture has more than {MAX_FRAMES} frames")
        at += 12 + length
        if at > size:
            raise BadContent("truncated", "The picture is cut short")
        if kind == b"IEND":
            if at != size:
                raise BadContent("trailing_data", "There is something behind the end of the picture")
            return
    raise BadContent("image_too_large", "The picture has too many parts")


def _whole_webp(file: IO[bytes], size: int) -> None:
    file.seek(4)
    end = struct.unpack("<I", file.read(4))[0] + 8
    if end > size:
        raise BadContent("truncated", "The picture is cut short")
    if end + end % 2 < size:
        raise BadContent("trailing_data", "There is something behind the end of the picture")
    at, frames = 12, 0
    for _ in range(_MAX_CHUNKS):
        if at + 8 > end:
            return
        file.seek(at)
        kind, length = struct.unpack("<4sI", file.read(8))
        frames += kind == b"ANMF"
        if frames > MAX_FRAMES:
            raise BadContent("too_many_frames", f"The picture has more than {MAX_FRAMES} frames")
        at += 8 + length + length % 2
    raise BadContent("image_too_large", "The picture has too many parts")


def _text_type(file: IO[bytes], head: bytes, size: int) -> str:
    """Returns `application/json` or `text/plain` for text in UTF-8; raises `BadContent` for anything else."""
    start = head[:4096].lstrip(b"\xef\xbb\xbf \t\r\n\f")
    if start[:1] == b"<" or _MARKUP.search(head[:1024]):
        raise BadContent("unsupported_content", "HTML, SVG, XML and PDF are not kept in the library")
    unsupported = BadContent("unsupported_content", "The file is not a PNG, JPEG, WebP, MP4, MOV, WebM, text or JSON")
    decoder = codecs.getincrementaldecoder("utf-8")()
    file.seek(0)
    whole = bytearray()
    while chunk := file.read(_CHUNK):
        try:
            text = decoder.decode(chunk)
        except UnicodeDecodeError:
            raise unsupported from None
        if _CONTROL.search(text):
            raise unsupported
        if size > MAX_TEXT:
            raise BadContent("text_too_large", "A text has at most 16 MiB")
        whole += chunk
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise unsupported from None
    return "application/json" if start[:1] in (b"{", b"[") and is_json(bytes(whole)) else "text/plain"


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
