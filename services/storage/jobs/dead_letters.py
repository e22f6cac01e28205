"""Jobs that were set aside: nobody tries them again by itself; a person may send each in again, once."""

from __future__ import annotations

import uuid
from typing import Any

from kit.errors import Conflict, NotFound, NotReady
from services.storage.db import Database, Pg
from services.storage.ids import page_size, public_id, uuid7
from services.storage.jobs import sql
from services.storage.jobs.accept import NewRun, insert_runs
from services.storage.jobs.convert import dead_letter_message
from services.storage.jobs.rules import failure_json
from services.storage.jobs.runs import by_name, moment_key, name_key, next_token
from services.storage.jobs.submit import build
from sfd.jobs.v1 import job_pb2, job_service_pb2

_LETTER = "d.reason AS letter_reason, d.failure AS letter_failure, d.created_at AS letter_at, d.redriven_run_id"
_FIND = f"""
SELECT {sql.JOB}, {_LETTER} FROM dead_letters d JOIN jobs j ON j.id = d.job_id WHERE d.account_id = $1 AND {{name}} = $2
"""
_RUN = "SELECT kind, drama_id, metadata, ceiling_nano_usd FROM runs WHERE id = $1"
_LOCK_DRAMA = "SELECT 1 FROM dramas WHERE account_id = $1 AND public_id = $2 FOR UPDATE"
_UNDER_WAY = """
SELECT r.public_id FROM runs r JOIN jobs j ON j.run_id = r.id
WHERE r.account_id = $1 AND r.drama_id = $2 AND r.drama_id <> '' AND j.step = $3 AND j.state IN ('queued', 'running') LIMIT 1
"""
# What the job was given by its parents it is given again: all of them have ended, so the edges only lead to their outputs.
_INHERIT = """
WITH given AS (
  INSERT INTO edges (parent_id, child_id, hard)
  SELECT e.parent_id, $2, e.hard FROM edges e JOIN jobs p ON p.id = e.parent_id
  WHERE e.child_id = $1 AND p.state IN ('succeeded', 'failed', 'cancelled')
  RETURNING 1
)
UPDATE jobs SET has_parents = true WHERE id = $2 AND EXISTS (SELECT 1 FROM given)
"""


async def set_aside(pg: Pg, job_id: uuid.UUID, failure: job_pb2.Failure) -> None:
    """Writes the dead letter of a job that ends in this transaction; a second one for the same job changes nothing."""
    await pg.execute(sql.SET_ASIDE, job_id, failure.reason, failure_json(failure))


class DeadLetters:
    """Dead letters of one account; another account's look as if they were not there."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def list(
        self, account: uuid.UUID, request: job_service_pb2.ListDeadLettersRequest
    ) -> job_service_pb2.ListDeadLettersResponse:
        """Returns a page, newest first. The jobs come without their inputs: what nobody could read is shown to nobody."""
        size = page_size(request.page_size)
        where, args = ["d.account_id = $1"], list[Any]([account])
        if request.page_token:
            args += moment_key(request.page_token)
            where.append("(d.created_at, d.job_id) < ($2, $3)")
        rows = await self._db.fetch(
            f"""SELECT {sql.JOB}, {_LETTER} FROM dead_letters d JOIN jobs j ON j.id = d.job_id
                WHERE {" AND ".join(where)} ORDER BY d.created_at DESC, d.job_id DESC LIMIT {size + 1}""",
            *args,
        )
        return job_service_pb2.ListDeadLettersResponse(
            dead_letters=[dead_letter_message(row) for row in rows[:size]],
            next_page_token=next_token([{"created_at": r["letter_at"], "id": r["id"]} for r in rows], size),
        )

    async def redrive(self, pg: Pg, account: uuid.UUID, name: str) -> tuple[uuid.UUID, str]:
        """Sends the job in again as a run of its own; returns the run's UUID and the queue.

        Raises `NotFound`, `NotReady` when it was sent in before, `Conflict` while its step is under way in another run of its drama.
        """
        find = _FIND.format(name=by_name("j", name))
        # The letter's row is locked first: of two that send it in at once, the second sees what the first did.
        old = await pg.fetchrow(f"{find} FOR UPDATE OF d", account, name_key(name))
        if old is None:
            raise NotFound("Dead letter not found", reason="dead_letter_not_found", field="job_id")
        if old["redriven_run_id"] is not None:
            raise NotReady("This dead letter was sent in again already.", reason="already_redriven", field="job_id")
        run = await pg.fetchrow(_RUN, old["run_id"])
        # As a plan does: of a plan and a letter with the same step, the second sees what the first has begun.
        await pg.execute(_LOCK_DRAMA, account, run["drama_id"])
        busy = await pg.fetchrow(_UNDER_WAY, account, run["drama_id"], old["step"])
        if busy is not None:
            raise Conflict(f"{old['step']} is under way in {busy['public_id']} already.", reason="already_running")
        again = _again(account, old, run)
        await insert_runs(pg, [again])
        await pg.execute(_INHERIT, old["id"], again.graph.ids[0])
        await pg.execute("UPDATE dead_letters SET redriven_run_id = $2 WHERE job_id = $1", old["id"], again.id)
        return again.id, str(old["queue"])


def _again(account: uuid.UUID, old: Any, run: Any) -> NewRun:
    """Returns the run that does the old job once more: the same kind, drama and labels, one job with the same input."""
    job = job_pb2.NewJob(
        step=old["step"],
        kind=old["kind"],
        queue=old["queue"],
        payload_type=old["payload_type"],
        input_json=old["input"],
        max_attempts=old["max_attempts"],
        metadata_json=old["metadata"],
    )
    return NewRun(
        id=uuid7(),
        account=account,
        public_id=public_id("job"),
        kind=run["kind"],
        drama_id=run["drama_id"],
        result="",
        metadata=run["metadata"],
        ceiling_nano_usd=run["ceiling_nano_usd"],
        request_id="",
        request_sha256="",
        reply=b"",
        graph=build([job]),
    )
