"""Places under the sky."""

from __future__ import annotations

from collections.abc import Callable

from kit.media.illustration.scenery.draw import Canvas


def street(canvas: Canvas) -> None:
    """A town at street level."""
    canvas.sky(1400)
    canvas.skyline(1500, 900, canvas.air.far, 0.2)
    canvas.haze(900, 600, canvas.air.haze, 0.5)
    canvas.skyline(1600, 620, canvas.air.middle, 0.3)
    canvas.floor(1560, "#4a4a58")


PAINTERS: dict[str, Callable[[Canvas], None]] = {"street": street}
