"""The sweep: what wake-ups and lost workers leave behind is found by looking, every two seconds."""

from __future__ import annotations

import asyncio
import uuid
from functools import partial

import structlog

from kit.bus import Bus
from kit.errors import Unavailable
from kit.telemetry import JOBS_DUE
from services.storage.db import Database, Pg
from services.storage.jobs import sql
from services.storage.jobs.report import Queues, end_jobs
from services.storage.jobs.rules import (
    DEADLINE_HOURS,
    EVENT_DAYS,
    IDEMPOTENCY_DAYS,
    MAX_LEASE_LOSSES,
    SWEEP_SECONDS,
    failure_json,
)
from sfd.jobs.v1 import job_pb2

log = structlog.get_logger("sweep")

_POISON = job_pb2.Failure(reason="poison", message="Its worker died under it five times; it is set aside.")
_LATE = job_pb2.Failure(reason="deadline", message="It was not done within its time.")
_OVERDUE = f"""
SELECT id FROM jobs WHERE state = 'queued' AND NOT held AND created_at < now() - interval '{DEADLINE_HOURS} hours'
  AND NOT EXISTS (SELECT 1 FROM submissions s WHERE s.job_id = jobs.id AND s.state IN ('submitted', 'running', 'fetching')) LIMIT 100
"""
_DUE = """
SELECT queue, count(*) AS n FROM jobs WHERE state = 'queued' AND waits_on = 0 AND NOT held AND run_after <= now() GROUP BY queue
"""
_DEAD_LETTER = """
INSERT INTO dead_letters (job_id, account_id, reason, failure) SELECT id, account_id, 'poison', $2 FROM jobs WHERE id = $1
ON CONFLICT DO NOTHING
"""
_OLD = (
    f"DELETE FROM events WHERE created_at < now() - interval '{EVENT_DAYS} days' AND published",
    f"DELETE FROM idempotency WHERE created_at < now() - interval '{IDEMPOTENCY_DAYS} days'",
)


class Sweep:
    """Runs in every storage process: each of its steps is safe to do twice."""

    def __init__(self, database: Database, bus: Bus) -> None:
        self._db = database
        self._bus = bus

    async def run(self) -> None:
        """Sweeps for ever."""
        rounds = 0
        while True:
            try:
                await self.once()
                if rounds % 1800 == 0:
                    for statement in _OLD:
                        await self._db.fetch(statement)
                rounds += 1
            except Unavailable:
                log.info("sweep_waits")
            await asyncio.sleep(SWEEP_SECONDS)

    async def once(self) -> None:
        """Takes back expired leases, ends what is overdue, wakes the queues that have something due."""
        queues: Queues = set()
        for row in await self._db.fetch(sql.EXPIRED):
            await self._db.unit(partial(self._take_back, row["id"], queues))
        for row in await self._db.fetch(_OVERDUE):
            await self._db.unit(partial(self._end, row["id"], _LATE, queues))
        for row in await self._db.fetch(_DUE):
            JOBS_DUE.labels(row["queue"]).set(row["n"])
            queues.add(row["queue"])
        for queue in queues:
            await self._bus.wake(queue)

    async def _take_back(self, job_id: uuid.UUID, queues: Queues, pg: Pg) -> None:
        row = await pg.fetchrow("SELECT lease_losses, state FROM jobs WHERE id = $1 FOR UPDATE SKIP LOCKED", job_id)
        if row is None or row["state"] != "running":
            return
        if row["lease_losses"] + 1 >= MAX_LEASE_LOSSES:
            expired = await pg.fetchrow("SELECT 1 FROM jobs WHERE id = $1 AND lease_until < now()", job_id)
            if expired:
                await pg.execute("UPDATE jobs SET lease_losses = lease_losses + 1 WHERE id = $1", job_id)
                await self._end(job_id, _POISON, queues, pg)
                await pg.execute(_DEAD_LETTER, job_id, failure_json(_POISON))
                log.warning("poison", job=str(job_id))
            return
        back = await pg.fetchrow(sql.TAKE_BACK, job_id)
        if back is not None:
            queues.add(back["queue"])
            log.info("lease_expired", job=str(job_id))

    async def _end(self, job_id: uuid.UUID, failure: job_pb2.Failure, queues: Queues, pg: Pg) -> None:
        row = await pg.fetchrow("SELECT state FROM jobs WHERE id = $1 FOR UPDATE", job_id)
        if row["state"] in ("queued", "running"):
            await end_jobs(pg, [(job_id, "failed", "", failure_json(failure))], queues)
