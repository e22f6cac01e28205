"""What runs have bought, by the vendors' own ids."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from kit.errors import InvalidInput
from services.storage.db import Database
from services.storage.ids import as_uuid
from sfd.jobs.v1 import job_service_pb2

MAX_RUNS = 1000
_NEWEST = """
SELECT DISTINCT ON (s.run_id) s.run_id, s.operation_id FROM jobs j JOIN submissions s ON s.job_id = j.id
WHERE j.account_id = $1 AND j.run_id = ANY($2) AND s.operation_id <> '' ORDER BY s.run_id, s.created_at DESC, s.id DESC
"""


async def operations(
    database: Database, account: uuid.UUID, runs: Sequence[str]
) -> job_service_pb2.ListOperationsResponse:
    """Returns the newest operation of each run that has one; raises `InvalidInput` for too many runs."""
    if len(runs) > MAX_RUNS:
        raise InvalidInput(f"At most {MAX_RUNS} runs.", field="run_ids", reason="too_many")
    known = [one for one in map(as_uuid, runs) if one is not None]
    rows = await database.fetch(_NEWEST, account, known)
    return job_service_pb2.ListOperationsResponse(
        operations=[
            job_service_pb2.Operation(run_id=str(row["run_id"]), operation_id=row["operation_id"]) for row in rows
        ]
    )
