"""Leasing deliveries to workers, and what their reports change."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from typing import Any

import structlog

from kit.errors import Unavailable
from services.storage.db import Database, Pg
from services.storage.ids import as_uuid
from services.storage.webhooks import rules, sql
from services.storage.webhooks.convert import lease_message
from sfd.webhooks.v1 import webhook_pb2, webhook_service_pb2
from sfd.webhooks.v1.webhook_service_pb2 import DeliveryReport

log = structlog.get_logger("webhooks")

_TURN = 7_342_180_003
_SWEEP_SECONDS = 300


class Deliveries:
    """The table `webhook_deliveries` as workers see it."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._chance = random.SystemRandom()

    async def lease(self, count: int, seconds: float) -> list[webhook_pb2.DeliveryLease]:
        """Returns due deliveries, a few per endpoint; those whose worker was lost are due again."""

        async def work(pg: Pg) -> Sequence[Any]:
            # One lease at a time: the limit for an endpoint is counted, and two that count at once would both see room.
            await pg.execute("SELECT pg_advisory_xact_lock($1)", _TURN)
            await pg.execute(sql.LOST)
            rows: Sequence[Any] = await pg.fetch(sql.LEASE, count, seconds)
            return rows

        return [lease_message(row) for row in await self._db.unit(work)]

    async def report(self, reports: Sequence[DeliveryReport]) -> list[bool]:
        """Applies reports and returns for each whether its lease still counted."""
        accepted: dict[int, bool] = {}
        # Always in the same order, so that two lists cannot wait for each other.
        for place in sorted(range(len(reports)), key=lambda at: reports[at].delivery_id):
            report = reports[place]

            async def work(pg: Pg, report: DeliveryReport = report) -> bool:
                return await self._apply(pg, report)

            accepted[place] = await self._db.unit(work)
        return [accepted[place] for place in range(len(reports))]

    async def _apply(self, pg: Pg, report: DeliveryReport) -> bool:
        row = await pg.fetchrow(sql.LOCK, as_uuid(report.delivery_id), as_uuid(report.lease_id))
        if row is None:
            return False
        key, endpoint = row["id"], row["endpoint_id"]
        wait = report.wait.ToMilliseconds() / 1000
        if report.outcome == webhook_service_pb2.DELIVERY_OUTCOME_ACCEPTED:
            await pg.execute(sql.SUCCEEDED, key, report.status)
            await pg.execute(sql.HEALTHY, endpoint)
        elif report.outcome == webhook_service_pb2.DELIVERY_OUTCOME_GIVEN_BACK:
            await pg.execute(sql.GIVEN_BACK, key, report.error[:64], min(max(wait, 0.0), rules.MAX_WAIT))
        else:
            await self._failed(pg, row, report, wait)
        return True

    async def _failed(self, pg: Pg, row: Any, report: DeliveryReport, wait: float) -> None:
        key, endpoint = row["id"], row["endpoint_id"]
        gone = report.outcome == webhook_service_pb2.DELIVERY_OUTCOME_GONE
        delay = None if gone else rules.next_delay(row["attempts"] + 1, wait, self._chance.random())
        if delay is None:
            await pg.execute(sql.DEAD, key, report.status, report.error[:64])
        else:
            await pg.execute(sql.AGAIN, key, report.status, report.error[:64], delay)
        await pg.execute(sql.FAILING, endpoint)
        disabled = await (
            pg.fetchrow(sql.DISABLE, endpoint, "gone") if gone else pg.fetchrow(sql.DISABLE_FAILING, endpoint)
        )
        if disabled is not None:
            await pg.execute(sql.BURY, endpoint)
            log.warning("webhook_disabled", endpoint=str(endpoint), reason="gone" if gone else "failing")

    async def forget_for_ever(self) -> None:
        """Removes what is older than 90 days, in portions, as long as the process lives."""
        while True:
            try:
                removed = len(await self._db.fetch(sql.OLD))
            except Unavailable as error:
                log.info("webhooks_unswept", reason=error.reason)
                removed = 0
            except Exception:
                log.exception("webhooks_sweep_failed")
                removed = 0
            await asyncio.sleep(1 if removed else _SWEEP_SECONDS)
