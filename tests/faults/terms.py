"""What the vendors of a floor have in common, for those who judge: the test's own five, or the house's real ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.faults.kinds import PRICE


@dataclass(frozen=True)
class Terms:
    """`price` is nano-USD of a film by vendor and model, `once` tells whether a vendor is never sent anything again by itself.

    `names` tells whether the operation's id that we keep names the operation of a ledger's entry.
    """

    price: Callable[[str, str], int]
    once: Callable[[str], bool]
    names: Callable[[str, str], bool]


KINDS = Terms(
    price=lambda vendor, model: PRICE,
    once=lambda vendor: vendor == "none_blind",
    names=lambda kept, operation: kept == operation,
)
