"""What ModelArk's pages say of Seedance's models: lengths, resolutions, sizes and dollars a million tokens."""

from __future__ import annotations

from dataclasses import dataclass

SIZES = {
    "480p": {
        "16:9": "864x496",
        "4:3": "752x560",
        "1:1": "640x640",
        "3:4": "560x752",
        "9:16": "496x864",
        "21:9": "992x432",
    },
    "720p": {
        "16:9": "1280x720",
        "4:3": "1112x834",
        "1:1": "960x960",
        "3:4": "834x1112",
        "9:16": "720x1280",
        "21:9": "1470x630",
    },
    "1080p": {
        "16:9": "1920x1080",
        "4:3": "1664x1248",
        "1:1": "1440x1440",
        "3:4": "1248x1664",
        "9:16": "1080x1920",
        "21:9": "2206x946",
    },
    "4k": {"16:9": "3840x2160", "9:16": "2160x3840"},
}
Prices = tuple[int, int]
"""Nano-USD a token: without and with a film as input."""


@dataclass(frozen=True)
class Seedance:
    """One model. `prices` are by resolution; `silent` is the price of a film without sound where that is another."""

    seconds: tuple[int, int]
    prices: dict[str, Prices]
    references: int = 9
    silent: int = 0


_TWO = Seedance((4, 15), {"480p": (7000, 4300), "720p": (7000, 4300), "1080p": (7700, 4700), "4k": (4000, 2400)})
_FAST = Seedance((4, 15), {"480p": (5600, 3300), "720p": (5600, 3300)})
_MINI = Seedance((4, 15), {"480p": (3500, 2100), "720p": (3500, 2100)})
_TWO_FIVE = Seedance((4, 30), dict.fromkeys(("480p", "720p", "1080p"), (10700, 6400)), 30)
_ONE_FIVE = Seedance((4, 12), dict.fromkeys(("480p", "720p", "1080p"), (2400, 2400)), 0, 1200)

MODELS = {
    "dreamina-seedance-2-0-260128": _TWO,
    "dreamina-seedance-2-0-fast-260128": _FAST,
    "dreamina-seedance-2-0-mini-260615": _MINI,
    "dreamina-seedance-2-5-260628": _TWO_FIVE,
    "seedance-1-5-pro-251215": _ONE_FIVE,
}
INPUT_SECONDS = 5
"""How long every film is taken to be that is given as a reference: the simulator does not read it."""


def tokens(seconds: int, size: str) -> int:
    """Return how many tokens so much film is."""
    width, _, height = size.partition("x")
    return seconds * int(width) * int(height) * 24 // 1024
