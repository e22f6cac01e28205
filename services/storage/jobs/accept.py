"""Accepting work: runs, jobs, edges, events and idempotent replies in one statement, so in one commit.

Runs that arrive while the previous commit is on its way to the disk share the next one: a commit costs the same for one run and for
thirty. One that is refused falls out of its batch and fails alone.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from kit.errors import Unavailable
from services.storage.db import Database, Pg
from services.storage.jobs.submit import JOB_COLUMNS, NEW_JOBS, Graph

_BATCH = 32
# Where several have just shared a commit, the next are on their way: a short wait saves a commit. A single caller never waits.
_GATHER = 0.004

_ACCEPT = f"""
WITH run AS (
  INSERT INTO runs (id, account_id, public_id, kind, drama_id, state, total, open_jobs, succeeded, result, metadata,
                    ceiling_nano_usd, event_seq, label, started_at, finished_at)
  SELECT r.*, CASE WHEN r.state = 'succeeded' THEN now() END, CASE WHEN r.state = 'succeeded' THEN now() END
  FROM unnest($22::uuid[], $23::uuid[], $24::text[], $25::text[], $26::text[], $27::text[], $28::int[], $29::int[], $30::int[], $31::text[],
              $32::text[], $33::bigint[], $34::int[], $35::text[])
    AS r(id, account_id, public_id, kind, drama_id, state, total, open_jobs, succeeded, result, metadata, ceiling_nano_usd, event_seq, label)
), job AS (
  INSERT INTO jobs ({JOB_COLUMNS}) {NEW_JOBS}
), edge AS (
  INSERT INTO edges (parent_id, child_id, hard) SELECT * FROM unnest($36::uuid[], $37::uuid[], $38::bool[])
), event AS (
  INSERT INTO events (account_id, run_id, job_id, run_public_id, drama_id, seq, type, data)
  SELECT e.account_id, e.run_id, e.job_id, e.run_public_id, e.drama_id, e.seq, e.type, e.data
  FROM unnest($39::uuid[], $40::uuid[], $41::uuid[], $42::text[], $43::text[], $44::int[], $45::text[], $46::text[]) WITH ORDINALITY
    AS e(account_id, run_id, job_id, run_public_id, drama_id, seq, type, data, n) ORDER BY e.n
), reply AS (
  INSERT INTO idempotency (account_id, method, request_id, request_sha256, reply)
  SELECT i.account_id, 'SubmitRun', i.request_id, i.request_sha256, i.reply
  FROM unnest($47::uuid[], $48::text[], $49::text[], $50::bytea[]) AS i(account_id, request_id, request_sha256, reply)
)
SELECT now() AS created_at
"""


@dataclass(frozen=True)
class NewRun:
    """A run to be accepted, with its jobs."""

    id: uuid.UUID
    account: uuid.UUID
    public_id: str
    kind: str
    drama_id: str
    result: str
    metadata: str
    ceiling_nano_usd: int
    request_id: str
    request_sha256: str
    reply: bytes
    graph: Graph
    label: str = ""

    def row(self, events: int) -> tuple[Any, ...]:
        """Returns the columns of `runs`."""
        succeeded, total = self.graph.count("succeeded"), len(self.graph.ids)
        state = "succeeded" if succeeded == total else "queued"
        left = total - succeeded
        money = self.ceiling_nano_usd
        return (
            *(self.id, self.account, self.public_id, self.kind, self.drama_id, state, total, left, succeeded),
            *(self.result, self.metadata, money, events, self.label),
        )

    def events(self) -> list[tuple[Any, ...]]:
        """Returns the columns of its first events, in order."""
        total = len(self.graph.ids)
        own: list[tuple[uuid.UUID | None, int, str, str]] = [
            (None, 1, "run.queued", json.dumps({"kind": self.kind, "total": total})),
            *self.graph.events(),
        ]
        if self.graph.count("succeeded") == total:
            own.append((None, 2, "run.succeeded", json.dumps({"kind": self.kind, "succeeded": total})))
        return [
            (self.account, self.id, job, self.public_id, self.drama_id, seq, kind, data) for job, seq, kind, data in own
        ]


async def insert_runs(pg: Pg, runs: Sequence[NewRun]) -> datetime:
    """Writes everything and returns the moment of acceptance. Raises asyncpg.UniqueViolationError for a taken id."""
    jobs: list[list[Any]] = [[] for _ in range(21)]
    for run in runs:
        for whole, part in zip(
            jobs, run.graph.columns(run.account, run.id, alone=len(run.graph.ids) == 1), strict=True
        ):
            whole.extend(part)
    events = [event for run in runs for event in run.events()]
    counts = {run.id: sum(e[1] == run.id and e[2] is None for e in events) for run in runs}
    replies = [(r.account, r.request_id, r.request_sha256, r.reply) for r in runs if r.request_id]
    created: datetime = await pg.fetchval(
        _ACCEPT,
        *jobs,
        *_columns([run.row(counts[run.id]) for run in runs], 14),
        *_columns([edge for run in runs for edge in run.graph.edges], 3),
        *_columns(events, 8),
        *_columns(replies, 4),
    )
    return created


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]


class Acceptor:
    """One commit at a time; what arrives meanwhile goes with the next."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._waiting: list[tuple[NewRun, asyncio.Future[datetime]]] = []
        self._turn = asyncio.Lock()
        self._crowd = 0

    async def accept(self, run: NewRun) -> datetime:
        """Returns the moment of acceptance once it is on the disk. Raises asyncpg.UniqueViolationError or `Unavailable`."""
        future: asyncio.Future[datetime] = asyncio.get_running_loop().create_future()
        entry = (run, future)
        self._waiting.append(entry)
        try:
            async with self._turn:
                if not future.done():
                    if self._crowd > 1:
                        await asyncio.sleep(_GATHER)
                    batch, self._waiting = self._waiting[:_BATCH], self._waiting[_BATCH:]
                    self._crowd = len(batch)
                    # A caller that goes away must not take the others of its batch with it.
                    await asyncio.shield(self._commit(batch))
            return await future
        finally:
            # Nobody waits for it any more: it is not accepted behind a caller's back, nor does it take a place in a batch.
            if entry in self._waiting:
                self._waiting.remove(entry)

    async def _commit(self, batch: Sequence[tuple[NewRun, asyncio.Future[datetime]]]) -> None:
        try:
            created = await self._insert([run for run, _ in batch])
        except Unavailable as error:
            _tell(batch, error)
        except Exception as error:
            # One bad run fails alone, whatever is bad about it: its neighbours may be other accounts'.
            if len(batch) > 1:
                for one in batch:
                    await self._commit([one])
                return
            _tell(batch, error)
        else:
            for _, future in batch:
                if not future.done():
                    future.set_result(created)

    async def _insert(self, runs: Sequence[NewRun]) -> datetime:
        for attempt in range(5):
            try:
                async with self._db.connection() as pg:
                    return await insert_runs(pg, runs)
            except (asyncpg.DeadlockDetectedError, asyncpg.InvalidCachedStatementError):
                if attempt == 4:
                    raise
                await asyncio.sleep(0.01 * 2**attempt)
        raise AssertionError("unreachable")


def _tell(batch: Sequence[tuple[NewRun, asyncio.Future[datetime]]], error: Exception) -> None:
    for _, future in batch:
        if not future.done():
            future.set_exception(error)
