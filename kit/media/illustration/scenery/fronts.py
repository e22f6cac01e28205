"""What stands between the viewer and the actors: tables, rails, leaves, rain. Frame: x 108..1188, y 192..2112 of the canvas."""

from __future__ import annotations

from collections.abc import Callable

from kit.media.illustration.colours import darker, lighter, mix
from kit.media.illustration.scenery.draw import HIGH, WIDE, Canvas


def ground(canvas: Canvas) -> None:
    """Nothing but the dark of the near ground."""
    shade = darker(canvas.air.near, 0.2)
    canvas.rect(0, 1760, WIDE, HIGH - 1760, canvas.gradient([(shade, 0.0, 0.0), (shade, 0.9, 1.0)]))


def table(canvas: Canvas, colour: str = "#5b3a2a") -> None:
    """A table top with a lit edge."""
    tone = canvas.air.tone(colour)
    canvas.rect(0, 1800, WIDE, HIGH - 1800, canvas.gradient([lighter(tone, 0.12), darker(tone, 0.55)]))
    canvas.rect(0, 1800, WIDE, 12, lighter(tone, 0.45), opacity=0.7)


FRONTS: dict[str, Callable[[Canvas], None]] = {"office": table}


def weather(canvas: Canvas) -> None:
    """Rain, snow or fog in front of everything."""
    kind, dice = canvas.air.weather, canvas.dice
    if kind == "rain":
        marks = "".join(
            f"M{x:.0f},{y:.0f} l{-0.16 * size:.0f},{size:.0f} "
            for x, y, size in ((dice.uniform(0, WIDE + 80), dice.uniform(100, HIGH), dice.uniform(50, 150)) for _ in range(210))
        )
        canvas.line(marks, "#dbe8ff", 2.4, opacity=0.36)
    elif kind == "snow":
        for _ in range(150):
            near = dice.random()
            canvas.put(
                f'<circle cx="{dice.uniform(80, WIDE - 80):.0f}" cy="{dice.uniform(150, HIGH):.0f}" r="{2.5 + near**3 * 13:.1f}" fill="#fff" opacity="{0.85 - near * 0.45:.2f}"/>'
            )
    elif kind == "fog":
        tone = mix(canvas.air.haze, "#ffffff", 0.2)
        for y in (900, 1250, 1560):
            canvas.rect(0, y, WIDE, 520, canvas.gradient([(tone, 0.0, 0.0), (tone, 0.2, 0.5), (tone, 0.0, 1.0)]))
