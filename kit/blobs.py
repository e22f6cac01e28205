"""What bytes are, told from the bytes themselves, never from a name or a header."""

from __future__ import annotations

import codecs
import json

from kit.jsonio import has_too_many_values

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"\x1aE\xdf\xa3", "video/webm"),
)

EXTENSIONS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "video/mp4": "mp4",
    "video/webm": "webm",
    "video/quicktime": "mov",
    "audio/wav": "wav",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "application/json": "json",
    "text/plain": "txt",
}
"""File extension by content type: exactly the types this house stores."""


def sniff(head: bytes) -> str | None:
    """Returns the content type of the bytes that begin with `head` (4 KiB are plenty), or None when it is none of ours.

    Signatures: PNG (ISO 15948), JPEG (ISO 10918), RIFF/WebP and WAVE, ISO base media (ISO 14496-12 `ftyp`),
    Matroska, Ogg, ID3. HTML and SVG are text to a browser and are therefore none of ours.
    """
    for magic, content_type in _MAGIC:
        if head.startswith(magic):
            return content_type
    if head[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(head[8:12])
    if head[4:8] == b"ftyp":
        return "video/quicktime" if head[8:12] == b"qt  " else "video/mp4"
    return _text_type(head)


def _text_type(head: bytes) -> str | None:
    # A cut in the middle of the last character is not an error of the text; bytes that never begin one are.
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return None
    stripped = text.lstrip("\ufeff \t\r\n")
    if not stripped or "\x00" in text or stripped[0] == "<":
        return None
    if stripped[0] in "{[":
        return "application/json"
    return "text/plain" if all(c.isprintable() or c in "\t\r\n\f" for c in text) else None


def is_json(data: bytes) -> bool:
    """Returns whether the bytes are a whole JSON text; False also for one of so many values that it is not looked through."""
    if has_too_many_values(data):
        return False
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        return False
    return True
