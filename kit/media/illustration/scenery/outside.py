# ruff: noqa: E501 (drawings and word lists read better unbroken)
"""Places under the sky that people built."""

from __future__ import annotations

import math
from collections.abc import Callable

from kit.media.illustration.colours import darker, lighter, mix
from kit.media.illustration.scenery.draw import DEEP, WIDE, Canvas


def tree(canvas: Canvas, x: float, y: float, size: float, tone: str, *, pine: bool = False) -> None:
    """A tree that stands at (x, y); `size` 1 is about 600 units tall."""
    trunk = darker(tone, 0.35)
    if pine:
        canvas.rect(x - 9 * size, y - 80 * size, 18 * size, 80 * size, trunk)
        for step in range(5):
            w, top = (150 - step * 24) * size, y - (90 + step * 105) * size
            canvas.path(
                f"M{x - w:.0f},{top:.0f} L{x:.0f},{top - 190 * size:.0f} L{x + w:.0f},{top:.0f} Q{x:.0f},{top + 26 * size:.0f} {x - w:.0f},{top:.0f} Z",
                mix(tone, canvas.air.haze, step * 0.03),
            )
        return
    canvas.path(
        f"M{x - 22 * size:.0f},{y:.0f} Q{x - 10 * size:.0f},{y - 200 * size:.0f} {x - 14 * size:.0f},{y - 330 * size:.0f} h{28 * size:.0f} Q{x + 10 * size:.0f},{y - 180 * size:.0f} {x + 24 * size:.0f},{y:.0f} Z",
        trunk,
    )
    for _ in range(9):
        angle, far = canvas.dice.uniform(0, 6.28), canvas.dice.uniform(0.2, 1)
        cx, cy = x + math.cos(angle) * 130 * size * far, y - 430 * size + math.sin(angle) * 105 * size * far
        canvas.put(
            f'<circle cx="{cx:.0f}" cy="{cy:.0f}" r="{canvas.dice.uniform(70, 115) * size:.0f}" fill="{mix(tone, lighter(tone, 0.3), canvas.dice.random() * 0.5)}"/>'
        )


def pagoda(canvas: Canvas, x: float, y: float, wide: float, tone: str, *, floors: int = 3) -> None:
    """A hall with curved roofs whose foot is at (x, y)."""
    roof, wall = darker(tone, 0.25), mix(tone, "#a83a34", 0.3)
    for floor in range(floors):
        w = wide * (1 - floor * 0.24)
        top = y - 150 - floor * 190
        canvas.rect(
            x - w * 0.36, top, w * 0.72, 150 + (60 if floor else 0), canvas.gradient([darker(wall, 0.35), wall])
        )
        for k in range(5):
            px = x - w * 0.32 + k * w * 0.16
            canvas.rect(px - 5, top, 10, 150, darker(wall, 0.4))
            if canvas.air.time in ("night", "dusk") and k < 4:
                canvas.rect(px + 12, top + 46, w * 0.16 - 24, 84, canvas.air.lamp, opacity=0.75)
        canvas.path(
            f"M{x - w * 0.62:.0f},{top + 22:.0f} Q{x - w * 0.4:.0f},{top - 10:.0f} {x - w * 0.3:.0f},{top - 78:.0f} L{x + w * 0.3:.0f},{top - 78:.0f} Q{x + w * 0.4:.0f},{top - 10:.0f} {x + w * 0.62:.0f},{top + 22:.0f} Q{x + w * 0.5:.0f},{top + 8:.0f} {x + w * 0.42:.0f},{top + 14:.0f} L{x - w * 0.42:.0f},{top + 14:.0f} Q{x - w * 0.5:.0f},{top + 8:.0f} {x - w * 0.62:.0f},{top + 22:.0f} Z",
            roof,
        )
        canvas.line(f"M{x - w * 0.3:.0f},{top - 78:.0f} H{x + w * 0.3:.0f}", lighter(roof, 0.25), 9)
        canvas.line(f"M{x - w * 0.42:.0f},{top + 14:.0f} H{x + w * 0.42:.0f}", lighter(roof, 0.2), 4, opacity=0.7)


def street(canvas: Canvas) -> None:
    """A town street with lit signs and a wet road that shines."""
    air, dice = canvas.air, canvas.dice
    canvas.sky(1380)
    canvas.skyline(1450, 820, air.far, 0.16)
    canvas.haze(800, 700, air.haze, 0.55)
    canvas.skyline(1480, 560, air.middle, 0.22)
    canvas.haze(1000, 520, air.haze, 0.35)
    dark = air.time in ("night", "dusk")
    neon = ("#ff4f8b", "#3fd0ff", "#ffd34f", "#a06bff", "#ff7a4a", "#4fffc0")
    for side in (-1, 1):
        edge = 0 if side < 0 else WIDE
        near = air.tone("#5a4e5c") if not dark else darker(air.near, -0.0)
        far_x = edge - side * 380
        canvas.path(
            f"M{edge},120 L{far_x},640 L{far_x},1540 L{edge},1720 Z", canvas.gradient([mix(near, air.haze, 0.12), near])
        )
        for floor in range(7):
            for column in range(3):
                k = (column + 0.5) / 3
                x = edge - side * (60 + k * 300)
                y = 330 + k * 330 + floor * (150 - k * 40)
                w, h = 62 - k * 22, 86 - k * 28
                lit = dark and dice.random() < 0.45
                canvas.rect(
                    x - w / 2, y, w, h, air.lamp if lit else mix(near, air.sky[1], 0.35), opacity=0.9 if lit else 0.6
                )
        for _ in range(4):
            k = dice.uniform(0.15, 0.85)
            sign_x, y, h = edge - side * (40 + k * 330), dice.uniform(700, 1180), dice.uniform(110, 230)
            colour = dice.choice(neon)
            if dark:
                canvas.glow(sign_x, y + h / 2, 210, colour, 0.55)
            canvas.rect(sign_x - 26, y, 52, h, darker(air.near, 0.3), round_by=8)
            canvas.rect(
                sign_x - 20, y + 6, 40, h - 12, colour if dark else air.tone(colour, 0.2), round_by=6, opacity=0.9
            )
            for bar in range(int(h // 46)):
                canvas.rect(sign_x - 11, y + 18 + bar * 44, 22, 24, darker(colour, 0.55), round_by=4, opacity=0.7)
        canvas.path(
            f"M{edge},1330 L{far_x},1330 L{far_x},1370 L{edge},1400 Z",
            air.tone(dice.choice(("#b8434a", "#3a7a8a", "#c98a3a"))),
        )
    ground = air.tone("#4c4a58")
    canvas.path(
        f"M380,1500 L916,1500 L{WIDE + 600},{DEEP} L-600,{DEEP} Z",
        canvas.gradient([mix(ground, air.haze, 0.45), darker(ground, 0.45)]),
    )
    canvas.path(
        f"M380,1500 L0,1690 L0,{DEEP} L-600,{DEEP} Z M916,1500 L{WIDE},1690 L{WIDE},{DEEP} L{WIDE + 600},{DEEP} Z",
        darker(ground, 0.25),
    )
    for k in range(6):
        canvas.path(
            f"M{640 - k * 3},{1540 + k * k * 22} h{14 + k * 6} l{k * 2},{26 + k * 10} h{-14 - k * 9} Z",
            "#e8e0cc",
            opacity=0.35,
        )
    if dark:
        for _ in range(12):
            x = dice.uniform(240, 1060)
            canvas.rect(
                x,
                1520,
                dice.uniform(10, 34),
                dice.uniform(200, 520),
                canvas.gradient([(dice.choice(neon), 0.42, 0), (dice.choice(neon), 0.0, 1)]),
            )
        canvas.bokeh(26, (330, 1160, 640, 330), (*neon, air.lamp), 0.5)
        for side in (-1, 1):
            x = 648 + side * 330
            canvas.line(f"M{x},1560 V830 q0,-50 {-side * 80},-50", darker(air.near, 0.35), 12)
            canvas.glow(x - side * 80, 800, 300, air.lamp, 0.75)
            canvas.put(f'<ellipse cx="{x - side * 80}" cy="792" rx="32" ry="13" fill="#fffbe6"/>')


def rooftop(canvas: Canvas) -> None:
    """A roof above the town, with a parapet, a water tank and strings of bulbs."""
    air, dice = canvas.air, canvas.dice
    canvas.sky(1500)
    canvas.skyline(1560, 700, air.far, 0.25)
    canvas.haze(900, 660, air.haze, 0.55)
    canvas.skyline(1600, 420, air.middle, 0.4)
    canvas.haze(1250, 340, air.haze, 0.35)
    wood = air.tone("#54453f")
    canvas.path("M960,1480 V1010 h210 V1480 Z M940,1010 L1065,900 L1190,1010 Z", darker(wood, 0.2))
    canvas.line("M985,1480 V1560 M1145,1480 V1560 M985,1480 L1145,1560 M1145,1480 L985,1560", darker(wood, 0.35), 10)
    for k in range(6):
        canvas.line(f"M{972 + k * 38},1012 V1478", darker(wood, 0.4), 4, opacity=0.5)
    canvas.floor(1560, "#56545f")
    canvas.box(0, 1500, WIDE, 110, "#70707c")
    for row, sag in ((620, 150), (700, 190)):
        canvas.line(f"M-20,{row} Q{WIDE / 2},{row + sag * 2} {WIDE + 20},{row - 60}", darker(air.near, 0.3), 4)
        for k in range(1, 15):
            t = k / 15
            x = -20 + t * (WIDE + 40)
            y = (1 - t) ** 2 * row + 2 * t * (1 - t) * (row + sag * 2) + t * t * (row - 60)
            canvas.glow(x, y + 16, 58, air.lamp, 0.65)
            canvas.put(f'<circle cx="{x:.0f}" cy="{y + 14:.0f}" r="10" fill="#fff3cf"/>')
    for x in (150, 330):
        canvas.box(x - 60, 1430, 120, 90, "#7a4a38")
        tree(canvas, x, 1440, 0.28 + dice.random() * 0.08, air.tone("#3f6f4c"))


def palace(canvas: Canvas) -> None:
    """A court before halls with curved roofs."""
    air, dice = canvas.air, canvas.dice
    canvas.sky(1350)
    canvas.ridge(1240, 260, mix(air.far, air.haze, 0.25), sharp=False)
    canvas.haze(950, 420, air.haze, 0.4)
    pagoda(canvas, 150, 1440, 520, air.tone("#7a4a4c", 0.35), floors=2)
    pagoda(canvas, 1150, 1440, 520, air.tone("#7a4a4c", 0.35), floors=2)
    pagoda(canvas, 648, 1520, 900, air.tone("#8a3f3c", 0.1), floors=3)
    canvas.floor(1520, "#8a7f78")
    for k in range(6):
        canvas.box(648 - 330 - k * 34, 1510 + k * 26, 660 + k * 68, 28, "#b4a89a", depth=0.35)
    for side in (-1, 1):
        x = 648 + side * 430
        canvas.line(f"M{x},1660 V1180", air.tone("#5a2a28"), 16)
        for y in (1120.0,):
            canvas.glow(x, y + 40, 250, "#ff9a4a", 0.7 if air.time != "day" else 0.25)
            canvas.put(
                f'<ellipse cx="{x}" cy="{y + 40}" rx="62" ry="76" fill="{mix("#d8382f", "#ffb45a", 0.25)}"/><path d="M{x - 30},{y - 30} h60 M{x - 30},{y + 112} h60" stroke="#e9c35e" stroke-width="12"/><path d="M{x},{y - 28} v138 M{x - 32},{y - 18} q-14,58 0,116 M{x + 32},{y - 18} q14,58 0,116" stroke="#8f1d1c" stroke-width="3" fill="none" opacity=".6"/>'
            )
            canvas.line(f"M{x},{y + 118} v60", "#e9c35e", 5)
    branch = darker(air.tone("#4a3430"), 0.3)
    canvas.line("M-20,520 Q220,570 380,720 M120,555 Q240,530 330,480 M230,600 Q260,690 240,780", branch, 16)
    for _ in range(60):
        t = dice.random()
        petal_x, petal_y = -20 + 400 * t + dice.uniform(-60, 60), 520 + 200 * t * t + dice.uniform(-90, 100)
        canvas.put(
            f'<circle cx="{petal_x:.0f}" cy="{petal_y:.0f}" r="{dice.uniform(9, 20):.0f}" fill="{mix(air.tone("#f4a8bc"), "#ffffff", dice.random() * 0.4)}" opacity=".9"/>'
        )


def station(canvas: Canvas) -> None:
    """A platform with a train at it under an iron roof."""
    air = canvas.air
    canvas.sky(1200)
    canvas.skyline(1300, 360, mix(air.far, air.haze, 0.2), 0.2)
    iron = air.tone("#3f4a58")
    canvas.path(f"M0,100 H{WIDE} V420 L760,760 H560 L0,420 Z", darker(iron, 0.3))
    for k in range(7):
        x = k * WIDE / 6
        canvas.line(f"M{x:.0f},400 L{660 + (x - 648) * 0.16:.0f},760", lighter(iron, 0.12), 8, opacity=0.7)
    for k in range(4):
        y = 420 + k * 96
        canvas.rect(620 - 430 + k * 118, y, 60 - k * 11, 12, "#fff4d6")
        canvas.glow(650 - 430 + k * 118, y + 10, 190 - k * 30, air.lamp, 0.6)
        canvas.rect(1046 - k * 104, y, 60 - k * 11, 12, "#fff4d6")
        canvas.glow(1076 - k * 104, y + 10, 190 - k * 30, air.lamp, 0.6)
    body = air.tone("#c9d2da")
    canvas.path("M1310,520 L800,860 V1440 L1310,1700 Z", canvas.gradient([lighter(body, 0.2), body, darker(body, 0.4)]))
    canvas.path("M1310,1230 L800,1250 V1300 L1310,1350 Z", air.tone("#c23a44"))
    for k in range(5):
        x0, x1 = 1290 - k * 100, 1214 - k * 96
        t0, t1 = (1310 - x0) / 510, (1310 - x1) / 510
        canvas.path(
            f"M{x0},{730 + t0 * 230:.0f} L{x1},{730 + t1 * 230:.0f} L{x1},{1130 + t1 * 40:.0f} L{x0},{1130 + t0 * 40:.0f} Z",
            air.lamp if air.time != "day" else mix(air.sky[0], "#20303c", 0.5),
            opacity=0.92,
        )
    canvas.path(f"M800,1440 L1310,1700 V{DEEP} H900 L770,1440 Z", darker(iron, 0.6))
    stone = air.tone("#8c8a90")
    canvas.path(
        f"M-20,1500 L560,1440 H780 L980,{DEEP} H-20 Z", canvas.gradient([mix(stone, air.haze, 0.3), darker(stone, 0.4)])
    )
    canvas.path(f"M740,1440 L770,1440 L960,{DEEP} L850,{DEEP} Z", air.tone("#e8c24a"), opacity=0.85)
    for x, top, w in ((120, 430, 46), (380, 590, 28), (500, 680, 18)):
        canvas.rect(
            x, top, w, 1500 - top - (x * 0.12), canvas.gradient([lighter(iron, 0.15), darker(iron, 0.25)], flat=True)
        )
    canvas.box(190, 900, 170, 120, "#23405c", round_by=8)
    canvas.put(
        '<circle cx="240" cy="960" r="38" fill="#f6f2e6" stroke="#2a2a32" stroke-width="6"/><path d="M240,960 V934 M240,960 L258,968" stroke="#2a2a32" stroke-width="5"/>'
    )
    canvas.rect(290, 936, 52, 10, "#f6f2e6")
    canvas.rect(290, 960, 40, 10, "#f6f2e6")


def village(canvas: Canvas) -> None:
    """Fields, low houses, a road."""
    air, dice = canvas.air, canvas.dice
    canvas.sky(1300)
    canvas.ridge(1280, 300, air.tone("#5f7a8a", 0.6), sharp=False)
    canvas.haze(1000, 380, air.haze, 0.4)
    canvas.ridge(1400, 160, air.tone("#6d9a58", 0.3), sharp=False)
    for x, y, s in ((210, 1440, 1.0), (470, 1400, 0.6), (1040, 1450, 1.1), (820, 1400, 0.55)):
        wall, roof = air.tone("#e2d2b6", 0.1), air.tone(dice.choice(("#a8503c", "#6a5a58", "#8a4a3a")), 0.1)
        canvas.rect(x - 130 * s, y - 150 * s, 260 * s, 170 * s, canvas.gradient([wall, darker(wall, 0.25)]))
        canvas.path(
            f"M{x - 170 * s:.0f},{y - 146 * s:.0f} L{x - 90 * s:.0f},{y - 270 * s:.0f} H{x + 90 * s:.0f} L{x + 170 * s:.0f},{y - 146 * s:.0f} Z",
            roof,
        )
        for k in (-1, 1):
            canvas.rect(
                x + k * 66 * s - 24 * s,
                y - 108 * s,
                48 * s,
                56 * s,
                air.lamp if air.time != "day" else air.tone("#4a5a68"),
                opacity=0.95,
            )
        canvas.rect(x - 22 * s, y - 70 * s, 44 * s, 90 * s, air.tone("#5a3f30"))
    canvas.floor(1430, "#7fa052")
    for k in range(12):
        canvas.line(
            f"M{-200 + k * 150},{DEEP} Q{500 + k * 20},1640 {560 + k * 16},1440",
            darker(air.tone("#5f8044"), 0.25),
            7,
            opacity=0.5,
        )
    road = air.tone("#c9b08a")
    canvas.path(
        f"M600,1440 Q560,1600 700,1760 T500,{DEEP} H1060 Q900,1900 860,1740 T660,1440 Z",
        canvas.gradient([road, darker(road, 0.35)]),
    )
    tree(canvas, 60, 1560, 1.15, air.tone("#4a7a48"))
    tree(canvas, 1250, 1600, 1.3, air.tone("#4a7a48"))


PAINTERS: dict[str, Callable[[Canvas], None]] = {
    "street": street,
    "rooftop": rooftop,
    "palace": palace,
    "station": station,
    "village": village,
}
