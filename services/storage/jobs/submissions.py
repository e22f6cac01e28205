"""Paid calls: every step of their life is a compare-and-set, and money and key slots move in the same transaction."""

from __future__ import annotations

import uuid
from typing import Any

import asyncpg

from kit.errors import Conflict, Exhausted, InvalidInput, NotFound, NotReady
from services.storage.db import Database, Pg
from services.storage.ids import as_uuid, page_size
from services.storage.jobs import sql
from services.storage.jobs.convert import submission_message
from services.storage.jobs.report import Queues, end_jobs
from services.storage.jobs.rules import (
    LATE_TRUTHS,
    MAX_MONEY,
    SETTLED_SUBMISSIONS,
    SUBMISSION_MOVES,
    SUBMISSION_WORDS,
    TERMINAL,
    check_json,
    check_text,
    failure_json,
)
from services.storage.jobs.runs import moment_key, next_token
from services.storage.jobs.settling import MOVE, settle, settle_left, tell_needs_user
from services.storage.pages import fitting
from services.storage.usage.budgets import check_budgets
from sfd.jobs.v1 import job_pb2, job_service_pb2

_INSERT = """
INSERT INTO submissions (id, account_id, run_id, job_id, number, purpose, state, vendor, model, key_id, key_slots, request, request_sha256,
                         price_nano_usd, drama_id)
SELECT $1, $2, $3, $4, coalesce(max(number), 0) + 1, $5, 'intent', $6, $7, $8, $9, $10, $11, $12,
  (SELECT drama_id FROM runs WHERE id = $3) FROM submissions WHERE job_id = $4
"""
_SELECT = f"SELECT {sql.SUBMISSION} FROM submissions s WHERE s.id = $1"
_HOLD = """
UPDATE runs SET held_nano_usd = held_nano_usd + $2
WHERE id = $1 AND (ceiling_nano_usd = 0 OR cost_nano_usd + held_nano_usd + $2 <= ceiling_nano_usd) RETURNING id
"""
_TAKE_SLOT = """
INSERT INTO key_slots (account_id, vendor, key_id, used) VALUES ($1, $2, $3, 1)
ON CONFLICT (account_id, vendor, key_id) DO UPDATE SET used = key_slots.used + 1 WHERE key_slots.used < $4 RETURNING used
"""


class Submissions:
    """The table `submissions`; nothing else changes it."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def record(self, request: job_service_pb2.RecordSubmissionRequest, queues: Queues) -> job_pb2.Submission:
        """Applies one step; repeating it gives the same answer.

        A late truth may come without its job and lease: a vendor's callback carries the submission's id alone.
        Raises `Conflict` for a stale lease or an unexpected state, `Exhausted` for the ceiling, a budget or a busy key.
        """
        wanted = request.submission
        submission_id, job_id, lease_id = as_uuid(wanted.id), as_uuid(wanted.job_id), as_uuid(request.lease_id)
        if submission_id and not wanted.job_id and SUBMISSION_WORDS.get(wanted.state) in LATE_TRUTHS:
            known = await self._db.row("SELECT job_id FROM submissions WHERE id = $1", submission_id)
            if known is None:
                raise NotFound("Submission not found", reason="submission_not_found", field="submission.id")
            job_id, lease_id = known["job_id"], lease_id or uuid.UUID(int=0)
        if submission_id is None or job_id is None or lease_id is None:
            raise InvalidInput("submission.id, submission.job_id and lease_id must be UUIDs.", field="submission.id")
        to = SUBMISSION_WORDS.get(wanted.state)
        if to is None:
            raise InvalidInput("submission.state is missing.", field="submission.state")
        check_json(wanted.request_json, "submission.request_json")
        check_json(wanted.detail_json, "submission.detail_json")
        _check_values(wanted)
        if request.expected and request.expected not in SUBMISSION_WORDS:
            raise InvalidInput("expected is no state.", field="expected")
        expected = SUBMISSION_WORDS.get(request.expected, "")

        async def work(pg: Pg) -> job_pb2.Submission:
            queues.clear()
            job = await pg.fetchrow(sql.LOCK_JOB, job_id)
            if job is None:
                raise Conflict("There is no such job.", reason="stale_lease")
            leased = job["state"] == "running" and job["lease_id"] == lease_id
            row = await pg.fetchrow(f"{_SELECT} FOR UPDATE", submission_id)
            if row is not None and row["job_id"] != job_id:
                # A lease speaks for its own job alone.
                raise Conflict("The submission is another job's.", reason="submission_moved")
            if row is None:
                if to != "intent" or expected or not leased:
                    raise Conflict("The lease is gone; somebody else has the job.", reason="stale_lease")
                await self._intend(pg, job, submission_id, wanted)
            elif row["state"] != to or expected == to:
                self._check_move(row, to, expected, leased=leased, woken=leased and job["woken"])
                await self._move(pg, job, row, to, wanted, queues)
            return submission_message(await pg.fetchrow(_SELECT, submission_id))

        try:
            return await self._db.unit(work)
        except asyncpg.UniqueViolationError as error:
            raise Conflict("This paid call is open already.", reason="submission_open") from error

    def _check_move(self, row: Any, to: str, expected: str, *, leased: bool, woken: bool) -> None:
        if row["state"] != expected and not (to in LATE_TRUTHS and row["state"] in SUBMISSION_MOVES[to]):
            raise Conflict(f"The submission is {row['state']}, not {expected}.", reason="submission_moved")
        if row["state"] not in SUBMISSION_MOVES.get(to, frozenset()):
            raise Conflict(f"{row['state']} does not become {to}.", reason="submission_moved")
        if to == "needs_user" and woken:
            # Nobody is asked what the callback may have told: the call is looked for once more.
            raise Conflict("The vendor called back meanwhile.", reason="submission_moved")
        # What only the submitter knows is true whoever holds the lease now; everything else needs the lease.
        if not leased and to not in LATE_TRUTHS:
            raise Conflict("The lease is gone; somebody else has the job.", reason="stale_lease")

    async def _intend(self, pg: Pg, job: Any, submission_id: uuid.UUID, wanted: job_pb2.Submission) -> None:
        if job["cancel_requested"]:
            raise Conflict("The job is cancelled; nothing is bought for it.", reason="cancelled")
        if await pg.fetchrow(_HOLD, job["run_id"], wanted.price_nano_usd) is None:
            raise Exhausted("The run's ceiling does not allow this call.", reason="ceiling", retryable=False)
        await check_budgets(pg, job["account_id"], job["run_id"], wanted.key_id, wanted.price_nano_usd)
        if wanted.key_slots:
            slot = await pg.fetchrow(_TAKE_SLOT, job["account_id"], wanted.vendor, wanted.key_id, wanted.key_slots)
            if slot is None:
                raise Exhausted("The vendor key has no free slot.", reason="key_busy")
        await pg.execute(
            _INSERT,
            submission_id,
            job["account_id"],
            job["run_id"],
            job["id"],
            wanted.purpose,
            wanted.vendor,
            wanted.model,
            wanted.key_id,
            wanted.key_slots,
            wanted.request_json,
            wanted.request_sha256,
            wanted.price_nano_usd,
        )
        await pg.execute("UPDATE jobs SET has_submissions = true WHERE id = $1", job["id"])

    async def _move(self, pg: Pg, job: Any, row: Any, to: str, wanted: job_pb2.Submission, queues: Queues) -> None:
        failure = failure_json(wanted.failure) if wanted.HasField("failure") else ""
        await pg.execute(
            MOVE,
            row["id"],
            to,
            wanted.operation_id,
            wanted.cost_nano_usd,
            wanted.estimated,
            failure,
            wanted.detail_json,
        )
        if to == "intent":
            return
        if to in SETTLED_SUBMISSIONS:
            await settle(pg, row, wanted.cost_nano_usd)
        if to == "needs_user":
            await tell_needs_user(pg, row)
        if row["state"] == "needs_user":
            # The truth came after all: nobody has to decide, the job goes on.
            await release(pg, job["id"], queues)
        if job["state"] in TERMINAL:
            # The truth came after its job's end: nobody follows it any more, and it must not hold money for ever.
            await settle_left(pg, [job["id"]])

    async def list(
        self, account: uuid.UUID, request: job_service_pb2.ListSubmissionsRequest, run_id: uuid.UUID | None
    ) -> job_service_pb2.ListSubmissionsResponse:
        """Returns a page of paid calls, newest first. It ends early when it gets too large for one message."""
        size = page_size(request.page_size)
        where = ["s.account_id = $1"]
        args: list[Any] = [account]
        if run_id is not None:
            args.append(run_id)
            where.append(f"s.run_id = ${len(args)}")
        if request.drama_id:
            args.append(request.drama_id)
            where.append(f"s.drama_id = ${len(args)}")
        if request.state:
            if request.state not in SUBMISSION_WORDS:
                raise InvalidInput("state is no state.", field="state")
            args.append(SUBMISSION_WORDS[request.state])
            where.append(f"s.state = ${len(args)}")
        if request.page_token:
            created, last = moment_key(request.page_token)
            args += [created, last]
            where.append(f"(s.created_at, s.id) < (${len(args) - 1}, ${len(args)})")
        rows = await self._db.fetch(
            f"SELECT {sql.SUBMISSION} FROM submissions s WHERE {' AND '.join(where)} ORDER BY s.created_at DESC, s.id DESC LIMIT {size + 1}",
            *args,
        )
        found = [submission_message(row) for row in rows[:size]]
        count = fitting(found)
        return job_service_pb2.ListSubmissionsResponse(
            submissions=found[:count], next_page_token=next_token(rows, count)
        )

    async def resolve(
        self, pg: Pg, account: uuid.UUID, request: job_service_pb2.ResolveSubmissionRequest, queues: Queues
    ) -> job_pb2.Submission:
        """Applies a person's decision; raises `NotFound`, `NotReady` when it does not wait for one, `InvalidInput`."""
        submission_id = as_uuid(request.submission_id)
        found = await pg.fetchrow(_SELECT, submission_id) if submission_id else None
        if found is None or found["account_id"] != account:
            raise NotFound("Submission not found", reason="submission_not_found", field="submission_id")
        job = await pg.fetchrow(sql.LOCK_JOB, found["job_id"])
        row = await pg.fetchrow(f"{_SELECT} FOR UPDATE", submission_id)
        if row["state"] != "needs_user":
            raise NotReady("This paid call does not wait for a decision.", reason="submission_settled")
        match request.resolution:
            case job_service_pb2.RESOLUTION_RESUBMIT:
                await self._decide(pg, row, "not_accepted", "resubmit", "A person chose to send it again.")
                await release(pg, job["id"], queues)
            case job_service_pb2.RESOLUTION_ABANDON:
                await self._decide(pg, row, "abandoned", "abandoned", "A person gave this paid call up.")
                if job["state"] == "queued":
                    failure = job_pb2.Failure(
                        reason="abandoned", message="A person gave its paid call up.", charged=True
                    )
                    await end_jobs(pg, [(job["id"], "failed", "", failure_json(failure))], queues)
            case _:
                raise InvalidInput("resolution must be resubmit or abandon.", field="resolution")
        return submission_message(await pg.fetchrow(_SELECT, row["id"]))

    async def _decide(self, pg: Pg, row: Any, to: str, reason: str, message: str) -> None:
        failure = failure_json(job_pb2.Failure(reason=reason, message=message))
        await pg.execute(MOVE, row["id"], to, "", 0, False, failure, "")
        await settle(pg, row, 0)


def _check_values(wanted: job_pb2.Submission) -> None:
    for field in ("operation_id", "purpose", "vendor", "model", "key_id", "request_sha256"):
        check_text(getattr(wanted, field), f"submission.{field}", 1000)
    for field in ("price_nano_usd", "cost_nano_usd"):
        if not 0 <= getattr(wanted, field) <= MAX_MONEY:
            raise InvalidInput("Money is 0 to a million dollars.", field=f"submission.{field}")
    if wanted.key_slots < 0:
        raise InvalidInput("Slots are never negative.", field="submission.key_slots")


async def release(pg: Pg, job_id: uuid.UUID, queues: Queues) -> None:
    """Makes a held job due."""
    rows = await pg.fetch(
        "UPDATE jobs SET held = false, run_after = now() WHERE id = $1 AND state = 'queued' RETURNING queue", job_id
    )
    queues.update(row["queue"] for row in rows)
