# ruff: noqa: E501 (drawings and word lists read better unbroken)
"""Places of work, law and travel: laboratory, ship in space, court, warehouse, prison, train."""

from __future__ import annotations

from collections.abc import Callable

from kit.media.illustration.colours import darker, lighter, mix
from kit.media.illustration.scenery.draw import HIGH, WIDE, Canvas


def lab(canvas: Canvas) -> None:
    """A laboratory: screens, flasks, a cold light."""
    air, dice = canvas.air, canvas.dice
    canvas.wall("#2f4f68", to=1540)
    for x in range(0, WIDE, 216):
        canvas.rect(x + 6, 200, 204, 1330, lighter(air.tone("#35587a"), 0.05), round_by=10, opacity=0.55)
    for x, y, w, h in ((90, 460, 420, 300), (560, 400, 300, 220), (900, 470, 330, 330), (580, 680, 250, 160)):
        canvas.glow(x + w / 2, y + h / 2, w * 0.9, "#3fd8ff", 0.4)
        canvas.rect(x, y, w, h, canvas.gradient(["#0c2a3c", "#0f4a5c"]), round_by=10)
        points = " ".join(f"L{x + 20 + k * (w - 40) / 12:.0f},{y + h * dice.uniform(0.25, 0.8):.0f}" for k in range(13))
        canvas.line(
            f"M{x + 20},{y + h / 2:.0f} {points}", dice.choice(("#5affd0", "#7fd8ff", "#ffd27a")), 5, opacity=0.9
        )
        for k in range(4):
            canvas.rect(x + 22, y + 20 + k * 18, dice.uniform(40, w * 0.5), 7, "#9fe8ff", opacity=0.55)
    canvas.box(-10, 1230, WIDE + 20, 40, "#c9d6de")
    canvas.box(-10, 1270, WIDE + 20, 330, "#4a6478")
    for x, paint in ((130, "#5affb0"), (290, "#ff7ac0"), (760, "#ffd04a"), (1080, "#6ab8ff")):
        canvas.glow(x, 1170, 150, paint, 0.55)
        canvas.path(f"M{x - 16},1080 v50 l-50,92 q-4,8 8,8 h116 q12,0 8,-8 l-50,-92 v-50 Z", "#dff4ff", opacity=0.4)
        canvas.path(f"M{x - 40},1180 l-24,42 q-4,8 8,8 h112 q12,0 8,-8 l-24,-42 Z", paint, opacity=0.85)
    canvas.path(
        "M500,1230 v-40 h50 v-150 l-40,-30 l20,-40 l120,80 l-20,40 l-30,-16 v116 h40 v40 Z", air.tone("#e6ecf0")
    )
    canvas.floor(1560, "#3a5064")
    for x in (160, 648, 1136):
        canvas.rect(x - 130, 230, 260, 20, "#eafcff")
        canvas.glow(x, 244, 420, "#bff0ff", 0.5, squash=0.5)


def spaceship(canvas: Canvas) -> None:
    """The bridge of a ship with a planet before it."""
    air, dice = canvas.air, canvas.dice
    canvas.rect(0, 0, WIDE, HIGH, canvas.gradient(["#03040f", "#141038", "#2a1a52"]))
    canvas.glow(380, 520, 620, "#6a3fc8", 0.5)
    canvas.glow(1000, 820, 560, "#1f8ac8", 0.4)
    for _ in range(190):
        canvas.put(
            f'<circle cx="{dice.uniform(0, WIDE):.0f}" cy="{dice.uniform(200, 1300):.0f}" r="{dice.uniform(0.8, 3.2):.1f}" fill="#fff" opacity="{dice.uniform(0.3, 1):.2f}"/>'
        )
    canvas.glow(900, 620, 430, "#7fd0ff", 0.55)
    ball = canvas.gradient(
        [("#e6f6ff", 1, 0.0), ("#5aa8e0", 1, 0.4), ("#1f3f7a", 1, 0.75), ("#0a1230", 1, 1.0)], radial=True
    )
    canvas.put(f'<circle cx="900" cy="620" r="230" fill="{ball}"/>')
    canvas.put(
        '<ellipse cx="900" cy="620" rx="390" ry="66" fill="none" stroke="#ffe0b0" stroke-width="16" opacity=".55" transform="rotate(-18 900 620)"/>'
    )
    hull = air.tone("#3f4a66")
    canvas.path(f"M0,0 H{WIDE} V360 L1000,300 H296 L0,360 Z", canvas.gradient([darker(hull, 0.5), hull]))
    for x0, x1 in ((60, 250), (648, 648), (1236, 1046)):
        canvas.path(
            f"M{x0 - 26},1330 L{x1 - 14},300 h28 L{x0 + 26},1330 Z",
            canvas.gradient([lighter(hull, 0.1), darker(hull, 0.3)]),
        )
    canvas.path(
        f"M0,1260 Q648,1130 {WIDE},1260 V{HIGH} H0 Z", canvas.gradient([lighter(hull, 0.12), darker(hull, 0.5)])
    )
    canvas.line(f"M0,1262 Q648,1132 {WIDE},1262", "#7fe0ff", 6, opacity=0.85)
    for k in range(6):
        x = 60 + k * 205
        y = 1330 - (1 - abs(k - 2.5) / 2.5) * 66
        canvas.rect(x, y, 168, 110, canvas.gradient(["#08243a", "#0e4a66"]), round_by=10)
        for row in range(4):
            canvas.rect(
                x + 14,
                y + 16 + row * 22,
                dice.uniform(40, 136),
                9,
                dice.choice(("#5affd0", "#ffd27a", "#7fd8ff", "#ff7a8a")),
                opacity=0.9,
            )
        canvas.glow(x + 84, y + 50, 140, "#3fd8ff", 0.28)
    for _ in range(44):
        canvas.put(
            f'<circle cx="{dice.uniform(20, WIDE - 20):.0f}" cy="{dice.uniform(1480, 1700):.0f}" r="6" fill="{dice.choice(("#5affd0", "#ffd27a", "#ff6a7a", "#7fd8ff"))}" opacity=".85"/>'
        )


def courtroom(canvas: Canvas) -> None:
    """A panelled court with the judge's bench, columns and scales."""
    air = canvas.air
    wood = air.tone("#6f4630")
    canvas.wall("#c9b694", to=1540)
    for x in (70, 330, 966, 1226):
        stone = air.tone("#e2d8c6")
        canvas.rect(
            x - 52, 260, 104, 1260, canvas.gradient([lighter(stone, 0.3), stone, darker(stone, 0.3)], flat=True)
        )
        canvas.rect(x - 74, 220, 148, 46, lighter(stone, 0.2), round_by=6)
        for k in (-28, 0, 28):
            canvas.line(f"M{x + k},280 V1500", darker(stone, 0.25), 5, opacity=0.5)
    canvas.rect(410, 420, 476, 640, canvas.gradient([lighter(wood, 0.06), darker(wood, 0.25)]))
    for x in (430, 664):
        canvas.rect(x, 450, 200, 560, darker(wood, 0.15), round_by=8)
    gold = "#e3bf62"
    canvas.put(
        f'<g transform="translate(648 700)" stroke="{gold}" stroke-width="10" fill="none" stroke-linecap="round"><circle r="130" stroke-width="8"/><path d="M0,-86 V84 M-84,-54 H84 M-44,88 H44"/><path d="M-84,-54 l-32,66 h64 Z M84,-54 l-32,66 h64 Z" fill="{gold}" fill-opacity=".35" stroke-width="6"/></g>'
    )
    canvas.box(250, 1120, 800, 46, "#8a5a3c")
    canvas.box(280, 1166, 740, 380, "#6f4630")
    for k in range(4):
        canvas.rect(310 + k * 178, 1210, 148, 270, darker(wood, 0.2), round_by=6)
    canvas.floor(1540, "#5a3a2c", boards=True)
    for x in (60, 1000):
        canvas.box(x, 1400, 240, 200, "#7a4e34")
    canvas.line("M140,1130 V600", "#8a6a30", 10)
    canvas.path("M145,610 h150 q-20,60 0,120 q-70,40 -150,0 Z", air.tone("#8f2a3a"))
    canvas.glow(648, 420, 700, air.lamp, 0.3)


def warehouse(canvas: Canvas) -> None:
    """A dim hall with crates, beams and one hard light."""
    air, dice = canvas.air, canvas.dice
    canvas.wall("#4a5258", to=1540, light_x=0.5)
    for x in range(0, WIDE, 54):
        canvas.rect(x, 300, 26, 1240, darker(air.tone("#4a5258"), 0.25), opacity=0.4)
    beam = darker(air.tone("#3a3f46"), 0.3)
    canvas.line(f"M0,330 H{WIDE} M0,470 H{WIDE}", beam, 22)
    for k in range(9):
        canvas.line(f"M{k * 160},330 l80,140 l80,-140", beam, 10)
    for x in (120, 480, 840):
        canvas.rect(x, 560, 250, 140, canvas.gradient([air.sky[1], air.sky[2]]), opacity=0.9)
        canvas.line(f"M{x + 83},560 v140 M{x + 166},560 v140 M{x},630 h250", beam, 9)
    for x, y, w, h in (
        (-20, 1120, 330, 220),
        (-20, 1340, 400, 240),
        (250, 1210, 220, 150),
        (930, 1180, 380, 200),
        (860, 1370, 460, 220),
        (1010, 1010, 250, 180),
    ):
        wood = dice.choice(("#8a6542", "#7a5638", "#6a5a44"))
        canvas.box(x, y, w, h, wood)
        tone = darker(air.tone(wood), 0.35)
        canvas.line(
            f"M{x + 12},{y + 12} h{w - 24} v{h - 24} h{-w + 24} Z M{x + 12},{y + 12} l{w - 24},{h - 24}",
            tone,
            9,
            opacity=0.8,
        )
    for k in range(3):
        canvas.put(
            f'<g transform="translate({590 + k * 92} 1500)"><rect x="-42" y="-130" width="84" height="170" rx="10" fill="{air.tone("#3f6a7a")}"/><path d="M-42,-80 h84 M-42,-16 h84" stroke="{darker(air.tone("#3f6a7a"), 0.4)}" stroke-width="7"/></g>'
        )
    canvas.floor(1540, "#54565c")
    canvas.path("M590,420 h116 L1090,1700 H206 Z", air.lamp, opacity=0.16)
    canvas.lamp(648, 350, 350, "#5a6068", size=1.3)
    canvas.put(f'<ellipse cx="648" cy="1700" rx="470" ry="90" fill="{air.lamp}" opacity=".2"/>')


def prison(canvas: Canvas) -> None:
    """A cell: bricks, bars, a high window."""
    air, dice = canvas.air, canvas.dice
    canvas.wall("#59606a", to=1540)
    for row in range(22):
        for column in range(10):
            canvas.rect(
                column * 150 - (row % 2) * 75,
                190 + row * 62,
                144,
                56,
                mix(air.tone("#666e78"), air.tone("#474e58"), dice.random()),
                round_by=4,
                opacity=0.6,
            )
    canvas.rect(470, 420, 360, 250, canvas.gradient([air.sky[0], air.sky[1]]))
    if air.time == "night":
        canvas.put('<circle cx="720" cy="510" r="42" fill="#f6f0da"/>')
    canvas.put(
        f'<rect x="470" y="420" width="360" height="250" fill="none" stroke="{darker(air.near, 0.2)}" stroke-width="20"/>'
    )
    for k in range(5):
        canvas.line(f"M{530 + k * 60},424 V668", darker(air.near, 0.2), 15)
    canvas.path("M480,670 h340 L420,1760 H-140 Z", "#cdd8ff" if air.time == "night" else air.lamp, opacity=0.16)
    canvas.floor(1540, "#4a4e56")
    canvas.box(760, 1380, 560, 60, "#6a6f78")
    canvas.box(780, 1340, 520, 50, "#8a8f86", round_by=18)
    canvas.line("M790,1440 V1580 M1280,1440 V1580", air.tone("#3a3f48"), 16)
    for x in (40, 170, 300):
        canvas.rect(x - 15, 100, 30, 1560, canvas.gradient([air.tone("#8a919c"), air.tone("#2f343c")], flat=True))
    canvas.rect(-10, 860, 330, 30, air.tone("#5a616c"))
    canvas.lamp(960, 330, 330, "#5a6068", size=0.9)


def train(canvas: Canvas) -> None:
    """A railway carriage: windows with the land rushing by, seats, racks."""
    air, dice = canvas.air, canvas.dice
    canvas.wall("#b59a72", to=1600)
    for x in (60, 490, 920):
        canvas.window(x, 520, 340, 480, "#6a4a34", columns=1, rows=1, city=air.time == "night")
        if air.weather == "rain":
            for _ in range(16):
                rx, ry = x + dice.uniform(10, 320), 530 + dice.uniform(0, 400)
                canvas.line(f"M{rx:.0f},{ry:.0f} l-8,{dice.uniform(20, 60):.0f}", "#e6f2ff", 3, opacity=0.6)
    canvas.path(f"M0,0 H{WIDE} V300 Q648,390 0,300 Z", canvas.gradient([air.tone("#8a7050"), air.tone("#d9c49c")]))
    for x in (200, 648, 1096):
        canvas.put(f'<ellipse cx="{x}" cy="318" rx="96" ry="22" fill="#fff6dc"/>')
        canvas.glow(x, 340, 380, air.lamp, 0.55)
    canvas.line(f"M0,430 H{WIDE} M0,462 H{WIDE}", air.tone("#c9a24a"), 10)
    for x, w, paint in ((110, 190, "#7a3a34"), (560, 230, "#3f5a6a"), (960, 170, "#8a6a3a")):
        canvas.box(x, 356, w, 100, paint, round_by=16)
    for x in (-120, 400, 920):
        tone = air.tone("#8a3040")
        canvas.rect(x, 1060, 440, 420, canvas.gradient([lighter(tone, 0.15), darker(tone, 0.35)]), round_by=50)
        canvas.rect(x + 30, 1040, 380, 90, lighter(air.tone("#d9cdb8"), 0.1), round_by=30)
        for k in range(3):
            canvas.line(f"M{x + 110 + k * 110},1150 V1440", darker(tone, 0.4), 5, opacity=0.6)
    canvas.floor(1560, "#5a4438")


PAINTERS: dict[str, Callable[[Canvas], None]] = {
    "lab": lab, "spaceship": spaceship, "courtroom": courtroom, "warehouse": warehouse, "prison": prison, "train": train,
}  # fmt: skip
