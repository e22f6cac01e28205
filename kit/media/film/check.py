"""Looking at a finished episode as a viewer's player would: is it what was promised?"""

from __future__ import annotations

from pathlib import Path

from kit.media import probe
from kit.media.ffmpeg import MediaError
from kit.media.film.facts import FPS, HEIGHT, LOUDNESS, SOUND_RATE, TRUE_PEAK, WIDTH

LEAST_STRETCH = 1.0
"""Seconds of black or silence that count as a fault."""


def check_episode(
    path: Path,
    expected_duration: float,
    *,
    size: tuple[int, int] = (WIDTH, HEIGHT),
    found: probe.Findings | None = None,
) -> list[str]:
    """Everything that is wrong with an episode, one sentence each; empty when it is as it should be.

    Checked: length within 0.5 s, one video and one audio stream, codecs, size, frame rate, sampling rate, the index at the front, no black
    or silent stretch of a second, loudness within 1 LU of -14 LUFS, true peak at most -1 dBTP. `found` spares a second look.
    """
    try:
        facts = probe.probe(path)
    except MediaError as error:
        return [str(error)]
    problems = []
    if abs(facts.duration - expected_duration) > 0.5:
        problems.append(f"it lasts {facts.duration:.2f} s instead of {expected_duration:.2f} s")
    if (facts.video_streams, facts.audio_streams) != (1, 1):
        problems.append(
            f"it has {facts.video_streams} video and {facts.audio_streams} audio streams instead of one each"
        )
    if facts.vcodec != "h264" or facts.pixels != "yuv420p":
        problems.append(f"its picture is {facts.vcodec or 'missing'} {facts.pixels} instead of h264 yuv420p")
    if (facts.width, facts.height) != size:
        problems.append(f"it is {facts.width}x{facts.height} instead of {size[0]}x{size[1]}")
    if abs(facts.fps - FPS) > 0.01:
        problems.append(f"it runs at {facts.fps:.3f} instead of {FPS} frames per second")
    if facts.acodec != "aac" or facts.sample_rate != SOUND_RATE or facts.channels != 2:
        problems.append(f"its sound is {facts.acodec or 'missing'}, {facts.sample_rate} Hz, {facts.channels} channels")
    if not facts.faststart:
        problems.append("its index stands at the end")
    if facts.video_streams and facts.audio_streams:
        problems += _heard_and_seen(found or probe.inspect(path, LEAST_STRETCH))
    return problems


def _heard_and_seen(found: probe.Findings) -> list[str]:
    problems = [f"it is black from {a:.1f} to {b:.1f} s" for a, b in found.black]
    problems += [f"it is silent from {a:.1f} to {b:.1f} s" for a, b in found.silent]
    if abs(found.loudness.integrated - LOUDNESS) > 1.0:
        problems.append(f"its loudness is {found.loudness.integrated:.1f} LUFS instead of {LOUDNESS:.0f}")
    if found.loudness.true_peak > TRUE_PEAK + 0.05:
        problems.append(f"its true peak is {found.loudness.true_peak:.1f} dBTP, over {TRUE_PEAK:.0f}")
    return problems
