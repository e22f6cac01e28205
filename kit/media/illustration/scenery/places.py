"""Which painter paints which place, and what all places have in front of the actors."""

from __future__ import annotations

from collections.abc import Callable

from kit.media.illustration.colours import darker
from kit.media.illustration.scenery import fronts, home, inside, nature, outside, works
from kit.media.illustration.scenery.draw import HIGH, WIDE, Canvas
from kit.media.illustration.settings import OUTDOORS

Painter = Callable[[Canvas], None]
PAINTERS: dict[str, Painter] = {
    **outside.PAINTERS,
    **nature.PAINTERS,
    **inside.PAINTERS,
    **home.PAINTERS,
    **works.PAINTERS,
}
_RAISE = 230


def paint_back(place: str, canvas: Canvas) -> None:
    """Paint everything behind the actors."""
    outdoors = place in OUTDOORS
    if outdoors:
        canvas.put(f'<g transform="translate(0 {-_RAISE})">')
    PAINTERS[place](canvas)
    if outdoors:
        canvas.put("</g>")
    shade = darker(canvas.air.near, 0.3)
    canvas.rect(0, HIGH * 0.62, WIDE, HIGH * 0.38, canvas.gradient([(shade, 0.0, 0.0), (shade, 0.55, 1.0)]))


def paint_front(place: str, canvas: Canvas, framing: str) -> None:
    """Paint what is in front of the actors: things at the lower edge, the weather, and the vignette."""
    if framing == "close-up":
        fronts.ground(canvas)  # a table would stand before the chin
    elif framing != "empty":
        fronts.FRONTS.get(place, fronts.ground)(canvas)
    fronts.weather(canvas, sheltered=place not in OUTDOORS)
    bright = canvas.air.time == "day"
    shade = darker(canvas.air.near, 0.72 if bright else 0.5, "#05030a")
    canvas.rect(0, 1500, WIDE, 804, canvas.gradient([(shade, 0.0, 0.0), (shade, 0.5, 0.6), (shade, 0.82, 1.0)]))
    canvas.rect(0, 150, WIDE, 420, canvas.gradient([(shade, 0.2 if bright else 0.42, 0.0), (shade, 0.0, 1.0)]))
    canvas.rect(
        0,
        0,
        WIDE,
        HIGH,
        canvas.gradient([(shade, 0.0, 0.0), (shade, 0.0, 0.58), (shade, 0.42 if bright else 0.55, 1.0)], radial=True),
    )
