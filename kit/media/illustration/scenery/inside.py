"""Places under a roof."""

from __future__ import annotations

from collections.abc import Callable

from kit.media.illustration.scenery.draw import Canvas


def office(canvas: Canvas) -> None:
    """An office with a wide window."""
    canvas.wall("#59708a", to=1560)
    canvas.window(220, 420, 860, 800, "#2f3a48", columns=3)
    canvas.floor(1560, "#4a3d36", boards=True)


PAINTERS: dict[str, Callable[[Canvas], None]] = {"office": office}
