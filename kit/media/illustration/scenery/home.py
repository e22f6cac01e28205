# ruff: noqa: E501 (drawings and word lists read better unbroken)
"""Rooms of a home."""

from __future__ import annotations

from collections.abc import Callable

from kit.media.illustration.colours import darker, lighter, mix
from kit.media.illustration.scenery.draw import WIDE, Canvas


def picture(canvas: Canvas, x: float, y: float, w: float, h: float, colours: tuple[str, str]) -> None:
    """A framed picture on the wall."""
    air = canvas.air
    canvas.rect(x + 8, y + 12, w, h, "#000000", opacity=0.25)
    canvas.rect(x, y, w, h, air.tone("#b98f4a"))
    canvas.rect(x + 12, y + 12, w - 24, h - 24, canvas.gradient([air.tone(colours[0]), air.tone(colours[1])]))
    canvas.path(
        f"M{x + 12},{y + h * 0.72:.0f} q{w * 0.25:.0f},{-h * 0.3:.0f} {w * 0.45:.0f},{-h * 0.06:.0f} t{w - w * 0.45 - 24:.0f},0 V{y + h - 12:.0f} H{x + 12} Z",
        air.tone(darker(colours[1], 0.4)),
    )


def sofa(canvas: Canvas, x: float, y: float, w: float, colour: str) -> None:
    """A sofa seen from the front, its seat at y."""
    tone = canvas.air.tone(colour)
    canvas.rect(x + 20, y - 190, w - 40, 230, canvas.gradient([lighter(tone, 0.14), darker(tone, 0.2)]), round_by=46)
    canvas.rect(x, y - 90, w, 190, canvas.gradient([tone, darker(tone, 0.35)]), round_by=40)
    for k in range(2):
        canvas.rect(x + 40 + k * (w - 80) / 2, y - 40, (w - 80) / 2 - 8, 70, lighter(tone, 0.1), round_by=20)
    canvas.path(f"M{x + 70},{y - 40} l34,-92 l92,24 l-24,82 z", canvas.air.tone("#d9a45a"))


def bedroom(canvas: Canvas) -> None:
    """A bedroom: bed, lamp, window with curtains."""
    air = canvas.air
    canvas.wall("#7a6484", to=1560, light_x=0.2)
    canvas.window(560, 380, 460, 620, "#efe6dc")
    cloth = air.tone("#c98f9c")
    for x, flip in ((480, 1), (1100, -1)):
        canvas.path(
            f"M{x},320 h{150 * flip} q{-60 * flip},420 {-20 * flip},780 h{-150 * flip} q{30 * flip},-400 {20 * flip},-780 Z",
            canvas.gradient([lighter(cloth, 0.15), darker(cloth, 0.25)]),
        )
    canvas.line("M420,316 H1170", air.tone("#b98f4a"), 14)
    canvas.floor(1560, "#6a4a3c", boards=True)
    canvas.box(60, 1010, 700, 340, "#6a4434", round_by=40)
    sheet = air.tone("#e6dce4")
    canvas.rect(90, 1270, 640, 330, canvas.gradient([sheet, darker(sheet, 0.35)]), round_by=40)
    for x in (120, 430):
        canvas.rect(x, 1210, 280, 130, lighter(sheet, 0.4), round_by=50)
    canvas.path(
        "M90,1430 Q400,1380 730,1430 V1640 H90 Z",
        canvas.gradient([air.tone("#6a5a9a"), darker(air.tone("#6a5a9a"), 0.4)]),
    )
    canvas.box(830, 1330, 210, 270, "#5a3a2c")
    canvas.glow(935, 1150, 520, "#ffc98a", 0.8 if air.time != "day" else 0.3)
    canvas.line("M935,1330 V1240", air.tone("#b98f4a"), 12)
    canvas.path("M850,1250 L890,1100 H980 L1020,1250 Z", canvas.gradient(["#ffe7bd", "#f4bd7a"]))
    picture(canvas, 160, 560, 240, 300, ("#f0c8a0", "#8a5a7a"))


def kitchen(canvas: Canvas) -> None:
    """A kitchen with tiles, shelves, a hob."""
    air, dice = canvas.air, canvas.dice
    canvas.wall("#d9b98c", to=1500)
    for row in range(9):
        for column in range(15):
            canvas.rect(
                column * 90 - (row % 2) * 45,
                860 + row * 50,
                86,
                46,
                mix(air.tone("#e9dcc6"), air.tone("#9fc0b8"), dice.random() * 0.35),
                round_by=3,
                opacity=0.7,
            )
    canvas.window(430, 400, 430, 420, "#f4ece0", city=False)
    for x in (40, 920):
        canvas.box(x, 360, 340, 380, "#5f8a82", round_by=10)
        canvas.line(f"M{x + 170},372 V728", darker(air.tone("#5f8a82"), 0.4), 5)
        canvas.rect(x + 146, 540, 10, 60, air.tone("#e3bf62"))
        canvas.rect(x + 184, 540, 10, 60, air.tone("#e3bf62"))
    canvas.box(-10, 1290, WIDE + 20, 46, "#6b4a38")
    canvas.box(-10, 1336, WIDE + 20, 330, "#5f8a82")
    for x in range(120, 1240, 230):
        canvas.line(f"M{x},1350 V1660", darker(air.tone("#5f8a82"), 0.4), 5)
    canvas.path(
        "M880,1290 v-110 q0,-24 24,-24 h130 q24,0 24,24 v110 Z",
        canvas.gradient([air.tone("#d84a3f"), darker(air.tone("#d84a3f"), 0.35)]),
    )
    canvas.line("M890,1150 H1048", air.tone("#3a2a2a"), 12)
    for k in range(3):
        canvas.line(f"M{920 + k * 45},1110 q-24,-50 0,-100 t0,-100", "#ffffff", 9, opacity=0.22)
    canvas.line("M90,960 H390", air.tone("#6b4a38"), 16)
    for k, paint in enumerate(("#c8744a", "#e3bf62", "#7a9a6a", "#b8434a")):
        canvas.rect(110 + k * 68, 880, 50, 76, air.tone(paint), round_by=10)
    canvas.floor(1640, "#8a6a50")
    canvas.lamp(650, 300, 300, "#d8a04a", size=1.0)


def living(canvas: Canvas) -> None:
    """A drawing room: fireplace, pictures, sofa."""
    air, dice = canvas.air, canvas.dice
    canvas.wall("#5d5478", to=1560, light_x=0.75)
    for x in range(0, WIDE, 72):
        canvas.rect(x, 0, 30, 1560, lighter(air.tone("#5d5478"), 0.1), opacity=0.25)
    canvas.rect(0, 1180, WIDE, 380, canvas.gradient([air.tone("#4a3a52"), darker(air.tone("#4a3a52"), 0.25)]))
    canvas.rect(0, 1170, WIDE, 20, air.tone("#8a6a50"))
    canvas.window(90, 400, 360, 640, "#e6dac8", columns=2, rows=3)
    stone = air.tone("#b4a696")
    canvas.rect(720, 1030, 500, 560, canvas.gradient([lighter(stone, 0.1), darker(stone, 0.3)]))
    canvas.rect(690, 990, 560, 52, lighter(stone, 0.2), round_by=8)
    canvas.path("M800,1590 V1220 q0,-90 170,-90 t170,90 V1590 Z", "#140a0c")
    canvas.glow(970, 1480, 430, "#ff8a3c", 0.9)
    for k in range(7):
        x = 870 + k * 34
        canvas.path(
            f"M{x - 30},1585 q-14,-90 24,-{dice.randint(110, 210)} q10,70 30,110 q12,50 -6,90 Z",
            dice.choice(("#ff7a2c", "#ffb040", "#ffe08a")),
            opacity=0.85,
        )
    picture(canvas, 800, 560, 340, 320, ("#e8b48a", "#5a4a7a"))
    for x in (740, 1180):
        canvas.rect(x, 900, 18, 90, air.tone("#e9e2d2"))
        canvas.glow(x + 9, 880, 150, "#ffd28a", 0.8)
        canvas.put(f'<path d="M{x + 9},862 q14,22 0,36 q-14,-14 0,-36" fill="#ffe9a8"/>')
    canvas.floor(1560, "#5a3d34", boards=True)
    sofa(canvas, 20, 1500, 560, "#7a3a4c")


PAINTERS: dict[str, Callable[[Canvas], None]] = {"bedroom": bedroom, "kitchen": kitchen, "living": living}
