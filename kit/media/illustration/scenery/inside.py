# ruff: noqa: E501 (drawings and word lists read better unbroken)
"""Rooms where people work, eat and meet. Where the floor begins: about y = 1540."""

from __future__ import annotations

from collections.abc import Callable

from kit.media.illustration.colours import darker, lighter, mix
from kit.media.illustration.scenery.draw import HIGH, WIDE, Canvas

BOOKS = ("#8a3a3f", "#35577a", "#4f6f4a", "#b08a4a", "#5a4470", "#7a4a34", "#c9bfae")


def shelf(
    canvas: Canvas, x: float, y: float, w: float, h: float, rows: int, *, wood: str = "#5a3d2c", fill: float = 0.9
) -> None:
    """A bookcase."""
    air, dice = canvas.air, canvas.dice
    tone = air.tone(wood)
    canvas.rect(x, y, w, h, darker(tone, 0.5))
    gap = h / rows
    for row in range(rows):
        at = x + 14
        floor = y + (row + 1) * gap - 12
        while at < x + w - 40:
            bw, bh = dice.uniform(16, 36), gap * dice.uniform(0.55, 0.82)
            if dice.random() < fill:
                paint = air.tone(dice.choice(BOOKS))
                canvas.rect(
                    at, floor - bh, bw - 3, bh, canvas.gradient([lighter(paint, 0.1), darker(paint, 0.25)]), round_by=2
                )
                canvas.rect(at + 3, floor - bh * 0.8, bw - 9, 5, lighter(paint, 0.4), opacity=0.7)
            at += bw
        canvas.rect(x, floor, w, 13, lighter(tone, 0.08))
    canvas.put(f'<rect x="{x}" y="{y}" width="{w}" height="{h}" fill="none" stroke="{tone}" stroke-width="16"/>')


def plant(canvas: Canvas, x: float, y: float, s: float = 1.0) -> None:
    """A plant in a pot that stands at (x, y)."""
    air = canvas.air
    leaf = air.tone("#3f7a4f")
    for k, (dx, dy) in enumerate(((-120, -250), (-60, -340), (10, -380), (80, -330), (130, -240), (-20, -260))):
        canvas.path(
            f"M{x:.0f},{y - 110 * s:.0f} Q{x + dx * 0.2 * s:.0f},{y + dy * 0.8 * s:.0f} {x + dx * s:.0f},{y + dy * s:.0f} Q{x + dx * 0.9 * s:.0f},{y + dy * 0.45 * s:.0f} {x:.0f},{y - 110 * s:.0f} Z",
            mix(leaf, lighter(leaf, 0.3), k / 8),
        )
    canvas.path(
        f"M{x - 62 * s:.0f},{y - 120 * s:.0f} h{124 * s:.0f} l{-18 * s:.0f},{120 * s:.0f} h{-88 * s:.0f} Z",
        canvas.gradient([air.tone("#d9cfc4"), air.tone("#8a7a70")]),
    )


def citywindow(canvas: Canvas) -> None:
    """A high room with glass from floor to ceiling above the town."""
    air = canvas.air
    canvas.sky(1450)
    canvas.skyline(1560, 780, air.far, 0.3)
    canvas.haze(850, 700, air.haze, 0.5)
    canvas.skyline(1620, 500, air.middle, 0.5)
    canvas.haze(1250, 330, air.haze, 0.35)
    frame = darker(air.near, 0.25)
    for x in (150, 560, 1000):
        canvas.rect(x, 0, 20, 1600, frame)
        canvas.rect(x + 20, 0, 4, 1600, lighter(frame, 0.35), opacity=0.6)
    for y in (330, 1180):
        canvas.rect(0, y, WIDE, 16, frame)
    canvas.path("M600,0 L820,0 L420,1600 L200,1600 Z", "#ffffff", opacity=0.035)
    canvas.floor(1580, "#3a3444")
    canvas.rect(0, 1570, WIDE, 26, frame)
    canvas.put(
        f'<path d="M-20,0 H120 Q150,700 100,1620 H-20 Z" fill="{air.tone("#6a4a5c")}"/><path d="M20,0 Q50,800 10,1620 M70,0 Q104,800 66,1620" stroke="{darker(air.tone("#6a4a5c"), 0.4)}" stroke-width="8" fill="none" opacity=".6"/>'
    )
    canvas.line("M1160,1620 V1010", darker(air.near, 0.3), 14)
    canvas.glow(1160, 960, 520, "#ffcf8a", 0.65)
    canvas.path("M1090,1030 L1118,880 H1202 L1230,1030 Z", canvas.gradient(["#f0c888", "#ffe9bd"]))


def office(canvas: Canvas) -> None:
    """An office with a wide window, shelves and a screen."""
    air = canvas.air
    canvas.wall("#64788e", to=1560)
    canvas.window(330, 400, 640, 760, "#2f3a48", columns=3)
    for k in range(9):
        canvas.rect(322, 396 + k * 24, 656, 12, air.tone("#cfd6dc"), opacity=0.75)
    shelf(canvas, -30, 520, 290, 1040, 5, wood="#4a3a34", fill=0.75)
    canvas.rect(1030, 560, 210, 280, air.tone("#e9e6e0"))
    for k in range(5):
        canvas.line(f"M1056,{610 + k * 42} h{150 - k % 3 * 40}", air.tone("#7a8694"), 8)
    canvas.floor(1560, "#57483f", boards=True)
    canvas.rect(0, 1540, WIDE, 22, air.tone("#3a3f4a"))
    plant(canvas, 1130, 1620, 1.1)
    for x in (430, 860):
        canvas.lamp(x, 190, 200, "#3a4250", size=0.8)


def restaurant(canvas: Canvas) -> None:
    """A cafe or bar: shelves with bottles, lamps, a window to the street."""
    air, dice = canvas.air, canvas.dice
    canvas.wall("#6a4038", to=1560)
    for row in range(18):
        for column in range(11):
            canvas.rect(
                column * 130 - (row % 2) * 65,
                180 + row * 60,
                126,
                56,
                mix(air.tone("#7a4a3e"), air.tone("#5a342e"), dice.random()),
                round_by=3,
                opacity=0.5,
            )
    canvas.window(80, 470, 480, 640, "#2a1e1c", columns=2, rows=3)
    for row in range(3):
        y = 640 + row * 190
        canvas.box(690, y, 540, 20, "#4a3026")
        canvas.glow(960, y + 6, 330, air.lamp, 0.28, squash=0.4)
        at = 706.0
        while at < 1190:
            w, h = dice.uniform(26, 42), dice.uniform(80, 140)
            glass = air.tone(dice.choice(("#3f7a5c", "#a8503c", "#c98a3a", "#5a7a9a", "#8a3a5a", "#d9d2c4")))
            canvas.path(
                f"M{at:.0f},{y} v{-h * 0.62:.0f} q0,-12 {w * 0.3:.0f},-16 v{-h * 0.26:.0f} h{w * 0.4:.0f} v{h * 0.26:.0f} q{w * 0.3:.0f},4 {w * 0.3:.0f},16 v{h * 0.62:.0f} Z",
                canvas.gradient([lighter(glass, 0.3), darker(glass, 0.25)]),
            )
            at += w + dice.uniform(4, 18)
    canvas.box(640, 1290, 700, 290, "#4a2c24")
    canvas.box(620, 1262, 720, 36, "#8a5a3c")
    canvas.floor(1560, "#4a3430", boards=True)
    for x, y in ((250, 420), (640, 360), (1030, 420)):
        canvas.lamp(x, y, 400, dice.choice(("#b8434a", "#d8a04a", "#4a8a8a")), size=1.1)
    canvas.bokeh(18, (100, 900, 500, 300), (air.lamp, "#ff9a5a", "#7fc8ff"), 0.4)


def hospital(canvas: Canvas) -> None:
    """A ward: bed, drip, monitor, curtain."""
    air = canvas.air
    canvas.wall("#b9d4d6", to=1540)
    canvas.rect(0, 1160, WIDE, 380, air.tone("#8fb8bc"), opacity=0.7)
    canvas.rect(0, 1150, WIDE, 16, air.tone("#5f9aa2"))
    canvas.window(470, 400, 420, 560, "#f4f8f8", rows=1)
    cloth = air.tone("#7fc0b8")
    for k in range(7):
        canvas.path(
            f"M{-20 + k * 52},250 q26,30 52,0 L{30 + k * 54},1560 q-26,20 -52,0 Z",
            canvas.gradient([lighter(cloth, 0.2), darker(cloth, 0.15 + 0.1 * (k % 2))]),
        )
    canvas.line("M-20,250 H420", air.tone("#c9d2d6"), 12)
    canvas.box(960, 640, 250, 200, "#20303a", round_by=14)
    canvas.line("M975,750 h50 l16,-60 l26,120 l22,-90 l14,30 h90", "#5affa0", 6)
    canvas.glow(1085, 740, 260, "#5affc0", 0.35)
    canvas.line("M1085,840 V1560", air.tone("#aeb8be"), 14)
    canvas.line("M910,1560 V520 M870,530 H950", air.tone("#c9d2d6"), 10)
    canvas.path("M886,540 h50 v110 q-25,30 -50,0 Z", "#e6f4fb", opacity=0.85)
    canvas.line("M911,670 Q900,1000 800,1200", "#e6f4fb", 4, opacity=0.8)
    canvas.floor(1540, "#9fb4b8")
    white = air.tone("#f2f4f4")
    canvas.rect(420, 1240, 470, 300, canvas.gradient([white, darker(white, 0.25)]), round_by=24)
    canvas.rect(450, 1190, 260, 110, lighter(white, 0.6), round_by=40)
    canvas.line("M420,1130 V1600 M890,1220 V1600 M420,1150 H500", air.tone("#8a98a0"), 14)
    for x in (330, 760):
        canvas.rect(x, 205, 260, 26, "#ffffff")
        canvas.glow(x + 130, 220, 420, "#eaffff", 0.5, squash=0.6)


def school(canvas: Canvas) -> None:
    """A classroom with a board, windows, rows of desks."""
    air = canvas.air
    canvas.wall("#cdbf98", to=1540)
    canvas.rect(0, 1120, WIDE, 420, air.tone("#a8875a"), opacity=0.6)
    canvas.rect(330, 460, 720, 470, air.tone("#8a6a44"), round_by=8)
    board = air.tone("#2f5a4a")
    canvas.rect(350, 480, 680, 430, canvas.gradient([lighter(board, 0.12), board]))
    chalk = "#f0f4ec"
    canvas.line(
        "M410,560 h220 M410,620 h300 M410,680 h180 M720,760 l80,-140 l80,140 z M700,540 q60,-40 120,0",
        chalk,
        6,
        opacity=0.75,
    )
    canvas.line("M410,800 q60,-50 120,0 t120,0", chalk, 5, opacity=0.6)
    canvas.window(40, 420, 220, 620, "#f2ead8", rows=3, city=False)
    canvas.window(1100, 420, 200, 620, "#f2ead8", rows=3, city=False)
    canvas.put(
        '<circle cx="690" cy="330" r="62" fill="#fbf8f0" stroke="#3a3a42" stroke-width="9"/><path d="M690,330 V288 M690,330 L722,346" stroke="#3a3a42" stroke-width="7" stroke-linecap="round"/>'
    )
    canvas.floor(1540, "#a07a52", boards=True)
    for row, (y, s) in enumerate(((1330, 0.62), (1470, 0.86))):
        for k in range(4):
            x = 150 + k * 330 - row * 60
            canvas.box(x, y, 230 * s, 26 * s, "#c98f52")
            canvas.line(
                f"M{x + 16 * s:.0f},{y + 26 * s:.0f} v{150 * s:.0f} M{x + 214 * s:.0f},{y + 26 * s:.0f} v{150 * s:.0f}",
                air.tone("#5a6470"),
                10 * s,
            )
    canvas.path("M40,420 L260,420 L760,1700 L330,1700 Z", air.lamp, opacity=0.13)


def library(canvas: Canvas) -> None:
    """Books up to the ceiling, a green lamp, a ladder."""
    air = canvas.air
    canvas.wall("#5a4438", to=1560)
    shelf(canvas, -20, 160, 420, 1400, 7)
    shelf(canvas, 900, 160, 420, 1400, 7)
    shelf(canvas, 430, 160, 440, 330, 2)
    canvas.window(470, 540, 360, 620, "#c9a06a", columns=2, rows=4)
    canvas.path("M470,540 h360 L1100,1700 H260 Z", air.lamp, opacity=0.1)
    canvas.line("M300,1580 L380,330 M390,1580 L460,330", air.tone("#a8763f"), 16)
    for k in range(10):
        y = 1500 - k * 120
        canvas.line(f"M{306 + k * 7.6:.0f},{y} h{90 - k:.0f}", air.tone("#a8763f"), 12)
    canvas.floor(1560, "#5a3a2c", boards=True)
    canvas.box(480, 1330, 380, 34, "#7a4a30")
    canvas.box(500, 1364, 340, 220, "#5a3522")
    canvas.glow(670, 1260, 360, "#ffe0a0", 0.75)
    canvas.line("M670,1330 V1250", air.tone("#c9a24a"), 12)
    canvas.path("M590,1256 q80,-90 160,0 Z", "#2f8a5a")


def shop(canvas: Canvas) -> None:
    """A shop full of small things, clocks on the wall."""
    air, dice = canvas.air, canvas.dice
    canvas.wall("#8a6a4c", to=1560)
    for row in range(4):
        y = 560 + row * 210
        canvas.box(-10, y, 460, 22, "#5a3d2c")
        canvas.box(850, y, 460, 22, "#5a3d2c")
        for x0 in (10, 870):
            at = float(x0)
            while at < x0 + 400:
                w, h = dice.uniform(44, 90), dice.uniform(60, 150)
                paint = air.tone(dice.choice(("#b8434a", "#4a7a8a", "#d8a04a", "#7a5a8a", "#6a8a5a", "#d9cdb8")))
                if dice.random() < 0.35:
                    canvas.put(
                        f'<circle cx="{at + w / 2:.0f}" cy="{y - w / 2:.0f}" r="{w / 2:.0f}" fill="{paint}"/><circle cx="{at + w / 2:.0f}" cy="{y - w / 2:.0f}" r="{w * 0.37:.0f}" fill="#f6f0e2"/><path d="M{at + w / 2:.0f},{y - w / 2:.0f} v{-w * 0.26:.0f} M{at + w / 2:.0f},{y - w / 2:.0f} l{w * 0.18:.0f},{w * 0.08:.0f}" stroke="#2a2228" stroke-width="4"/>'
                    )
                else:
                    canvas.rect(
                        at, y - h, w, h, canvas.gradient([lighter(paint, 0.2), darker(paint, 0.25)]), round_by=10
                    )
                at += w + dice.uniform(8, 26)
    canvas.window(490, 470, 320, 700, "#4a2f22", columns=1, rows=2)
    canvas.floor(1560, "#5a4030", boards=True)
    canvas.box(380, 1300, 560, 300, "#6a452e")
    canvas.box(360, 1270, 600, 36, "#9a6a44")
    for x in (230, 650, 1070):
        canvas.lamp(x, 400, 300, "#c98a3a", size=0.9)


def church(canvas: Canvas) -> None:
    """A nave with pointed windows and candles."""
    air, dice = canvas.air, canvas.dice
    canvas.wall("#6a6478", to=1540)
    for k, (x, w, top) in enumerate(((80, 220, 520), (470, 356, 300), (996, 220, 520))):
        paint = f"M{x},1160 V{top + w * 0.6:.0f} Q{x},{top + w * 0.2:.0f} {x + w / 2:.0f},{top - w * 0.2:.0f} Q{x + w},{top + w * 0.2:.0f} {x + w},{top + w * 0.6:.0f} V1160 Z"
        canvas.put(f'<clipPath id="ch{k}"><path d="{paint}"/></clipPath><g clip-path="url(#ch{k})">')
        for _ in range(60):
            px, py, s = x + dice.uniform(-20, w), dice.uniform(top - 60, 1160), dice.uniform(40, 110)
            canvas.path(
                f"M{px:.0f},{py:.0f} l{s:.0f},{s * 0.3:.0f} l{-s * 0.4:.0f},{s:.0f} Z",
                dice.choice(("#d8504a", "#e9b44a", "#4a7ac8", "#5aa87a", "#8a5ac8", "#f0d890")),
                opacity=0.75,
            )
        canvas.put("</g>")
        canvas.put(
            f'<path d="{paint}" fill="none" stroke="{air.tone("#3a3446")}" stroke-width="18"/><path d="M{x + w / 2:.0f},{top - w * 0.2:.0f} V1160 M{x},{top + 330} h{w}" stroke="{air.tone("#3a3446")}" stroke-width="9"/>'
        )
        canvas.glow(x + w / 2, 800, w * 2.2, air.lamp, 0.35)
        canvas.path(f"M{x},560 h{w} L{x + w * 0.7 - 330:.0f},1760 h{-w * 1.4:.0f} Z", air.lamp, opacity=0.1)
    for x in (350, 870):
        canvas.rect(
            x,
            0,
            84,
            1560,
            canvas.gradient([lighter(air.tone("#7a7488"), 0.2), darker(air.tone("#7a7488"), 0.35)], flat=True),
        )
    canvas.floor(1540, "#5a4a4c")
    canvas.path(f"M560,1540 h180 L960,{HIGH} H340 Z", air.tone("#8f2a3a"))
    canvas.box(480, 1320, 340, 220, "#d9d0c4")
    for x in (420, 500, 800, 880):
        canvas.rect(x, 1180, 18, 140, "#f4ecd8")
        canvas.glow(x + 9, 1160, 130, "#ffcf7a", 0.85)
        canvas.put(f'<path d="M{x + 9},1136 q14,24 0,42 q-14,-16 0,-42" fill="#fff0b8"/>')
    for side in (-1, 1):
        for k in range(3):
            x = 648 + side * (330 + k * 90)
            canvas.box(x - 110 - k * 10, 1480 + k * 60, 220 + k * 20, 150, "#5a3d2c")


PAINTERS: dict[str, Callable[[Canvas], None]] = {
    "citywindow": citywindow,
    "office": office,
    "restaurant": restaurant,
    "hospital": hospital,
    "school": school,
    "library": library,
    "shop": shop,
    "church": church,
}
