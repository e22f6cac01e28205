"""What Runway's reference says of the models served here: routes, ratios, lengths and credits a second."""

from __future__ import annotations

from dataclasses import dataclass

_HD = ("1280:720", "720:1280")
_FULL = ("1920:1080", "1080:1920")
_SIX = (*_HD, "1104:832", "960:960", "832:1104", "1584:672")
_SEEDANCE = (
    *("992:432", "864:496", "752:560", "640:640", "560:752", "496:864"),
    *("1470:630", "1280:720", "1112:834", "960:960", "834:1112", "720:1280"),
    *("2206:946", "1920:1080", "1664:1248", "1440:1440", "1248:1664", "1080:1920"),
)
_OMNI = ("640:360", "360:640", *_HD, *_FULL, "3840:2160", "2160:3840")


@dataclass(frozen=True)
class Runway:
    """One model. `ratios` by route; `credits` a second, silent and with sound; `last`: it takes a last frame."""

    ratios: dict[str, tuple[str, ...]]
    seconds: tuple[int, ...]
    credits: tuple[float, float]
    prompt: int = 0
    last: bool = False
    sound: bool = False
    references: int = 0
    video: str = ""


def _span(first: int, last: int) -> tuple[int, ...]:
    return tuple(range(first, last + 1))


def _both(ratios: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    return {"text_to_video": ratios, "image_to_video": ratios}


MODELS = {
    "gen4.5": Runway({"text_to_video": _HD, "image_to_video": _SIX}, _span(2, 10), (12, 12), 1000),
    "gen4_turbo": Runway({"image_to_video": _SIX}, _span(2, 10), (5, 5), 1000),
    "veo3.1": Runway(_both((*_HD, *_FULL)), (4, 6, 8), (20, 40), 1000, last=True, sound=True),
    "veo3.1_fast": Runway(_both((*_HD, *_FULL)), (4, 6, 8), (10, 15), 1000, last=True, sound=True),
    "seedance2": Runway(
        {**_both(_SEEDANCE), "video_to_video": _SEEDANCE},
        _span(4, 15),
        (15, 15),
        3500,
        last=True,
        sound=True,
        references=9,
        video="promptVideo",
    ),
    "kling3.0_standard": Runway(_both((*_HD, "960:960")), _span(3, 15), (8.4, 12.6), 2500, last=True, sound=True),
    "kling3.0_pro": Runway(_both((*_FULL, "1440:1440")), _span(3, 15), (11.2, 16.8), 2500, last=True, sound=True),
    "gemini_omni_flash_1.1": Runway(
        {**_both(_OMNI), "video_to_video": _OMNI}, _span(3, 10), (10, 10), last=True, references=3, video="videoUri"
    ),
    "kling_4": Runway(
        {
            "text_to_video": (*_HD, "940:940", "1460:624", *_FULL, "1440:1440", "2200:940", "auto_720p", "auto_1080p"),
            "image_to_video": ("auto_720p", "auto_1080p"),
        },
        _span(3, 15),
        (16, 16),
        last=True,
        references=10,
    ),
}
