"""Points x vendors x actions: each case is a job of its own kind; all cases of a batch fail in one house at the same time."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kit.errors import Conflict
from sfd.jobs.v1 import job_pb2, job_service_pb2
from tests.faults.floor import Floor, settled, until
from tests.faults.kinds import VENDORS
from tests.faults.verdicts import Verdict, judge

POINTS = (
    "paid.before_intent",
    "paid.after_intent",
    "paid.after_submitting",
    "paid.bytes_sent",
    "paid.after_answer",
    "paid.after_submitted",
    "paid.during_poll",
    "paid.half_fetched",
    "paid.after_fetch",
)
ACTIONS = ("exit", "postgres", "zombie")
S = job_pb2.SubmissionState


@dataclass(frozen=True)
class Case:
    """One cell of the matrix."""

    number: int
    point: str
    vendor: str
    action: str
    model: str = ""

    @property
    def kind(self) -> str:
        """The kind of its job: only its own buyers take it."""
        return f"test.buy_{self.number}"

    @property
    def name(self) -> str:
        """How people call it."""
        return f"{self.point} {self.vendor} {self.action}"

    @property
    def waits(self) -> bool:
        """Whether nobody can finish it for long while the first is stopped."""
        return False

    @property
    def outcome(self) -> tuple[str, int]:
        """What must come of it: whether the film is had or a person is asked, and how many entries the ledger has."""
        if self.action == "exit" and self.point == "paid.after_submitting":
            # Nothing was sent, but nobody can prove it: only a key makes another try safe.
            return ("succeeded", 1) if self.vendor in ("replay", "reject") else ("held", 0)
        if self.action == "exit" and self.point in ("paid.bytes_sent", "paid.after_answer"):
            return ("held" if self.vendor == "none_blind" else "succeeded", 1)
        return "succeeded", 1


def every() -> list[Case]:
    """All 135."""
    cells = [(point, vendor, action) for action in ACTIONS for point in POINTS for vendor in VENDORS]
    return [Case(number, *cell) for number, cell in enumerate(cells)]


def sample() -> list[Case]:
    """27: each point with each action, each vendor at least five times."""
    vendors = {
        (point, action): VENDORS[(2 * p + 3 * a) % len(VENDORS)]
        for p, point in enumerate(POINTS)
        for a, action in enumerate(ACTIONS)
    }
    return [case for case in every() if vendors[case.point, case.action] == case.vendor]


async def play(on: Floor, cases: Sequence[Case], seed: int, *, seconds: float = 120) -> tuple[Verdict, dict[str, Any]]:
    """Runs the cases; returns the verdict and the jobs' rows.

    `seconds` is how long the last of them may take to come to its end.
    """
    chance = random.Random(seed)
    jobs = dict(zip(cases, await asyncio.gather(*(_order(on, case) for case in cases)), strict=True))
    first = {}
    for case in cases:
        box = _box(on, case)
        box.mkdir()
        first[case] = on.buyer(
            f"first-{case.number}",
            [case.kind],
            SFD_FAILPOINTS=f"{case.point}={'exit' if case.action == 'exit' else 'hang'}",
            SFD_FAILPOINT_DIR=str(box),
        )
    by_action = {action: [case for case in cases if case.action == action] for action in ACTIONS}
    stopped = [case for case in cases if case.action != "exit"]
    await until(
        lambda: all((_box(on, c) / f"{c.point}.hit").exists() for c in stopped), 115, "buyers reach their points"
    )
    await until(lambda: not any(first[c].is_alive() for c in by_action["exit"]), 100, "buyers die at their points")
    assert {first[case].exitcode for case in by_action["exit"]} <= {137}
    if by_action["postgres"]:
        await asyncio.to_thread(on.servers.kill9, "postgres")
        _go(on, by_action["postgres"])
        await asyncio.sleep(chance.uniform(0.3, 1.2))
        await asyncio.to_thread(on.servers.restart, "postgres")
    left = [case.kind for case in (*by_action["exit"], *by_action["zombie"])]
    if left:
        on.buyer("second", left, slots=len(left))
    told = Verdict()
    await asyncio.gather(
        *(
            _wake(on, case, jobs[case], first[case].pid or 0, chance.random() < 0.5 and not case.waits, told)
            for case in by_action["zombie"]
        )
    )
    for case in by_action["zombie"]:
        # Politely: what it has in hand is finished first.
        first[case].terminate()
    await until(lambda: not any(first[c].is_alive() for c in by_action["zombie"]), 60, "the woken end")
    rows = await settled(on, list(jobs.values()), seconds)
    names = {job: case.name for case, job in jobs.items()}
    verdict = await judge(on, list(jobs.values()), names)
    verdict.broken += told.broken
    verdict.counts += told.counts
    ledger = await on.by_submission()
    for case, job in jobs.items():
        await _compare(on, case, rows[job], ledger, verdict)
    return verdict, rows


async def _order(on: Floor, case: Case) -> str:
    return await on.order(case.kind, case.vendor, f"Case {case.number}: {case.name}", case.model)


def _box(on: Floor, case: Case) -> Path:
    return on.folder / f"box-{case.number}"


def _go(on: Floor, cases: Sequence[Case]) -> None:
    for case in cases:
        (_box(on, case) / f"{case.point}.go").touch()


# Every loss is an event; the job's own count begins anew when it gets ahead.
_TAKEN_OVER = """
SELECT state, held, lease_id::text,
  (SELECT count(*) FROM events e WHERE e.job_id = jobs.id AND e.type = 'job.lease_lost') AS losses FROM jobs WHERE id = $1::uuid
"""


async def _wake(on: Floor, case: Case, job: str, pid: int, late: bool, told: Verdict) -> None:
    """Waits for the takeover (when `late`, for all that the second can do), writes under the old lease, wakes the first."""
    old = [line["lease"] for line in on.leases() if line["job"] == job and line["pid"] == pid][-1]
    for _ in range(700):
        (row,) = await on.sql(_TAKEN_OVER, job)
        over = row["state"] == "succeeded" or row["held"]
        if row["losses"] and row["lease_id"] != old and (over or not late):
            break
        await asyncio.sleep(0.15)
    told.claim(row["losses"] >= 1 and row["lease_id"] != old, "I5 the lease is taken over", case.name, dict(row))
    await _write_as(on, job, old, case.name, told)
    _go(on, [case])


async def _write_as(on: Floor, job: str, lease: str, name: str, told: Verdict) -> None:
    """Tries every write of a worker under a lease that is gone."""
    worker = on.worker
    done = job_service_pb2.Completion(job_id=job, lease_id=lease, output_json='{"lease": "zombie"}')
    failed = job_service_pb2.FailedJob(job_id=job, lease_id=lease, failure=job_pb2.Failure(reason="zombie"))
    back = job_service_pb2.Snooze(job_id=job, lease_id=lease, hold=True)
    beat = job_service_pb2.Heartbeat(job_id=job, lease_id=lease)
    rule = "I5 a write under an old lease is refused"
    completed = await worker.CompleteJobs(job_service_pb2.CompleteJobsRequest(completions=[done]))
    told.claim(not completed.results[0].accepted, rule, name, completed)
    refused = await worker.FailJobs(job_service_pb2.FailJobsRequest(failures=[failed]))
    told.claim(not refused.results[0].accepted, rule, name, refused)
    snoozed = await worker.SnoozeJobs(job_service_pb2.SnoozeJobsRequest(snoozes=[back]))
    told.claim(not snoozed.results[0].accepted, rule, name, snoozed)
    beaten = await worker.HeartbeatJobs(job_service_pb2.HeartbeatJobsRequest(heartbeats=[beat]))
    told.claim(beaten.results[0].lost, rule, name, beaten)
    for row in await on.sql("SELECT id::text, state FROM submissions WHERE job_id = $1::uuid", job):
        for to in (
            "SUBMITTING",
            "SUBMIT_UNKNOWN",
            "NOT_ACCEPTED",
            "RUNNING",
            "FETCHING",
            "FAILED",
            "NEEDS_USER",
            "INTENT",
        ):
            if row["state"] == to.lower():
                continue
            wanted = job_pb2.Submission(
                id=row["id"],
                job_id=job,
                state=S.Value(f"SUBMISSION_STATE_{to}"),
                failure=job_pb2.Failure(reason="zombie"),
            )
            move = job_service_pb2.RecordSubmissionRequest(
                lease_id=lease, submission=wanted, expected=S.Value(f"SUBMISSION_STATE_{row['state'].upper()}")
            )
            try:
                answer = (await worker.RecordSubmission(move)).submission
                # The second may have made the same move meanwhile: repeating it changes nothing.
                told.claim(answer.failure.reason != "zombie", rule, name, answer)
            except Conflict:
                told.claim(True, rule, name, to)


async def _compare(on: Floor, case: Case, row: Any, ledger: dict[str, list[Any]], told: Verdict) -> None:
    """Checks that the case came to its end, that the retry bought nothing, and that the result is not a zombie's."""
    mine = await on.sql("SELECT id::text FROM submissions WHERE job_id = $1::uuid", row["id"])
    entries = sum(len(ledger.get(one["id"], [])) for one in mine)
    state = "held" if row["held"] else row["state"]
    told.claim(
        (state, entries) == case.outcome, "the case ends as it must", case.name, (state, entries, row["failure"])
    )
    if state == "succeeded":
        told.claim(row["attempt"] == 1, "I6 a retry finds what is bought", case.name, row["attempt"])
        output = json.loads(row["output"])
        told.claim(output["lease"] == row["lease_id"], "I5 the result is the last lease's", case.name, output)
