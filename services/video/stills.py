"""A finished film looked at, made ready to stream, set into another frame, and its stills. Plain functions for a subprocess."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

LONGEST = 3600.0
_TIMEOUT = 600.0
_COLUMNS, _ROWS = 5, 2
_STILL_WIDTH, _SHEET_WIDTH = 640, 200


class BadFilm(Exception):
    """The bytes are no film; the message says why."""


@dataclass(frozen=True)
class Seen:
    """A film on disk: its size as shown, its length in seconds, and its two stills."""

    path: Path
    width: int
    height: int
    duration: float
    thumbnail: Path
    spritesheet: Path


def look(source: Path, folder: Path) -> Seen:
    """Returns what a film really holds, with a still and a sheet of stills as JPEG beside it.

    A film whose index stands behind its data is copied into a file that plays while it loads, without another encoding. Raises
    `BadFilm` for a file without moving pictures, an empty or an endless one, and one that ffmpeg cannot read.
    """
    from kit.media.ffmpeg import MediaError
    from kit.media.probe import probe

    try:
        facts = probe(source)
        if not facts.video_streams or not facts.width or not facts.height or not 0.1 < facts.duration <= LONGEST:
            raise BadFilm(
                f"The file holds {facts.width}x{facts.height} pixels and {facts.duration:.1f} s: that is no film."
            )
        path = source
        if facts.vcodec in ("h264", "hevc", "av1") and not facts.faststart:
            path = folder / "streaming.mp4"
            _run(source, "-map", "0:v:0", "-map", "0:a?", "-c", "copy", "-movflags", "+faststart", path)
        thumbnail, sheet = folder / "thumbnail.jpg", folder / "sheet.jpg"
        every = _COLUMNS * _ROWS / facts.duration
        tiles = f"fps={every:.6f}:round=up,scale={_SHEET_WIDTH}:-2,tile={_COLUMNS}x{_ROWS}"
        # Both from one reading of the film.
        _run(
            path,
            *("-map", "0:v:0", "-ss", f"{min(1.0, facts.duration / 3):.3f}", "-frames:v", "1", "-q:v", "3"),
            *("-vf", f"scale={_STILL_WIDTH}:-2", "-update", "1", thumbnail),
            *("-map", "0:v:0", "-vf", tiles, "-frames:v", "1", "-q:v", "4", "-update", "1", sheet),
        )
    except MediaError as error:
        raise BadFilm(f"The film cannot be read: {str(error)[:400]}") from error
    return Seen(path, facts.width, facts.height, facts.duration, thumbnail, sheet)


def reframe(source: Path, folder: Path, size: str) -> Path:
    """Returns the film of `source` at `size` (`1280x720`), whole and never stretched, on a blurred ground of itself.

    A film of that size already is returned as it is. Raises `BadFilm`.
    """
    from kit.media.ffmpeg import MediaError
    from kit.media.film.facts import VIDEO_ARGS
    from kit.media.probe import probe

    width, height = (int(part) for part in size.split("x"))
    try:
        facts = probe(source)
        if (facts.width, facts.height) == (width, height):
            return source
        path = folder / "framed.mp4"
        graph = (
            f"[0:v]split[a][b];[a]scale={width}:{height}:force_original_aspect_ratio=increase,crop={width}:{height},"
            f"scale={width // 8}:{height // 8},gblur=sigma=6,scale={width}:{height}[ground];"
            f"[b]scale={width}:{height}:force_original_aspect_ratio=decrease:force_divisible_by=2[film];"
            "[ground][film]overlay=(W-w)/2:(H-h)/2,setsar=1,format=yuv420p[v]"
        )
        _run(
            source,
            *("-filter_complex", graph, "-map", "[v]", "-map", "0:a?", *VIDEO_ARGS, "-c:a", "copy"),
            *("-movflags", "+faststart", path),
        )
    except MediaError as error:
        raise BadFilm(f"The film cannot be set into its frame: {str(error)[:400]}") from error
    return path


def _run(film: Path, *arguments: str | Path) -> None:
    from kit.media.ffmpeg import run, source

    *options, path = (str(one) for one in arguments)
    run([*source(film), *options, "-y", path], timeout=_TIMEOUT)
