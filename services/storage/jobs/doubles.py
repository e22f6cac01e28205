"""What is under way already is not begun a second time."""

from __future__ import annotations

from kit.errors import Conflict
from services.storage.db import Pg
from services.storage.jobs.accept import NewRun


async def refuse_doubles(pg: Pg, run: NewRun) -> None:
    """Raises `Conflict` when a step of the plan is under way in another run: whoever makes it twice pays for it twice."""
    steps = [job.step for job in run.graph.jobs if not job.reused]
    row = await pg.fetchrow(
        """SELECT j.step, r.public_id FROM runs r JOIN jobs j ON j.run_id = r.id
           WHERE r.account_id = $1 AND r.drama_id = $2 AND r.state IN ('queued', 'running')
             AND j.state IN ('queued', 'running') AND j.step = ANY($3) LIMIT 1""",
        run.account,
        run.drama_id,
        steps,
    )
    if row is not None:
        raise Conflict(f"{row['step']} is under way in {row['public_id']} already.", reason="already_running")
