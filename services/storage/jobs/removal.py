"""Removing a run that has ended, and the bytes that it alone stored. What it cost stays booked."""

from __future__ import annotations

import json
import uuid
from typing import Any

from kit.errors import NotFound
from services.storage.db import Pg
from services.storage.ids import as_uuid
from services.storage.jobs.report import Queues
from services.storage.jobs.rules import TERMINAL
from services.storage.jobs.runs import by_name, cancel_run, name_key

# A product that a drama, the library or another run's output still shows is somebody else's too.
_FORGET = """
DELETE FROM assets a WHERE a.account_id = $1 AND a.id = ANY($2)
  AND NOT EXISTS (SELECT 1 FROM takes t WHERE t.asset_id = a.id)
  AND NOT EXISTS (SELECT 1 FROM library_assets l WHERE l.stored_id = a.id)
RETURNING a.object_key
"""


async def remove_run(pg: Pg, account: uuid.UUID, name: str, queues: Queues) -> bool:
    """Removes a run with its jobs and their products and returns True; one that goes on is cancelled.

    Returns False when a worker has still to pass the order on. Raises `NotFound`.
    """
    run_id = await _found(pg, account, name)
    await cancel_run(pg, run_id, queues)
    # A report locks its jobs before their run, and so does this: nothing can end or begin under our hands.
    jobs = await pg.fetch("SELECT output FROM jobs WHERE run_id = $1 ORDER BY id FOR UPDATE", run_id)
    state = await pg.fetchval("SELECT state FROM runs WHERE id = $1 FOR UPDATE", run_id)
    if state not in TERMINAL:
        return False
    calls = await pg.fetch("SELECT detail FROM submissions WHERE run_id = $1", run_id)
    products = {one for row in jobs for one in _assets(row["output"])}
    products |= {one for row in calls for one in _assets(row["detail"])}
    await pg.execute("DELETE FROM runs WHERE id = $1", run_id)
    gone = await pg.fetch(_FORGET, account, sorted(products))
    await pg.execute(
        "INSERT INTO garbage (object_key, run_after) SELECT k, now() FROM unnest($1::text[]) AS k",
        [row["object_key"] for row in gone],
    )
    return True


async def _found(pg: Pg, account: uuid.UUID, name: str) -> uuid.UUID:
    row = await pg.fetchrow(
        f"SELECT r.id FROM runs r WHERE r.account_id = $1 AND {by_name('r', name)} = $2", account, name_key(name)
    )
    if row is None:
        raise NotFound(f"Job {name[:128]} not found", reason="job_not_found", field="id")
    found: uuid.UUID = row["id"]
    return found


def _assets(text: str) -> set[uuid.UUID]:
    """Returns the assets that an output or a paid call's notes name: every value whose name ends in `asset_id`."""
    told: Any = json.loads(text) if text else {}
    if not isinstance(told, dict):
        return set()
    named = (as_uuid(value) for key, value in told.items() if key.endswith("asset_id") and isinstance(value, str))
    return {one for one in named if one is not None}
