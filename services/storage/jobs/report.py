"""Reports of workers: each item stands alone, a stale lease is refused, a repeated report gets the first answer."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from typing import Any

import asyncpg
import structlog

from kit.errors import AlreadyExists, Conflict, InvalidInput, SfdError
from kit.failpoints import failpoint
from kit.jsonio import dumps, load_object
from kit.rpc.status import to_proto
from services.storage.db import Database, Pg
from services.storage.ids import as_uuid
from services.storage.jobs import sql
from services.storage.jobs.effects import Effects, FinishedJob
from services.storage.jobs.rules import (
    MAX_DELAY,
    MAX_LABEL,
    MAX_OUTPUT,
    STATES,
    TERMINAL,
    UNREADABLE,
    backoff,
    check_jobs,
    check_json,
    check_text,
    failure_json,
)
from services.storage.jobs.settling import settle_left
from services.storage.jobs.submit import UPSTREAM_FAILED, add_jobs, build
from sfd.jobs.v1 import job_pb2, job_service_pb2

log = structlog.get_logger("jobs")

Queues = set[str]
"""Queues in which something became due."""


class Reports:
    """Ends jobs, or gives them another attempt."""

    def __init__(self, database: Database, effects: Effects) -> None:
        self._db = database
        self._effects = effects

    async def complete(
        self, items: Sequence[job_service_pb2.Completion]
    ) -> tuple[list[job_service_pb2.ReportResult], Queues]:
        """Applies results. Those of runs of a single job without effects go in one statement, the others each in a transaction."""
        queues: Queues = set()
        results: dict[int, job_service_pb2.ReportResult] = {}
        plain = [n for n, item in enumerate(items) if not item.add_jobs and not item.run_result_json and _sound(item)]
        for n in await self._complete_alone(items, plain):
            results[n] = _accepted(items[n].job_id, "succeeded")
        for n, item in enumerate(items):
            if n not in results:
                results[n] = await self._one(item.job_id, queues, partial(self._complete_one, item))
        return [results[n] for n in range(len(items))], queues

    async def _complete_alone(self, items: Sequence[job_service_pb2.Completion], plain: Sequence[int]) -> list[int]:
        if not plain:
            return []
        rows = await self._db.fetch(
            sql.FINISH_ALONE,
            [uuid.UUID(items[n].job_id) for n in plain],
            [uuid.UUID(items[n].lease_id) for n in plain],
            [items[n].output_json for n in plain],
            list(self._effects),
        )
        done = {row["id"] for row in rows}
        return [n for n in plain if uuid.UUID(items[n].job_id) in done]

    async def fail(
        self, items: Sequence[job_service_pb2.FailedJob]
    ) -> tuple[list[job_service_pb2.ReportResult], Queues]:
        """Applies failures: another attempt after a while, or the end."""
        queues: Queues = set()
        results = [await self._one(item.job_id, queues, partial(self._fail_one, item)) for item in items]
        return results, queues

    async def _one(
        self, job_id: str, queues: Queues, work: Callable[[Queues], Awaitable[str]]
    ) -> job_service_pb2.ReportResult:
        try:
            return _accepted(job_id, await work(queues))
        except SfdError as error:
            if error.reason in ("database_away", "bucket_away"):
                raise
            return job_service_pb2.ReportResult(job_id=job_id, accepted=False, error=to_proto(error))
        except asyncpg.UniqueViolationError as error:
            log.info("report_taken_id", job=job_id, constraint=error.constraint_name)
            taken = AlreadyExists("An id that the report brings is taken.", reason="id_taken")
            return job_service_pb2.ReportResult(job_id=job_id, accepted=False, error=to_proto(taken))

    async def _complete_one(self, item: job_service_pb2.Completion, queues: Queues) -> str:
        job_id, lease_id = _ids(item.job_id, item.lease_id)
        if len(item.output_json.encode()) > MAX_OUTPUT:
            raise InvalidInput("The output is over 1 MiB.", field="output_json", reason="too_large")
        check_json(item.output_json, "output_json")
        check_json(item.run_result_json, "run_result_json")
        check_text(item.run_label, "run_label", MAX_LABEL)
        row = await self._db.row(
            f"SELECT {sql.JOB}, r.drama_id FROM jobs j JOIN runs r ON r.id = j.run_id WHERE j.id = $1", job_id
        )
        if row is None:
            raise Conflict("There is no such job.", reason="stale_lease")
        if row["state"] in TERMINAL or row["lease_id"] != lease_id:
            return _repeated(row, lease_id, TERMINAL)
        job = FinishedJob(
            id=job_id,
            run_id=row["run_id"],
            account=row["account_id"],
            drama_id=row["drama_id"],
            kind=row["kind"],
            step=row["step"],
            input=row["input"],
            output=item.output_json,
        )
        effect = self._effects.get(job.kind)
        prepared = await effect.prepare(job) if effect else None
        failpoint("storage.before_complete")

        async def work(pg: Pg) -> str:
            queues.clear()
            # Parents named by new edges are locked with the job itself: whoever ends one of them then waits for the new edge.
            state = await _guard(pg, job_id, lease_id, _named_parents(item))
            if state:
                return state
            run = await pg.fetchrow(sql.LOCK_RUN, job.run_id)
            if item.add_jobs and not run["cancel_requested"]:
                await self._add(pg, job, item.add_jobs, queues)
            if item.run_result_json:
                merged = {
                    **load_object(run["result"], "result"),
                    **load_object(item.run_result_json, "run_result_json"),
                }
                relabel = "UPDATE runs SET result = $2, label = coalesce(nullif($3, ''), label) WHERE id = $1"
                await pg.execute(relabel, job.run_id, dumps(merged), item.run_label)
            await end_jobs(pg, [(job_id, "succeeded", item.output_json, "")], queues)
            if effect:
                await effect.apply(pg, job, prepared)
            return "succeeded"

        result = await self._db.unit(work)
        failpoint("storage.after_complete")
        return result

    async def _add(self, pg: Pg, job: FinishedJob, new: Sequence[job_pb2.NewJob], queues: Queues) -> None:
        rows = await pg.fetch("SELECT id, step, state, place FROM jobs WHERE run_id = $1", job.run_id)
        known = {row["step"]: (row["id"], "succeeded" if row["id"] == job.id else row["state"]) for row in rows}
        # A step that is already there stands for the one asked for: adding is idempotent by name.
        fresh = [n for n in new if n.step not in known]
        check_jobs(fresh, frozenset(known))
        graph = build(fresh, known, first_place=max(row["place"] for row in rows) + 1)
        await add_jobs(pg, job.account, job.run_id, graph)
        queues.update(
            j.queue
            for j, state, waits in zip(graph.jobs, graph.states, graph.waits, strict=True)
            if state == "queued" and not waits
        )

    async def _fail_one(self, item: job_service_pb2.FailedJob, queues: Queues) -> str:
        job_id, lease_id = _ids(item.job_id, item.lease_id)
        failure = failure_json(item.failure)

        async def work(pg: Pg) -> str:
            queues.clear()
            row = await pg.fetchrow(sql.LOCK_JOB, job_id)
            if row is None:
                raise Conflict("There is no such job.", reason="stale_lease")
            if row["state"] != "running" or row["lease_id"] != lease_id:
                return _repeated(row, lease_id, {*TERMINAL, "queued"})
            await pg.execute(sql.ATTEMPT, job_id, row["lease_id"].hex, failure)
            last = row["attempt"] + 1 >= row["max_attempts"]
            if item.failure.retryable and not last and not item.cancelled and not row["cancel_requested"]:
                delay = (
                    max(0.0, min(MAX_DELAY, item.delay.ToMilliseconds() / 1000))
                    if item.HasField("delay")
                    else backoff(row["attempt"] + 1, row["queue"])
                )
                await pg.execute(sql.RETRY, job_id, delay, failure)
                return "queued"
            state = "cancelled" if item.cancelled else "failed"
            if state == "failed":
                await pg.execute("UPDATE jobs SET attempt = attempt + 1 WHERE id = $1", job_id)
            await end_jobs(pg, [(job_id, state, "", failure)], queues)
            if state == "failed" and item.failure.reason in UNREADABLE:
                await pg.execute(sql.SET_ASIDE, job_id, item.failure.reason, failure)
            return state

        return await self._db.unit(work)


async def end_jobs(pg: Pg, ends: Sequence[tuple[uuid.UUID, str, str, str]], queues: Queues) -> None:
    """Ends jobs whose rows are locked: (id, state, output, failure); then what hangs on them, down to the last.

    Children are released, or cancelled when a hard parent did not succeed, level by level.
    """
    level = list(ends)
    ended: list[uuid.UUID] = []
    while level:
        ids, states, outputs, failures = (list(column) for column in zip(*level, strict=True))
        await pg.fetch(sql.FINISH_LOCKED, ids, states, outputs, failures)
        ended += ids
        children = await pg.fetch(sql.CHILDREN, ids)
        doomed = [row["id"] for row in children if row["doomed"]]
        freed = [row["id"] for row in children if not row["doomed"]]
        if freed:
            rows = await pg.fetch(sql.RELEASE, freed)
            queues.update(row["queue"] for row in rows if not row["waits_on"])
        level = []
        if doomed:
            locked = await pg.fetch(
                "SELECT id FROM jobs WHERE id = ANY($1) AND state = 'queued' ORDER BY id FOR UPDATE", doomed
            )
            level = [(row["id"], "cancelled", "", UPSTREAM_FAILED) for row in locked]
    await settle_left(pg, ended)


async def _guard(pg: Pg, job_id: uuid.UUID, lease_id: uuid.UUID, parents: Sequence[str]) -> str:
    """Locks the job and the named steps of its run by id; returns the first answer of a repeated report, else an empty text."""
    rows = await pg.fetch(
        """SELECT j.id, j.state, j.lease_id FROM jobs j
           WHERE j.id = $1 OR (j.step = ANY($2) AND j.run_id = (SELECT run_id FROM jobs WHERE id = $1)) ORDER BY j.id FOR UPDATE""",
        job_id,
        list(parents),
    )
    row = next((r for r in rows if r["id"] == job_id), None)
    if row is None:
        raise Conflict("There is no such job.", reason="stale_lease")
    if row["state"] == "running" and row["lease_id"] == lease_id:
        return ""
    return _repeated(row, lease_id, TERMINAL)


def _repeated(row: Any, lease_id: uuid.UUID, ends: AbstractSet[str]) -> str:
    """Returns the state that the same report led to before; raises `Conflict` when the lease is not the last one.

    `ends` are the states that such a report leads to: a job whose lease ran out is queued, and no result did that.
    """
    if row["lease_id"] == lease_id and row["state"] in ends:
        return str(row["state"])
    raise Conflict("The lease is gone; somebody else has the job.", reason="stale_lease")


def _named_parents(item: job_service_pb2.Completion) -> list[str]:
    return sorted({step for job in item.add_jobs for step in (*job.hard_parents, *job.soft_parents)})


def _ids(job_id: str, lease_id: str) -> tuple[uuid.UUID, uuid.UUID]:
    job, lease = as_uuid(job_id), as_uuid(lease_id)
    if job is None or lease is None:
        raise Conflict("There is no such lease.", reason="stale_lease")
    return job, lease


def _sound(item: job_service_pb2.Completion) -> bool:
    if as_uuid(item.job_id) is None or as_uuid(item.lease_id) is None or len(item.output_json) > MAX_OUTPUT // 4:
        return False
    try:
        check_json(item.output_json, "output_json")
    except InvalidInput:
        return False
    return "\\u0000" not in item.output_json


def _accepted(job_id: str, state: str) -> job_service_pb2.ReportResult:
    return job_service_pb2.ReportResult(job_id=job_id, accepted=True, state=STATES[state])
