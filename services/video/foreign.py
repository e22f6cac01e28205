"""A vendor's film brought into the house's form: 1080x1920, 30 fps, H.264 and AAC, cropped and never stretched.

Plain synchronous functions for a subprocess; what is heavy is imported inside.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kit.media.specs import LineSpec
from kit.telemetry import span

WIDTH, HEIGHT, FPS = 1080, 1920, 30
MAX_PIXELS = 40_000_000
LONGEST_SOURCE = 120.0
"""Seconds; more than any model of the catalogue makes."""

_TIMEOUT = 600.0
_HEAD, _TAIL, _GAP = 0.4, 0.5, 0.3


class BadFilm(Exception):
    """The bytes are no film this house can use; the message says why."""


@dataclass(frozen=True)
class Film:
    """A film on disk and its timeline (empty path: none), with what is known of it. `duration` in seconds."""

    path: Path
    timeline_path: Path | None
    duration: float
    width: int
    height: int


def filters(width: int, height: int) -> str:
    """Returns the ffmpeg filter that makes any picture 1080x1920 at 30 fps: the largest 9:16 box is cut out, then scaled."""
    if width * HEIGHT > height * WIDTH:
        box_width, box_height = _even(height * WIDTH / HEIGHT), _even(height)
    else:
        box_width, box_height = _even(width), _even(width * HEIGHT / WIDTH)
    return (
        f"crop={box_width}:{box_height},scale={WIDTH}:{HEIGHT}:flags=lanczos,setsar=1,fps={FPS},format=yuv420p,"
        "setparams=range=tv"
    )


def bring_home(source: Path, folder: Path, lines: Sequence[LineSpec], language: str, longest: float | None) -> Film:
    """Returns the film of `source` in the house's form, in `folder`, with a timeline of who speaks about when.

    Longer films are cut at `longest` seconds. A film that has the form already is taken as it is, one without sound gets silence. Raises
    `BadFilm` for a file without moving pictures, and for one that ffmpeg cannot read.
    """
    from kit.media.ffmpeg import MediaError
    from kit.media.probe import probe

    try:
        facts = probe(source)
        if not facts.width or not facts.height or not 0.2 < facts.duration <= LONGEST_SOURCE:
            raise BadFilm(
                f"The file holds {facts.width}x{facts.height} pixels and {facts.duration:.1f} s: no film of ours."
            )
        path = source
        if not _at_home(facts, longest):
            path = folder / "film.mp4"
            with span("encoder.normalise", width=facts.width, height=facts.height, seconds=facts.duration):
                _encode(source, path, filters(facts.width, facts.height), bool(facts.acodec), longest)
            facts = probe(path)
        if (facts.width, facts.height) != (WIDTH, HEIGHT) or not facts.acodec:
            raise BadFilm("The film could not be brought into form.")
    except MediaError as error:
        raise BadFilm(f"The film cannot be read: {error}") from error
    timeline = folder / "timeline.json"
    timeline.write_text(
        json.dumps(estimated_timeline(lines, facts.duration, language), ensure_ascii=False), encoding="utf-8"
    )
    return Film(path, timeline, facts.duration, facts.width, facts.height)


def estimated_timeline(lines: Sequence[LineSpec], duration: float, language: str) -> dict[str, object]:
    """Returns a timeline in the form of the local films', whose times are shares of the length by the lines' letters.

    A vendor does not say when its people speak: `exact` is false and no line has words or phones.
    """
    spoken = [line for line in lines if line.text.strip()]
    room = max(0.0, duration - _HEAD - _TAIL - _GAP * max(0, len(spoken) - 1))
    letters = sum(len(line.text) for line in spoken) or 1
    utterances: list[dict[str, object]] = []
    at = min(_HEAD, duration)
    for line in spoken:
        end = min(duration, at + room * len(line.text) / letters)
        utterances.append(
            {
                "character_id": line.character_id,
                "text": line.text,
                "emotion": line.emotion,
                "start": round(at, 4),
                "end": round(end, 4),
                "voice": "",
                "words": [],
                "phones": [],
            }
        )
        at = min(duration, end + _GAP)
    return {
        "version": 1,
        "exact": False,
        "duration": round(duration, 4),
        "language": language,
        "utterances": utterances,
        "camera": {},
        "music": {},
    }


def _even(value: float) -> int:
    return max(2, int(value) // 2 * 2)


def _at_home(facts: object, longest: float | None) -> bool:
    from kit.media.film.facts import SOUND_RATE
    from kit.media.probe import MediaFacts

    if not isinstance(facts, MediaFacts):
        return False
    form = (
        facts.width,
        facts.height,
        round(facts.fps, 2),
        facts.vcodec,
        facts.acodec,
        facts.sample_rate,
        facts.channels,
    )
    same = form == (WIDTH, HEIGHT, FPS, "h264", "aac", SOUND_RATE, 2) and facts.pixels.startswith("yuv420p")
    return same and facts.faststart and (longest is None or facts.duration <= longest + 0.05)


def _encode(source_path: Path, path: Path, picture: str, sound: bool, longest: float | None) -> None:
    from kit.media.ffmpeg import run, source
    from kit.media.film.facts import SOUND_ARGS, SOUND_RATE, VIDEO_ARGS

    inputs = source(source_path)
    if not sound:
        inputs += ["-f", "lavfi", "-i", f"anullsrc=channel_layout=stereo:sample_rate={SOUND_RATE}"]
    cut = ["-t", f"{longest:.3f}"] if longest is not None else []
    run(
        [
            *inputs,
            *("-map", "0:v:0", "-map", "0:a:0" if sound else "1:a:0", "-shortest", "-vf", picture),
            *VIDEO_ARGS,
            *SOUND_ARGS,
            *cut,
            *("-map_metadata", "-1", "-movflags", "+faststart", "-y", str(path)),
        ],
        timeout=_TIMEOUT,
    )


def frame(data: bytes, size: str) -> bytes:
    """Returns a picture as a PNG of `size` (`720x1280`): cropped to its proportions, never stretched.

    Raises `BadFilm` for bytes that are no picture, or one of more than 40 million pixels.
    """
    import io

    from PIL import Image, UnidentifiedImageError

    width, height = (int(part) for part in size.split("x"))
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as opened:
            if opened.size[0] * opened.size[1] > MAX_PIXELS:
                raise BadFilm("The first frame has too many pixels.")
            picture = opened.convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise BadFilm("The first frame cannot be decoded.") from error
    scale = max(width / picture.width, height / picture.height)
    cut_width, cut_height = min(picture.width, width / scale), min(picture.height, height / scale)
    left, top = (picture.width - cut_width) / 2, (picture.height - cut_height) / 2
    box = (left, top, left + cut_width, top + cut_height)
    buffer = io.BytesIO()
    picture.resize((width, height), Image.Resampling.LANCZOS, box=box).save(buffer, "PNG", compress_level=4)
    return buffer.getvalue()
