"""An account's own prices over the catalogue's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from kit.providers.catalogue.model import Model


def with_prices(model: Model, own: Mapping[str, int]) -> Model:
    """Returns the model at an account's own prices, nano-USD by unit: in every case of it, for those units alone.

    A unit that the catalogue does not price for this model is left out: nothing would ever be counted in it.
    """
    if not own:
        return model

    def over(prices: Mapping[str, int]) -> dict[str, int]:
        return {unit: own.get(unit, price) for unit, price in prices.items()}

    film = model.film
    if film is not None:
        film = replace(film, cases=tuple(replace(case, prices=over(case.prices)) for case in film.cases))
    return replace(model, prices=over(model.prices), film=film)
