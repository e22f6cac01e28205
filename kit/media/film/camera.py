"""The camera's slow move over a background larger than the frame, smooth to an eighth of a pixel.

A move along one axis needs the background in eight sub-pixel positions only (sixteen for the half-size chroma). They are drawn once, and
each frame is then a plain cut-out. Moves in whole pixels would step visibly: a slow pan travels less than half a pixel per frame.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kit.media.film.planes import Frame, Plate

MOVES = ("pan-right", "pan-left", "tilt-up", "tilt-down")
_PHASES = 8
_SPEED = 12.0
"""Fastest mean speed in pixels per second of a 1080 pixels wide frame."""


@dataclass(frozen=True)
class Move:
    """A camera move: one of `MOVES` and how many pixels of the frame it travels in all."""

    kind: str
    travel: float


def plan(kind: str, width: int, height: int, scale: float, seconds: float) -> Move:
    """The move of that kind that a background of `scale` times the frame has room for, at a calm speed."""
    side = width if kind.startswith("pan") else height
    return Move(kind, round(min(0.85 * side * (scale - 1.0), _SPEED * seconds * width / 1080), 2))


class Camera:
    """Cuts the background of each frame out of a plate that is at least as large as the frame."""

    def __init__(self, background: Plate, width: int, height: int, move: Move) -> None:
        self._background = background
        self._size = (width, height)
        self._across = move.kind.startswith("pan")
        self._slack = (background.width - width, background.height - height)
        self._travel = move.travel if move.kind in ("pan-right", "tilt-down") else -move.travel
        self._drawn: dict[tuple[int, int], NDArray[np.uint8]] = {}

    def _shifted(self, plane: int, phase: int, phases: int) -> NDArray[np.uint8]:
        """One plane moved by `phase / phases` of its own pixels, one pixel shorter along the move."""
        key = (plane, phase)
        if key not in self._drawn:
            image = (self._background.luma, self._background.cb, self._background.cr)[plane]
            by = phase / phases
            if phase and self._across:
                box = (by, 0.0, image.width - 1 + by, float(image.height))
                image = image.resize((image.width - 1, image.height), Image.Resampling.BICUBIC, box)
            elif phase:
                box = (0.0, by, float(image.width), image.height - 1 + by)
                image = image.resize((image.width, image.height - 1), Image.Resampling.BICUBIC, box)
            self._drawn[key] = np.asarray(image)
        return self._drawn[key]

    def shoot(self, frame: Frame, progress: float) -> None:
        """Fill the frame with the background at `progress` of the clip (0.0 to 1.0), eased at both ends."""
        eased = 0.35 * progress + 0.65 * progress * progress * (3 - 2 * progress)
        axis = 0 if self._across else 1
        middle = self._slack[axis] / 2
        position = min(max(0.0, middle + self._travel * (eased - 0.5)), max(0.0, self._slack[axis] - 2.0))
        steps = round(position * _PHASES)
        other = self._slack[1 - axis] // 4 * 2
        for plane, target in enumerate(frame.arrays):
            half = 1 if plane == 0 else 2
            whole, phase = divmod(steps, _PHASES * half)
            drawn = self._shifted(plane, phase, _PHASES * half)
            across, down = (whole, other // half) if self._across else (other // half, whole)
            target[:] = drawn[down : down + target.shape[0], across : across + target.shape[1]]
