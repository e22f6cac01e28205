"""What Kling's pages say of the models served here: lengths, ways of making and dollars a second."""

from __future__ import annotations

from dataclasses import dataclass, field

_HD = {"16:9": "1280x720", "9:16": "720x1280", "1:1": "960x960"}
_FULL = {"16:9": "1920x1080", "9:16": "1080x1920", "1:1": "1440x1440"}
_UHD = {"16:9": "3840x2160", "9:16": "2160x3840", "1:1": "2880x2880"}
SIZES = {"std": _HD, "pro": _FULL, "4k": _UHD, "720p": _HD, "1080p": _FULL}
"""Sizes by tier and ratio."""
_FOUR = {"720p": {**_HD, "1:1": "940x940", "21:9": "1460x624"}, "1080p": {**_FULL, "21:9": "2200x940"}}


@dataclass(frozen=True)
class Kling:
    """One model. `prices` are nano-USD a second by mode or resolution, silent and with sound; `sizes` are by tier and ratio."""

    prices: dict[str, tuple[int, int]]
    seconds: tuple[int, ...]
    paths: tuple[str, ...] = ("text2video", "image2video")
    sound: bool = False
    sizes: dict[str, dict[str, str]] = field(default_factory=lambda: SIZES)
    options: tuple[str, ...] = field(default=("callback_url", "external_task_id", "watermark_info"))


def _span(first: int, last: int) -> tuple[int, ...]:
    return tuple(range(first, last + 1))


_M = 1_000_000
_PRO = {"pro": (70 * _M, 140 * _M)}
CLASSIC = {
    "kling-v2-5-turbo": Kling({"std": (42 * _M, 42 * _M), "pro": (70 * _M, 70 * _M)}, (5, 10)),
    "kling-v2-6": Kling(_PRO, (5, 10), sound=True),
    "kling-v3": Kling(
        {"std": (84 * _M, 126 * _M), "pro": (112 * _M, 168 * _M), "4k": (420 * _M, 420 * _M)}, _span(3, 15), sound=True
    ),
    "kling-v3-omni": Kling({"pro": (112 * _M, 168 * _M)}, _span(3, 15), ("omni-video",), sound=True),
    "kling-video-o1": Kling({"pro": (112 * _M, 112 * _M)}, _span(3, 10), ("omni-video",)),
}
NEWER = {
    "kling-3.0-turbo": Kling({"720p": (112 * _M, 112 * _M), "1080p": (140 * _M, 140 * _M)}, _span(3, 15)),
    "kling-4.0": Kling(
        {"720p": (167 * _M, 167 * _M), "1080p": (250 * _M, 250 * _M)},
        _span(3, 30),
        sizes=_FOUR,
        options=("watermark_info",),
    ),
    "kling-4.0-flash": Kling({"720p": (100 * _M, 100 * _M)}, _span(3, 20), sizes=_FOUR, options=("watermark_info",)),
}
UNIT = 140 * _M
"""Nano-USD that one unit of a prepaid pack costs."""
