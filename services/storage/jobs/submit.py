"""Jobs and their edges as columns: for a new run, and for jobs that a run asks for while it goes on."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.storage.db import Pg
from services.storage.ids import public_id, uuid7
from services.storage.jobs.rules import DEFAULT_ATTEMPTS, TERMINAL
from sfd.jobs.v1 import job_pb2

JOB_COLUMNS = """id, account_id, run_id, public_id, step, place, kind, queue, payload_type, input, output, state, waits_on,
    max_attempts, metadata, reused, optional, alone, has_parents, failure, event_seq, finished_at, progress"""

NEW_JOBS = """
    SELECT t.id, t.account_id, t.run_id, t.public_id, t.step, t.place, t.kind, t.queue, t.payload_type, t.input, t.output, t.state,
           t.waits_on, t.max_attempts, t.metadata, t.reused, t.optional, t.alone, t.has_parents, t.failure, t.event_seq,
           CASE WHEN t.state IN ('succeeded', 'failed', 'cancelled') THEN now() END,
           CASE WHEN t.state = 'succeeded' THEN 1 ELSE 0 END
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::int[], $7::text[], $8::text[], $9::text[], $10::text[],
                $11::text[], $12::text[], $13::int[], $14::int[], $15::text[], $16::bool[], $17::bool[], $18::bool[], $19::bool[],
                $20::text[], $21::int[])
      AS t(id, account_id, run_id, public_id, step, place, kind, queue, payload_type, input, output, state, waits_on, max_attempts,
           metadata, reused, optional, alone, has_parents, failure, event_seq)
"""

_ADD = f"INSERT INTO jobs ({JOB_COLUMNS}) {NEW_JOBS}"
_ADD_EDGES = "INSERT INTO edges (parent_id, child_id, hard) SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bool[])"
_GROW = """
UPDATE runs SET total = total + $2, open_jobs = open_jobs + $3, succeeded = succeeded + $4, cancelled = cancelled + $5
WHERE id = $1
"""
_NOT_ALONE = "UPDATE jobs SET alone = false WHERE run_id = $1 AND alone"


@dataclass
class Graph:
    """Jobs and edges as columns, ready for `unnest`."""

    ids: list[uuid.UUID] = field(default_factory=list)
    public_ids: list[str] = field(default_factory=list)
    jobs: list[job_pb2.NewJob] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    waits: list[int] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    parents: list[bool] = field(default_factory=list)
    edges: list[tuple[uuid.UUID, uuid.UUID, bool]] = field(default_factory=list)
    first_place: int = 0

    def columns(self, account: uuid.UUID, run_id: uuid.UUID, *, alone: bool) -> list[list[Any]]:
        """Returns the 21 columns of `NEW_JOBS`."""
        jobs = self.jobs
        return [
            self.ids,
            [account] * len(jobs),
            [run_id] * len(jobs),
            self.public_ids,
            [j.step for j in jobs],
            list(range(self.first_place, self.first_place + len(jobs))),
            [j.kind for j in jobs],
            [j.queue for j in jobs],
            [j.payload_type for j in jobs],
            [j.input_json or "{}" for j in jobs],
            [j.output_json if j.reused else "" for j in jobs],
            self.states,
            self.waits,
            [j.max_attempts or DEFAULT_ATTEMPTS for j in jobs],
            [j.metadata_json for j in jobs],
            [j.reused for j in jobs],
            [j.optional for j in jobs],
            [alone] * len(jobs),
            self.parents,
            self.failures,
            [1 if state != "queued" else 0 for state in self.states],
        ]

    def count(self, state: str) -> int:
        """Returns how many of the jobs start in `state`."""
        return self.states.count(state)

    def events(self) -> list[tuple[uuid.UUID, int, str, str]]:
        """Returns the first events of jobs that start in a terminal state: (job, seq, type, data)."""
        return [
            (job_id, 1, f"job.{state}", event_data(job.step, job.kind, reused=job.reused))
            for job_id, job, state in zip(self.ids, self.jobs, self.states, strict=True)
            if state != "queued"
        ]


def event_data(step: str, kind: str, **more: Any) -> str:
    """Returns the JSON that an event of a job carries."""
    return json.dumps({"step": step, "kind": kind, **{k: v for k, v in more.items() if v}}, ensure_ascii=False)


def build(
    jobs: Sequence[job_pb2.NewJob], known: Mapping[str, tuple[uuid.UUID, str]] | None = None, first_place: int = 0
) -> Graph:
    """Returns the graph of `jobs`; `known` maps steps of the run to (id, state).

    A job whose hard parent already failed or was cancelled starts CANCELLED, and so does what hangs on it.
    """
    graph = Graph(first_place=first_place)
    by_step: dict[str, tuple[uuid.UUID, str]] = dict(known or {})
    # Parents before children by id too: that is the order of leases within a run, and of locks.
    for job_id, job in zip(sorted(uuid7() for _ in jobs), _in_order(jobs), strict=True):
        above = [(*by_step[step], True) for step in dict.fromkeys(job.hard_parents)]
        above += [(*by_step[step], False) for step in dict.fromkeys(job.soft_parents) if step not in job.hard_parents]
        doomed = any(hard and state in ("failed", "cancelled") for _, state, hard in above)
        state = "succeeded" if job.reused else "cancelled" if doomed else "queued"
        graph.ids.append(job_id)
        graph.public_ids.append(job.public_id or public_id("job"))
        graph.jobs.append(job)
        graph.states.append(state)
        graph.waits.append(0 if state != "queued" else sum(parent not in TERMINAL for _, parent, _ in above))
        graph.failures.append(UPSTREAM_FAILED if state == "cancelled" else "")
        graph.parents.append(bool(above))
        graph.edges += [(parent_id, job_id, hard) for parent_id, _, hard in above]
        by_step[job.step] = (job_id, state)
    return graph


UPSTREAM_FAILED = json.dumps(
    {"reason": "upstream_failed", "message": "A step it needs has failed.", "retryable": False, "charged": False}
)


def _in_order(jobs: Sequence[job_pb2.NewJob]) -> list[job_pb2.NewJob]:
    """Returns the jobs with parents before children, otherwise as given; `rules.check_jobs` has refused cycles."""
    by_step = {job.step: job for job in jobs}
    placed: dict[str, None] = {}
    for first in jobs:
        stack = [first.step]
        while stack:
            step = stack[-1]
            job = by_step[step]
            above = [p for p in (*job.hard_parents, *job.soft_parents) if p in by_step and p not in placed]
            if above and step not in placed:
                stack.append(above[0])
            else:
                placed.setdefault(step)
                stack.pop()
    return [by_step[step] for step in placed]


async def add_jobs(pg: Pg, account: uuid.UUID, run_id: uuid.UUID, graph: Graph) -> None:
    """Adds jobs to a run whose row the caller has locked."""
    await pg.execute(_ADD, *graph.columns(account, run_id, alone=False))
    if graph.edges:
        parents, children, hard = zip(*graph.edges, strict=True)
        await pg.execute(_ADD_EDGES, list(parents), list(children), list(hard))
    await pg.execute(
        _GROW, run_id, len(graph.ids), graph.count("queued"), graph.count("succeeded"), graph.count("cancelled")
    )
    await pg.execute(_NOT_ALONE, run_id)
