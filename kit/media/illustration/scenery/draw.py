# ruff: noqa: E501 (drawings and word lists read better unbroken)
"""Brushes for painted places: short functions that return SVG."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from kit.media.illustration.colours import darker, lighter, mix
from kit.media.illustration.mood import Air

WIDE, HIGH = 1296, 2304
DEEP = HIGH + 300
"""How far down painters paint: what lies outside is moved up, so that the horizon stands behind the heads and not behind the chests."""


@dataclass
class Canvas:
    """Where a place is painted: `air` gives the colours, `dice` the chance, `marks` collects the SVG."""

    air: Air
    dice: random.Random
    marks: list[str] = field(default_factory=list)
    _ids: int = 0

    def put(self, *marks: str) -> None:
        """Add marks on top of what is there."""
        self.marks.extend(marks)

    def gradient(
        self, stops: Sequence[str | tuple[str, float, float]], *, radial: bool = False, flat: bool = False
    ) -> str:
        """Define a gradient and return the paint that refers to it. A stop is a colour, or (colour, opacity, place 0..1)."""
        self._ids += 1
        name = f"g{self._ids}"
        marks = []
        for at, stop in enumerate(stops):
            colour, opacity, place = (stop, 1.0, at / max(1, len(stops) - 1)) if isinstance(stop, str) else stop
            marks.append(f'<stop offset="{place:.3f}" stop-color="{colour}" stop-opacity="{opacity:.3f}"/>')
        kind = "radialGradient" if radial else "linearGradient"
        where = "" if radial or flat else ' x1="0" y1="0" x2="0" y2="1"'
        self.marks.append(f'<{kind} id="{name}"{where}>{"".join(marks)}</{kind}>')
        return f"url(#{name})"

    def rect(
        self,
        x: float,
        y: float,
        w: float,
        h: float,
        paint: str,
        *,
        round_by: float = 0,
        opacity: float = 1.0,
        extra: str = "",
    ) -> None:
        """Add a rectangle."""
        self.put(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:.1f}" rx="{round_by}" fill="{paint}" opacity="{opacity:.3f}" {extra}/>'
        )

    def path(self, d: str, paint: str, *, opacity: float = 1.0, extra: str = "") -> None:
        """Add a filled path."""
        self.put(f'<path d="{d}" fill="{paint}" opacity="{opacity:.3f}" {extra}/>')

    def line(self, d: str, paint: str, width: float, *, opacity: float = 1.0) -> None:
        """Add a stroked path with round ends."""
        self.put(
            f'<path d="{d}" fill="none" stroke="{paint}" stroke-width="{width}" stroke-linecap="round" stroke-linejoin="round" opacity="{opacity:.3f}"/>'
        )

    def glow(self, x: float, y: float, r: float, colour: str, power: float = 0.6, *, squash: float = 1.0) -> None:
        """Add a soft light."""
        paint = self.gradient([(colour, power, 0.0), (colour, power * 0.38, 0.35), (colour, 0.0, 1.0)], radial=True)
        self.put(f'<ellipse cx="{x:.1f}" cy="{y:.1f}" rx="{r:.1f}" ry="{r * squash:.1f}" fill="{paint}"/>')

    def haze(self, y: float, h: float, colour: str, power: float) -> None:
        """Add a band of air that is thickest at its lower edge."""
        self.rect(0, y, WIDE, h, self.gradient([(colour, 0.0, 0.0), (colour, power, 1.0)]))

    def sky(self, horizon: float = 1500) -> None:
        """Fill the whole canvas with the hour's sky, with sun or moon, stars and clouds."""
        top, middle, low = self.air.sky
        self.rect(
            0,
            0,
            WIDE,
            DEEP,
            self.gradient([(top, 1, 0), (middle, 1, horizon * 0.55 / DEEP), (low, 1, horizon / DEEP), (low, 1, 1)]),
        )
        clear = self.air.weather == "clear"
        if self.air.time == "night":
            if clear:
                for _ in range(110):
                    x, y, r = (
                        self.dice.uniform(0, WIDE),
                        self.dice.uniform(0, horizon * 0.8),
                        self.dice.uniform(0.9, 2.8),
                    )
                    self.put(
                        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{r:.1f}" fill="#fff" opacity="{self.dice.uniform(0.3, 0.95):.2f}"/>'
                    )
            self.moon(self.dice.choice((330, 960)), 660)
        elif clear:
            self.sun(960, horizon - 160 if self.air.time in ("dusk", "dawn") else 620)
        for _ in range(5):
            self.cloud(self.dice.uniform(-60, WIDE), self.dice.uniform(260, horizon * 0.7), self.dice.uniform(0.7, 1.7))

    def moon(self, x: float, y: float, r: float = 74) -> None:
        """Add a full moon with its halo."""
        veiled = 1.0 if self.air.weather == "clear" else 0.45
        self.glow(x, y, r * 6.5, "#aebcff", 0.5 * veiled)
        self.put(
            f'<circle cx="{x}" cy="{y}" r="{r}" fill="#f6f0da" opacity="{veiled}"/><g fill="#d8d2c0" opacity="{0.55 * veiled}"><circle cx="{x - 22}" cy="{y - 14}" r="15"/><circle cx="{x + 24}" cy="{y + 20}" r="20"/><circle cx="{x + 14}" cy="{y - 34}" r="9"/></g>'
        )

    def sun(self, x: float, y: float, r: float = 92) -> None:
        """Add the sun with its halo."""
        self.glow(x, y, r * 7, self.air.lamp, 0.75)
        self.put(f'<circle cx="{x}" cy="{y}" r="{r}" fill="#fffaf0"/>')

    def cloud(self, x: float, y: float, size: float) -> None:
        """Add a long flat cloud, lit from below at dusk."""
        tone = mix(self.air.sky[1], "#ffffff" if self.air.time == "day" else self.air.sky[2], 0.55)
        power = 0.75 if self.air.time == "day" else 0.4
        paint = self.gradient([(lighter(tone, 0.3), power, 0), (tone, power * 0.3, 1)])
        w, h = 190 * size, 40 * size
        self.path(
            f"M{x - w:.0f},{y:.0f} q{w * 0.1:.0f},{-h:.0f} {w * 0.4:.0f},{-h * 0.7:.0f} q{w * 0.2:.0f},{-h * 1.5:.0f} {w * 0.6:.0f},{-h * 0.9:.0f} q{w * 0.36:.0f},{-h * 0.9:.0f} {w * 0.5:.0f},{h * 0.5:.0f} q{w * 0.4:.0f},{-h * 0.1:.0f} {w * 0.5:.0f},{h * 1.1:.0f} Z",
            paint,
        )

    def ridge(self, y: float, height: float, paint: str, *, steps: int = 9, sharp: bool = True) -> None:
        """Add a range of hills or peaks whose foot fills the canvas below."""
        points = []
        for at in range(steps + 1):
            x = WIDE * at / steps + (self.dice.uniform(-40, 40) if 0 < at < steps else 0)
            rise = self.dice.uniform(0.35, 1.0) if at % 2 else self.dice.uniform(0.0, 0.4)
            points.append((x, y - height * rise))
        d = f"M-20,{DEEP} L-20,{points[0][1]:.0f} "
        if sharp:
            d += " ".join(f"L{x:.0f},{top:.0f}" for x, top in points)
        else:
            for (x0, y0), (x1, y1) in pairwise(points):
                d += f"C{(x0 + x1) / 2:.0f},{y0:.0f} {(x0 + x1) / 2:.0f},{y1:.0f} {x1:.0f},{y1:.0f} "
        self.path(d + f" L{WIDE + 20},{points[-1][1]:.0f} L{WIDE + 20},{DEEP} Z", paint)

    def skyline(
        self, base: float, tall: float, tone: str, lit: float, *, cell: float = 26, wide: tuple[int, int] = (90, 190)
    ) -> None:
        """Add a row of towers that stand on `base`; `lit` is the share of windows with light in them."""
        x = -40.0
        panes: list[str] = []
        lamps = (self.air.lamp, lighter(self.air.lamp, 0.4), mix(self.air.lamp, "#9fd0ff", 0.6))
        while x < WIDE:
            w = self.dice.uniform(*wide)
            h = tall * self.dice.uniform(0.4, 1.0)
            shade = mix(tone, self.air.haze, self.dice.uniform(0, 0.14))
            self.rect(x, base - h, w, DEEP - base + h, self.gradient([shade, mix(shade, self.air.haze, 0.3)]))
            kind = self.dice.random()
            if kind < 0.25:
                self.line(f"M{x + w / 2:.0f},{base - h:.0f} v-{self.dice.uniform(40, 120):.0f}", shade, 5)
            elif kind < 0.45:
                self.rect(x + w * 0.25, base - h - 30, w * 0.5, 34, shade)
            rows, columns = int(h // (cell * 1.35)), int((w - 16) // cell)
            cells = [(row, column) for row in range(rows) for column in range(columns) if self.dice.random() < lit]
            panes.extend(
                f'<rect x="{x + 11 + column * cell:.0f}" y="{base - h + 18 + row * cell * 1.35:.0f}" width="{cell * 0.5:.0f}" '
                f'height="{cell * 0.66:.0f}" fill="{self.dice.choice(lamps)}" opacity="{self.dice.uniform(0.35, 0.95):.2f}"/>'
                for row, column in cells
            )
            x += w + self.dice.uniform(0, 14)
        self.put(*panes)

    def bokeh(
        self, count: int, area: tuple[float, float, float, float], colours: Sequence[str], power: float = 0.3
    ) -> None:
        """Add lights out of focus within (x, y, width, height)."""
        for _ in range(count):
            x, y = area[0] + self.dice.random() * area[2], area[1] + self.dice.random() * area[3]
            r = self.dice.uniform(12, 46)
            self.put(
                f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{r:.0f}" fill="{self.dice.choice(list(colours))}" opacity="{power * self.dice.uniform(0.4, 1):.2f}"/>'
            )

    def box(
        self, x: float, y: float, w: float, h: float, colour: str, *, round_by: float = 4, depth: float = 0.22
    ) -> None:
        """Add a solid thing: a gradient face with a light upper edge."""
        tone = self.air.tone(colour)
        self.rect(x, y, w, h, self.gradient([lighter(tone, 0.06), darker(tone, depth)]), round_by=round_by)
        self.rect(x, y, w, min(8, h * 0.2), lighter(tone, 0.25), round_by=round_by, opacity=0.6)

    def floor(self, y: float, colour: str, *, boards: bool = False) -> None:
        """Add a floor that runs towards the viewer from `y`."""
        tone = self.air.tone(colour)
        self.rect(0, y, WIDE, DEEP - y, self.gradient([mix(tone, self.air.haze, 0.25), darker(tone, 0.45)]))
        if boards:
            for at in range(-9, 10):
                self.line(
                    f"M{WIDE / 2 + at * 70:.0f},{y:.0f} L{WIDE / 2 + at * 330:.0f},{DEEP}",
                    darker(tone, 0.4),
                    4,
                    opacity=0.45,
                )

    def wall(self, colour: str, *, to: float = DEEP, light_x: float = 0.5) -> None:
        """Fill the canvas down to `to` with a lit wall."""
        tone = self.air.tone(colour)
        self.rect(0, 0, WIDE, to, self.gradient([darker(tone, 0.35), tone, darker(tone, 0.12)]))
        self.glow(WIDE * light_x, 760, 900, lighter(tone, 0.35), 0.5)

    def window(
        self, x: float, y: float, w: float, h: float, frame: str, *, columns: int = 2, rows: int = 2, city: bool = True
    ) -> None:
        """Add a window through which the hour's sky (and a town) is seen."""
        top, middle, low = self.air.sky
        self._ids += 1
        clip = f"w{self._ids}"
        self.put(
            f'<clipPath id="{clip}"><rect x="{x}" y="{y}" width="{w}" height="{h}"/></clipPath><g clip-path="url(#{clip})">'
        )
        self.rect(x, y, w, h, self.gradient([top, middle, low]))
        if self.air.time == "night":
            self.glow(x + w * 0.7, y + h * 0.25, w * 0.5, "#aebcff", 0.5)
            self.put(
                f'<circle cx="{x + w * 0.7:.0f}" cy="{y + h * 0.25:.0f}" r="{min(w, h) * 0.07:.0f}" fill="#f6f0da"/>'
            )
        else:
            self.glow(x + w * 0.7, y + h * 0.3, w * 0.8, self.air.lamp, 0.6)
        if city:
            at = x - 10
            while at < x + w:
                bw = self.dice.uniform(34, 80)
                bh = h * self.dice.uniform(0.18, 0.5)
                self.rect(at, y + h - bh, bw, bh, mix(self.air.far, self.air.middle, self.dice.random()))
                if self.air.time in ("night", "dusk"):
                    for _ in range(int(bh // 26)):
                        self.rect(
                            at + self.dice.uniform(6, bw - 12),
                            y + h - self.dice.uniform(10, bh - 6),
                            7,
                            9,
                            self.air.lamp,
                            opacity=0.8,
                        )
                at += bw
        else:
            self.path(
                f"M{x},{y + h * 0.7} q{w * 0.3},{-h * 0.2} {w * 0.55},{-h * 0.04} t{w * 0.5},{-h * 0.06} V{y + h} H{x} Z",
                self.air.middle,
            )
        self.path(
            f"M{x + w * 0.1},{y} L{x + w * 0.34},{y} L{x + w * 0.08},{y + h} L{x - w * 0.1},{y + h} Z",
            "#ffffff",
            opacity=0.08,
        )
        self.put("</g>")
        tone = self.air.tone(frame)
        marks = "".join(f"M{x + w * k / columns:.0f},{y} v{h} " for k in range(1, columns)) + "".join(
            f"M{x},{y + h * k / rows:.0f} h{w} " for k in range(1, rows)
        )
        self.put(
            f'<path d="{marks}" stroke="{tone}" stroke-width="9"/><rect x="{x}" y="{y}" width="{w}" height="{h}" fill="none" stroke="{tone}" stroke-width="16"/>'
        )
        self.rect(x - 22, y + h, w + 44, 20, lighter(tone, 0.15))

    def lamp(self, x: float, y: float, drop: float, colour: str = "#e8c88a", *, size: float = 1.0) -> None:
        """Add a lamp that hangs from above at (x, y) on a cord of length `drop`, with the light it sheds."""
        self.line(f"M{x},{y - drop} V{y}", darker(self.air.tone("#40363a"), 0.2), 5)
        self.glow(x, y + 60, 430 * size, self.air.lamp, 0.5)
        s = size
        self.path(
            f"M{x - 16 * s:.0f},{y} h{32 * s:.0f} l{44 * s:.0f},{74 * s:.0f} h{-120 * s:.0f} Z",
            self.gradient([darker(colour, 0.4), lighter(colour, 0.3)]),
        )
        self.put(f'<ellipse cx="{x}" cy="{y + 74 * s:.0f}" rx="{58 * s:.0f}" ry="{9 * s:.0f}" fill="#fff6d8"/>')
