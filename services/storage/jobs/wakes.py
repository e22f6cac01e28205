"""Callbacks of vendors: a paid call's job becomes due now. What a vendor says by itself is a hint and changes no money."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from kit.errors import InvalidInput
from services.storage.db import Database, Pg
from services.storage.ids import as_uuid
from services.storage.jobs import sql
from services.storage.jobs.report import Queues
from services.storage.jobs.rules import TERMINAL, check_text
from sfd.jobs.v1 import job_service_pb2

MAX_CALLBACKS = 20
"""Of one paid call; more are heard without effect. Vendors try some ten times, and looking at the vendor goes on by itself."""
_MAX_ID = 256
_MAX_FOUND = 10

_BY_ID = "SELECT id, job_id FROM submissions WHERE id = $1 AND vendor = $2"
_BY_OPERATION = f"""
SELECT id, job_id FROM submissions WHERE operation_id = $1 AND vendor = $2 AND state IN ('submitted', 'running', 'fetching')
ORDER BY id LIMIT {_MAX_FOUND}
"""
# Whoever was to decide about a lost call need not any more: its worker looks for it again, with what was told.
_HEAR = f"""
UPDATE submissions SET callbacks = callbacks + 1, updated_at = now(),
  told_operation_id = CASE WHEN $2 <> '' AND state IN ('submitting', 'submit_unknown', 'needs_user') THEN $2 ELSE told_operation_id END,
  state = CASE WHEN state = 'needs_user' THEN 'submit_unknown' ELSE state END
WHERE id = $1 AND callbacks < {MAX_CALLBACKS}
  AND state IN ('submitting', 'submit_unknown', 'submitted', 'running', 'fetching', 'needs_user')
RETURNING id
"""
_DUE = """
UPDATE jobs SET run_after = now(), held = false WHERE id = $1 AND waits_on = 0 AND (held OR run_after > now())
  AND NOT EXISTS (SELECT 1 FROM submissions s WHERE s.job_id = jobs.id AND s.state = 'needs_user')
RETURNING queue
"""
_WHILE_AT_WORK = "UPDATE jobs SET woken = true WHERE id = $1 AND NOT woken RETURNING queue"


async def wake(database: Database, request: job_service_pb2.WakeSubmissionRequest, queues: Queues) -> bool:
    """Returns whether a job was made due, or will be when its worker gives it back; `queues` gets those to wake.

    Ended jobs and settled calls are left as they are. Raises `InvalidInput` when nothing is named.
    """
    submission_id = as_uuid(request.submission_id)
    for field, value in (("vendor", request.vendor), ("operation_id", request.operation_id)):
        check_text(value, field, _MAX_ID)
    if submission_id is None and (request.submission_id or not request.operation_id):
        raise InvalidInput("Name a submission by its UUID, or an operation.", field="submission_id")
    if submission_id is not None:
        found = await database.fetch(_BY_ID, submission_id, request.vendor)
    else:
        found = await database.fetch(_BY_OPERATION, request.operation_id, request.vendor)
    told = request.operation_id if submission_id is not None else ""
    return await database.unit(lambda pg: _wake(pg, found, told, queues)) if found else False


async def _wake(pg: Pg, found: Sequence[Any], told: str, queues: Queues) -> bool:
    queues.clear()
    woken = False
    # Locks are taken job by job in the order of ids, as everywhere.
    for row in sorted(found, key=lambda one: _place(one["job_id"])):
        job = await pg.fetchrow(sql.LOCK_JOB, row["job_id"])
        if job is None or job["state"] in TERMINAL or await pg.fetchrow(_HEAR, row["id"], told) is None:
            continue
        if job["state"] == "running":
            woken |= await pg.fetchrow(_WHILE_AT_WORK, job["id"]) is not None
        elif (due := await pg.fetchrow(_DUE, job["id"])) is not None:
            queues.add(due["queue"])
            woken = True
    return woken


def _place(job_id: UUID) -> bytes:
    return job_id.bytes
