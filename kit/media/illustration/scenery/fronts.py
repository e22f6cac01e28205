# ruff: noqa: E501 (drawings and word lists read better unbroken)
"""What stands between the viewer and the actors: tables, rails, leaves, rain. Frame: x 108..1188, y 192..2112 of the canvas."""

from __future__ import annotations

from collections.abc import Callable

from kit.media.illustration.colours import darker, lighter, mix
from kit.media.illustration.scenery.draw import HIGH, WIDE, Canvas

_TOP = 1770


def ground(canvas: Canvas) -> None:
    """Nothing but the dark of the near ground."""
    shade = darker(canvas.air.near, 0.2)
    canvas.rect(0, _TOP, WIDE, HIGH - _TOP, canvas.gradient([(shade, 0.0, 0.0), (shade, 0.85, 1.0)]))


def _top(canvas: Canvas, colour: str, y: float = _TOP) -> None:
    tone = canvas.air.tone(colour)
    canvas.rect(0, y - 26, WIDE, 40, "#000000", opacity=0.18)
    canvas.rect(0, y, WIDE, HIGH - y, canvas.gradient([lighter(tone, 0.14), darker(tone, 0.2), darker(tone, 0.6)]))
    canvas.rect(0, y, WIDE, 10, lighter(tone, 0.5), opacity=0.8)


def desk(canvas: Canvas) -> None:
    """A desk with a screen's back, papers and a cup."""
    air = canvas.air
    _top(canvas, "#5b3f30")
    canvas.path("M150,1800 l210,-24 l60,70 l-230,30 Z", air.tone("#f0ece2"))
    canvas.path("M900,1850 l40,-150 h230 l34,150 Z", canvas.gradient([air.tone("#4a5260"), air.tone("#262c36")]))
    canvas.rect(860, 1846, 380, 18, air.tone("#2a303a"), round_by=8)
    _cup(canvas, 520, 1800, "#e9e2d6")


def _cup(canvas: Canvas, x: float, y: float, colour: str) -> None:
    tone = canvas.air.tone(colour)
    canvas.path(
        f"M{x},{y - 96} h100 l-12,104 q-2,12 -16,12 h-44 q-14,0 -16,-12 Z",
        canvas.gradient([lighter(tone, 0.2), darker(tone, 0.3)], flat=True),
    )
    canvas.line(f"M{x + 98},{y - 74} q46,4 34,42 q-8,22 -44,20", tone, 11)
    canvas.line(f"M{x + 36},{y - 116} q-16,-34 0,-66 M{x + 66},{y - 116} q-16,-34 0,-66", "#ffffff", 6, opacity=0.25)


def dinner(canvas: Canvas) -> None:
    """A table with glasses and a candle."""
    _top(canvas, "#6b3a30")
    for x in (250, 960):
        canvas.put(
            f'<g stroke="#ffffff" stroke-opacity=".65" stroke-width="5" fill="#ffffff" fill-opacity=".12"><path d="M{x},1640 q-8,92 46,100 q54,-8 46,-100 Z"/><path d="M{x + 46},1740 v66 M{x + 14},1808 h64"/></g>'
        )
        canvas.path(f"M{x + 4},1690 q4,46 42,48 q38,-2 42,-48 Z", "#8f1d34", opacity=0.9)
    canvas.rect(630, 1690, 34, 110, "#f4ecd8", round_by=6)
    canvas.glow(647, 1660, 240, "#ffc46a", 0.85)
    canvas.put('<path d="M647,1622 q24,38 0,66 q-24,-26 0,-66" fill="#fff0b0"/>')


def counter(canvas: Canvas) -> None:
    """A worktop with a bowl and a bottle."""
    air = canvas.air
    _top(canvas, "#7a5238")
    canvas.path(
        "M180,1730 h270 q-14,112 -90,112 h-90 q-76,0 -90,-112 Z",
        canvas.gradient([air.tone("#e9d8c0"), air.tone("#a8866a")]),
    )
    for x, paint in ((240, "#d84a3f"), (310, "#e9a23f"), (380, "#7fa84f")):
        canvas.put(f'<circle cx="{x}" cy="1722" r="46" fill="{air.tone(paint)}"/>')
    canvas.path("M1010,1830 v-180 q0,-20 18,-28 v-60 h34 v60 q18,8 18,28 v180 Z", air.tone("#4a7a5c"))


def blanket(canvas: Canvas) -> None:
    """The near edge of a bed."""
    tone = canvas.air.tone("#6a5a9a")
    canvas.path(
        f"M0,1850 Q300,1740 640,1800 T{WIDE},1770 V{HIGH} H0 Z",
        canvas.gradient([lighter(tone, 0.2), darker(tone, 0.5)]),
    )
    canvas.line("M120,1900 Q360,1830 640,1880 M500,2000 Q800,1900 1160,1930", darker(tone, 0.35), 9, opacity=0.6)


def sheet(canvas: Canvas) -> None:
    """The rail and blanket of a hospital bed."""
    tone = canvas.air.tone("#dfeaea")
    canvas.path(
        f"M0,1850 Q340,1770 700,1816 T{WIDE},1790 V{HIGH} H0 Z",
        canvas.gradient([lighter(tone, 0.3), darker(tone, 0.4)]),
    )
    rail = canvas.air.tone("#8fa2aa")
    canvas.line(f"M-10,1760 H{WIDE} M-10,1860 H{WIDE}", lighter(rail, 0.3), 18)
    for x in range(90, WIDE, 200):
        canvas.line(f"M{x},1760 V1990", rail, 14)


def rail(canvas: Canvas) -> None:
    """A parapet's railing."""
    tone = darker(canvas.air.near, 0.05)
    canvas.line(f"M-10,1780 H{WIDE}", lighter(tone, 0.2), 30)
    canvas.line(f"M-10,1770 H{WIDE}", lighter(tone, 0.55), 6, opacity=0.7)
    for x in range(40, WIDE, 92):
        canvas.line(f"M{x},1790 V{HIGH}", tone, 15)


def deck(canvas: Canvas) -> None:
    """A ship's white rail."""
    white = canvas.air.tone("#eef1f4")
    for y, w in ((1770, 34), (1880, 16), (1980, 16)):
        canvas.line(f"M-10,{y} H{WIDE}", darker(white, 0.1), w)
        canvas.line(f"M-10,{y - w * 0.28:.0f} H{WIDE}", lighter(white, 0.6), w * 0.25, opacity=0.8)
    for x in range(160, WIDE, 320):
        canvas.line(f"M{x},1770 V{HIGH}", darker(white, 0.18), 22)


def leaves(canvas: Canvas) -> None:
    """Grass and leaves close to the eye."""
    air, dice = canvas.air, canvas.dice
    ground(canvas)
    for _ in range(90):
        x = dice.uniform(40, WIDE - 40)
        edge = abs(x - WIDE / 2) / (WIDE / 2)
        h = dice.uniform(120, 250) + edge**2 * 330
        tone = mix(air.tone("#2f5a3c"), air.near, dice.uniform(0.2, 0.8))
        bend = dice.uniform(-70, 70)
        canvas.path(
            f"M{x - 16:.0f},{HIGH} Q{x:.0f},{HIGH - 180 - h * 0.4:.0f} {x + bend:.0f},{2130 - h:.0f} Q{x + 16:.0f},{HIGH - 160 - h * 0.3:.0f} {x + 20:.0f},{HIGH} Z",
            tone,
        )


def bench(canvas: Canvas) -> None:
    """A wooden barrier, as in a court or a church."""
    tone = canvas.air.tone("#7a4a30")
    canvas.rect(0, 1770, WIDE, 40, canvas.gradient([lighter(tone, 0.35), tone]))
    canvas.rect(0, 1810, WIDE, HIGH, canvas.gradient([darker(tone, 0.2), darker(tone, 0.6)]))
    for x in range(30, WIDE, 250):
        canvas.rect(x, 1850, 210, 400, darker(tone, 0.42), round_by=8)


def school_desk(canvas: Canvas) -> None:
    """A desk with books."""
    air = canvas.air
    _top(canvas, "#b98550")
    for k, paint in enumerate(("#4a6a9a", "#b8434a", "#d8a04a")):
        canvas.rect(190 + k * 12, 1760 - k * 34, 280 - k * 24, 36, air.tone(paint), round_by=6)
    canvas.path("M800,1800 l250,-20 l60,64 l-280,24 Z", air.tone("#f4f0e6"))
    canvas.line("M860,1836 l190,-40", air.tone("#e9b43f"), 12)


def console(canvas: Canvas) -> None:
    """A console with lights."""
    dice = canvas.dice
    tone = canvas.air.tone("#46536e")
    canvas.path(
        f"M0,1820 Q648,1720 {WIDE},1820 V{HIGH} H0 Z", canvas.gradient([lighter(tone, 0.15), darker(tone, 0.55)])
    )
    canvas.line(f"M0,1820 Q648,1720 {WIDE},1820", "#7fe0ff", 8, opacity=0.85)
    for _ in range(30):
        canvas.rect(
            dice.uniform(120, 1150),
            dice.uniform(1830, 2050),
            dice.uniform(14, 60),
            14,
            dice.choice(("#5affd0", "#ffd27a", "#ff6a7a", "#7fd8ff")),
            round_by=6,
            opacity=0.85,
        )


def crates(canvas: Canvas) -> None:
    """Crates close to the eye, at both sides."""
    for x, y, w in ((-60, 1720, 420), (1010, 1780, 420)):
        canvas.box(x, y, w, HIGH - y, "#6a4f38")
        canvas.line(
            f"M{x + 20},{y + 24} h{w - 40} M{x + 20},{y + 24} l{w - 40},330",
            darker(canvas.air.tone("#6a4f38"), 0.4),
            12,
            opacity=0.8,
        )
    ground(canvas)


def bars(canvas: Canvas) -> None:
    """The bars of a cell at the frame's edge."""
    ground(canvas)
    for x in (128, 1168):
        canvas.rect(
            x - 22, 100, 44, HIGH, canvas.gradient([canvas.air.tone("#7a818c"), canvas.air.tone("#1f242c")], flat=True)
        )
    canvas.rect(0, 1850, WIDE, 44, canvas.gradient([canvas.air.tone("#7a818c"), canvas.air.tone("#2f343c")]))


FRONTS: dict[str, Callable[[Canvas], None]] = {
    "office": desk, "restaurant": dinner, "kitchen": counter, "bedroom": blanket, "hospital": sheet, "rooftop": rail, "ferry": deck,
    "forest": leaves, "mountain": leaves, "village": leaves, "sea": ground, "harbour": ground, "desert": ground, "courtroom": bench, "church": bench,
    "school": school_desk, "library": desk, "lab": console, "spaceship": console, "warehouse": crates, "prison": bars, "shop": counter,
    "living": ground, "citywindow": ground, "street": ground, "station": ground, "palace": ground, "train": ground,
}  # fmt: skip


def weather(canvas: Canvas, *, sheltered: bool) -> None:
    """Rain, snow or fog in front of everything; a roof keeps rain and snow off."""
    kind, dice = canvas.air.weather, canvas.dice
    if kind == "rain" and not sheltered:
        drops = [(dice.uniform(0, WIDE + 80), dice.uniform(100, HIGH), dice.uniform(50, 150)) for _ in range(210)]
        canvas.line(
            "".join(f"M{x:.0f},{y:.0f} l{-0.16 * size:.0f},{size:.0f} " for x, y, size in drops),
            "#dbe8ff",
            2.4,
            opacity=0.32,
        )
    elif kind == "snow" and not sheltered:
        for _ in range(150):
            near = dice.random()
            canvas.put(
                f'<circle cx="{dice.uniform(80, WIDE - 80):.0f}" cy="{dice.uniform(150, HIGH):.0f}" r="{2.5 + near**3 * 13:.1f}" fill="#fff" opacity="{0.85 - near * 0.45:.2f}"/>'
            )
    elif kind == "fog":
        tone = mix(canvas.air.haze, "#ffffff", 0.2)
        for y in (900, 1250, 1560):
            canvas.rect(0, y, WIDE, 520, canvas.gradient([(tone, 0.0, 0.0), (tone, 0.2, 0.5), (tone, 0.0, 1.0)]))
