# ruff: noqa: E501 (drawings and word lists read better unbroken)
"""The drama's poster: its main characters, its title, its line."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from kit.media.illustration import words
from kit.media.illustration.actors import Frame, draw_actor
from kit.media.illustration.colours import darker, lighter, mix
from kit.media.illustration.figure.person import Pose
from kit.media.illustration.lettering import Type, set_type
from kit.media.illustration.light import Light
from kit.media.illustration.looks import looks_for
from kit.media.illustration.mood import AIRS
from kit.media.illustration.raster import Bytes, encode_png, noise, over, render_svg
from kit.media.illustration.scenery.draw import HIGH, WIDE, Canvas
from kit.media.illustration.staging import Mark
from kit.media.specs import CharacterSpec


@dataclass(frozen=True)
class Genre:
    """Look of a poster: `deep`, `middle` and `light` of the ground, `gold` of the title, its type, the horizon's silhouette."""

    deep: str
    middle: str
    light: str
    gold: tuple[str, str]
    role: str
    horizon: str
    emotions: tuple[str, str, str] = ("determined", "neutral", "neutral")


GENRES = {
    "romance": Genre(
        "#2a0a24", "#a83a5e", "#ffb6a0", ("#fff1dc", "#ffc98f"), "title", "hills", ("tender", "neutral", "neutral")
    ),
    "revenge": Genre(
        "#16040a", "#8f1d28", "#ff8a5c", ("#ffe9c4", "#f2b04a"), "title", "city", ("determined", "angry", "neutral")
    ),
    "thriller": Genre(
        "#050d18", "#1c5470", "#7fd4e6", ("#ffffff", "#bfe8f2"), "poster", "city", ("determined", "afraid", "neutral")
    ),
    "period": Genre(
        "#14091e", "#6e2b4a", "#ffc27a", ("#fff0c8", "#e8b04c"), "title", "palace", ("determined", "tender", "neutral")
    ),
    "fantasy": Genre(
        "#0c0a2a",
        "#4b3a9c",
        "#a8d0ff",
        ("#fdf6ff", "#c9b6ff"),
        "title",
        "peaks",
        ("determined", "neutral", "surprised"),
    ),
    "horror": Genre(
        "#040a08", "#1f4a3a", "#b6e0a0", ("#f4ffe8", "#a8c890"), "poster", "trees", ("afraid", "neutral", "neutral")
    ),
    "comedy": Genre(
        "#3a1450", "#e0643c", "#ffe08a", ("#fffbe8", "#ffe27a"), "poster", "city", ("happy", "surprised", "happy")
    ),
    "space": Genre(
        "#04061c", "#3b2a86", "#7fe0ff", ("#ffffff", "#9fe4ff"), "poster", "peaks", ("determined", "neutral", "neutral")
    ),
    "drama": Genre(
        "#0f1030", "#4a3f86", "#ffb98a", ("#fff4e0", "#ffcf94"), "title", "city", ("neutral", "neutral", "neutral")
    ),
}

_GENRE_WORDS: words.Table = (
    (
        "revenge",
        "revenge|vengeance|betray|betrayal|betrayed|heiress|heir|secret|lies|lie|ruin|wrong|复仇|背叛|千金|豪门|재벌|복수|배신|비밀",
    ),
    (
        "horror",
        "horror|ghost|haunted|haunting|curse|cursed|dead|blood|vampire|werewolf|鬼|诅咒|血|恐怖|귀신|저주|공포|피의",
    ),
    (
        "space",
        "space|star|stars|mars|galaxy|robot|android|alien|time travel|planet|future|ai|星际|机器人|外星|未来|宇宙|우주|로봇|외계|미래|화성",
    ),
    (
        "period",
        "palace|emperor|empress|queen|king|dynasty|throne|concubine|kingdom|joseon|prince|princess|皇|宫|王爷|江湖|궁|왕|황후|조선|세자",
    ),
    (
        "fantasy",
        "magic|dragon|witch|wizard|spell|fairy|goddess|immortal|wolf|魔|龙|仙|神|妖|마법|용의|마녀|요정|신선|여우",
    ),
    (
        "thriller",
        "murder|killer|detective|crime|missing|vanish|vanished|mystery|spy|kidnap|hunt|police|case|谋杀|侦探|失踪|凶手|案|살인|형사|실종|추적|범인|사건",
    ),
    (
        "comedy",
        "comedy|funny|fake|accidental|accidentally|chaos|prank|hilarious|喜剧|搞笑|意外|乌龙|코미디|얼떨결|소동",
    ),
    (
        "romance",
        "love|lover|heart|kiss|wedding|marriage|marry|romance|bride|contract|forever|promise|爱|恋|婚|心|吻|사랑|연애|결혼|마음|키스|약속|첫눈",
    ),
)


def genre_of(text: str) -> str:
    """Return the name of the genre in `GENRES` that the words point to; `drama` without a hint."""
    return words.first(text, _GENRE_WORDS) or "drama"


def draw_cover(
    title: str,
    tagline: str,
    cast: Sequence[CharacterSpec],
    *,
    everybody: Sequence[CharacterSpec] = (),
    seed: int = 0,
    wish: str = "",
    width: int = 1080,
    height: int = 1920,
) -> bytes:
    """Return the poster as RGB PNG. `cast`: main characters first; at most three are shown. Looks are told apart within `everybody`, the
    drama's whole cast, if it is given, so that they are those of the portraits; else within `cast`. The genre is what `wish` points to,
    else title and tagline."""
    genre = GENRES[words.first(wish, _GENRE_WORDS) or genre_of(f"{title} {tagline}")]
    frame = Frame.of(width, height)
    dice = random.Random(f"cover {title} {seed}")
    picture = _ground(genre, frame, seed, dice)
    looks = looks_for(cast) | looks_for(everybody)
    light = Light(
        "#ffe9d0",
        mix("#e6dcec", genre.middle, 0.25),
        mix(genre.deep, genre.middle, 0.4),
        genre.light,
        side=dice.choice((-1.0, 1.0)),
        strength=0.56,
        tint=0.42,
        rim_power=1.0,
    )
    for member, spot, emotion in _cast_places(list(cast)[:3], genre, dice):
        x, y, size, turn = spot
        look = looks[member.id]
        if look.species != "human":
            y, size = y + 90 * size, size * 0.9
        elif look.age == "child":
            y, size = y + 110 * size, size * 0.86
        mark = Mark(member, look, x, y, size, Pose(tilt=-turn * 3, turn=turn, lower=2), emotion)
        actor = draw_actor(mark, frame, light)
        over(picture, actor.pixels, actor.x, actor.y)
    over(picture, _dusk(genre, frame), 0, 0)
    _letter(picture, title, tagline, genre, frame)
    return encode_png(picture)


def _cast_places(
    cast: list[CharacterSpec], genre: Genre, dice: random.Random
) -> list[tuple[CharacterSpec, tuple[float, float, float, float], str]]:
    side = dice.choice((-1, 1))
    places = {
        0: [],
        1: [(540, 700, 1.9, side * 0.4)],
        2: [(540 - side * 170, 770, 1.66, side * 0.55), (540 + side * 222, 590, 1.42, -side * 0.5)],
        3: [
            (540, 800, 1.6, side * 0.3),
            (540 + side * 285, 590, 1.28, -side * 0.6),
            (540 - side * 290, 560, 1.22, side * 0.6),
        ],
    }[len(cast)]
    return list(
        reversed([(member, spot, emotion) for member, spot, emotion in zip(cast, places, genre.emotions, strict=False)])
    )


def _ground(genre: Genre, frame: Frame, seed: int, dice: random.Random) -> Bytes:
    canvas = Canvas(AIRS["night"], dice)
    canvas.rect(
        0,
        0,
        WIDE,
        HIGH,
        canvas.gradient(
            [
                (genre.deep, 1, 0),
                (genre.middle, 1, 0.5),
                (mix(genre.middle, genre.light, 0.4), 1, 0.62),
                (genre.deep, 1, 1),
            ]
        ),
    )
    x = dice.choice((470, 648, 830))
    canvas.glow(x, 760, 1000, genre.light, 0.55)
    canvas.put(
        f'<circle cx="{x}" cy="690" r="330" fill="{mix(genre.light, "#ffffff", 0.35)}" opacity=".42"/><circle cx="{x}" cy="690" r="372" fill="none" stroke="{genre.light}" stroke-width="3" opacity=".45"/>'
    )
    for at in range(12):
        spread = (at - 5.5) * 190
        canvas.path(f"M{x},690 L{x + spread - 40},{-200} L{x + spread + 40},{-200} Z", genre.light, opacity=0.05)
    back, front = mix(genre.middle, genre.deep, 0.35), mix(genre.middle, genre.deep, 0.75)
    if genre.horizon == "city":
        canvas.skyline(1560, 760, back, 0.12)
        canvas.haze(900, 500, genre.light, 0.25)
        canvas.skyline(1660, 520, front, 0.22)
    elif genre.horizon == "palace":
        from kit.media.illustration.scenery.outside import pagoda

        canvas.ridge(1250, 260, mix(back, genre.light, 0.3), sharp=False)
        pagoda(canvas, 310, 1500, 620, back, floors=3)
        pagoda(canvas, 1010, 1560, 560, front, floors=2)
    elif genre.horizon == "trees":
        for _ in range(14):
            tx, w = dice.uniform(0, WIDE), dice.uniform(14, 46)
            canvas.path(
                f"M{tx - w:.0f},{HIGH} L{tx - w * 0.4:.0f},200 L{tx + w * 0.4:.0f},200 L{tx + w:.0f},{HIGH} Z",
                mix(back, front, dice.random()),
                opacity=0.9,
            )
    else:
        canvas.ridge(1300, 420, back, sharp=genre.horizon == "peaks")
        canvas.haze(1000, 500, genre.light, 0.25)
        canvas.ridge(1460, 300, front, sharp=genre.horizon == "peaks")
    canvas.bokeh(40, (90, 180, 1120, 1100), (genre.light, "#ffffff"), 0.26)
    w, h = frame.width / frame.scale, frame.height / frame.scale
    small = render_svg(
        "".join(canvas.marks),
        ((WIDE - w) / 2, (HIGH - h) / 2, w, h),
        max(8, round(frame.width * 0.6)),
        max(8, round(frame.height * 0.6)),
    )
    picture = np.array(Image.fromarray(small[..., :3]).resize((frame.width, frame.height), Image.Resampling.BICUBIC))
    grain = np.rint(noise((frame.height, frame.width), seed, 2.2)).astype(np.int16)
    return np.clip(picture + grain[..., None], 0, 255).astype(np.uint8)


def _dusk(genre: Genre, frame: Frame) -> Bytes:
    canvas = Canvas(AIRS["night"], random.Random(0))
    dark = darker(genre.deep, 0.4, "#05020a")
    canvas.rect(
        0,
        1180,
        WIDE,
        1124,
        canvas.gradient([(dark, 0.0, 0.0), (dark, 0.82, 0.32), (dark, 0.98, 0.6), (dark, 1.0, 1.0)]),
    )
    canvas.rect(0, 0, WIDE, HIGH, canvas.gradient([(dark, 0.0, 0.0), (dark, 0.0, 0.62), (dark, 0.6, 1.0)], radial=True))
    w, h = frame.width / frame.scale, frame.height / frame.scale
    small = render_svg(
        "".join(canvas.marks),
        ((WIDE - w) / 2, (HIGH - h) / 2, w, h),
        max(8, frame.width // 4),
        max(8, frame.height // 4),
    )
    return np.array(Image.fromarray(small).resize((frame.width, frame.height), Image.Resampling.BICUBIC))


def _letter(picture: Bytes, title: str, tagline: str, genre: Genre, frame: Frame) -> None:
    scale = frame.scale
    wide = round(min(frame.width * 0.88, 950 * scale))
    left = (frame.width - wide) // 2
    poster = genre.role == "poster"
    shown = title.upper() if poster else title
    head = set_type(
        shown,
        Type(
            genre.role,
            max(9, round(150 * scale)),
            max(6, round(72 * scale)),
            genre.gold,
            lines=3,
            leading=1.04 if poster else 0.98,
            tracking=2 * scale if poster else 0.0,
            shadow=0.9,
        ),
        wide,
    )
    line = set_type(
        tagline,
        Type(
            "caption",
            max(7, round(42 * scale)),
            max(5, round(28 * scale)),
            (lighter(genre.light, 0.45),) * 2,
            lines=3,
            leading=1.15,
        ),
        wide,
    )
    low = frame.top + 1800 * scale
    over(picture, line, left, round(low - line.shape[0] + 10 * scale))
    over(picture, head, left, round(low - line.shape[0] - head.shape[0] + 70 * scale))
