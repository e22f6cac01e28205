"""Clips become an episode: pictures taken over where they already have the form, one loudness, checked after writing."""

from __future__ import annotations

import json
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kit.media import music, probe
from kit.media.ffmpeg import MediaError, run, source
from kit.media.film.check import LEAST_STRETCH, check_episode
from kit.media.film.facts import (
    FPS,
    HEIGHT,
    LOUDNESS,
    SOUND_ARGS,
    SOUND_RATE,
    TRUE_PEAK,
    VIDEO_ARGS,
    WIDTH,
    EpisodeFacts,
)
from kit.media.film.sound import room_tone, write_wav

Progress = Callable[[float], None]
_TIMEOUT = 1800.0
_MEASURED = re.compile(r"\{[^{}]*\"input_i\"[^{}]*\}")
_STEREO = f"aresample={SOUND_RATE},aformat=sample_fmts=fltp:channel_layouts=stereo"


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


def _sound(parts: Sequence[_Part], lengths: Sequence[float], folder: Path) -> Path:
    """One WAV of all parts' sound, each exactly as long as its picture; a part without sound gets a quiet bed and room tone."""
    inputs: list[str] = []
    chains = []
    for index, (part, length) in enumerate(zip(parts, lengths, strict=True)):
        samples = round(length * SOUND_RATE)
        fill = folder / f"room{index}.wav"
        tone = room_tone(length, index)
        if part.facts.audio_streams:
            inputs += [*source(part.path), *source(fill)]
            cut = f"{_STEREO},apad=whole_len={samples},atrim=end_sample={samples},asetpts=N/SR/TB"
            chains.append(f"[{2 * index}:a:0]{cut}[v{index}];[{2 * index + 1}:a]{_STEREO}[r{index}]")
            chains.append(f"[v{index}][r{index}]amix=inputs=2:duration=first:normalize=0[a{index}]")
        else:
            tone = tone + 0.25 * music.bed("tender", max(0.5, length), index)[: len(tone)]
            inputs += [*source(fill), *source(fill)]
            chains.append(f"[{2 * index}:a]{_STEREO}[a{index}]")
        write_wav(fill, tone)
    joined = "".join(f"[a{i}]" for i in range(len(parts)))
    graph = ";".join([*chains, f"{joined}concat=n={len(parts)}:v=0:a=1[out]"])
    out = folder / "sound.wav"
    run([*inputs, "-filter_complex", graph, "-map", "[out]", "-c:a", "pcm_s16le", "-y", str(out)], timeout=_TIMEOUT)
    return out


def _loudnorm(track: Path, ceiling: float) -> str:
    """The second-pass loudnorm filter for a track, from measuring it in a first pass (EBU R 128 as ffmpeg implements it)."""
    wanted = f"loudnorm=I={LOUDNESS}:TP={ceiling}:LRA=11"
    log = run([*source(track), "-af", f"{wanted}:print_format=json", "-f", "null", "-"], timeout=_TIMEOUT)
    match = _MEASURED.search(log)
    if match is None:
        raise MediaError("ffmpeg measured no loudness")
    m: dict[str, str] = json.loads(match[0])
    if "inf" in m["input_i"]:
        raise MediaError("the clips are silent")
    measured = f"measured_I={m['input_i']}:measured_TP={m['input_tp']}:measured_LRA={m['input_lra']}"
    return f"{wanted}:{measured}:measured_thresh={m['input_thresh']}:offset={m['target_offset']}:linear=true"


def _write(
    parts: Sequence[_Part], track: Path, out: Path, folder: Path, ceiling: float, progress: Progress | None
) -> None:
    listing = folder / "parts.txt"
    quoted = (str(p.path.resolve()).replace("'", "'\\''") for p in parts)
    lines = ["ffconcat version 1.0"]
    for name, part in zip(quoted, parts, strict=True):
        lines += [f"file '{name}'", f"duration {part.length:.6f}"]
    listing.write_text("\n".join(lines) + "\n", encoding="utf-8")
    total = sum(p.length for p in parts)
    pictures = ["-f", "concat", "-safe", "0", *source(listing)]
    sound = ["-af", f"{_loudnorm(track, ceiling)},aresample={SOUND_RATE}", *SOUND_ARGS]
    file = ["-movflags", "+faststart", "-video_track_timescale", "15360", "-y", str(out)]
    run(
        [*pictures, *source(track), "-map", "0:v:0", "-map", "1:a:0", "-c:v", "copy", *sound, *file],
        timeout=_TIMEOUT,
        progress=(lambda seconds: progress(0.5 + 0.4 * min(1.0, seconds / total))) if progress else None,
    )


def assemble(
    clips: Sequence[Path], out: Path, *, progress: Progress | None = None, size: tuple[int, int] = (WIDTH, HEIGHT)
) -> EpisodeFacts:
    """Join clips in order into `out`: H.264 of `size` at 30 fps, AAC 48 kHz stereo, -14 LUFS within 1, true peak at most -1 dBTP.

    Pictures that already have the form are taken over without encoding; others are scaled evenly and cropped. Sound is cut or filled to the
    length of its picture; a missing track becomes a quiet music bed. The result is checked (`check_episode`) before it appears at `out`.
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
        track = _sound(parts, [p.length for p in ready], folder)
        tell(0.5)
        expected = sum(p.length for p in ready)
        made = folder / "episode.mp4"
        for ceiling in (-1.5, -3.0):  # AAC may round peaks up: once more with room for it
            _write(ready, track, made, folder, ceiling, progress)
            found = probe.inspect(made, LEAST_STRETCH)
            if found.loudness.true_peak <= TRUE_PEAK:
                break
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
