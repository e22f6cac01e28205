"""A wish for a film, fitted to what a model takes: nearest legal length and size, and every change told.

What would change the film's meaning is refused instead, with the list of what the model takes. Pure functions over catalogue rows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
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
_LONGEST = 3600.0
_LARGEST_SEED = 2**32 - 1
_LARGEST_SIDE = 16_384
_SAME_SHAPE = 0.03
"""How far, as a logarithm, a size may be from its ratio: vendors round sides to whole blocks (1104x832 is their 4:3)."""


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
    make, too many pictures, no prompt or too long a one, and for what is no length, size, ratio or seed at all.
    """
    film = model.film or Film()
    told: list[Adjustment] = []
    mode = _mode(model, film, wish, told)
    prompt, negative = _words(model, film, wish, told)
    size = _size(model, film, wish, mode, told)
    seconds = _seconds(model, film, wish, mode, size, told)
    audio = _audio(model, film, wish, told)
    seed, fps = _seed(model, film, wish, told), wish.fps
    if fps is not None and fps not in film.fps:
        wanted = fps
        nearest = min(film.fps, key=lambda one: (abs(one - wanted), -one), default=None)
        told.append(Adjustment("fps", fps, nearest, _takes(model, "frames per second", film.fps)))
        fps = nearest
    return FittedFilm(prompt, seconds, size, mode, audio, negative, seed, fps, tuple(told))


def legal_seconds(model: Model, mode: Mode, size: str) -> tuple[int, ...]:
    """Returns the lengths that the model takes for a mode and a size; empty when any is taken."""
    return tuple(sorted(_lengths(model, mode, size) or ()))


def legal_sizes(model: Model, mode: Mode) -> tuple[str, ...]:
    """Returns the sizes that the model takes for a mode; empty when it takes its size from the picture.

    A size for which the mode has no length is none of them.
    """
    film = model.film or Film()
    listed = film.sizes_in.get(mode, model.sizes)
    return tuple(size for size in listed if (lengths := _lengths(model, mode, size)) is None or lengths)


def _lengths(model: Model, mode: Mode, size: str) -> set[int] | None:
    """The lengths that all three lists share; None when there is no list, and any length is taken."""
    film = model.film or Film()
    lists = [one for one in (model.seconds, film.seconds_in.get(mode), film.seconds_at.get(size)) if one]
    return set.intersection(*map(set, lists)) if lists else None


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


def prompt_length(film: Film, text: str) -> int:
    """Returns how long a prompt is as the model counts: in characters, or in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2 if film.prompt_unit == "utf16" else len(text)


def pixels(size: str) -> tuple[int, int]:
    """Returns width and height of `WxH`; raises `InvalidInput`."""
    width, _, height = size.partition("x")
    # Longer numbers are not even read: int() refuses very long ones with an error of its own.
    sides = [int(side) if side.isdecimal() and len(side) <= 5 else 0 for side in (width, height)]
    if not all(0 < side <= _LARGEST_SIDE for side in sides):
        raise InvalidInput(f"{size[:32]!r} is no size such as 720x1280.", field="size", reason="bad_size")
    return sides[0], sides[1]


def ratio_of(size: str) -> str:
    """Returns the ratio of a size as vendors spell it, such as `9:16`: the nearest of the usual ones."""
    width, height = pixels(size)
    return min(RATIOS, key=lambda name: abs(math.log(width / height) - math.log(RATIOS[name][0] / RATIOS[name][1])))


def _mode(model: Model, film: Film, wish: FilmWish, told: list[Adjustment]) -> Mode:
    if wish.last_frame and not wish.image:
        raise InvalidInput("A last frame needs a first one: image.", field="last_frame", reason="image_needed")
    if wish.references < 0:
        raise InvalidInput("There are no fewer than 0 pictures.", field="reference_images", reason="bad_references")
    mode = _asked(wish)
    named: Mapping[Mode, str] = {"text": "image", "references": "reference_images"}
    if mode not in film.modes:
        raise _unable(model, film, mode, named.get(mode, mode))
    if mode == "video":
        if wish.image:
            # Which of the two the film should begin with is nothing that can be guessed.
            raise InvalidInput(
                "A film is made from another film or from a first frame, not from both.",
                field="last_frame" if wish.last_frame else "image",
                reason="mode_not_supported",
            )
        if wish.references and "references" not in film.modes:
            raise _unable(model, film, "references", "reference_images")
    if mode == "references" and wish.last_frame:
        raise InvalidInput(
            "A film is made from a first and a last frame or from reference pictures, not from both.",
            field="last_frame",
            reason="mode_not_supported",
        )
    pictures = wish.references
    if mode == "references" and wish.image:
        pictures += 1
        why = "Beside reference pictures the first frame is one of them: the film may begin otherwise."
        told.append(Adjustment("image", "a first frame", "a reference picture", why))
    if pictures > model.max_references:
        raise InvalidInput(
            f"{model.name} takes at most {model.max_references} reference pictures.",
            field="reference_images",
            reason="too_many_references",
        )
    return mode


def _asked(wish: FilmWish) -> Mode:
    if wish.video:
        return "video"
    if wish.references:
        return "references"
    return "last_frame" if wish.last_frame else "image" if wish.image else "text"


def _unable(model: Model, film: Film, mode: Mode, name: str) -> InvalidInput:
    takes = ", ".join(_MODES[one] for one in film.modes)
    return InvalidInput(
        f"{model.name} makes no film from {_MODES[mode]}. It takes: {takes}.", field=name, reason="mode_not_supported"
    )


_MODES: Mapping[Mode, str] = {
    "text": "words alone",
    "image": "a first frame",
    "last_frame": "a first and a last frame",
    "references": "reference pictures",
    "video": "another film",
}


def _words(model: Model, film: Film, wish: FilmWish, told: list[Adjustment]) -> tuple[str, str]:
    prompt, negative = wish.prompt, wish.negative_prompt
    if not prompt.strip():
        raise InvalidInput("The film needs a prompt.", field="prompt", reason="missing")
    _short_enough(model, film, prompt, "prompt")
    if negative and not film.negative_prompt:
        # The wish is kept in the only place the model reads.
        prompt = f"{prompt}\nAvoid: {negative}"
        told.append(
            Adjustment("negative_prompt", negative, None, f"{model.name} takes none: it is told in the prompt.")
        )
        negative = ""
    _short_enough(model, film, negative or prompt, "negative_prompt")
    return prompt, negative


def _short_enough(model: Model, film: Film, text: str, name: str) -> None:
    length = prompt_length(film, text)
    if film.max_prompt and length > film.max_prompt:
        unit = "UTF-16 code units" if film.prompt_unit == "utf16" else "characters"
        raise InvalidInput(
            f"{model.name} takes prompts of at most {film.max_prompt} {unit}; this is {length}.",
            field=name,
            reason="too_long",
        )


def _seed(model: Model, film: Film, wish: FilmWish, told: list[Adjustment]) -> int | None:
    if wish.seed is None:
        return None
    if not 0 <= wish.seed <= _LARGEST_SEED:
        raise InvalidInput(f"A seed is 0 to {_LARGEST_SEED}.", field="seed", reason="bad_seed")
    if film.seed:
        return wish.seed
    told.append(Adjustment("seed", wish.seed, None, f"{model.name} takes no seed."))
    return None


def _size(model: Model, film: Film, wish: FilmWish, mode: Mode, told: list[Adjustment]) -> str:
    across, down = _ratio(wish.ratio or DEFAULT_RATIO)
    if wish.size:
        wanted = pixels(wish.size)
    else:
        # The shorter side of the usual size: among equal shapes the nearest to it is taken.
        scale = _BASE_HEIGHT / min(across, down)
        wanted = round(across * scale), round(down * scale)
    legal = legal_sizes(model, mode)
    if not legal:
        if film.sizes_in.get(mode, model.sizes):
            raise InvalidInput(
                f"{model.name} has no size and length for {_MODES[mode]}.", field="size", reason="mode_not_supported"
            )
        why = f"{model.name} makes films of its own size." if mode == "text" else "The film has the picture's shape."
        told += [
            Adjustment(name, asked, None, why)
            for name, asked in (("size", wish.size), ("aspect_ratio", wish.ratio))
            if asked
        ]
        return ""
    best = min(legal, key=lambda size: _distance(pixels(size), wanted))
    if wish.size and best != wish.size:
        told.append(Adjustment("size", wish.size, best, _takes(model, "sizes", legal)))
    if wish.ratio and not _has_ratio(best, across, down):
        why = "A size goes before a ratio." if wish.size else _takes(model, "sizes", legal)
        told.append(Adjustment("aspect_ratio", wish.ratio, _ratio_told(best), why))
    return best


def _ratio(ratio: str) -> tuple[int, int]:
    parts = ratio.split(":")
    sides = [int(part) if part.isdecimal() and len(part) <= 3 else 0 for part in parts]
    if len(sides) != 2 or not all(0 < side <= 100 for side in sides):
        raise InvalidInput(f"{ratio[:32]!r} is no ratio such as 9:16.", field="aspect_ratio", reason="bad_ratio")
    return sides[0], sides[1]


def _has_ratio(size: str, across: int, down: int) -> bool:
    """Whether a size has a ratio: exactly, or as nearly as vendors have the usual ones."""
    width, height = pixels(size)
    usual = next((name for name, (a, d) in RATIOS.items() if Fraction(a, d) == Fraction(across, down)), "")
    return Fraction(width, height) == Fraction(across, down) or (
        usual == ratio_of(size) and abs(math.log(width / height) - math.log(across / down)) <= _SAME_SHAPE
    )


def _ratio_told(size: str) -> str:
    width, height = pixels(size)
    name = ratio_of(size)
    exact = Fraction(width, height)
    return name if _has_ratio(size, *RATIOS[name]) else f"{exact.numerator}:{exact.denominator}"


def _seconds(model: Model, film: Film, wish: FilmWish, mode: Mode, size: str, told: list[Adjustment]) -> int:
    legal = legal_seconds(model, mode, size)
    asked = DEFAULT_SECONDS if wish.seconds is None else wish.seconds
    if not math.isfinite(asked) or not 0 < asked <= _LONGEST:
        raise InvalidInput(
            f"The length must be more than 0 and at most {_LONGEST:.0f} seconds.",
            field="duration",
            reason="bad_duration",
        )
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


def _takes(model: Model, what: str, legal: Sequence[object]) -> str:
    return f"{model.name} takes {what}: {', '.join(map(str, legal)) or 'its own'}."
