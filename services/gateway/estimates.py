"""What a film would cost: by the older contract's formula for its names, by the catalogue for living models."""

from __future__ import annotations

from dataclasses import dataclass

from kit.errors import InvalidInput
from kit.providers.catalogue import Catalogue, Model
from kit.providers.catalogue.legacy import SIZES, Legacy, cost
from kit.providers.fitting import DEFAULT_RATIO, FilmWish, film_price, film_prices, fit
from kit.providers.pricing import OwnPrices
from services.gateway.money import usd
from services.gateway.problems import Json, invalid
from services.gateway.views.usage import VideoEstimateBody

DEFAULT_SECONDS = 5
_LONGEST_OLD = 10
_LENGTHS = (5, 10, 20)


@dataclass(frozen=True)
class Made:
    """Who would make a film, for how much (nano-USD) and how long."""

    model: str
    price: int
    seconds: int


def estimate(
    wanted: VideoEstimateBody, catalogue: Catalogue, legacy: Legacy, own: OwnPrices, made: Made | None
) -> dict[str, Json]:
    """Returns the contract's estimate; a model that nobody knows costs 0. `made` is who would really make it; None for nobody.

    Raises what `fit` raises, and a 422 for a length.
    """
    seconds, ratio = wanted.duration or DEFAULT_SECONDS, wanted.aspect_ratio or DEFAULT_RATIO
    found = _living(catalogue, wanted.provider or "", wanted.model)
    older = legacy.price(wanted.model, wanted.provider or "")
    _check_length(seconds, found, old=older is not None or catalogue.old_name("video", wanted.model) is not None)
    if older is None and found is not None:
        return _by_catalogue(wanted, own.over(found), seconds, ratio)
    provider = older.provider if older else wanted.provider or "openai"
    size = SIZES.get(ratio, SIZES[DEFAULT_RATIO])
    rate = own.of(provider, wanted.model).get("seconds", older.per_second_nano_usd if older else 0)
    base = older.base_nano_usd if older else 0
    told = _told(wanted.model, provider, seconds, ratio, cost(rate, base, seconds, size), rate, size, base)
    if made is not None:
        told |= {
            "resolved_model": made.model,
            "resolved_cost": usd(made.price, 4),
            "resolved_duration": made.seconds,
        }
    return told


def pricing(catalogue: Catalogue, legacy: Legacy, own: OwnPrices) -> list[Json]:
    """Returns the contract's rows first, then every film model that is paid by the second."""
    rows: list[Json] = []
    for one in legacy.prices:
        mine = own.of(one.provider, one.model)
        rate = mine.get("seconds", one.per_second_nano_usd)
        rows.append(_price(one.provider, one.model, rate, one.base_nano_usd, own="seconds" in mine))
    for model in catalogue.models:
        if model.kind == "video" and (model.vendor == "local" or "seconds" in model.prices):
            mine = own.of(model.vendor, model.id)
            rate = own.over(model).prices.get("seconds", 0)
            rows.append(_price(model.vendor, model.id, rate, 0, own="seconds" in mine))
    return rows


def _check_length(seconds: int, found: Model | None, *, old: bool) -> None:
    """Raises a 422 problem for a film that would not be made: names of old keep the older contract's limit."""
    longest = _LONGEST_OLD if old or found is None else max(found.seconds, default=_LONGEST_OLD)
    if seconds > longest:
        raise invalid(("duration",), f"Input should be less than or equal to {longest}", "less_than_equal")


def _living(catalogue: Catalogue, provider: str, name: str) -> Model | None:
    try:
        if provider and provider in catalogue.vendors("video"):
            return catalogue.resolve("video", provider, name).model
        return catalogue.find("video", name).model
    except InvalidInput:
        return None


def _wish(wanted: VideoEstimateBody, seconds: int, ratio: str) -> FilmWish:
    return FilmWish(prompt=wanted.prompt or "a film", seconds=seconds, ratio=ratio, seed=wanted.seed, fps=wanted.fps)


def _by_catalogue(wanted: VideoEstimateBody, model: Model, seconds: int, ratio: str) -> dict[str, Json]:
    fitted = fit(model, _wish(wanted, seconds, ratio))
    prices = film_prices(model, fitted)
    told = _told(
        wanted.model,
        model.vendor,
        fitted.seconds,
        ratio,
        film_price(model, fitted),
        prices.get("seconds", 0),
        fitted.size,
        prices.get("films", 0),
    )
    if wanted.model.removeprefix(f"{model.vendor}/") != model.id:
        told |= {"resolved_model": model.name, "resolved_cost": told["estimated_cost"]}
        told["resolved_duration"] = fitted.seconds
    return told


def _told(
    model: str, provider: str, seconds: int, ratio: str, whole: int, rate: int, size: str, base: int
) -> dict[str, Json]:
    return {
        "model": model,
        "provider": provider,
        "duration": seconds,
        "aspect_ratio": ratio,
        "estimated_cost": usd(whole, 4),
        "per_second_rate": usd(rate),
        "resolution": size,
        "breakdown": {"base": usd(base), "duration_cost": usd(rate * seconds)},
    }


def _price(provider: str, model: str, rate: int, base: int, *, own: bool) -> dict[str, Json]:
    return {
        "provider": provider,
        "model": model,
        "per_second": usd(rate),
        "base_cost": usd(base),
        "currency": "USD",
        "examples": {f"{seconds}_seconds": usd(base + rate * seconds, 4) for seconds in _LENGTHS},
        "own": own,
    }
