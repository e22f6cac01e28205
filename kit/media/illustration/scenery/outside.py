"""Places under the sky."""

from __future__ import annotations

import math
from collections.abc import Callable

from kit.media.illustration.colours import darker, lighter, mix
from kit.media.illustration.scenery.draw import HIGH, WIDE, Canvas


def tree(canvas: Canvas, x: float, y: float, size: float, tone: str, *, pine: bool = False) -> None:
    """A tree that stands at (x, y); `size` 1 is about 600 units tall."""
    trunk = darker(tone, 0.35)
    if pine:
        canvas.rect(x - 9 * size, y - 80 * size, 18 * size, 80 * size, trunk)
        for step in range(5):
            w, top = (150 - step * 24) * size, y - (90 + step * 105) * size
            canvas.path(f"M{x - w:.0f},{top:.0f} L{x:.0f},{top - 190 * size:.0f} L{x + w:.0f},{top:.0f} Q{x:.0f},{top + 26 * size:.0f} {x - w:.0f},{top:.0f} Z", mix(tone, canvas.air.haze, step * 0.03))
        return
    canvas.path(f"M{x - 22 * size:.0f},{y:.0f} Q{x - 10 * size:.0f},{y - 200 * size:.0f} {x - 14 * size:.0f},{y - 330 * size:.0f} h{28 * size:.0f} Q{x + 10 * size:.0f},{y - 180 * size:.0f} {x + 24 * size:.0f},{y:.0f} Z", trunk)
    for _ in range(9):
        angle, far = canvas.dice.uniform(0, 6.28), canvas.dice.uniform(0.2, 1)
        cx, cy = x + math.cos(angle) * 130 * size * far, y - 430 * size + math.sin(angle) * 105 * size * far
        canvas.put(f'<circle cx="{cx:.0f}" cy="{cy:.0f}" r="{canvas.dice.uniform(70, 115) * size:.0f}" fill="{mix(tone, lighter(tone, 0.3), canvas.dice.random() * 0.5)}"/>')


def pagoda(canvas: Canvas, x: float, y: float, wide: float, tone: str, *, floors: int = 3) -> None:
    """A hall with curved roofs whose foot is at (x, y)."""
    roof, wall = darker(tone, 0.25), mix(tone, "#a83a34", 0.3)
    for floor in range(floors):
        w = wide * (1 - floor * 0.24)
        top = y - 150 - floor * 190
        canvas.rect(x - w * 0.36, top, w * 0.72, 150 + (60 if floor else 0), canvas.gradient([darker(wall, 0.35), wall]))
        for k in range(5):
            px = x - w * 0.32 + k * w * 0.16
            canvas.rect(px - 5, top, 10, 150, darker(wall, 0.4))
            if canvas.air.time in ("night", "dusk") and k < 4:
                canvas.rect(px + 12, top + 46, w * 0.16 - 24, 84, canvas.air.lamp, opacity=0.75)
        canvas.path(f"M{x - w * 0.62:.0f},{top + 22:.0f} Q{x - w * 0.4:.0f},{top - 10:.0f} {x - w * 0.3:.0f},{top - 78:.0f} L{x + w * 0.3:.0f},{top - 78:.0f} Q{x + w * 0.4:.0f},{top - 10:.0f} {x + w * 0.62:.0f},{top + 22:.0f} Q{x + w * 0.5:.0f},{top + 8:.0f} {x + w * 0.42:.0f},{top + 14:.0f} L{x - w * 0.42:.0f},{top + 14:.0f} Q{x - w * 0.5:.0f},{top + 8:.0f} {x - w * 0.62:.0f},{top + 22:.0f} Z", roof)
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
        canvas.path(f"M{edge},120 L{far_x},640 L{far_x},1540 L{edge},1720 Z", canvas.gradient([mix(near, air.haze, 0.12), near]))
        for floor in range(7):
            for column in range(3):
                k = (column + 0.5) / 3
                x = edge - side * (60 + k * 300)
                y = 330 + k * 330 + floor * (150 - k * 40)
                w, h = 62 - k * 22, 86 - k * 28
                lit = dark and dice.random() < 0.45
                canvas.rect(x - w / 2, y, w, h, air.lamp if lit else mix(near, air.sky[1], 0.35), opacity=0.9 if lit else 0.6)
        for _ in range(4):
            k = dice.uniform(0.15, 0.85)
            x, y, h = edge - side * (40 + k * 330), dice.uniform(700, 1180), dice.uniform(110, 230)
            colour = dice.choice(neon)
            if dark:
                canvas.glow(x, y + h / 2, 210, colour, 0.55)
            canvas.rect(x - 26, y, 52, h, darker(air.near, 0.3), round_by=8)
            canvas.rect(x - 20, y + 6, 40, h - 12, colour if dark else air.tone(colour, 0.2), round_by=6, opacity=0.9)
            for bar in range(int(h // 46)):
                canvas.rect(x - 11, y + 18 + bar * 44, 22, 24, darker(colour, 0.55), round_by=4, opacity=0.7)
        canvas.path(f"M{edge},1330 L{far_x},1330 L{far_x},1370 L{edge},1400 Z", air.tone(dice.choice(("#b8434a", "#3a7a8a", "#c98a3a"))))
    ground = air.tone("#4c4a58")
    canvas.path(f"M380,1500 L916,1500 L{WIDE + 600},{HIGH} L-600,{HIGH} Z", canvas.gradient([mix(ground, air.haze, 0.45), darker(ground, 0.45)]))
    canvas.path(f"M380,1500 L0,1690 L0,{HIGH} L-600,{HIGH} Z M916,1500 L{WIDE},1690 L{WIDE},{HIGH} L{WIDE + 600},{HIGH} Z", darker(ground, 0.25))
    for k in range(6):
        canvas.path(f"M{640 - k * 3},{1540 + k * k * 22} h{14 + k * 6} l{k * 2},{26 + k * 10} h{-14 - k * 9} Z", "#e8e0cc", opacity=0.35)
    if dark:
        for _ in range(12):
            x = dice.uniform(240, 1060)
            canvas.rect(x, 1520, dice.uniform(10, 34), dice.uniform(200, 520), canvas.gradient([(dice.choice(neon), 0.42, 0), (dice.choice(neon), 0.0, 1)]))
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


def forest(canvas: Canvas) -> None:
    """A wood with shafts of light."""
    air, dice = canvas.air, canvas.dice
    canvas.sky(1300)
    canvas.glow(860, 620, 760, air.lamp if air.time != "night" else "#aebcff", 0.6)
    for depth, count, tall in ((0.78, 11, 1.5), (0.5, 8, 1.9), (0.22, 5, 2.3)):
        green = air.tone("#39694a", depth * 0.85)
        for _ in range(count):
            tree(canvas, dice.uniform(-60, WIDE + 60), 1500 + (1 - depth) * 130, tall * dice.uniform(0.75, 1.15), green, pine=dice.random() < 0.6)
        canvas.haze(900, 680, air.haze, 0.3)
    for k in range(5):
        x = 880 - k * 150
        canvas.path(f"M{x},250 L{x + 70},250 L{x - 260},1620 L{x - 470},1620 Z", air.lamp if air.time != "night" else "#b8c8ff", opacity=0.075)
    canvas.floor(1560, "#3e5538")
    canvas.path(f"M560,1560 Q640,1700 480,1850 T380,{HIGH} L1000,{HIGH} Q900,1900 800,1780 T720,1560 Z", air.tone("#8a7656", 0.1), opacity=0.6)
    for x, w in ((-10, 120), (1190, 130)):
        bark = darker(air.tone("#4a3a30"), 0.35)
        canvas.path(f"M{x},{HIGH} Q{x + w * 0.3:.0f},1200 {x + w * 0.1:.0f},0 h{w * 0.75:.0f} Q{x + w * 0.8:.0f},1200 {x + w * 1.2:.0f},{HIGH} Z", canvas.gradient([bark, lighter(bark, 0.08), bark], flat=True))
    if air.time == "night":
        for _ in range(30):
            canvas.glow(dice.uniform(100, 1200), dice.uniform(900, 1700), 26, "#e8ff9a", 0.8)


def sea(canvas: Canvas) -> None:
    """A beach with a lit sea."""
    air, dice = canvas.air, canvas.dice
    canvas.sky(1240)
    _water(canvas, 1240, 1640)
    canvas.path("M-20,1250 Q120,1140 260,1180 T420,1250 Z", mix(air.far, air.haze, 0.2))
    canvas.path("M1310,1260 L1310,940 Q1200,960 1150,1080 Q1060,1130 1010,1260 Z", mix(air.middle, air.haze, 0.25))
    sand = air.tone("#d8bd8c")
    canvas.path(f"M0,1640 Q300,1570 660,1620 T{WIDE},1580 V{HIGH} H0 Z", canvas.gradient([lighter(sand, 0.1), darker(sand, 0.4)]))
    canvas.line(f"M0,1630 Q300,1560 660,1610 T{WIDE},1570", "#ffffff", 12, opacity=0.55)
    canvas.line(f"M0,1600 Q340,1540 700,1585 T{WIDE},1545", "#ffffff", 6, opacity=0.35)
    for _ in range(4):
        x, y = dice.uniform(200, 1100), dice.uniform(480, 900)
        canvas.line(f"M{x - 26:.0f},{y - 8:.0f} Q{x - 10:.0f},{y - 18:.0f} {x:.0f},{y:.0f} Q{x + 10:.0f},{y - 18:.0f} {x + 26:.0f},{y - 8:.0f}", darker(air.middle, 0.2), 5, opacity=0.7)


def _water(canvas: Canvas, top: float, low: float) -> None:
    air, dice = canvas.air, canvas.dice
    deep = mix(air.sky[1], "#123a5a", 0.55)
    canvas.rect(0, top, WIDE, low - top + 40, canvas.gradient([mix(air.sky[2], deep, 0.3), deep, darker(deep, 0.35)]))
    shine = air.lamp if air.time != "night" else "#cdd8ff"
    x = 960 if air.time in ("dusk", "dawn", "day") else 648
    for k in range(34):
        y = top + 6 + (low - top) * (k / 34) ** 1.3
        w = (20 + k * 6) * dice.uniform(0.5, 1.3)
        canvas.rect(x + dice.uniform(-14, 14) * (1 + k * 0.25) - w, y, w * 2, 3 + k * 0.16, shine, round_by=2, opacity=dice.uniform(0.25, 0.7))
    for _ in range(46):
        y = dice.uniform(top + 10, low)
        w = 30 + (y - top) * 0.22
        canvas.rect(dice.uniform(-40, WIDE), y, w * dice.uniform(0.5, 1.2), 3, lighter(deep, 0.4), round_by=2, opacity=0.35)


def harbour(canvas: Canvas) -> None:
    """A harbour with a lighthouse, boats and a quay."""
    air, dice = canvas.air, canvas.dice
    canvas.sky(1240)
    canvas.ridge(1250, 200, mix(air.far, air.haze, 0.2), sharp=False)
    canvas.rect(0, 1240, WIDE, 400, air.sky[1])
    _water(canvas, 1240, 1660)
    canvas.path("M930,1260 L960,760 h70 L1060,1260 Z", canvas.gradient([air.tone("#f2ede4"), air.tone("#c9c2ba")]))
    for k in range(3):
        canvas.path(f"M{952 - k * 7},{900 + k * 120} h{86 + k * 14} l4,56 h{-94 - k * 14} Z", air.tone("#c0424a"))
    canvas.rect(950, 700, 90, 64, air.tone("#3a4250"))
    canvas.path("M942,700 L995,640 L1048,700 Z", air.tone("#c0424a"))
    canvas.glow(995, 730, 330, air.lamp, 0.8)
    canvas.path("M995,730 L-60,560 L-60,760 Z", air.lamp, opacity=0.16)
    for x, y, s in ((190, 1390, 1.0), (480, 1330, 0.62)):
        hull = air.tone(dice.choice(("#8a3a3f", "#2f5a7a", "#3f6a58")))
        canvas.path(f"M{x - 150 * s:.0f},{y:.0f} h{300 * s:.0f} l{-46 * s:.0f},{70 * s:.0f} h{-210 * s:.0f} Z", canvas.gradient([lighter(hull, 0.15), darker(hull, 0.35)]))
        canvas.rect(x - 60 * s, y - 74 * s, 110 * s, 76 * s, air.tone("#e4ddd2"))
        canvas.rect(x - 40 * s, y - 56 * s, 66 * s, 30 * s, air.lamp if air.time != "day" else air.sky[0], opacity=0.9)
        canvas.line(f"M{x:.0f},{y - 74 * s:.0f} v{-190 * s:.0f} M{x:.0f},{y - 250 * s:.0f} l{110 * s:.0f},{200 * s:.0f}", darker(air.near, 0.1), 6 * s)
    canvas.floor(1640, "#6a5a4c", boards=True)
    for x in (150, 700, 1150):
        canvas.box(x - 34, 1560, 68, 120, "#4c3f38", round_by=14)


def ferry(canvas: Canvas) -> None:
    """The deck of a ship: rail, lifebelt, open sea."""
    air = canvas.air
    canvas.sky(1180)
    canvas.ridge(1190, 150, mix(air.far, air.haze, 0.3), sharp=False)
    _water(canvas, 1180, 1700)
    canvas.floor(1700, "#8a6a4c", boards=True)
    white = air.tone("#eceff2")
    canvas.path("M1310,300 L1080,380 V1720 L1310,1760 Z", canvas.gradient([white, darker(white, 0.3)]))
    for y in (560, 860):
        canvas.put(f'<ellipse cx="1196" cy="{y}" rx="46" ry="60" fill="{air.lamp if air.time != "day" else air.sky[0]}" stroke="{darker(white, 0.4)}" stroke-width="12"/>')
    for y, w in ((1330, 20), (1430, 10), (1520, 10), (1610, 10)):
        canvas.line(f"M-10,{y} H1090", darker(white, 0.06), w)
        canvas.line(f"M-10,{y - w * 0.3} H1090", lighter(white, 0.5), w * 0.25, opacity=0.8)
    for x in range(60, 1090, 250):
        canvas.line(f"M{x},1320 V1710", darker(white, 0.14), 15)
    canvas.put('<g transform="translate(190 1500)"><circle r="92" fill="none" stroke="#d8474a" stroke-width="44"/><path d="M-92,0 h0 M0,-92 v0" stroke="#fff" stroke-width="44"/><g stroke="#f4efe8" stroke-width="44" fill="none"><path d="M-86,-34 A92 92 0 0 1 -34,-86"/><path d="M86,34 A92 92 0 0 1 34,86"/></g></g>')


def mountain(canvas: Canvas) -> None:
    """Ranges behind ranges, snow on the highest."""
    air, dice = canvas.air, canvas.dice
    canvas.sky(1400)
    for depth, y, h in ((0.78, 1180, 520), (0.52, 1330, 430), (0.26, 1480, 330)):
        canvas.ridge(y, h, air.tone("#566480", depth), steps=7)
        canvas.haze(y - 200, 520, air.haze, 0.35)
    canvas.path("M240,1330 L520,640 L600,760 L650,700 L900,1330 Z", canvas.gradient([air.tone("#6a7690", 0.35), air.tone("#4a566e", 0.2)]))
    canvas.path("M520,640 L600,760 L650,700 L716,868 L640,830 L600,900 L540,810 L476,880 L450,812 Z", air.tone("#f4f7fb", 0.1))
    canvas.path("M520,640 L600,760 L600,900 L640,1330 L900,1330 L650,700 Z", darker(air.near, 0.1), opacity=0.25)
    canvas.haze(1100, 380, air.haze, 0.5)
    canvas.floor(1540, "#4f6347")
    for x in (60, 190, 1090, 1230):
        tree(canvas, x, 1640, dice.uniform(0.75, 1.15), air.tone("#2f4f42", 0.08), pine=True)


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
        for y in (1120,):
            canvas.glow(x, y + 40, 250, "#ff9a4a", 0.7 if air.time != "day" else 0.25)
            canvas.put(f'<ellipse cx="{x}" cy="{y + 40}" rx="62" ry="76" fill="{mix("#d8382f", "#ffb45a", 0.25)}"/><path d="M{x - 30},{y - 30} h60 M{x - 30},{y + 112} h60" stroke="#e9c35e" stroke-width="12"/><path d="M{x},{y - 28} v138 M{x - 32},{y - 18} q-14,58 0,116 M{x + 32},{y - 18} q14,58 0,116" stroke="#8f1d1c" stroke-width="3" fill="none" opacity=".6"/>')
            canvas.line(f"M{x},{y + 118} v60", "#e9c35e", 5)
    branch = darker(air.tone("#4a3430"), 0.3)
    canvas.line("M-20,420 Q220,470 380,620 M120,455 Q240,430 330,380 M230,500 Q260,590 240,680", branch, 16)
    for _ in range(60):
        t = dice.random()
        x, y = -20 + 400 * t + dice.uniform(-60, 60), 420 + 200 * t * t + dice.uniform(-90, 100)
        canvas.put(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{dice.uniform(9, 20):.0f}" fill="{mix(air.tone("#f4a8bc"), "#ffffff", dice.random() * 0.4)}" opacity=".9"/>')


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
        canvas.path(f"M{x0},{730 + t0 * 230:.0f} L{x1},{730 + t1 * 230:.0f} L{x1},{1130 + t1 * 40:.0f} L{x0},{1130 + t0 * 40:.0f} Z", air.lamp if air.time != "day" else mix(air.sky[0], "#20303c", 0.5), opacity=0.92)
    canvas.path(f"M800,1440 L1310,1700 V{HIGH} H900 L770,1440 Z", darker(iron, 0.6))
    stone = air.tone("#8c8a90")
    canvas.path(f"M-20,1500 L560,1440 H780 L980,{HIGH} H-20 Z", canvas.gradient([mix(stone, air.haze, 0.3), darker(stone, 0.4)]))
    canvas.path(f"M740,1440 L770,1440 L960,{HIGH} L850,{HIGH} Z", air.tone("#e8c24a"), opacity=0.85)
    for x, top, w in ((120, 430, 46), (380, 590, 28), (500, 680, 18)):
        canvas.rect(x, top, w, 1500 - top - (x * 0.12), canvas.gradient([lighter(iron, 0.15), darker(iron, 0.25)], flat=True))
    canvas.box(190, 900, 170, 120, "#23405c", round_by=8)
    canvas.put('<circle cx="240" cy="960" r="38" fill="#f6f2e6" stroke="#2a2a32" stroke-width="6"/><path d="M240,960 V934 M240,960 L258,968" stroke="#2a2a32" stroke-width="5"/>')
    canvas.rect(290, 936, 52, 10, "#f6f2e6")
    canvas.rect(290, 960, 40, 10, "#f6f2e6")


def desert(canvas: Canvas) -> None:
    """Dunes under a big sky."""
    air = canvas.air
    canvas.sky(1250)
    sand = "#d8a25e"
    canvas.path("M120,1260 V960 q60,-120 150,-60 v360 Z M930,1260 V1010 h90 v-90 h80 v340 Z", air.tone("#b0764a", 0.6))
    for y, depth, flip in ((1200, 0.55, 1), (1330, 0.35, -1), (1470, 0.15, 1), (1640, 0.0, -1)):
        tone = air.tone(sand, depth)
        crest = 648 + flip * 220
        canvas.path(f"M-20,{y + 140} Q{crest - 420},{y + 110} {crest},{y - 60} Q{crest + 380},{y + 130} {WIDE + 20},{y + 60} V{HIGH} H-20 Z", canvas.gradient([lighter(tone, 0.2), darker(tone, 0.2)]))
        canvas.path(f"M{crest},{y - 60} Q{crest + 120 * flip},{y + 120} {crest + 40 * flip},{y + 420} L{crest + 620 * flip},{y + 420} Q{crest + 380 * flip},{y + 130} {crest},{y - 60} Z", darker(tone, 0.3), opacity=0.4)
    canvas.haze(1000, 380, air.haze, 0.4)


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
        canvas.path(f"M{x - 170 * s:.0f},{y - 146 * s:.0f} L{x - 90 * s:.0f},{y - 270 * s:.0f} H{x + 90 * s:.0f} L{x + 170 * s:.0f},{y - 146 * s:.0f} Z", roof)
        for k in (-1, 1):
            canvas.rect(x + k * 66 * s - 24 * s, y - 108 * s, 48 * s, 56 * s, air.lamp if air.time != "day" else air.tone("#4a5a68"), opacity=0.95)
        canvas.rect(x - 22 * s, y - 70 * s, 44 * s, 90 * s, air.tone("#5a3f30"))
    canvas.floor(1430, "#7fa052")
    for k in range(12):
        canvas.line(f"M{-200 + k * 150},{HIGH} Q{500 + k * 20},1640 {560 + k * 16},1440", darker(air.tone("#5f8044"), 0.25), 7, opacity=0.5)
    road = air.tone("#c9b08a")
    canvas.path(f"M600,1440 Q560,1600 700,1760 T500,{HIGH} H1060 Q900,1900 860,1740 T660,1440 Z", canvas.gradient([road, darker(road, 0.35)]))
    tree(canvas, 60, 1560, 1.15, air.tone("#4a7a48"))
    tree(canvas, 1250, 1600, 1.3, air.tone("#4a7a48"))


PAINTERS: dict[str, Callable[[Canvas], None]] = {
    "street": street, "rooftop": rooftop, "forest": forest, "sea": sea, "harbour": harbour, "ferry": ferry, "mountain": mountain,
    "palace": palace, "station": station, "desert": desert, "village": village,
}  # fmt: skip
