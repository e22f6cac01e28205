"""What the film makers give back, and the form that every finished film has."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

WIDTH, HEIGHT, FPS = 1080, 1920, 30
SOUND_RATE = 48_000
LOUDNESS = -14.0
"""Integrated loudness of every clip and episode in LUFS, as video platforms play it."""

TRUE_PEAK = -1.0
"""Highest true peak in dBTP."""

LONGEST = 20.0
"""Most seconds of one clip."""

TIMELINE_VERSION = 1

VIDEO_ARGS = (
    *(
        "-c:v",
        "libx264",
        "-preset",
        "veryfast",
        "-crf",
        "21",
        "-profile:v",
        "high",
        "-level",
        "4.1",
        "-pix_fmt",
        "yuv420p",
    ),
    *("-g", "60", "-bf", "2", "-video_track_timescale", "15360"),
    *(
        "-colorspace",
        "bt709",
        "-color_primaries",
        "bt709",
        "-color_trc",
        "bt709",
        "-color_range",
        "tv",
        "-chroma_sample_location",
        "left",
    ),
)
"""The one way pictures are encoded, so that clips can be joined without encoding them again."""

# Without noise substitution (pns): the noise that it puts in for the highest notes raises single peaks by two decibels and more.
SOUND_ARGS = ("-c:a", "aac", "-b:a", "160k", "-aac_pns", "0", "-ar", str(SOUND_RATE), "-ac", "2")


@dataclass(frozen=True)
class ClipFacts:
    """A rendered clip: its length in seconds and its timeline, a JSON object (see `script.Script.timeline`)."""

    duration: float
    timeline: dict[str, object]


@dataclass(frozen=True)
class EpisodeFacts:
    """An assembled and checked episode. `copied` counts the clips whose pictures were taken over without encoding them again."""

    duration: float
    clips: int
    copied: int
    loudness: float
    true_peak: float
    bytes: int


@dataclass(frozen=True)
class ClipResult:
    """Where a job left its film and the JSON file of its timeline, and the film's length in seconds."""

    path: Path
    timeline_path: Path
    duration: float
