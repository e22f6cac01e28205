"""Reading events, and the relay that gives each committed event its position and publishes it in that order.

A cursor on a sequence would miss events: numbers are handed out before commit. So an event gets its position only after it is
committed, from one relay at a time, and readers follow positions.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from dataclasses import dataclass
from typing import Any

import structlog
from nats.errors import Error as NatsError

from kit.bus import Bus
from kit.errors import Unavailable
from kit.jsonio import dumps
from kit.telemetry import EVENTS_RELAYED
from services.storage.db import Database, Pg
from services.storage.jobs.convert import event_message
from sfd.jobs.v1 import job_pb2

log = structlog.get_logger("relay")

_COLUMNS = "id, pos, account_id, run_id, job_id, run_public_id, drama_id, seq, type, data, created_at"
_HOLD_SECONDS = 10
_BATCH = 500
_IDLE = 0.5
# Each message is an fsync of the bus on a disk that the record may share: in a rush (many events wait, more are being committed) the
# record goes first, because the bus is only a hint.
_RUSH = 50
_PACE = 0.02
_STILL = 0.1

_TAKE = f"""
UPDATE relay SET holder = $1, until = now() + interval '{_HOLD_SECONDS} seconds'
WHERE id = 1 AND (holder = $1 OR until < now()) RETURNING last_pos
"""
_PLACE = f"""
WITH batch AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM events WHERE pos IS NULL ORDER BY id LIMIT {_BATCH}),
placed AS (UPDATE events e SET pos = $1 + b.n FROM batch b WHERE e.id = b.id RETURNING e.id, e.pos),
%s
UPDATE relay SET last_pos = coalesce((SELECT max(pos) FROM placed), last_pos) WHERE id = 1
RETURNING (SELECT count(*) FROM placed) AS placed, (SELECT count(*) FROM told) AS told
"""
_UNPUBLISHED = f"SELECT {_COLUMNS} FROM events WHERE pos IS NOT NULL AND NOT published ORDER BY pos LIMIT {_BATCH}"
_PUBLISHED = "UPDATE events SET published = true WHERE pos = ANY($1)"


_OVER = """
SELECT 1 FROM runs r WHERE r.id = $1 AND r.state NOT IN ('queued', 'running')
  AND NOT EXISTS (SELECT 1 FROM events e WHERE e.run_id = r.id AND e.pos IS NULL)
"""


class Events:
    """Events of one account."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def list(
        self, account: uuid.UUID, *, run_id: uuid.UUID | None, drama_id: str, after: int, limit: int
    ) -> list[job_pb2.Event]:
        """Returns events after a position, in order."""
        where = ["account_id = $1", "pos > $2"]
        args: list[Any] = [account, after]
        if run_id is not None:
            args.append(run_id)
            where.append(f"run_id = ${len(args)}")
        if drama_id:
            args.append(drama_id)
            where.append(f"drama_id = ${len(args)}")
        rows = await self._db.fetch(
            f"SELECT {_COLUMNS} FROM events WHERE {' AND '.join(where)} ORDER BY pos LIMIT {limit}", *args
        )
        return [event_message(row) for row in rows]

    async def head(self) -> int:
        """Returns the last position in the house."""
        row = await self._db.row("SELECT last_pos FROM relay WHERE id = 1")
        return int(row["last_pos"]) if row else 0

    async def over(self, run_id: uuid.UUID) -> bool:
        """Returns whether the run has ended and all of its events have their positions."""
        return bool(await self._db.fetch(_OVER, run_id))


@dataclass(frozen=True)
class Follower:
    """What else happens in the statement that gives events their positions, so that it happens for each of them.

    `cte` is a common table expression `told` that reads `placed (id, pos)`; when it has rows, the workers of `queue` are woken.
    """

    cte: str = "told AS (SELECT WHERE false)"
    queue: str = ""


class Relay:
    """Runs in every storage process; the holder of the lease row does the work, another takes over within 10 s of its death."""

    def __init__(self, database: Database, bus: Bus, name: str, follower: Follower = Follower()) -> None:
        self._db = database
        self._place_sql = _PLACE.replace("%s", follower.cte)
        self._follower = follower
        self._told = 0
        self._bus = bus
        self._name = name
        self._wake = asyncio.Event()
        self._last_wake = 0.0
        self._moved = asyncio.Condition()

    def wake(self) -> None:
        """Tells the relay that events were committed."""
        self._last_wake = time.monotonic()
        self._wake.set()

    async def wait_for_news(self, seconds: float) -> None:
        """Returns when this process has placed events, or after `seconds`: watchers look again then."""
        try:
            async with asyncio.timeout(seconds), self._moved:
                await self._moved.wait()
        except TimeoutError:
            return

    async def run(self) -> None:
        """Relays for ever. Publishing is a task of its own: a NATS that is away must not hold up positions."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._place_forever(), name="relay-place")
            group.create_task(self._publish_forever(), name="relay-publish")

    async def _place_forever(self) -> None:
        while True:
            try:
                placed = await self._db.unit(self._place)
            except Unavailable:
                placed = 0
                await asyncio.sleep(1)
            except Exception:
                # What cannot be placed must not end the process that everybody needs: it is told, and tried again.
                log.exception("placing_failed")
                placed = 0
                await asyncio.sleep(1)
            if placed:
                async with self._moved:
                    self._moved.notify_all()
                if self._told:
                    await self._bus.wake(self._follower.queue)
            if placed < _BATCH:
                await self._pause()

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(_IDLE):
                await self._wake.wait()
            # A short rest lets events of one burst share a transaction.
            await asyncio.sleep(0.025)
        except TimeoutError:
            pass
        self._wake.clear()

    async def _place(self, pg: Pg) -> int:
        self._told = 0
        held = await pg.fetchrow(_TAKE, self._name)
        if held is None:
            return 0
        row = await pg.fetchrow(self._place_sql, held["last_pos"])
        self._told = int(row["told"])
        return int(row["placed"])

    async def _publish_forever(self) -> None:
        declared = False
        while True:
            try:
                if not declared:
                    await self._bus.ensure_events_stream()
                    declared = True
                if await self._publish() < _BATCH:
                    await self.wait_for_news(2.0)
            except (NatsError, TimeoutError) as error:
                # The stream itself may be gone with its directory: declare it again before the next event.
                declared = False
                log.info("publish_failed", error=type(error).__name__)
                await asyncio.sleep(0.5)
            except Unavailable:
                await asyncio.sleep(1)
            except Exception:
                log.exception("publishing_failed")
                await asyncio.sleep(1)

    async def _publish(self) -> int:
        held = await self._db.row("SELECT 1 FROM relay WHERE id = 1 AND holder = $1", self._name)
        if held is None:
            await asyncio.sleep(1)
            return 0
        rows = await self._db.fetch(_UNPUBLISHED)
        done: list[int] = []
        try:
            for row in rows:
                await self._bus.publish_event(_subject(row), _payload(row), str(row["pos"]))
                done.append(row["pos"])
                if len(rows) > _RUSH and time.monotonic() - self._last_wake < _STILL:
                    await asyncio.sleep(_PACE)
        finally:
            if done:
                await self._db.fetch(_PUBLISHED, done)
                EVENTS_RELAYED.inc(len(done))
        return len(rows)


def _subject(row: Any) -> str:
    kind, _, word = row["type"].partition(".")
    return f"events.{row['account_id']}.{kind}.{row['job_id'] or row['run_id']}.{word}"


def _payload(row: Any) -> bytes:
    return dumps(
        {
            "pos": row["pos"],
            "account_id": str(row["account_id"]),
            "run_id": str(row["run_id"]),
            "job_id": str(row["job_id"]) if row["job_id"] else None,
            "drama_id": row["drama_id"],
            "seq": row["seq"],
            "type": row["type"],
            "created_at": row["created_at"].isoformat(),
        }
    ).encode()
