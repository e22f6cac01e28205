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
from services.storage.jobs.dead_letters import set_aside
from services.storage.jobs.report import Queues, end_jobs
from services.storage.jobs.rules import (
    DEADLINE_HOURS,
    EVENT_DAYS,
    IDEMPOTENCY_DAYS,
    MAX_LEASE_LOSSES,
    SWEEP_SECONDS,
    failure_json,
)
from services.storage.jobs.runs import CANCELLED
from services.storage.jobs.submit import UPSTREAM_FAILED
from sfd.jobs.v1 import job_pb2

log = structlog.get_logger("sweep")

_POISON = job_pb2.Failure(reason="poison", message="Its worker died under it five times; it is set aside.")
_LATE = job_pb2.Failure(reason="deadline", message="It was not done within its time.")
_OVERDUE = f"""
SELECT id FROM jobs WHERE state IN ('queued', 'running') AND NOT held AND created_at < now() - interval '{DEADLINE_HOURS} hours'
  AND (created_at < now() - interval '{2 * DEADLINE_HOURS} hours'
    OR NOT EXISTS (SELECT 1 FROM submissions s WHERE s.job_id = jobs.id AND s.state IN ('submitted', 'running', 'fetching'))) LIMIT 100
"""
# A cancelled job whose worker died, with nothing at a vendor: no worker is needed to end it.
_EXPIRED_FREE = """
SELECT 1 FROM jobs j WHERE j.id = $1 AND j.lease_until < now() AND NOT EXISTS (SELECT 1 FROM submissions s
  WHERE s.job_id = j.id AND s.state IN ('submitting', 'submitted', 'running', 'fetching', 'submit_unknown'))
"""
_DUE = """
SELECT queue, count(*) AS n FROM jobs WHERE state = 'queued' AND waits_on = 0 AND NOT held AND run_after <= now() GROUP BY queue
"""
# In portions: one statement for a month of a busy house would hold a snapshot for minutes, or never end in its time.
_PORTION = 5000
_MEND_ROUNDS = 5
_OLD = (
    f"""DELETE FROM events WHERE id IN (
      SELECT id FROM events WHERE created_at < now() - interval '{EVENT_DAYS} days' AND published LIMIT {_PORTION}) RETURNING 1""",
    f"""DELETE FROM idempotency WHERE ctid = ANY(ARRAY(
      SELECT ctid FROM idempotency WHERE created_at < now() - interval '{IDEMPOTENCY_DAYS} days' LIMIT {_PORTION})) RETURNING 1""",
)


class Sweep:
    """Runs in every storage process: each of its steps is safe to do twice."""

    def __init__(self, database: Database, bus: Bus) -> None:
        self._db = database
        self._bus = bus
        self._shown: set[str] = set()

    async def run(self) -> None:
        """Sweeps for ever."""
        rounds = 0
        while True:
            try:
                await self.once()
                if rounds % _MEND_ROUNDS == 0:
                    await self.mend()
                if rounds % 1800 == 0:
                    for statement in _OLD:
                        await self._forget(statement)
            except Unavailable:
                log.info("sweep_waits")
            except Exception:
                # One row that cannot be swept must not end the process that everybody needs: it is told, and looked at again.
                log.exception("sweep_failed")
            rounds += 1
            await asyncio.sleep(SWEEP_SECONDS)

    async def once(self) -> None:
        """Takes back expired leases, ends what is overdue, wakes the queues that have something due."""
        queues: Queues = set()
        for row in await self._db.fetch(sql.EXPIRED):
            await self._db.unit(partial(self._take_back, row["id"], queues))
        for row in await self._db.fetch(_OVERDUE):
            await self._db.unit(partial(self._end, row["id"], _LATE, queues))
        due = {row["queue"]: row["n"] for row in await self._db.fetch(_DUE)}
        # A queue that ran dry shows 0, not its last backlog for ever: workers are scaled by this number.
        for queue in self._shown | due.keys():
            JOBS_DUE.labels(queue).set(due.get(queue, 0))
        self._shown |= due.keys()
        queues |= due.keys()
        for queue in queues:
            await self._bus.wake(queue)

    async def _forget(self, statement: str) -> None:
        left = _PORTION
        while left == _PORTION:
            left = len(await self._db.fetch(statement))

    async def mend(self) -> None:
        """Counts again what queued jobs wait for when nothing that could release them is left."""
        queues: Queues = set()
        for row in await self._db.fetch(sql.STRANDED):
            await self._db.unit(partial(self._recount, row["id"], queues))
        for queue in queues:
            await self._bus.wake(queue)

    async def _take_back(self, job_id: uuid.UUID, queues: Queues, pg: Pg) -> None:
        row = await pg.fetchrow(
            "SELECT lease_losses, state, cancel_requested FROM jobs WHERE id = $1 FOR UPDATE SKIP LOCKED", job_id
        )
        if row is None or row["state"] != "running":
            return
        if row["lease_losses"] + 1 >= MAX_LEASE_LOSSES:
            expired = await pg.fetchrow("SELECT 1 FROM jobs WHERE id = $1 AND lease_until < now()", job_id)
            if expired:
                await pg.execute("UPDATE jobs SET lease_losses = lease_losses + 1 WHERE id = $1", job_id)
                await self._end(job_id, _POISON, queues, pg)
                await set_aside(pg, job_id, _POISON)
                log.warning("poison", job=str(job_id))
            return
        if row["cancel_requested"] and await pg.fetchrow(_EXPIRED_FREE, job_id):
            await end_jobs(pg, [(job_id, "cancelled", "", CANCELLED)], queues)
            return
        back = await pg.fetchrow(sql.TAKE_BACK, job_id)
        if back is not None:
            queues.add(back["queue"])
            log.info("lease_expired", job=str(job_id))

    async def _recount(self, job_id: uuid.UUID, queues: Queues, pg: Pg) -> None:
        row = await pg.fetchrow("SELECT state, waits_on FROM jobs WHERE id = $1 FOR UPDATE", job_id)
        if row["state"] != "queued" or not row["waits_on"]:
            return
        log.warning("waits_on_mended", job=str(job_id), waits_on=row["waits_on"])
        if await pg.fetchrow(sql.DOOMED, job_id):
            await end_jobs(pg, [(job_id, "cancelled", "", UPSTREAM_FAILED)], queues)
            return
        released = await pg.fetch(sql.RELEASE, [job_id])
        queues.update(one["queue"] for one in released if not one["waits_on"])

    async def _end(self, job_id: uuid.UUID, failure: job_pb2.Failure, queues: Queues, pg: Pg) -> None:
        row = await pg.fetchrow("SELECT state, waits_on, started_at FROM jobs WHERE id = $1 FOR UPDATE", job_id)
        if row["state"] in ("queued", "running"):
            await end_jobs(pg, [(job_id, "failed", "", failure_json(failure))], queues)
            if row["started_at"] is None and not row["waits_on"]:
                # It was due and no worker ever took it: nobody knows its kind.
                await set_aside(pg, job_id, failure)
