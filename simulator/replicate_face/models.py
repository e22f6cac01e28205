"""What the official models' pages say of their inputs and prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_URI = "uri"
_SEEDANCE_RATIOS = ("16:9", "4:3", "1:1", "3:4", "9:16", "21:9", "9:21", "adaptive")
_SHORT = {"480p": 480, "720p": 720, "768p": 768, "1080p": 1080}

Field = tuple[object, ...] | type | str
"""Legal values, a type, `uri` or `uris`."""


@dataclass(frozen=True)
class Official:
    """One model: its input's fields beside `prompt`, and cents a second by resolution, silent and with sound."""

    fields: Mapping[str, Field]
    cents: Mapping[str, tuple[float, float]]
    resolution: str = "720p"
    references: int = 0


def _seedance(cents: Mapping[str, tuple[float, float]]) -> Official:
    fields: dict[str, Field] = {
        "image": _URI,
        "last_frame_image": _URI,
        "reference_images": "uris",
        "duration": (-1, *range(4, 16)),
        "resolution": tuple(cents),
        "aspect_ratio": _SEEDANCE_RATIOS,
        "generate_audio": bool,
        "seed": int,
    }
    return Official(fields, cents, references=9)


def _veo(cents: tuple[float, float], references: int) -> Official:
    fields: dict[str, Field] = {
        "image": _URI,
        "last_frame": _URI,
        "duration": (4, 6, 8),
        "resolution": ("720p", "1080p"),
        "aspect_ratio": ("16:9", "9:16"),
        "generate_audio": bool,
        "negative_prompt": str,
        "seed": int,
    }
    if references:
        fields["reference_images"] = "uris"
    return Official(fields, {"720p": cents, "1080p": cents}, references=references)


MODELS = {
    "bytedance/seedance-2.0-fast": _seedance({"480p": (6, 6), "720p": (12, 12)}),
    "bytedance/seedance-2.0": _seedance({"480p": (7, 7), "720p": (15, 15), "1080p": (34, 34)}),
    "google/veo-3.1": _veo((20, 40), 3),
    "google/veo-3.1-fast": _veo((10, 15), 0),
    "kwaivgi/kling-v2.5-turbo-pro": Official(
        {
            "start_image": _URI,
            "duration": (5, 10),
            "aspect_ratio": ("16:9", "9:16", "1:1"),
            "negative_prompt": str,
        },
        {"720p": (7, 7)},
    ),
    "minimax/hailuo-2.3": Official(
        {"first_frame_image": _URI, "duration": (6, 10), "resolution": ("768p", "1080p"), "prompt_optimizer": bool},
        {"768p": (14 / 3, 14 / 3), "1080p": (49 / 6, 49 / 6)},
        resolution="768p",
    ),
}


def wrong(model: Official, given: Mapping[str, object]) -> list[str]:
    """Return the names of the inputs that the model does not take."""
    bad = [name for name in given if name not in model.fields and name != "prompt"]
    prompt = given.get("prompt")
    if not isinstance(prompt, str) or not prompt:
        bad.append("prompt")
    for name, rule in model.fields.items():
        if name in given and not _takes(rule, given[name], model.references):
            bad.append(name)
    if given.get("reference_images") and any(name in given for name in ("image", "last_frame", "last_frame_image")):
        bad.append("reference_images")
    if ("last_frame" in given or "last_frame_image" in given) and "image" not in given:
        bad.append("last_frame")
    if given.get("resolution") == "1080p" and "first_frame_image" in model.fields and given.get("duration") == 10:
        bad.append("duration")
    return bad


def size_of(model: Official, given: Mapping[str, object]) -> tuple[str, str]:
    """Return the film's resolution and its size in pixels."""
    resolution = str(given.get("resolution", model.resolution))
    ratio = str(given.get("aspect_ratio", "16:9"))
    across, down = (int(side) for side in (ratio if ":" in ratio else "16:9").split(":"))
    short = _SHORT[resolution]
    return resolution, f"{round(short * across / min(across, down))}x{round(short * down / min(across, down))}"


def _takes(rule: Field, value: object, most: int) -> bool:
    if rule == "uris":
        return isinstance(value, list) and len(value) <= most and all(_takes(_URI, one, 0) for one in value)
    if rule == _URI:
        return isinstance(value, str) and value.startswith(("https://", "data:"))
    if isinstance(rule, tuple):
        return value in rule
    return isinstance(rule, type) and isinstance(value, rule) and (rule is bool or not isinstance(value, bool))
