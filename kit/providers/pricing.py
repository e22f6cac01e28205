"""An account's own prices over the catalogue's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from kit.providers.catalogue.model import Model
from sfd.usage.v1.usage_pb2 import Price


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


class OwnPrices:
    """An account's own prices, by vendor and model."""

    def __init__(self, prices: Iterable[Price]) -> None:
        self._by_model: dict[tuple[str, str], dict[str, int]] = {}
        for one in prices:
            self._by_model.setdefault((one.vendor, one.model), {})[one.unit] = one.nano_usd

    def of(self, vendor: str, model: str) -> Mapping[str, int]:
        """Returns nano-USD by unit; empty when the account has no price of its own."""
        return self._by_model.get((vendor, model), {})

    def has(self, model: Model) -> bool:
        """Returns whether the account pays a price of its own for the model, in a unit that counts there."""
        film = model.film
        units = set(model.prices).union(*(case.prices for case in film.cases)) if film else set(model.prices)
        return not units.isdisjoint(self.of(model.vendor, model.id))

    def over(self, model: Model) -> Model:
        """Returns the model at the account's prices."""
        return with_prices(model, self.of(model.vendor, model.id))
