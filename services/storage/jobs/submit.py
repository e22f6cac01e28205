"""Accepting work: a run, its jobs, edges, events and the idempotent reply in one statement, so in one commit."""

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

_NEW_JOBS = """
    SELECT t.id, $1::uuid, $2::uuid, t.public_id, t.step, t.place, t.kind, t.queue, t.payload_type, t.input, t.output, t.state,
           t.waits_on, t.max_attempts, t.metadata, t.reused, t.optional, t.alone, t.has_parents, t.failure, t.event_seq,
           CASE WHEN t.state IN ('succeeded', 'failed', 'cancelled') THEN now() END,
           CASE WHEN t.state = 'succeeded' THEN 1 ELSE 0 END
    FROM unnest($3::uuid[], $4::text[], $5::text[], $6::int[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
                $12::text[], $13::int[], $14::int[], $15::text[], $16::bool[], $17::bool[], $18::bool[], $19::bool[], $20::text[], $21::int[])
      AS t(id, public_id, step, place, kind, queue, payload_type, input, output, state, waits_on, max_attempts, metadata, reused,
           optional, alone, has_parents, failure, event_seq)
"""

_SUBMIT = f"""
WITH run AS (
  INSERT INTO runs (id, account_id, public_id, kind, drama_id, state, total, open_jobs, succeeded, result, metadata,
                    ceiling_nano_usd, event_seq, started_at, finished_at)
  VALUES ($2, $1, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32,
          CASE WHEN $25 = 'succeeded' THEN now() END, CASE WHEN $25 = 'succeeded' THEN now() END)
  RETURNING created_at
), job AS (
  INSERT INTO jobs ({JOB_COLUMNS}) {_NEW_JOBS}
), edge AS (
  INSERT INTO edges (parent_id, child_id, hard) SELECT * FROM unnest($33::uuid[], $34::uuid[], $35::bool[])
), event AS (
  INSERT INTO events (account_id, run_id, job_id, run_public_id, drama_id, seq, type, data)
  SELECT $1, $2, e.job_id, $22, $24, e.seq, e.type, e.data
  FROM unnest($36::uuid[], $37::int[], $38::text[], $39::text[]) WITH ORDINALITY AS e(job_id, seq, type, data, n) ORDER BY e.n
), reply AS (
  INSERT INTO idempotency (account_id, method, request_id, request_sha256, reply)
  SELECT $1, 'SubmitRun', $40, $41, $42 WHERE $40 <> ''
)
SELECT created_at FROM run
"""

_ADD = f"INSERT INTO jobs ({JOB_COLUMNS}) {_NEW_JOBS}"
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

    def columns(self, *, alone: bool) -> list[Any]:
        """Returns the arguments 3 to 21 of the statements above."""
        jobs = self.jobs
        return [
            self.ids,
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
    for job in _in_order(jobs):
        job_id = uuid7()
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


@dataclass(frozen=True)
class NewRun:
    """What `insert_run` writes besides the graph."""

    id: uuid.UUID
    account: uuid.UUID
    public_id: str
    kind: str
    drama_id: str
    result: str
    metadata: str
    ceiling_nano_usd: int
    request_id: str
    request_sha256: str
    reply: bytes


async def insert_run(pg: Pg, run: NewRun, graph: Graph) -> Any:
    """Writes everything and returns the row with `created_at`. Raises asyncpg.UniqueViolationError for a taken id."""
    succeeded = graph.count("succeeded")
    total = len(graph.ids)
    state = "succeeded" if succeeded == total else "queued"
    run_events: list[tuple[uuid.UUID | None, int, str, str]] = [
        (None, 1, "run.queued", json.dumps({"kind": run.kind, "total": total})),
        *graph.events(),
    ]
    if state == "succeeded":
        run_events.append((None, 2, "run.succeeded", json.dumps({"kind": run.kind, "succeeded": total})))
    return await pg.fetchrow(
        _SUBMIT,
        run.account,
        run.id,
        *graph.columns(alone=total == 1),
        run.public_id,
        run.kind,
        run.drama_id,
        state,
        total,
        total - succeeded,
        succeeded,
        run.result,
        run.metadata,
        run.ceiling_nano_usd,
        sum(event[0] is None for event in run_events),
        [edge[0] for edge in graph.edges],
        [edge[1] for edge in graph.edges],
        [edge[2] for edge in graph.edges],
        [event[0] for event in run_events],
        [event[1] for event in run_events],
        [event[2] for event in run_events],
        [event[3] for event in run_events],
        run.request_id,
        run.request_sha256,
        run.reply,
    )


async def add_jobs(pg: Pg, account: uuid.UUID, run_id: uuid.UUID, graph: Graph) -> None:
    """Adds jobs to a run whose row the caller has locked."""
    await pg.execute(_ADD, account, run_id, *graph.columns(alone=False))
    if graph.edges:
        parents, children, hard = zip(*graph.edges, strict=True)
        await pg.execute(_ADD_EDGES, list(parents), list(children), list(hard))
    await pg.execute(
        _GROW, run_id, len(graph.ids), graph.count("queued"), graph.count("succeeded"), graph.count("cancelled")
    )
    await pg.execute(_NOT_ALONE, run_id)
