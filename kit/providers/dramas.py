"""What a drama asks of a film model: an upright film from a storyboard, long enough for what is said in it.

Pure functions over catalogue rows: the planner that prices films and the service that buys them ask the same ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kit.errors import InvalidInput
from kit.providers.catalogue import Catalogue, Resolved
from kit.providers.catalogue.model import Model
from kit.providers.fitting import FilmWish, FittedFilm, film_price, fit, legal_seconds, legal_sizes, ratio_of

LOCAL = "local"
RATIO = "9:16"
SIZE = "1080x1920"
"""The house's own form: of equal shapes the nearest to it is ordered."""
_WORDS = "a scene"


def suits(model: Model) -> bool:
    """Returns whether a model can film a drama: it begins with a picture and its film can be upright."""
    if model.kind != "video":
        return False
    if model.vendor == LOCAL:
        return True
    if model.film is None or "image" not in model.film.modes:
        return False
    sizes = model.film.sizes_in.get("image", model.sizes)
    # Without a list the film has the picture's own shape.
    return not sizes or any(ratio_of(size) == RATIO for size in legal_sizes(model, "image"))


def filmer(catalogue: Catalogue, vendor: str, name: str = "") -> Resolved:
    """Returns the model that films a drama for a vendor, by name or, without one, its default or the first that can.

    Without a vendor the name is looked for at all of them. Raises `InvalidInput`: `unknown_vendor`, `unknown_model`, and `no_drama_model`
    for what cannot film dramas, with those that can.
    """
    found = catalogue.resolve("video", vendor, name) if vendor else catalogue.find("video", name)
    if suits(found.model):
        return found
    able = [model for model in catalogue.models if model.vendor == found.model.vendor and suits(model)]
    if able and not name:
        return Resolved(able[0])
    known = ", ".join(model.name for model in able) or ", ".join(film_makers(catalogue))
    raise InvalidInput(
        f"{found.model.name} cannot film dramas: they begin with an upright picture. These can: {known}.",
        reason="no_drama_model",
        field="model" if name else "vendor",
    )


def film_makers(catalogue: Catalogue) -> tuple[str, ...]:
    """Returns the vendors that can film dramas, in the order of the rows."""
    return tuple(dict.fromkeys(model.vendor for model in catalogue.models if suits(model)))


def drama_film(model: Model, prompt: str, seconds: int, *, frame: bool = True) -> FittedFilm:
    """Returns the film to order: upright, from a storyboard (`frame`) or from words, the shortest legal length that holds `seconds`.

    Raises `InvalidInput` for what the model cannot make: from words alone, or from too long a prompt.
    """
    wish = FilmWish(prompt, size=SIZE, ratio=RATIO, image=frame and model.vendor != LOCAL)
    shaped = fit(model, wish)
    length = holding(legal_seconds(model, shaped.mode, shaped.size), seconds)
    return fit(model, replace(wish, seconds=float(length)))


def ordered_seconds(model: Model, seconds: int) -> int:
    """Returns the length in seconds that a film of `seconds` is ordered in; the local film maker takes any."""
    return holding(model.seconds, seconds) if model.vendor == LOCAL else drama_film(model, _WORDS, seconds).seconds


def drama_price(model: Model, seconds: int) -> int:
    """Returns what one film of a drama costs by the row, in nano-USD; the local film maker's are free."""
    return 0 if model.vendor == LOCAL else film_price(model, drama_film(model, _WORDS, seconds), pictures=1)


def holding(legal: Sequence[int], seconds: int) -> int:
    """Returns the shortest legal length that holds so many seconds, else the longest; any length when there is no list."""
    return min((one for one in legal if one >= seconds), default=max(legal, default=seconds))
