"""What a film's boxes say (ISO 14496-12), without decoding it and without reading more than their heads."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from services.gateway.pictures import MAX_PIXELS, MAX_SIDE

MAX_SECONDS = 4 * 3600
MAX_TRACKS = 16
MAX_MOOV = 64 << 20
MAX_BOXES = 50_000


class BadFilm(Exception):
    """The bytes are not a film that may be kept; `reason` is a stable word."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True)
class Film:
    """Size in pixels, length in seconds, both as the film says of itself; 0 when it does not."""

    width: int
    height: int
    seconds: float


@dataclass(frozen=True)
class _Box:
    kind: bytes
    start: int
    end: int


def probe(file: IO[bytes], size: int) -> Film:
    """Returns what an MP4 or QuickTime file of `size` bytes says of itself; raises `BadFilm`.

    Its boxes must fill the file exactly, there must be a `moov`, and what it announces must be bearable to decode.
    """
    moov = None
    for box in _boxes(file, 0, size):
        if box.kind == b"moov":
            moov = box
    if moov is None:
        raise BadFilm("truncated", "The film has no moov box: it is cut short")
    if moov.end - moov.start > MAX_MOOV:
        raise BadFilm("video_too_large", "The film's moov box is larger than 64 MiB")
    width = height = tracks = 0
    seconds = 0.0
    for box in _boxes(file, moov.start, moov.end):
        if box.kind == b"mvhd":
            seconds = _seconds(_body(file, box, 32))
        elif box.kind == b"trak":
            tracks += 1
            if tracks > MAX_TRACKS:
                raise BadFilm("too_many_streams", f"The film has more than {MAX_TRACKS} tracks")
            wide, high = _track_size(file, box)
            if wide * high > width * height:
                width, height = wide, high
    if not tracks:
        raise BadFilm("truncated", "The film has no track")
    if width > MAX_SIDE or height > MAX_SIDE or width * height > MAX_PIXELS:
        raise BadFilm("video_too_large", "The film is larger than 40 megapixels or 16384 a side")
    if seconds > MAX_SECONDS:
        raise BadFilm("video_too_long", "The film is longer than 4 hours")
    return Film(width, height, seconds)


def _boxes(file: IO[bytes], start: int, end: int) -> Iterator[_Box]:
    at = start
    for _ in range(MAX_BOXES):
        if at == end:
            return
        file.seek(at)
        head = file.read(16)
        if len(head) < 8:
            raise BadFilm("truncated", "The film is cut short")
        (length,) = struct.unpack_from(">I", head)
        kind, inside = head[4:8], 8
        if length == 1 and len(head) == 16:
            (length,), inside = struct.unpack_from(">Q", head, 8), 16
        elif length == 0:
            length = end - at
        if not kind.strip(b" \xa9").isalnum() or length < inside:
            raise BadFilm("trailing_data", "The film holds something that is not a box")
        if at + length > end:
            raise BadFilm("truncated", "The film is cut short")
        yield _Box(kind, at + inside, at + length)
        at += length
    raise BadFilm("video_too_large", "The film has too many boxes")


def _body(file: IO[bytes], box: _Box, length: int) -> bytes:
    file.seek(box.start)
    return file.read(min(length, box.end - box.start))


def _seconds(body: bytes) -> float:
    try:
        scale, units = struct.unpack_from(">IQ", body, 20) if body[:1] == b"\1" else struct.unpack_from(">II", body, 12)
    except struct.error:
        raise BadFilm("truncated", "The film's header is cut short") from None
    # All bits set means that the length is not known.
    unknown = units in (0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF)
    return 0.0 if unknown or not scale else float(units / scale)


def _track_size(file: IO[bytes], track: _Box) -> tuple[int, int]:
    for box in _boxes(file, track.start, track.end):
        if box.kind == b"tkhd":
            body = _body(file, box, 96)
            try:
                wide, high = struct.unpack_from(">II", body, 88 if body[:1] == b"\1" else 76)
            except struct.error:
                raise BadFilm("truncated", "The film's track header is cut short") from None
            return wide >> 16, high >> 16
    return 0, 0
