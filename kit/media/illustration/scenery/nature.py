# ruff: noqa: E501 (drawings and word lists read better unbroken)
"""Woods, water, mountains and sand."""

from __future__ import annotations

from collections.abc import Callable

from kit.media.illustration.colours import darker, lighter, mix
from kit.media.illustration.scenery.draw import DEEP, WIDE, Canvas
from kit.media.illustration.scenery.outside import tree


def forest(canvas: Canvas) -> None:
    """A wood: trunks behind trunks, shafts of light, a path."""
    air, dice = canvas.air, canvas.dice
    light = air.lamp if air.time != "night" else "#aebcff"
    green = air.tone("#2f5f42")
    canvas.rect(
        0,
        0,
        WIDE,
        DEEP,
        canvas.gradient(
            [mix(green, air.sky[0], 0.35), mix(mix(green, air.haze, 0.6), air.sky[2], 0.35), mix(green, air.haze, 0.45)]
        ),
    )
    canvas.glow(780, 820, 900, light, 0.6)
    for depth, count, w in ((0.72, 13, 26), (0.45, 9, 44), (0.2, 6, 70)):
        bark = mix(air.tone("#43362e"), mix(air.haze, green, 0.3), depth)
        for _ in range(count):
            x, wide = dice.uniform(-40, WIDE + 40), w * dice.uniform(0.7, 1.3)
            canvas.path(
                f"M{x - wide * 0.5:.0f},1640 Q{x - wide * 0.25:.0f},900 {x - wide * 0.3:.0f},0 h{wide * 0.6:.0f} Q{x + wide * 0.25:.0f},900 {x + wide * 0.6:.0f},1640 Z",
                canvas.gradient([lighter(bark, 0.12), bark, darker(bark, 0.3)], flat=True),
            )
        crown = mix(air.tone("#356b45"), mix(air.haze, green, 0.2), depth)
        for _ in range(26):
            x, y = dice.uniform(-60, WIDE + 60), dice.uniform(240, 780 - depth * 200) - abs(dice.uniform(-1, 1)) * 60
            canvas.put(
                f'<ellipse cx="{x:.0f}" cy="{y:.0f}" rx="{dice.uniform(90, 200):.0f}" ry="{dice.uniform(50, 110):.0f}" fill="{mix(crown, lighter(crown, 0.35), dice.random() * 0.6)}" opacity=".92"/>'
            )
        for _ in range(16):
            x = dice.uniform(-60, WIDE + 60)
            canvas.put(
                f'<ellipse cx="{x:.0f}" cy="{1610 - depth * 60:.0f}" rx="{dice.uniform(80, 190):.0f}" ry="{dice.uniform(46, 120):.0f}" fill="{mix(crown, darker(crown, 0.3), dice.random() * 0.6)}"/>'
            )
        canvas.haze(700, 900, mix(air.haze, light, 0.3), 0.3)
    for k in range(6):
        x = 980 - k * 150
        canvas.path(f"M{x},150 L{x + 60},150 L{x - 230},1620 L{x - 420},1620 Z", light, opacity=0.08)
    canvas.floor(1590, "#3e5538")
    for at in range(16):
        x = (at + dice.uniform(-0.4, 0.4)) * WIDE / 15
        if abs(x - 640) > 130:
            shrub = mix(air.tone("#2f5f3e"), air.haze, dice.uniform(0.05, 0.3))
            for _ in range(4):
                canvas.put(
                    f'<ellipse cx="{x + dice.uniform(-70, 70):.0f}" cy="{1640 + dice.uniform(-50, 30):.0f}" rx="{dice.uniform(50, 100):.0f}" ry="{dice.uniform(40, 76):.0f}" fill="{mix(shrub, lighter(shrub, 0.3), dice.random() * 0.5)}"/>'
                )
    canvas.path(
        f"M580,1590 Q640,1700 500,1850 T380,{DEEP} L1000,{DEEP} Q900,1900 800,1780 T700,1590 Z",
        air.tone("#8a7656", 0.1),
        opacity=0.6,
    )
    if air.time in ("night", "dusk"):
        for _ in range(30):
            canvas.glow(dice.uniform(100, 1200), dice.uniform(700, 1600), 26, "#e8ff9a", 0.8)


def sea(canvas: Canvas) -> None:
    """A beach with a lit sea."""
    air, dice = canvas.air, canvas.dice
    canvas.sky(1240)
    _water(canvas, 1240, 1640)
    canvas.path("M-20,1250 Q120,1140 260,1180 T420,1250 Z", mix(air.far, air.haze, 0.2))
    canvas.path("M1310,1260 L1310,940 Q1200,960 1150,1080 Q1060,1130 1010,1260 Z", mix(air.middle, air.haze, 0.25))
    sand = air.tone("#d8bd8c")
    canvas.path(
        f"M0,1640 Q300,1570 660,1620 T{WIDE},1580 V{DEEP} H0 Z",
        canvas.gradient([lighter(sand, 0.1), darker(sand, 0.4)]),
    )
    canvas.line(f"M0,1630 Q300,1560 660,1610 T{WIDE},1570", "#ffffff", 12, opacity=0.55)
    canvas.line(f"M0,1600 Q340,1540 700,1585 T{WIDE},1545", "#ffffff", 6, opacity=0.35)
    for _ in range(4):
        x, y = dice.uniform(200, 1100), dice.uniform(480, 900)
        canvas.line(
            f"M{x - 26:.0f},{y - 8:.0f} Q{x - 10:.0f},{y - 18:.0f} {x:.0f},{y:.0f} Q{x + 10:.0f},{y - 18:.0f} {x + 26:.0f},{y - 8:.0f}",
            darker(air.middle, 0.2),
            5,
            opacity=0.7,
        )


def _water(canvas: Canvas, top: float, low: float) -> None:
    air, dice = canvas.air, canvas.dice
    deep = mix(air.sky[1], "#123a5a", 0.55)
    canvas.rect(0, top, WIDE, low - top + 40, canvas.gradient([mix(air.sky[2], deep, 0.3), deep, darker(deep, 0.35)]))
    shine = air.lamp if air.time != "night" else "#cdd8ff"
    x = 960 if air.time in ("dusk", "dawn", "day") else 648
    for k in range(34):
        y = top + 6 + (low - top) * (k / 34) ** 1.3
        w = (20 + k * 6) * dice.uniform(0.5, 1.3)
        canvas.rect(
            x + dice.uniform(-14, 14) * (1 + k * 0.25) - w,
            y,
            w * 2,
            3 + k * 0.16,
            shine,
            round_by=2,
            opacity=dice.uniform(0.25, 0.7),
        )
    for _ in range(46):
        y = dice.uniform(top + 10, low)
        w = 30 + (y - top) * 0.22
        canvas.rect(
            dice.uniform(-40, WIDE), y, w * dice.uniform(0.5, 1.2), 3, lighter(deep, 0.4), round_by=2, opacity=0.35
        )


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
        canvas.path(
            f"M{x - 150 * s:.0f},{y:.0f} h{300 * s:.0f} l{-46 * s:.0f},{70 * s:.0f} h{-210 * s:.0f} Z",
            canvas.gradient([lighter(hull, 0.15), darker(hull, 0.35)]),
        )
        canvas.rect(x - 60 * s, y - 74 * s, 110 * s, 76 * s, air.tone("#e4ddd2"))
        canvas.rect(x - 40 * s, y - 56 * s, 66 * s, 30 * s, air.lamp if air.time != "day" else air.sky[0], opacity=0.9)
        canvas.line(
            f"M{x:.0f},{y - 74 * s:.0f} v{-190 * s:.0f} M{x:.0f},{y - 250 * s:.0f} l{110 * s:.0f},{200 * s:.0f}",
            darker(air.near, 0.1),
            6 * s,
        )
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
        canvas.put(
            f'<ellipse cx="1196" cy="{y}" rx="46" ry="60" fill="{air.lamp if air.time != "day" else air.sky[0]}" stroke="{darker(white, 0.4)}" stroke-width="12"/>'
        )
    for y, w in ((1330, 20), (1430, 10), (1520, 10), (1610, 10)):
        canvas.line(f"M-10,{y} H1090", darker(white, 0.06), w)
        canvas.line(f"M-10,{y - w * 0.3} H1090", lighter(white, 0.5), w * 0.25, opacity=0.8)
    for x in range(60, 1090, 250):
        canvas.line(f"M{x},1320 V1710", darker(white, 0.14), 15)
    canvas.put(
        '<g transform="translate(190 1500)"><circle r="92" fill="none" stroke="#d8474a" stroke-width="44"/><path d="M-92,0 h0 M0,-92 v0" stroke="#fff" stroke-width="44"/><g stroke="#f4efe8" stroke-width="44" fill="none"><path d="M-86,-34 A92 92 0 0 1 -34,-86"/><path d="M86,34 A92 92 0 0 1 34,86"/></g></g>'
    )


def mountain(canvas: Canvas) -> None:
    """Ranges behind ranges, snow on the highest."""
    air, dice = canvas.air, canvas.dice
    canvas.sky(1400)
    for depth, y, h in ((0.78, 1180, 520), (0.52, 1330, 430), (0.26, 1480, 330)):
        canvas.ridge(y, h, air.tone("#566480", depth), steps=7)
        canvas.haze(y - 200, 520, air.haze, 0.35)
    canvas.path(
        "M240,1330 L520,640 L600,760 L650,700 L900,1330 Z",
        canvas.gradient([air.tone("#6a7690", 0.35), air.tone("#4a566e", 0.2)]),
    )
    canvas.path(
        "M520,640 L600,760 L650,700 L716,868 L640,830 L600,900 L540,810 L476,880 L450,812 Z", air.tone("#f4f7fb", 0.1)
    )
    canvas.path("M520,640 L600,760 L600,900 L640,1330 L900,1330 L650,700 Z", darker(air.near, 0.1), opacity=0.25)
    canvas.haze(1100, 380, air.haze, 0.5)
    canvas.floor(1540, "#4f6347")
    for x in (60, 190, 1090, 1230):
        tree(canvas, x, 1640, dice.uniform(0.75, 1.15), air.tone("#2f4f42", 0.08), pine=True)


def desert(canvas: Canvas) -> None:
    """Dunes under a big sky."""
    air = canvas.air
    canvas.sky(1250)
    sand = "#d8a25e"
    canvas.path("M120,1260 V960 q60,-120 150,-60 v360 Z M930,1260 V1010 h90 v-90 h80 v340 Z", air.tone("#b0764a", 0.6))
    for y, depth, flip in ((1200, 0.55, 1), (1330, 0.35, -1), (1470, 0.15, 1), (1640, 0.0, -1)):
        tone = air.tone(sand, depth)
        crest = 648 + flip * 220
        canvas.path(
            f"M-20,{y + 140} Q{crest - 420},{y + 110} {crest},{y - 60} Q{crest + 380},{y + 130} {WIDE + 20},{y + 60} V{DEEP} H-20 Z",
            canvas.gradient([lighter(tone, 0.2), darker(tone, 0.2)]),
        )
        canvas.path(
            f"M{crest},{y - 60} Q{crest + 120 * flip},{y + 120} {crest + 40 * flip},{y + 420} L{crest + 620 * flip},{y + 420} Q{crest + 380 * flip},{y + 130} {crest},{y - 60} Z",
            darker(tone, 0.3),
            opacity=0.4,
        )
    canvas.haze(1000, 380, air.haze, 0.4)


PAINTERS: dict[str, Callable[[Canvas], None]] = {
    "forest": forest,
    "sea": sea,
    "harbour": harbour,
    "ferry": ferry,
    "mountain": mountain,
    "desert": desert,
}
