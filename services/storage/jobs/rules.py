"""The rules of the queue that need no database: names, limits, graphs, backoff."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping, Sequence

from kit.errors import InvalidInput
from kit.jsonio import load_object
from sfd.jobs.v1 import job_pb2, job_service_pb2

LEASE_SECONDS = 15
SWEEP_SECONDS = 2.0
MAX_LEASE_LOSSES = 5
DEFAULT_ATTEMPTS = 3
MAX_JOBS = 10_000
MAX_INPUT = 64 * 1024
MAX_OUTPUT = 1024 * 1024
MAX_LABEL = 64
MAX_DELAY = 86_400.0
"""Seconds that a report can put a job off."""
MAX_MONEY = 10**15
"""Nano-USD of one paid call: a million dollars is no price but a mistake, and sums of these fit their columns."""
IDEMPOTENCY_DAYS = 7
EVENT_DAYS = 30
DEADLINE_HOURS = 48

STATE_WORDS: Mapping[int, str] = {
    job_pb2.JOB_STATE_QUEUED: "queued",
    job_pb2.JOB_STATE_RUNNING: "running",
    job_pb2.JOB_STATE_SUCCEEDED: "succeeded",
    job_pb2.JOB_STATE_FAILED: "failed",
    job_pb2.JOB_STATE_CANCELLED: "cancelled",
}
STATES = {word: job_pb2.JobState.ValueType(value) for value, word in STATE_WORDS.items()}
TERMINAL = frozenset({"succeeded", "failed", "cancelled"})
UNREADABLE = frozenset({"bad_input", "unknown_payload"})
"""Failures by which a worker says that nobody can read the job: it is set aside at once."""

SUBMISSION_WORDS: Mapping[int, str] = {
    value: name.removeprefix("SUBMISSION_STATE_").lower() for name, value in job_pb2.SubmissionState.items() if value
}
SUBMISSION_STATES = {word: job_pb2.SubmissionState.ValueType(value) for value, word in SUBMISSION_WORDS.items()}
DEAD_SUBMISSIONS = frozenset({"not_accepted", "failed", "abandoned"})
"""States in which nothing is held and no slot is taken; `done` is settled too, but its product serves."""
SETTLED_SUBMISSIONS = DEAD_SUBMISSIONS | {"done"}

# Who may follow whom. A late truth (the vendor's id, the product) is welcome from every state in which it was not known.
_UNKNOWN = {"submitting", "submit_unknown", "needs_user"}
SUBMISSION_MOVES: Mapping[str, frozenset[str]] = {
    "submitting": frozenset({"intent"}),
    "submit_unknown": frozenset({"submitting"}),
    "not_accepted": frozenset({"intent", "submitting", "submit_unknown"}),
    "submitted": frozenset(_UNKNOWN),
    "running": frozenset({"submitted"}),
    "fetching": frozenset({"submitted", "running"}),
    "done": frozenset({*_UNKNOWN, "submitted", "running", "fetching"}),
    "failed": frozenset({"submitted", "running", "fetching", "submit_unknown"}),
    "needs_user": frozenset({"submit_unknown"}),
    "intent": frozenset({"submit_unknown"}),
}
LATE_TRUTHS = frozenset({"submitted", "done"})

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,255}")
_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_KIND = re.compile(r"[a-z][a-z0-9_.]{0,63}")


def check_public_id(value: str, field: str) -> None:
    """Raises `InvalidInput` unless `value` is an id that clients may choose."""
    if not _ID.fullmatch(value):
        raise InvalidInput(f"{field} must be 1 to 128 of A-Z a-z 0-9 . _ -", field=field, reason="bad_id")


def check_text(value: str, field: str, limit: int = 100_000) -> None:
    """Raises `InvalidInput` for a NUL, a lone surrogate or a text over `limit` characters."""
    if len(value) > limit:
        raise InvalidInput(f"{field} is longer than {limit} characters.", field=field, reason="too_long")
    if "\x00" in value:
        raise InvalidInput(f"{field} has a NUL character.", field=field, reason="bad_text")


def check_json(text: str, field: str) -> None:
    """Raises `InvalidInput` unless `text` is empty or a JSON object without NUL."""
    load_object(text, field)
    check_text(text, field, MAX_OUTPUT)


def check_jobs(jobs: Sequence[job_pb2.NewJob], known_steps: frozenset[str] = frozenset()) -> None:
    """Raises `InvalidInput` unless the jobs form a graph: unique steps, known parents, no cycle."""
    if len(jobs) > MAX_JOBS:
        raise InvalidInput(f"A run has at most {MAX_JOBS} jobs.", field="jobs", reason="too_many_jobs")
    steps: dict[str, set[str]] = {}
    for place, job in enumerate(jobs):
        where = f"jobs[{place}]"
        if not _NAME.fullmatch(job.step):
            raise InvalidInput(f"{where}.step is not a step name.", field=f"{where}.step")
        if job.step in steps or job.step in known_steps:
            raise InvalidInput(
                f"{where}.step {job.step} is already there.", field=f"{where}.step", reason="duplicate_step"
            )
        for field in ("kind", "queue"):
            if not _KIND.fullmatch(getattr(job, field)):
                raise InvalidInput(f"{where}.{field} is missing or malformed.", field=f"{where}.{field}")
        if len(job.input_json.encode()) > MAX_INPUT:
            raise InvalidInput(
                f"{where}.input_json is over 64 KiB; make it an object.",
                field=f"{where}.input_json",
                reason="too_large",
            )
        check_json(job.input_json, f"{where}.input_json")
        check_json(job.output_json, f"{where}.output_json")
        check_json(job.metadata_json, f"{where}.metadata_json")
        check_text(job.payload_type, f"{where}.payload_type", 256)
        if job.public_id:
            check_public_id(job.public_id, f"{where}.public_id")
        steps[job.step] = set(job.hard_parents) | set(job.soft_parents)
    for place, job in enumerate(jobs):
        unknown = steps[job.step] - steps.keys() - known_steps
        if unknown:
            raise InvalidInput(
                f"Unknown parent {min(unknown)}.", field=f"jobs[{place}].hard_parents", reason="unknown_step"
            )
    _check_acyclic({step: parents & steps.keys() for step, parents in steps.items()})


def check_submit(request: job_service_pb2.SubmitRunRequest) -> None:
    """Raises `InvalidInput` for a run that cannot be accepted, with the field that is wrong."""
    if not request.jobs:
        raise InvalidInput("A run needs at least one job.", field="jobs")
    if not request.kind:
        raise InvalidInput("kind is missing.", field="kind")
    check_text(request.kind, "kind", 64)
    check_text(request.label, "label", MAX_LABEL)
    if request.drama_id:
        check_public_id(request.drama_id, "drama_id")
    if request.public_id:
        check_public_id(request.public_id, "public_id")
    if request.ceiling_nano_usd < 0:
        raise InvalidInput("A ceiling is never negative.", field="ceiling_nano_usd")
    check_json(request.metadata_json, "metadata_json")
    check_json(request.result_json, "result_json")
    check_jobs(request.jobs)


def _check_acyclic(parents: Mapping[str, set[str]]) -> None:
    """Kahn's algorithm (1962): raises `InvalidInput` when some steps can never start."""
    waiting = {step: len(above) for step, above in parents.items()}
    children: dict[str, list[str]] = {}
    for step, above in parents.items():
        for parent in above:
            children.setdefault(parent, []).append(step)
    ready = [step for step, count in waiting.items() if not count]
    done = 0
    while ready:
        step = ready.pop()
        done += 1
        for child in children.get(step, ()):
            waiting[child] -= 1
            if not waiting[child]:
                ready.append(child)
    if done < len(parents):
        raise InvalidInput("Cycle detected in dependency graph", field="jobs", reason="cycle")


def backoff(attempt: int, queue: str) -> float:
    """Returns seconds before the next attempt: 2 s (pictures) or 3 s (films) first, doubled each time, up to 25 % more by chance."""
    first = 3.0 if queue == "video" else 2.0
    delay = min(60.0, first * 2.0 ** max(0, attempt - 1))
    return delay * (1 + random.random() / 4)


def failure_json(failure: job_pb2.Failure) -> str:
    """Returns the stored form of a failure."""
    return json.dumps(
        {
            "reason": failure.reason or "failed",
            "message": failure.message,
            "retryable": failure.retryable,
            "charged": failure.charged,
        },
        ensure_ascii=False,
    )


def failure_of(text: str) -> job_pb2.Failure | None:
    """Returns the failure that `failure_json` stored, or None for an empty text."""
    return job_pb2.Failure(**json.loads(text)) if text else None
