"""Money between the contract's dollars and the house's int64 nano-USD."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

NANO = 1_000_000_000


def usd(amount: int, places: int = 9) -> float:
    """Returns the dollars of nano-USD, rounded to so many decimal places."""
    return float((Decimal(amount) / NANO).quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN))


def usd_text(amount: int) -> str:
    """Returns the exact dollars of nano-USD as a decimal number."""
    return f"{Decimal(amount) / NANO:.9f}"


def nano(amount: float) -> int:
    """Returns the nano-USD of dollars as they were written, not of the nearest binary fraction."""
    return int((Decimal(str(amount)) * NANO).to_integral_value(ROUND_HALF_EVEN))
