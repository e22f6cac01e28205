"""Names, prices and features of the older media contract, as data: its figures are kept although its models are gone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter

from kit.jsonio import load_object

FILE: Final = Path(__file__).with_name("legacy.json")
SIZES: Final[Mapping[str, str]] = {"16:9": "1280x720", "9:16": "720x1280", "1:1": "1024x1024"}
"""The size for which a ratio is priced; any other is priced like 16:9."""
USD: Final = 1_000_000_000
"""Nano-USD."""
_WHOLE = Fraction(1280 * 720)
_LEAST, _MOST = Fraction(1, 2), Fraction(2)


@dataclass(frozen=True)
class LegacyPrice:
    """What a model cost by that contract, in nano-USD."""

    provider: str
    model: str
    per_second_nano_usd: int
    base_nano_usd: int = 0


@dataclass(frozen=True)
class LegacyProvider:
    """What a provider could do by that contract."""

    name: str
    features: Mapping[str, Any]


@dataclass(frozen=True)
class Legacy:
    """The whole file; `updated` is a day, YYYY-MM-DD."""

    updated: str
    providers: tuple[LegacyProvider, ...]
    prices: tuple[LegacyPrice, ...]

    def price(self, model: str, provider: str = "") -> LegacyPrice | None:
        """Returns the row of a model, or None."""
        return next((p for p in self.prices if p.model == model and provider in ("", p.provider)), None)

    def features(self, provider: str) -> Mapping[str, Any]:
        """Returns the features of a provider; none for one that the contract did not have."""
        return next((p.features for p in self.providers if p.name == provider), {})


@cache
def legacy() -> Legacy:
    """Returns the contract's rows, read once."""
    return TypeAdapter(Legacy).validate_python(load_object(FILE.read_text(encoding="utf-8"), FILE.name))


def multiplier(size: str) -> Fraction:
    """Returns the factor for a size `WxH`: its pixels over those of 1280x720, between a half and two."""
    width, _, height = size.partition("x")
    return min(_MOST, max(_LEAST, Fraction(int(width) * int(height)) / _WHOLE))


def cost(per_second: int, base: int, seconds: int, size: str) -> int:
    """Returns nano-USD, rounded to a ten-thousandth of a dollar: (base + per second x seconds) x the factor of the size."""
    exact = (base + per_second * seconds) * multiplier(size)
    step = USD // 10_000
    return round(exact / step) * step
