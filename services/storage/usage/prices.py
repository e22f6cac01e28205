"""What an account pays by its own contracts with vendors."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from kit.errors import InvalidInput
from services.storage.db import Database, Pg
from services.storage.jobs.convert import stamp
from services.storage.jobs.rules import MAX_MONEY, check_text
from sfd.usage.v1 import usage_pb2

MAX_PRICES = 500
_LIST = "SELECT vendor, model, unit, nano_usd, updated_at FROM own_prices WHERE account_id = $1 ORDER BY vendor, model, unit"
_PUT = """
INSERT INTO own_prices (account_id, vendor, model, unit, nano_usd) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (account_id, vendor, model, unit) DO UPDATE SET nano_usd = excluded.nano_usd,
  updated_at = CASE WHEN own_prices.nano_usd = excluded.nano_usd THEN own_prices.updated_at ELSE now() END
"""
_DROP = """
DELETE FROM own_prices p WHERE p.account_id = $1 AND NOT EXISTS (
  SELECT 1 FROM unnest($2::text[], $3::text[], $4::text[]) AS n(vendor, model, unit)
  WHERE (n.vendor, n.model, n.unit) = (p.vendor, p.model, p.unit))
"""


class Prices:
    """The table `own_prices`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def list(self, account: uuid.UUID) -> Sequence[usage_pb2.Price]:
        """Returns the prices by vendor, model and unit."""
        return [_message(row) for row in await self._db.fetch(_LIST, account)]

    async def set(self, pg: Pg, account: uuid.UUID, prices: Sequence[usage_pb2.Price]) -> Sequence[usage_pb2.Price]:
        """Replaces all prices of the account; raises `InvalidInput`."""
        _check(prices)
        # One at a time for an account: two lists that meet must not become a mixture of both.
        await pg.execute("SELECT pg_advisory_xact_lock($1)", account.int & ((1 << 63) - 1))
        rows = sorted((one.vendor, one.model, one.unit, one.nano_usd) for one in prices)
        await pg.execute(_DROP, account, *([row[at] for row in rows] for at in range(3)))
        await pg.executemany(_PUT, [(account, *row) for row in rows])
        return [_message(row) for row in await pg.fetch(_LIST, account)]


def _check(prices: Sequence[usage_pb2.Price]) -> None:
    if len(prices) > MAX_PRICES:
        raise InvalidInput(f"There are more than {MAX_PRICES} prices.", field="prices", reason="too_many")
    for place, one in enumerate(prices):
        for field in ("vendor", "model", "unit"):
            value = getattr(one, field)
            if not value:
                raise InvalidInput(f"{field} is missing.", field=f"prices[{place}].{field}")
            check_text(value, f"prices[{place}].{field}", 128)
        if not 0 <= one.nano_usd <= MAX_MONEY:
            raise InvalidInput("Money is 0 to a million dollars.", field=f"prices[{place}].nano_usd")
    keys = [(one.vendor, one.model, one.unit) for one in prices]
    twice = next((at for at, key in enumerate(keys) if key in keys[:at]), None)
    if twice is not None:
        raise InvalidInput("There are two prices for the same unit.", field=f"prices[{twice}]")


def _message(row: Any) -> usage_pb2.Price:
    return usage_pb2.Price(
        vendor=row["vendor"],
        model=row["model"],
        unit=row["unit"],
        nano_usd=row["nano_usd"],
        updated_at=stamp(row["updated_at"]),
    )
