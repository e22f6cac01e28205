"""Clips become an episode: pictures taken over where they already have the form, one loudness, checked after writing."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kit.media import probe
from kit.media.ffmpeg import MediaError, run, source
from kit.media.film import track
from kit.media.film.check import LEAST_STRETCH, check_episode
from kit.media.film.facts import FPS, HEIGHT, VIDEO_ARGS, WIDTH, EpisodeFacts

Progress = Callable[[float], None]
_TIMEOUT = 1800.0


@dataclass(frozen=True)
class _Part:
    path: Path
    facts: probe.MediaFacts
    length: float
    """Seconds of picture, a whole number of frames."""


def _headers(path: Path) -> bytes:
    """The decoder's setup of the video stream: streams can be joined without encoding only when it is the same."""
    import av

    with av.open(str(path)) as media:
        return bytes(media.streams.video[0].codec_context.extradata or b"")


def _picture_length(path: Path) -> float:
    import av

    with av.open(str(path)) as media:
        stream = media.streams.video[0]
        if stream.duration is not None and stream.time_base is not None:
            return float(stream.duration * stream.time_base)
        return (media.duration or 0) / av.time_base


def _conforms(part: _Part, size: tuple[int, int]) -> bool:
    facts = part.facts
    form = (facts.vcodec, facts.pixels, facts.width, facts.height)
    return form == ("h264", "yuv420p", *size) and abs(facts.fps - FPS) < 0.001


def _part(path: Path) -> _Part:
    facts = probe.probe(path)
    if not facts.video_streams:
        raise MediaError(f"{path.name} has no picture")
    length = round(_picture_length(path) * FPS) / FPS
    if length < 1 / FPS:
        raise MediaError(f"{path.name} is empty")
    return _Part(path, facts, length)


def _encode(part: _Part, out: Path, size: tuple[int, int]) -> _Part:
    """The pictures of a clip in our form: scaled evenly to cover the frame and cropped, never stretched."""
    width, height = size
    chain = (
        f"scale='trunc(iw*sar/2)*2':ih,setsar=1,scale={width}:{height}:force_original_aspect_ratio=increase:flags=bicubic,"
        f"crop={width}:{height},setsar=1,fps={FPS},format=yuv420p"
    )
    run([*source(part.path), "-map", "0:v:0", "-an", "-vf", chain, *VIDEO_ARGS, "-y", str(out)], timeout=_TIMEOUT)
    return _part(out)


def _pictures(parts: Sequence[_Part], folder: Path, size: tuple[int, int]) -> tuple[list[_Part], int]:
    """The parts with pictures that can be joined without encoding, and how many were taken over as they are."""
    fitting = [_headers(p.path) if _conforms(p, size) else b"" for p in parts]
    common = Counter(h for h in fitting if h).most_common(1)
    kept = common[0][0] if common else b""
    ready: list[_Part] = []
    for index, (part, header) in enumerate(zip(parts, fitting, strict=True)):
        ready.append(part if header and header == kept else _encode(part, folder / f"part{index}.mp4", size))
    copied = sum(a is b for a, b in zip(ready, parts, strict=True))
    if copied and len({_headers(p.path) for p in ready}) > 1:
        # Clips of somebody else's making that agree with each other but not with us: all are encoded alike.
        return [_encode(p, folder / f"again{i}.mp4", size) for i, p in enumerate(parts)], 0
    return ready, copied


def _write(parts: Sequence[_Part], track: Path, out: Path, folder: Path) -> None:
    """Join the pictures as they are and lay the encoded track under them."""
    listing = folder / "parts.txt"
    quoted = (str(p.path.resolve()).replace("'", "'\\''") for p in parts)
    lines = ["ffconcat version 1.0"]
    for name, part in zip(quoted, parts, strict=True):
        lines += [f"file '{name}'", f"duration {part.length:.6f}"]
    listing.write_text("\n".join(lines) + "\n", encoding="utf-8")
    pictures = ["-f", "concat", "-safe", "0", *source(listing)]
    file = ["-c", "copy", "-movflags", "+faststart", "-video_track_timescale", "15360", "-y", str(out)]
    run([*pictures, *source(track), "-map", "0:v:0", "-map", "1:a:0", *file], timeout=_TIMEOUT)


def assemble(
    clips: Sequence[Path], out: Path, *, progress: Progress | None = None, size: tuple[int, int] = (WIDTH, HEIGHT)
) -> EpisodeFacts:
    """Join clips in order into `out`: H.264 of `size` at 30 fps, AAC 48 kHz stereo, -14 LUFS within 1, true peak at most -1 dBTP.

    Pictures that already have the form are taken over without encoding; others are scaled evenly and cropped. Sound is cut or filled to the
    length of its picture; a missing or silent track becomes a quiet music bed. The result is checked (`check_episode`) before it
    appears at `out`.
    Raises MediaError naming the unreadable clip, ffmpeg's complaint, or every problem found.
    """
    if not clips:
        raise MediaError("there are no clips to assemble")
    tell = progress or (lambda _: None)
    with tempfile.TemporaryDirectory(prefix="episode-", dir=out.parent) as name:
        folder = Path(name)
        parts = [_part(path) for path in clips]
        ready, copied = _pictures(parts, folder, size)
        tell(0.3)
        pieces = [track.Piece(p.path, p.facts.audio_streams > 0, r.length) for p, r in zip(parts, ready, strict=True)]
        gathered = track.gathered(pieces, folder)
        tell(0.4)
        sound, _ = track.encoded(gathered, folder)
        tell(0.7)
        made = folder / "episode.mp4"
        _write(ready, sound, made, folder)
        tell(0.75)
        expected = sum(p.length for p in ready)
        found = probe.inspect(made, LEAST_STRETCH)
        tell(0.95)
        problems = check_episode(made, expected, size=size, found=found)
        if problems:
            raise MediaError("the episode is not as it should be: " + "; ".join(problems))
        facts = probe.probe(made)
        made.replace(out)
    tell(1.0)
    return EpisodeFacts(
        facts.duration, len(clips), copied, found.loudness.integrated, found.loudness.true_peak, facts.bytes
    )
