"""Budgets: what may be spent in a day, a month and a run, and the check before a paid call is made."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

import asyncpg

from kit.errors import AlreadyExists, Exhausted, InvalidInput, NotFound
from services.storage.db import Database, Pg
from services.storage.ids import as_uuid, uuid7
from services.storage.jobs.convert import stamp
from services.storage.jobs.rules import MAX_MONEY
from sfd.usage.v1 import usage_pb2, usage_service_pb2

# A call that has ended has cost what it cost, any other holds its price. The month covers the day: one scan gives both.
_SPENT = """
SELECT coalesce(sum(n) FILTER (WHERE created_at >= date_trunc('day', now(), 'UTC')), 0)::bigint AS today,
       coalesce(sum(n), 0)::bigint AS this_month
FROM (SELECT s.created_at, CASE WHEN s.state IN ('done', 'failed', 'not_accepted', 'abandoned') THEN s.cost_nano_usd
             ELSE s.price_nano_usd END AS n
      FROM submissions s WHERE s.account_id = $1 AND s.created_at >= date_trunc('month', now(), 'UTC') AND ($2 = '' OR s.key_id = $2)) t
"""
_SPENT_RUN = """
SELECT coalesce(sum(CASE WHEN state IN ('done', 'failed', 'not_accepted', 'abandoned') THEN cost_nano_usd ELSE price_nano_usd END), 0)::bigint
FROM submissions WHERE run_id = $1 AND ($2 = '' OR key_id = $2)
"""
_COLUMNS = "id, key_id, key_number, daily_nano_usd, monthly_nano_usd, job_nano_usd, created_at, updated_at"
# Who holds the row decides alone: calls of one account at the same moment are counted one after the other.
_LOCK = f"SELECT {_COLUMNS} FROM budgets WHERE account_id = $1 AND key_id IN ('', $2) ORDER BY key_id FOR UPDATE"
_ONE = f"SELECT {_COLUMNS} FROM budgets WHERE account_id = $1 AND id = $2"
_ALL = f"SELECT {_COLUMNS} FROM budgets WHERE account_id = $1 ORDER BY key_number LIMIT 1000"
_INSERT = f"""
INSERT INTO budgets (id, account_id, key_id, key_number, daily_nano_usd, monthly_nano_usd, job_nano_usd)
VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING {_COLUMNS}
"""
_UPDATE = f"""
UPDATE budgets SET daily_nano_usd = coalesce($3, daily_nano_usd), monthly_nano_usd = coalesce($4, monthly_nano_usd),
  job_nano_usd = coalesce($5, job_nano_usd), updated_at = now() WHERE account_id = $1 AND id = $2 RETURNING {_COLUMNS}
"""
_LIMITS = ("daily_nano_usd", "monthly_nano_usd", "job_nano_usd")


async def check_budgets(pg: Pg, account: uuid.UUID, run_id: uuid.UUID, key_id: str, price: int) -> None:
    """Returns when a call of this price fits into every budget of the account and of the key; raises `Exhausted` (`budget`).

    The rows stay locked until the caller's transaction, which writes the call, has ended.
    """
    if not price:
        return
    for budget in await pg.fetch(_LOCK, account, key_id):
        whose = f"of key {budget['key_number']}" if budget["key_id"] else "of the account"
        if budget["daily_nano_usd"] or budget["monthly_nano_usd"]:
            spent = await pg.fetchrow(_SPENT, account, budget["key_id"])
            _fits(spent["today"] + price, budget["daily_nano_usd"], f"The daily budget {whose}")
            _fits(spent["this_month"] + price, budget["monthly_nano_usd"], f"The monthly budget {whose}")
        if budget["job_nano_usd"]:
            run = await pg.fetchval(_SPENT_RUN, run_id, budget["key_id"])
            _fits(run + price, budget["job_nano_usd"], f"The budget {whose} for a job")


class Budgets:
    """The table `budgets`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def create(self, pg: Pg, account: uuid.UUID, wanted: usage_pb2.Budget) -> usage_pb2.Budget:
        """Stores a budget; raises `InvalidInput`, `NotFound` for a key that is not there, `AlreadyExists`."""
        for field in _LIMITS:
            _check(getattr(wanted, field), f"budget.{field}")
        if not any(getattr(wanted, field) for field in _LIMITS):
            raise InvalidInput("A budget needs a limit.", field="budget.daily_nano_usd")
        key_id = ""
        if wanted.key_number:
            key = await pg.fetchval(
                "SELECT id FROM vault_keys WHERE account_id = $1 AND number = $2 AND status <> 'revoked'",
                account,
                wanted.key_number,
            )
            if key is None:
                raise NotFound("Key not found", reason="key_not_found", field="budget.key_number")
            key_id = str(key)
        limits = [getattr(wanted, field) for field in _LIMITS]
        try:
            async with pg.transaction():
                row = await pg.fetchrow(_INSERT, uuid7(), account, key_id, wanted.key_number, *limits)
        except asyncpg.UniqueViolationError as error:
            raise AlreadyExists("There is a budget for it already.", reason="budget_exists") from error
        return await self._message(pg, account, row)

    async def get(self, account: uuid.UUID, budget_id: str) -> usage_pb2.Budget:
        """Returns a budget; raises `NotFound`."""
        async with self._db.connection() as pg:
            return await self._message(pg, account, _there(await pg.fetchrow(_ONE, account, as_uuid(budget_id))))

    async def list(self, account: uuid.UUID) -> Sequence[usage_pb2.Budget]:
        """Returns all budgets of an account."""
        async with self._db.connection() as pg:
            return [await self._message(pg, account, row) for row in await pg.fetch(_ALL, account)]

    async def update(
        self, pg: Pg, account: uuid.UUID, request: usage_service_pb2.UpdateBudgetRequest
    ) -> usage_pb2.Budget:
        """Changes limits; raises `InvalidInput`, `NotFound`."""
        limits = (
            request.daily_nano_usd if request.HasField("daily_nano_usd") else None,
            request.monthly_nano_usd if request.HasField("monthly_nano_usd") else None,
            request.job_nano_usd if request.HasField("job_nano_usd") else None,
        )
        for field, limit in zip(_LIMITS, limits, strict=True):
            _check(limit or 0, field)
        row = _there(await pg.fetchrow(_UPDATE, account, as_uuid(request.id), *limits))
        return await self._message(pg, account, row)

    async def delete(self, pg: Pg, account: uuid.UUID, budget_id: str) -> None:
        """Removes a budget; raises `NotFound`."""
        _there(
            await pg.fetchrow(
                "DELETE FROM budgets WHERE account_id = $1 AND id = $2 RETURNING id", account, as_uuid(budget_id)
            )
        )

    async def _message(self, pg: Pg, account: uuid.UUID, row: Any) -> usage_pb2.Budget:
        spent = await pg.fetchrow(_SPENT, account, row["key_id"])
        return usage_pb2.Budget(
            id=str(row["id"]),
            key_number=row["key_number"],
            daily_nano_usd=row["daily_nano_usd"],
            monthly_nano_usd=row["monthly_nano_usd"],
            job_nano_usd=row["job_nano_usd"],
            spent_today_nano_usd=spent["today"],
            spent_this_month_nano_usd=spent["this_month"],
            created_at=stamp(row["created_at"]),
            updated_at=stamp(row["updated_at"]),
        )


def _fits(amount: int, limit: int, whose: str) -> None:
    if limit and amount > limit:
        raise Exhausted(f"{whose} does not allow this call.", reason="budget", retryable=False)


def _check(value: int, field: str) -> None:
    if not 0 <= value <= MAX_MONEY:
        raise InvalidInput("Money is 0 to a million dollars.", field=field)


def _there(row: Any) -> Any:
    if row is None:
        raise NotFound("Budget not found", reason="budget_not_found", field="id")
    return row
