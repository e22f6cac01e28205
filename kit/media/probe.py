"""What a media file really holds: streams, size, length, loudness, and stretches of black or silence."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from pathlib import Path

from kit.media.ffmpeg import MediaError, run, source

_BLACK = re.compile(r"black_start:([\d.]+) black_end:([\d.]+)")
_SILENCE_START = re.compile(r"silence_start: (-?[\d.e-]+)")
_SILENCE_END = re.compile(r"silence_end: (-?[\d.e-]+)")
_INTEGRATED = re.compile(r"Integrated loudness:\s+I:\s+(-?[\d.]+|-?inf) LUFS")
_PEAK = re.compile(r"True peak:\s+Peak:\s+(-?[\d.]+|-?inf) dBFS")

Stretch = tuple[float, float]
"""Start and end in seconds."""


@dataclass(frozen=True)
class MediaFacts:
    """One media file. `duration` in seconds; a still picture or a missing stream leaves its fields 0 or empty.

    `width` and `height` are those a player shows (rotation and pixel shape applied); `faststart`: the index stands before the data.
    """

    duration: float
    width: int
    height: int
    fps: float
    vcodec: str
    acodec: str
    sample_rate: int
    bytes: int
    faststart: bool
    channels: int = 0
    pixels: str = ""
    video_streams: int = 0
    audio_streams: int = 0


def is_faststart(path: Path) -> bool:
    """True when an MP4 file's `moov` box comes before its `mdat` box, so that it plays while it loads. Reads box heads only."""
    size = path.stat().st_size
    at = 0
    with path.open("rb") as file:
        while at + 8 <= size:
            file.seek(at)
            head = file.read(16)
            if len(head) < 8:
                return False
            length, kind = struct.unpack(">I4s", head[:8])
            if kind in (b"moov", b"mdat"):
                return bool(kind == b"moov")
            if length == 1 and len(head) == 16:
                length = struct.unpack(">Q", head[8:])[0]
            if length < 8:
                return False
            at += length
    return False


def probe(path: Path) -> MediaFacts:
    """The facts of a media file, from its headers. Raises MediaError when it cannot be read as media."""
    import av

    try:
        with av.open(str(path), options={"protocol_whitelist": "file,pipe"}) as media:
            video, audio = media.streams.video, media.streams.audio
            width = height = rate = 0
            fps, vcodec, acodec, pixels, channels = 0.0, "", "", "", 0
            if video:
                first = video[0]
                vcodec, pixels = first.codec_context.name, first.codec_context.pix_fmt or ""
                fps = float(first.average_rate or 0)
                width, height = first.codec_context.width, first.codec_context.height
                if first.sample_aspect_ratio:
                    width = round(width * first.sample_aspect_ratio)
                if _quarter_turn(media.decode(video=0)):
                    width, height = height, width
            if audio:
                acodec, rate = audio[0].codec_context.name, audio[0].codec_context.sample_rate
                channels = audio[0].codec_context.channels
            duration = (media.duration or 0) / av.time_base
            counts = len(video), len(audio)
    except (av.FFmpegError, OSError, ValueError) as error:
        raise MediaError(f"{path.name} cannot be read as media: {error}") from error
    return MediaFacts(
        duration,
        width,
        height,
        fps,
        vcodec,
        acodec,
        rate,
        path.stat().st_size,
        is_faststart(path),
        channels,
        pixels,
        *counts,
    )


def _quarter_turn(frames: object) -> bool:
    import av

    first = next((f for f in frames if isinstance(f, av.VideoFrame)), None) if hasattr(frames, "__iter__") else None
    return first is not None and abs(first.rotation) % 180 == 90


@dataclass(frozen=True)
class Loudness:
    """Integrated loudness in LUFS and true peak in dBTP (ITU-R BS.1770); -inf for silence."""

    integrated: float
    true_peak: float


def loudness(path: Path, *, timeout: float = 300.0) -> Loudness:
    """The loudness of a file's first audio stream. Raises MediaError when it has none."""
    return _read_loudness(run([*source(path), "-vn", "-af", "ebur128=peak=true", "-f", "null", "-"], timeout=timeout))


def _read_loudness(log: str) -> Loudness:
    integrated, peak = _INTEGRATED.findall(log), _PEAK.findall(log)
    if not integrated or not peak:
        raise MediaError("ffmpeg measured no loudness")
    return Loudness(float(integrated[-1]), float(peak[-1]))


def _read_black(log: str, least: float) -> list[Stretch]:
    return [(float(a), float(b)) for a, b in _BLACK.findall(log) if float(b) - float(a) >= least]


def _read_silence(log: str, end: float) -> list[Stretch]:
    starts = [max(0.0, float(s)) for s in _SILENCE_START.findall(log)]
    ends = [float(e) for e in _SILENCE_END.findall(log)]
    return list(zip(starts, [*ends, *[end] * (len(starts) - len(ends))], strict=True))


_BLACK_FILTER = "blackdetect=d={least}:pic_th=0.98:pix_th=0.06"
_SILENCE_FILTER = "silencedetect=noise=-60dB:d={least}"


def black_stretches(path: Path, least: float = 1.0, *, timeout: float = 300.0) -> list[Stretch]:
    """Stretches of at least `least` seconds in which 98 % of the picture is nearly black."""
    log = run([*source(path), "-an", "-vf", _BLACK_FILTER.format(least=least), "-f", "null", "-"], timeout=timeout)
    return _read_black(log, least)


def silent_stretches(path: Path, least: float = 1.0, *, timeout: float = 300.0) -> list[Stretch]:
    """Stretches of at least `least` seconds below -60 dBFS."""
    log = run([*source(path), "-vn", "-af", _SILENCE_FILTER.format(least=least), "-f", "null", "-"], timeout=timeout)
    return _read_silence(log, probe(path).duration)


@dataclass(frozen=True)
class Findings:
    """What one look through a film found."""

    black: list[Stretch]
    silent: list[Stretch]
    loudness: Loudness


def inspect(path: Path, least: float = 1.0, *, timeout: float = 600.0) -> Findings:
    """Black and silent stretches and loudness of a film with picture and sound, in one decoding.

    Frames that no other frame needs are skipped: a second of black shows in the others too.
    """
    video, audio = _BLACK_FILTER.format(least=least), _SILENCE_FILTER.format(least=least)
    graph = f"[0:v:0]scale=w=270:h=-2:flags=neighbor,{video}[v];[0:a:0]{audio},ebur128=peak=true[a]"
    out = ["-map", "[v]", "-map", "[a]", "-f", "null", "-"]
    fast = source(path, "-skip_frame", "noref", "-skip_loop_filter", "all")
    log = run([*fast, "-filter_complex", graph, *out], timeout=timeout)
    return Findings(_read_black(log, least), _read_silence(log, probe(path).duration), _read_loudness(log))
