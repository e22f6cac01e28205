"""What Kling's pages say of the models served here: lengths, ways of making and dollars a second."""

from __future__ import annotations

from dataclasses import dataclass, field

MODES = {"std": 720, "pro": 1080, "4k": 2160}
RATIOS = {"16:9": (16, 9), "9:16": (9, 16), "1:1": (1, 1), "21:9": (21, 9)}


@dataclass(frozen=True)
class Kling:
    """One model. `prices` are nano-USD a second by mode or resolution, silent and with sound; `most` is the longest film."""

    prices: dict[str, tuple[int, int]]
    seconds: tuple[int, ...]
    paths: tuple[str, ...] = ("text2video", "image2video")
    sound: bool = False
    ratios: tuple[str, ...] = ("16:9", "9:16", "1:1")
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
        ratios=tuple(RATIOS),
        options=("watermark_info",),
    ),
    "kling-4.0-flash": Kling(
        {"720p": (100 * _M, 100 * _M)}, _span(3, 20), ratios=tuple(RATIOS), options=("watermark_info",)
    ),
}
UNIT = 140 * _M
"""Nano-USD that one unit of a prepaid pack costs."""


def size_of(ratio: str, short: int) -> str:
    """Return the size of a ratio whose shorter side is `short`."""
    across, down = RATIOS.get(ratio, (16, 9))
    scale = short / min(across, down)
    return f"{round(across * scale / 2) * 2}x{round(down * scale / 2) * 2}"
