"""Small colour arithmetic on `#rrggbb` strings."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def rgb(colour: str) -> tuple[int, int, int]:
    """Return the three bytes of `#rrggbb`."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def mix(first: str, second: str, share: float) -> str:
    """Return the colour `share` (0..1) of the way from `first` to `second`."""
    pairs = zip(rgb(first), rgb(second), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def darker(colour: str, share: float = 0.25, towards: str = "#1a1030") -> str:
    """Return `colour` moved towards a deep violet: warmer to look at than moving it towards black."""
    return mix(colour, towards, share)


def lighter(colour: str, share: float = 0.25) -> str:
    """Return `colour` moved towards a warm white."""
    return mix(colour, "#fff6e8", share)


def unit(colour: str) -> Floats:
    """Return the colour as three floats in 0..1."""
    return np.array(rgb(colour), np.float32) / np.float32(255)


def luminance(colour: str) -> float:
    """Return the relative brightness in 0..1 (Rec. 709 weights, without undoing gamma)."""
    red, green, blue = rgb(colour)
    return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255
