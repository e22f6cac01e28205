# ruff: noqa: E501 (drawings and word lists read better unbroken)
"""The hour, the weather and the colours that go with them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kit.media.illustration import words
from kit.media.illustration.colours import mix
from kit.media.illustration.light import Light


@dataclass(frozen=True)
class Air:
    """Colours of an hour: `sky` from top to horizon, `far`/`middle`/`near` for silhouettes, `haze` for the air between them, `lamp` for
    lit windows; `light` falls on the actors; `dim` (0..1) darkens what has a colour of its own."""

    time: str
    weather: str
    sky: tuple[str, str, str]
    far: str
    middle: str
    near: str
    haze: str
    lamp: str
    light: Light
    dim: float
    accent: str

    def tone(self, colour: str, depth: float = 0.0) -> str:
        """Return how a thing of this colour looks at this hour; `depth` 0 (near) .. 1 (lost in haze)."""
        return mix(mix(colour, self.near, self.dim), self.haze, depth)


AIRS = {
    "dawn": Air(
        "dawn", "clear", ("#5d6aa8", "#e3a3a6", "#ffdcb0"), "#a58fb4", "#77688f", "#3c3352", "#f2bfb0", "#ffe2a8",
        Light("#ffd2a6", "#e8c6d2", "#6a5a94", "#ffd9b0", side=1.0, strength=0.5, tint=0.36, rim_power=0.75), 0.3, "#ffb38a",
    ),
    "day": Air(
        "day", "clear", ("#3f8fdc", "#8cc8f2", "#e4f3fa"), "#a9c4d8", "#7c9cb4", "#4a6070", "#d5e8f2", "#fff4d2",
        Light("#fff3da", "#f4f2f0", "#7f88b4", "#fff6e0", side=1.0, strength=0.42, tint=0.15, rim_power=0.6), 0.04, "#ffd166",
    ),
    "dusk": Air(
        "dusk", "clear", ("#35275f", "#b8506e", "#ffae5c"), "#8a4a70", "#5a305c", "#2a1838", "#e8875e", "#ffd27a",
        Light("#ffab6a", "#e0a8a4", "#4a2f6a", "#ffb066", side=1.0, strength=0.62, tint=0.5, rim_power=0.95), 0.4, "#ff8a4c",
    ),
    "night": Air(
        "night", "clear", ("#060a20", "#141b46", "#34356e"), "#2a2f60", "#1b1f44", "#0c0e22", "#3b4280", "#ffd68a",
        Light("#bcd0ff", "#9aa6dc", "#2a2860", "#8fb8ff", side=1.0, strength=0.6, tint=0.5, rim_power=0.95), 0.56, "#6aa0ff",
    ),
}  # fmt: skip

TIMES: words.Table = (
    (
        "night",
        "night|midnight|moonlit|moonlight|moon|stars|starry|nocturnal|evening|after dark|late|夜|深夜|午夜|月光|夜晚|夜色|晚上|밤|한밤|자정|달빛|저녁|심야|새벽 두|새벽 세",
    ),
    ("dusk", "dusk|sunset|twilight|golden hour|sundown|黄昏|傍晚|夕阳|日落|暮|황혼|노을|해질녘|해 질|석양"),
    ("dawn", "dawn|sunrise|daybreak|first light|early morning|黎明|清晨|日出|拂晓|破晓|새벽|동틀|일출|이른 아침"),
    (
        "day",
        "day|daylight|noon|morning|afternoon|sunny|bright|sunlight|白天|中午|上午|下午|阳光|早晨|낮|정오|오후|아침|햇살|햇빛|대낮",
    ),
)
WEATHERS: words.Table = (
    (
        "rain",
        "rain|rainy|raining|rain-soaked|storm|stormy|thunder|lightning|downpour|drizzle|wet|雨|暴风|雷|闪电|비가|빗|폭우|장마|천둥|번개|소나기|비 오는|비 내리는|폭풍",
    ),
    ("snow", "snow|snowy|snowing|snowfall|blizzard|winter|frost|雪|冬|눈이 내|눈 내리|눈 덮|눈보라|폭설|설원|겨울"),
    ("fog", "fog|foggy|mist|misty|haze|smoke|steam|雾|烟|안개|연기"),
)


_LAMPLIT = Light("#ffdcae", "#ead2c4", "#4a3460", "#ffce94", side=1.0, strength=0.52, tint=0.4, rim_power=0.8)


def air_of(text: str, default: str, *, lamps: bool = False) -> Air:
    """Return the air that a description asks for; `default` is the hour when it names none. With `lamps` a night is lit from within."""
    air = AIRS[words.earliest(text, TIMES) or default]
    if lamps and air.time == "night":
        air = replace(air, light=_LAMPLIT, dim=0.34, near="#1c1020", accent="#ffb86a")
    weather = words.first(text, WEATHERS) or "clear"
    if weather == "clear":
        return air
    veil = {"rain": "#4a5a70", "snow": "#c9d6e6", "fog": "#a9b0bc"}[weather]
    share = {"rain": 0.4, "snow": 0.42, "fog": 0.45}[weather] * (0.6 if air.time == "night" else 1.0)
    top, middle, low = (mix(tone, veil, share) for tone in air.sky)
    light = replace(
        air.light,
        strength=air.light.strength * 0.85,
        ambient=mix(air.light.ambient, veil, 0.3),
        rim=mix(air.light.rim, veil, 0.2),
    )
    return replace(
        air,
        weather=weather,
        sky=(top, middle, low),
        haze=mix(air.haze, veil, share),
        far=mix(air.far, veil, share),
        light=light,
    )
