"""Figures of the older media contract, and an account's own prices over the catalogue's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.providers.catalogue import load
from kit.providers.catalogue.legacy import USD, cost, legacy, multiplier
from kit.providers.fitting import FilmWish, film_price, fit
from kit.providers.pricing import OwnPrices, with_prices
from sfd.usage.v1.usage_pb2 import Price


@pytest.mark.parametrize(
    ("size", "factor"),
    [("1280x720", 1.0), ("720x1280", 1.0), ("64x64", 0.5), ("3840x2160", 2.0), ("1024x1024", 1.1378)],
)
def test_the_factor_of_a_size_has_its_ends(size: str, factor: float) -> None:
    assert float(multiplier(size)) == pytest.approx(factor, abs=1e-4)


@given(
    st.integers(0, 10 * USD), st.integers(0, USD), st.integers(1, 60), st.sampled_from(["1280x720", "1024x1024", "8x8"])
)
def test_a_cost_has_four_places_and_is_the_nearest(rate: int, base: int, seconds: int, size: str) -> None:
    told = cost(rate, base, seconds, size)
    assert told % (USD // 10_000) == 0
    assert abs(told - (base + rate * seconds) * multiplier(size)) <= USD // 20_000


def test_every_row_of_the_contract_is_there() -> None:
    rows = {(one.provider, one.model): one.per_second_nano_usd / USD for one in legacy().prices}
    assert rows == {
        ("openai", "sora-2"): 0.1,
        ("openai", "sora-1"): 0.1,
        ("runway", "runway-gen3"): 0.05,
        ("runway", "runway-gen4"): 0.075,
        ("kling", "kling-1.5"): 0.04,
        ("kling", "kling-1.0"): 0.03,
    }
    assert legacy().price("sora-2", "runway") is None
    assert legacy().features("nobody") == {}


def test_own_prices_hold_in_every_case_of_a_model() -> None:
    model = load().resolve("video", "runway", "veo3.1").model
    mine = with_prices(model, {"seconds": 1, "films": 7})
    for audio in (True, False):
        fitted = fit(mine, FilmWish(prompt="x", seconds=4, audio=audio))
        assert film_price(mine, fitted) == 4
    assert with_prices(model, {}) is model
    one = Price(vendor="runway", model="veo3.1", unit="seconds", nano_usd=1)
    assert OwnPrices([one]).has(model)
    for other in (
        Price(vendor="fal", model="veo3.1", unit="seconds"),
        Price(vendor="runway", model="veo3.1", unit="calls"),
    ):
        assert not OwnPrices([other]).has(model), "nothing would ever be counted in it"
    assert "films" not in mine.prices
