"""Reading runs and jobs, and asking them to stop."""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from typing import Any

import asyncpg

from kit.errors import InvalidInput, NotFound, NotReady
from services.storage.db import Database, Pg
from services.storage.ids import as_uuid, page_size, page_token, read_page_token
from services.storage.jobs import sql
from services.storage.jobs.convert import job_message, run_message
from services.storage.jobs.report import Queues, end_jobs
from services.storage.jobs.rules import STATE_WORDS, TERMINAL
from services.storage.jobs.settling import abandon_held
from services.storage.pages import fitting
from sfd.jobs.v1 import job_pb2, job_service_pb2

MAX_OFFSET = 100_000
CANCELLED = json.dumps({"reason": "cancelled", "message": "Cancelled.", "retryable": False, "charged": False})

_DEPENDS = "(SELECT array_agg(p.step ORDER BY p.place) FROM edges e JOIN jobs p ON p.id = e.parent_id WHERE e.child_id = j.id) AS depends_on"

_PAYING = """EXISTS (SELECT 1 FROM submissions s WHERE s.job_id = j.id AND s.state IN
  ('submitting', 'submitted', 'running', 'fetching', 'submit_unknown'))"""
_ORDER_STOP = (
    "UPDATE jobs SET cancel_requested = true, held = false, run_after = least(run_after, now()) WHERE id = ANY($1)"
)
_OPEN = "r.account_id = $1 AND r.drama_id = $2 AND r.state IN ('queued', 'running')"
_ENDED = {"succeeded": "succeeded", "failed": "failed", "cancelled": "been cancelled"}


class Runs:
    """Runs and jobs of one account; another account's look as if they were not there."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def get(self, account: uuid.UUID, name: str) -> job_pb2.Run:
        """Returns a run by UUID or public id; raises `NotFound`."""
        row = await self._db.row(
            f"SELECT {sql.RUN} FROM runs r WHERE r.account_id = $1 AND {by_name('r', name)} = $2",
            account,
            name_key(name),
        )
        if row is None:
            raise NotFound(f"Job {name[:128]} not found", reason="job_not_found", field="id")
        return run_message(row)

    async def list(
        self, account: uuid.UUID, request: job_service_pb2.ListRunsRequest
    ) -> job_service_pb2.ListRunsResponse:
        """Returns a page of runs, newest first unless asked otherwise, by key, behind a run, or by offset; raises `NotFound`.

        It ends early when it gets too large for one message.
        """
        size = page_size(request.page_size)
        if not 0 <= request.offset <= MAX_OFFSET:
            raise InvalidInput(f"offset must be 0 to {MAX_OFFSET}.", field="offset")
        where = ["r.account_id = $1"]
        args: list[Any] = [account]
        state = STATE_WORDS.get(request.state, "")
        for column, wanted in (
            ("drama_id", request.drama_id),
            ("kind", request.kind),
            ("label", request.label),
            ("state", state),
        ):
            if wanted:
                args.append(wanted)
                where.append(f"r.{column} = ${len(args)}")
        side, order = (">", "ASC") if request.oldest_first else ("<", "DESC")
        if request.page_token:
            created, last = moment_key(request.page_token)
            args += [created, last]
            where.append(f"(r.created_at, r.id) {side} (${len(args) - 1}, ${len(args)})")
        if request.after_run:
            behind = await self._place(account, request.after_run)
            args += [behind["created_at"], behind["id"]]
            where.append(f"(r.created_at, r.id) {side} (${len(args) - 1}, ${len(args)})")
        rows = await self._db.fetch(
            f"""SELECT {sql.RUN} FROM runs r WHERE {" AND ".join(where)} ORDER BY r.created_at {order}, r.id {order}
                LIMIT {size + 1} OFFSET {int(request.offset)}""",
            *args,
        )
        runs = [run_message(row) for row in rows[:size]]
        count = fitting(runs)
        return job_service_pb2.ListRunsResponse(runs=runs[:count], next_page_token=next_token(rows, count))

    async def _place(self, account: uuid.UUID, name: str) -> Any:
        row = await self._db.row(
            f"SELECT r.id, r.created_at FROM runs r WHERE r.account_id = $1 AND {by_name('r', name)} = $2",
            account,
            name_key(name),
        )
        if row is None:
            raise NotFound(f"Job {name[:128]} not found", reason="job_not_found", field="after_run")
        return row

    async def job(self, account: uuid.UUID, name: str) -> job_pb2.Job:
        """Returns a job by UUID or public id; raises `NotFound`."""
        row = await self._db.row(
            f"SELECT {sql.JOB}, {_DEPENDS} FROM jobs j WHERE j.account_id = $1 AND {by_name('j', name)} = $2",
            account,
            name_key(name),
        )
        if row is None:
            raise NotFound(f"Job {name[:128]} not found", reason="job_not_found", field="id")
        return job_message(row)

    async def jobs(
        self, account: uuid.UUID, request: job_service_pb2.ListJobsRequest
    ) -> job_service_pb2.ListJobsResponse:
        """Returns a page of a run's jobs in the order they were added, without inputs. It ends early when it gets too large for one message."""
        size = page_size(request.page_size, default=1000, limit=10_000)
        run = await self._db.row(
            f"SELECT id FROM runs r WHERE account_id = $1 AND {by_name('r', request.run_id)} = $2",
            account,
            name_key(request.run_id),
        )
        if run is None:
            raise NotFound(f"Job {request.run_id[:128]} not found", reason="job_not_found", field="run_id")
        try:
            after = int(read_page_token(request.page_token, 1)[0]) if request.page_token else -1
        except ValueError as error:
            raise InvalidInput(
                "The page token is not one of ours.", field="page_token", reason="bad_page_token"
            ) from error
        rows = await self._db.fetch(
            f"SELECT {sql.JOB}, j.place, {_DEPENDS} FROM jobs j WHERE j.run_id = $1 AND j.place > $2 ORDER BY j.place LIMIT {size + 1}",
            run["id"],
            after,
        )
        found = [job_message(row, with_input=False) for row in rows[:size]]
        count = fitting(found)
        token = page_token(str(rows[count - 1]["place"])) if len(rows) > count else ""
        return job_service_pb2.ListJobsResponse(jobs=found[:count], next_page_token=token)

    async def cancel(self, pg: Pg, account: uuid.UUID, name: str, queues: Queues) -> uuid.UUID:
        """Ends the queued jobs of a run and marks the running ones; returns the run's UUID. A finished run stays as it is."""
        run = await pg.fetchrow(
            f"SELECT r.id, r.state FROM runs r WHERE r.account_id = $1 AND {by_name('r', name)} = $2",
            account,
            name_key(name),
        )
        if run is None:
            raise NotFound(f"Job {name[:128]} not found", reason="job_not_found", field="id")
        run_id: uuid.UUID = run["id"]
        await cancel_run(pg, run_id, queues)
        return run_id

    async def cancel_job(self, pg: Pg, account: uuid.UUID, name: str, queues: Queues) -> uuid.UUID:
        """Ends a queued job with what hangs on it, or marks a running one; returns its UUID. The rest of its run goes on.

        A paid call that waits for a person is given up with its job. A job that was asked to stop before stays as it is.
        Raises `NotFound`, and `NotReady` for a job that has ended.
        """
        job = await pg.fetchrow(
            f"SELECT j.id, j.state, j.queue, {_PAYING} AS paying FROM jobs j WHERE j.account_id = $1 AND {by_name('j', name)} = $2 FOR UPDATE",
            account,
            name_key(name),
        )
        if job is None:
            raise NotFound(f"Job {name[:128]} not found", reason="job_not_found", field="id")
        job_id: uuid.UUID = job["id"]
        if job["state"] in TERMINAL:
            raise NotReady(f"The job has {_ENDED[job['state']]} already.", reason="job_ended", field="id")
        await pg.execute(_ORDER_STOP, [job_id])
        queues.add(job["queue"])
        if job["state"] == "queued":
            await abandon_held(pg, job_id)
            # As in `cancel_run`: what may be at a vendor needs a worker to pass the order on.
            if not job["paying"]:
                await end_jobs(pg, [(job_id, "cancelled", "", CANCELLED)], queues)
        return job_id

    async def cancel_for_drama(self, pg: Pg, account: uuid.UUID, drama_id: str, queues: Queues) -> None:
        """Ends the open runs of a drama."""
        rows = await pg.fetch(
            f"SELECT r.id FROM runs r WHERE {_OPEN} ORDER BY r.id",
            account,
            drama_id,
        )
        # All jobs, then all runs: settling the first run takes rows of the account, and those come last.
        ids = [row["id"] for row in rows]
        await pg.execute(
            "SELECT id FROM jobs WHERE run_id = ANY($1) AND state IN ('queued', 'running') ORDER BY id FOR UPDATE", ids
        )
        await pg.execute("SELECT id FROM runs WHERE id = ANY($1) ORDER BY id FOR UPDATE", ids)
        for run_id in ids:
            await cancel_run(pg, run_id, queues)

    async def check_all_cancelled(self, pg: Pg, account: uuid.UUID, drama_id: str) -> None:
        """Raises asyncpg's SerializationError, after which the transaction begins anew, when a run was accepted meanwhile.

        Called with the drama's row locked: a plan is accepted under that lock, so no more can come.
        """
        if await pg.fetchval(
            f"SELECT 1 FROM runs r WHERE {_OPEN} AND NOT r.cancel_requested LIMIT 1", account, drama_id
        ):
            raise asyncpg.SerializationError("A run was accepted meanwhile.")


async def cancel_run(pg: Pg, run_id: uuid.UUID, queues: Queues) -> None:
    """Marks a run and ends its queued jobs, in the order of locks: jobs by id, then the run.

    A queued job with an open paid call is not ended: a worker must pass the order on to the vendor, so it is made due at once.
    Jobs that were added while this waited for a lock are found by a second look: with the run's row locked, no more can come.
    """
    await pg.execute(
        "SELECT id FROM jobs WHERE run_id = $1 AND state IN ('queued', 'running') ORDER BY id FOR UPDATE", run_id
    )
    await pg.execute("UPDATE runs SET cancel_requested = true WHERE id = $1 AND state IN ('queued', 'running')", run_id)
    rows = await pg.fetch(
        f"""SELECT j.id, j.state, j.queue, {_PAYING} AS paying
           FROM jobs j WHERE j.run_id = $1 AND j.state IN ('queued', 'running') ORDER BY j.id FOR UPDATE""",
        run_id,
    )
    if not rows:
        return
    await pg.execute(_ORDER_STOP, [row["id"] for row in rows])
    queues.update(row["queue"] for row in rows)
    await end_jobs(
        pg,
        [(row["id"], "cancelled", "", CANCELLED) for row in rows if row["state"] == "queued" and not row["paying"]],
        queues,
    )


def by_name(alias: str, name: str) -> str:
    return f"{alias}.id" if as_uuid(name) else f"{alias}.public_id"


def name_key(name: str) -> Any:
    return as_uuid(name) or name.replace("\x00", "\ufffd")


def moment_key(token: str) -> tuple[datetime, uuid.UUID]:
    """Returns the (moment, id) a page token stands for; raises `InvalidInput`."""
    moment, last = read_page_token(token, 2)
    key = as_uuid(last)
    try:
        created = datetime.fromisoformat(moment)
    except ValueError as error:
        raise InvalidInput("The page token is not one of ours.", field="page_token", reason="bad_page_token") from error
    if key is None or created.tzinfo is None:
        raise InvalidInput("The page token is not one of ours.", field="page_token", reason="bad_page_token")
    return created, key


def next_token(rows: Any, size: int) -> str:
    return page_token(rows[size - 1]["created_at"].isoformat(), str(rows[size - 1]["id"])) if len(rows) > size else ""
