"""From a wish for a film to those who may make it: names of old, the vendor that is asked for, or the one that suits best. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from kit.errors import InvalidInput
from kit.providers.catalogue import Catalogue, Model, Resolved, typical_seconds
from kit.providers.fitting import Adjustment, FilmWish, FittedFilm, film_price, fit
from kit.providers.pricing import OwnPrices

AUTO = "auto"
LOCAL = "local"
MAX_CHOICES = 4
LONGEST_OLD = 10
"""Seconds that the older contract allows for its own names, and for a model of which nothing is known."""
CATALOGUE_PRICES = OwnPrices(())
"""The prices of an account that has none of its own."""
Preference: TypeAlias = Literal["cost", "latency", "quality"]
_LEGACY_VENDOR = "openai"


@dataclass(frozen=True)
class Asked:
    """Who shall make it: a model's name and a vendor, either may be empty. `legacy`: by the rules of the older contract."""

    model: str = ""
    provider: str = ""
    preference: Preference = "cost"
    legacy: bool = False


@dataclass(frozen=True)
class Choice:
    """One who may make it: the model, its key, the wish as it takes it, the price in nano-USD and whether that is the account's own."""

    model: Model
    key_id: str
    film: FittedFilm
    price: int
    own: bool = False


@dataclass(frozen=True)
class Route:
    """Who is asked, in this order (at least one), and what was taken otherwise than asked, for a person."""

    choices: tuple[Choice, ...]
    warning: str = ""


def route(
    catalogue: Catalogue, asked: Asked, wish: FilmWish, living: Mapping[str, str], own: OwnPrices = CATALOGUE_PRICES
) -> Route:
    """Returns who makes the film. `living` maps the vendors that can be used to the key to use, `own` are the account's own prices.

    With provider `auto` up to four vendors are chosen, each once; else one. Raises `InvalidInput`: `no_active_key` for a vendor
    without a key, `unknown_model` and `unknown_vendor` with the known ones, and what `fit` says of the wish.
    """
    if asked.provider == AUTO:
        return Route(_best(_anyone(catalogue, asked.model, living), asked, wish, living, own), "")
    model, warning, known = _one(catalogue, asked, living)
    if asked.legacy:
        _check_length(model, wish, known=known)
    if model.vendor not in living:
        raise no_key(model.vendor)
    return Route((_choice(model, wish, living, own),), warning)


def no_key(vendor: str) -> InvalidInput:
    """Returns the refusal of a vendor without a key, in the older contract's words."""
    return InvalidInput(f"No active API key found for provider: {vendor}", reason="no_active_key", field="provider")


def _one(catalogue: Catalogue, asked: Asked, living: Mapping[str, str]) -> tuple[Model, str, bool]:
    """The model, a warning, and whether it is asked for by a name of its own, not by one of the older contract's."""
    provider, name = asked.provider, asked.model
    if provider and provider not in catalogue.vendors("video"):
        if asked.legacy:
            raise no_key(provider)
        known = ", ".join((*catalogue.vendors("video"), AUTO))
        raise InvalidInput(
            f"There is no provider {provider!r}; known are: {known}.", reason="unknown_vendor", field="provider"
        )
    old = catalogue.old_name("video", name)
    if old is not None and provider in ("", old.vendor):
        found = _successor(catalogue, old.successors, living, provider)
        if found is not None:
            return found, f"{name} is retired; {found.name} is used instead.", False
    if not provider and not name:
        usable = [vendor for vendor in catalogue.vendors("video") if vendor in living and vendor != LOCAL]
        return catalogue.resolve("video", (usable or [LOCAL])[0]).model, "", True
    try:
        if provider:
            resolved = catalogue.resolve("video", provider, name)
        else:
            resolved = _living_first(catalogue, name, living) or catalogue.find("video", name)
    except InvalidInput as error:
        if error.reason != "unknown_model" or not asked.legacy:
            raise
        vendor = provider or _LEGACY_VENDOR
        model = catalogue.resolve("video", vendor).model
        return model, f"{name} is not known; {model.name} is used instead.", False
    return resolved.model, resolved.warning, True


def _successor(
    catalogue: Catalogue, successors: Iterable[str], living: Mapping[str, str], provider: str
) -> Model | None:
    """The first successor whose vendor can be used and, when a provider is named, is that one."""
    for name in successors:
        vendor, _, model = name.partition("/")
        if vendor in living and provider in ("", vendor) and vendor in catalogue.vendors("video"):
            return catalogue.resolve("video", vendor, "" if model == "*" else model).model
    return None


def _living_first(catalogue: Catalogue, name: str, living: Mapping[str, str]) -> Resolved | None:
    """What the name stands for at a vendor that can be used, where several vendors have it."""
    for vendor in catalogue.vendors("video"):
        if vendor in living and vendor != LOCAL:
            try:
                return catalogue.resolve("video", vendor, name)
            except InvalidInput:
                continue
    return None


def _anyone(catalogue: Catalogue, name: str, living: Mapping[str, str]) -> list[Model]:
    """The models that a name stands for at the vendors that can be used; all of theirs for no name."""
    vendors = [vendor for vendor in catalogue.vendors("video") if vendor in living]
    if not name or name == AUTO:
        return [m for m in catalogue.models if m.kind == "video" and m.vendor in vendors]
    old = catalogue.old_name("video", name)
    if old is not None:
        made = (_successor(catalogue, [one], living, "") for one in old.successors)
        return [model for model in made if model is not None]
    found = []
    for vendor in vendors:
        own = vendor == LOCAL and name in (LOCAL, f"{LOCAL}/{LOCAL}")
        if own or vendor != LOCAL:
            try:
                found.append(catalogue.resolve("video", vendor, name).model)
            except InvalidInput:
                continue
    return found


def _best(
    models: list[Model], asked: Asked, wish: FilmWish, living: Mapping[str, str], own: OwnPrices
) -> tuple[Choice, ...]:
    """The best of each vendor, in order; the local film maker only where there is no other."""
    foreign = [model for model in models if model.vendor != LOCAL]
    if not models:
        raise InvalidInput(
            f"No vendor with a key has a video model {asked.model!r}.", reason="unknown_model", field="model"
        )
    fitting: list[Choice] = []
    refused: InvalidInput | None = None
    for model in foreign or models:
        try:
            fitting.append(_choice(model, wish, living, own))
        except InvalidInput as error:
            refused = refused or error
    if not fitting and foreign and len(foreign) < len(models):
        fitting = [_choice(model, wish, living, own) for model in models if model.vendor == LOCAL]
    if not fitting and refused is not None:
        raise refused
    ranked = sorted(fitting, key=lambda one: _rank(one, asked.preference))
    first: dict[str, Choice] = {}
    for one in ranked:
        first.setdefault(one.model.vendor, one)
    return tuple(first.values())[:MAX_CHOICES]


def _rank(choice: Choice, preference: Preference) -> tuple[float, float, float]:
    # A film that is made otherwise than asked is not what was asked for, however cheap it is.
    changed = float(len(choice.film.adjustments))
    quality = -float(choice.model.film.quality if choice.model.film else 0)
    if preference == "latency":
        return changed, typical_seconds(choice.model, seconds=choice.film.seconds, calls=1), float(choice.price)
    if preference == "quality":
        return quality, changed, float(choice.price)
    return changed, float(choice.price), quality


def _choice(model: Model, wish: FilmWish, living: Mapping[str, str], own: OwnPrices) -> Choice:
    film = fit(model, wish)
    if model.vendor == LOCAL and wish.image:
        why = "The local film maker draws the scene itself, from its words."
        film = replace(film, adjustments=(*film.adjustments, Adjustment("image", "a first frame", None, why)))
    pictures = wish.references + wish.image + wish.last_frame
    mine = own.has(model)
    return Choice(model, living[model.vendor], film, film_price(own.over(model), film, pictures), mine)


def _check_length(model: Model, wish: FilmWish, *, known: bool) -> None:
    # A living model says itself how long it can film; the older contract's names stand for one, and keep their own limit.
    longest = max(model.seconds, default=LONGEST_OLD) if known else LONGEST_OLD
    if wish.seconds is not None and not 1 <= wish.seconds <= longest:
        raise InvalidInput(f"duration must be 1 to {longest} seconds.", field="duration", reason="bad_duration")
