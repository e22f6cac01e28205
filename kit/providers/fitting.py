"""A wish for a film, fitted to what a model takes: nearest legal length and size, and every change told.

What would change the film's meaning is refused instead, with the list of what the model takes. Pure functions over catalogue rows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kit.errors import InvalidInput
from kit.providers.catalogue.model import Film, Mode, Model

DEFAULT_SECONDS = 5.0
DEFAULT_RATIO = "16:9"
RATIOS = {
    "16:9": (16, 9),
    "9:16": (9, 16),
    "1:1": (1, 1),
    "4:3": (4, 3),
    "3:4": (3, 4),
    "21:9": (21, 9),
    "9:21": (9, 21),
}
_BASE_HEIGHT = 720


@dataclass(frozen=True)
class FilmWish:
    """What somebody asks for; None leaves it to the model. `size` is `WxH` in pixels and goes before `ratio`."""

    prompt: str
    seconds: float | None = None
    size: str = ""
    ratio: str = ""
    audio: bool | None = None
    negative_prompt: str = ""
    seed: int | None = None
    fps: int | None = None
    image: bool = False
    last_frame: bool = False
    references: int = 0
    video: bool = False


@dataclass(frozen=True)
class Adjustment:
    """One change: the field, what was asked, what is used instead, and why, for a person."""

    field: str
    asked: str | int | float | bool
    used: str | int | float | bool | None
    why: str


@dataclass(frozen=True)
class FittedFilm:
    """A wish that the model takes. `size` is empty where the model takes its size from the picture."""

    prompt: str
    seconds: int
    size: str
    mode: Mode
    audio: bool
    negative_prompt: str = ""
    seed: int | None = None
    fps: int | None = None
    adjustments: tuple[Adjustment, ...] = field(default=())

    def request(self) -> dict[str, Any]:
        """Returns what is frozen of it into a paid call."""
        return {
            "prompt": self.prompt,
            "seconds": self.seconds,
            "size": self.size,
            "mode": self.mode,
            "audio": self.audio,
            **({"negative_prompt": self.negative_prompt} if self.negative_prompt else {}),
            **({"seed": self.seed} if self.seed is not None else {}),
            **({"fps": self.fps} if self.fps is not None else {}),
        }


def fit(model: Model, wish: FilmWish) -> FittedFilm:
    """Returns the wish as the model takes it.

    Raises `InvalidInput` naming the field, with what the model takes, for what cannot be fitted: a way of making, sound that it cannot
    make, too many pictures, too long a prompt.
    """
    film = model.film or Film()
    told: list[Adjustment] = []
    mode = _mode(model, film, wish)
    prompt, negative = _words(model, film, wish, told)
    size = _size(model, film, wish, mode, told)
    seconds = _seconds(model, film, wish, mode, size, told)
    audio = _audio(model, film, wish, told)
    seed, fps = wish.seed, wish.fps
    if seed is not None and not film.seed:
        told.append(Adjustment("seed", seed, None, f"{model.name} takes no seed."))
        seed = None
    if fps is not None and fps not in film.fps:
        wanted = fps
        nearest = min(film.fps, key=lambda one: (abs(one - wanted), -one), default=None)
        told.append(Adjustment("fps", fps, nearest, _takes(model, "frames per second", film.fps)))
        fps = nearest
    return FittedFilm(prompt, seconds, size, mode, audio, negative, seed, fps, tuple(told))


def legal_seconds(model: Model, mode: Mode, size: str) -> tuple[int, ...]:
    """Returns the lengths that the model takes for a mode and a size; empty when any is taken."""
    film = model.film or Film()
    legal = set(model.seconds)
    for narrower in (film.seconds_in.get(mode), film.seconds_at.get(size)):
        if narrower:
            legal = legal & set(narrower) if legal else set(narrower)
    return tuple(sorted(legal))


def legal_sizes(model: Model, mode: Mode) -> tuple[str, ...]:
    """Returns the sizes that the model takes for a mode; empty when it takes its size from the picture."""
    film = model.film or Film()
    return film.sizes_in.get(mode, model.sizes)


def film_price(model: Model, fitted: FittedFilm, pictures: int = 0) -> int:
    """Returns what a fitted film costs by the catalogue, in nano-USD, rounded up to a whole one."""
    prices = film_prices(model, fitted)
    width, height = pixels(fitted.size or f"{_BASE_HEIGHT * 16 // 9}x{_BASE_HEIGHT}")
    units: Mapping[str, float] = {
        "seconds": fitted.seconds,
        "films": 1,
        "film_tokens": fitted.seconds * width * height * 24 / 1024,
        "input_images": pictures,
    }
    return math.ceil(sum(price * units[unit] for unit, price in prices.items() if unit in units))


def film_prices(model: Model, fitted: FittedFilm) -> Mapping[str, int]:
    """Returns the nano-USD per unit that hold for a fitted film: the first case that fits, else the row's own."""
    for case in model.film.cases if model.film else ():
        if (
            case.audio in (None, fitted.audio)
            and (not case.sizes or fitted.size in case.sizes)
            and (not case.modes or fitted.mode in case.modes)
            and (not case.seconds or fitted.seconds in case.seconds)
        ):
            return case.prices
    return model.prices


def pixels(size: str) -> tuple[int, int]:
    """Returns width and height of `WxH`; raises `InvalidInput`."""
    width, _, height = size.partition("x")
    if not (width.isdecimal() and height.isdecimal()) or not (0 < int(width) <= 16_384 and 0 < int(height) <= 16_384):
        raise InvalidInput(f"{size[:32]!r} is no size such as 720x1280.", field="size", reason="bad_size")
    return int(width), int(height)


def ratio_of(size: str) -> str:
    """Returns the ratio of a size as vendors spell it, such as `9:16`: the nearest of the usual ones."""
    width, height = pixels(size)
    return min(RATIOS, key=lambda name: abs(math.log(width / height) - math.log(RATIOS[name][0] / RATIOS[name][1])))


def _mode(model: Model, film: Film, wish: FilmWish) -> Mode:
    if wish.references and (wish.image or wish.last_frame):
        mode: Mode = "references"
    elif wish.video:
        mode = "video"
    elif wish.last_frame:
        mode = "last_frame"
    elif wish.image:
        mode = "image"
    else:
        mode = "references" if wish.references else "text"
    if wish.last_frame and not wish.image:
        raise InvalidInput("A last frame needs a first one: image.", field="last_frame", reason="image_needed")
    if mode not in film.modes:
        name = {"text": "image", "references": "reference_images"}.get(mode, mode)
        raise InvalidInput(
            f"{model.name} makes no film from {_MODES[mode]}. It takes: {', '.join(_MODES[m] for m in film.modes)}.",
            field=name,
            reason="mode_not_supported",
        )
    if wish.references > model.max_references:
        raise InvalidInput(
            f"{model.name} takes at most {model.max_references} reference pictures.",
            field="reference_images",
            reason="too_many_references",
        )
    return mode


_MODES: Mapping[Mode, str] = {
    "text": "words alone",
    "image": "a first frame",
    "last_frame": "a first and a last frame",
    "references": "reference pictures",
    "video": "another film",
}


def _words(model: Model, film: Film, wish: FilmWish, told: list[Adjustment]) -> tuple[str, str]:
    prompt, negative = wish.prompt, wish.negative_prompt
    if negative and not film.negative_prompt:
        # The wish is kept in the only place the model reads.
        prompt = f"{prompt}\nAvoid: {negative}"
        told.append(
            Adjustment("negative_prompt", negative, None, f"{model.name} takes none: it is told in the prompt.")
        )
        negative = ""
    if film.max_prompt and max(len(prompt), len(negative)) > film.max_prompt:
        raise InvalidInput(
            f"{model.name} takes prompts of at most {film.max_prompt} characters.", field="prompt", reason="too_long"
        )
    return prompt, negative


def _size(model: Model, film: Film, wish: FilmWish, mode: Mode, told: list[Adjustment]) -> str:
    legal = legal_sizes(model, mode)
    if wish.size:
        width, height = pixels(wish.size)
    else:
        ratio = wish.ratio or DEFAULT_RATIO
        try:
            across, down = RATIOS[ratio] if ratio in RATIOS else tuple(int(part) for part in ratio.split(":"))
            if not (0 < across <= 100 and 0 < down <= 100):
                raise ValueError(ratio)
        except ValueError as error:
            raise InvalidInput(
                f"{ratio[:32]!r} is no ratio such as 9:16.", field="aspect_ratio", reason="bad_ratio"
            ) from error
        # The shorter side of the usual size: among equal shapes the nearest to it is taken.
        scale = _BASE_HEIGHT / min(across, down)
        width, height = round(across * scale), round(down * scale)
    if not legal:
        if wish.size or wish.ratio:
            told.append(
                Adjustment(
                    "size" if wish.size else "aspect_ratio",
                    wish.size or wish.ratio,
                    None,
                    "The film has the picture's shape.",
                )
            )
        return ""
    best = min(legal, key=lambda size: _distance(pixels(size), (width, height)))
    if wish.size and best != wish.size:
        told.append(Adjustment("size", wish.size, best, _takes(model, "sizes", legal)))
    elif not wish.size and wish.ratio and _shape(pixels(best)) != _shape((width, height)):
        told.append(Adjustment("aspect_ratio", wish.ratio, ratio_of(best), _takes(model, "sizes", legal)))
    return best


def _seconds(model: Model, film: Film, wish: FilmWish, mode: Mode, size: str, told: list[Adjustment]) -> int:
    legal = legal_seconds(model, mode, size)
    asked = DEFAULT_SECONDS if wish.seconds is None else wish.seconds
    if not math.isfinite(asked) or asked <= 0:
        raise InvalidInput("The length must be more than 0 seconds.", field="duration", reason="bad_duration")
    best = min(legal, key=lambda one: (abs(one - asked), -one)) if legal else max(1, round(asked))
    if wish.seconds is not None and best != asked:
        told.append(Adjustment("duration", asked, best, _takes(model, "seconds", legal)))
    return best


def _audio(model: Model, film: Film, wish: FilmWish, told: list[Adjustment]) -> bool:
    if wish.audio and film.audio == "never":
        raise InvalidInput(f"{model.name} makes films without sound.", field="audio", reason="no_audio")
    if wish.audio is False and film.audio == "always":
        told.append(Adjustment("audio", False, True, f"{model.name} always makes sound."))
    return film.audio == "always" or (film.audio == "optional" and wish.audio is not False)


def _distance(size: tuple[int, int], wanted: tuple[int, int]) -> tuple[float, float]:
    """Shape first (a film is never stretched), then how many pixels."""
    shape = abs(math.log(size[0] / size[1]) - math.log(wanted[0] / wanted[1]))
    return round(shape, 2), abs(math.log(size[0] * size[1]) - math.log(wanted[0] * wanted[1]))


def _shape(size: tuple[int, int]) -> float:
    return round(math.log(size[0] / size[1]), 1)


def _takes(model: Model, what: str, legal: Sequence[object]) -> str:
    return f"{model.name} takes {what}: {', '.join(map(str, legal)) or 'its own'}."
