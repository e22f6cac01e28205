"""What a job's handler sees, and what it answers with."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from google.protobuf import json_format
from google.protobuf.message import Message

from kit.errors import SfdError
from kit.jobs.store import Store
from sfd.jobs.v1 import job_pb2

M = TypeVar("M", bound=Message)


class JobFailed(SfdError):
    """The job's attempt failed; `retryable` asks for another one, after `delay` seconds or storage's backoff."""

    default_reason = "failed"

    def __init__(
        self,
        message: str,
        *,
        reason: str = "failed",
        retryable: bool = False,
        charged: bool = False,
        delay: float | None = None,
    ) -> None:
        super().__init__(message, reason=reason, retryable=retryable, charged=charged)
        self.delay = delay


class JobCancelled(Exception):
    """Raised inside a handler when a person has cancelled the job; the runtime reports it."""


class LeaseLost(Exception):
    """Raised inside a handler when its lease is gone: somebody else has the job, drop the work."""


@dataclass(frozen=True)
class Done:
    """The result: `output`, jobs to add to the run, a JSON object to merge into the run's result, and with it the run's new label."""

    output: Message
    add_jobs: Sequence[job_pb2.NewJob] = ()
    run_result: Mapping[str, Any] = field(default_factory=dict)
    run_label: str = ""


@dataclass(frozen=True)
class Later:
    """Give the job back for `delay` seconds; does not count as an attempt."""

    delay: float
    progress: float | None = None
    message: str = ""


@dataclass(frozen=True)
class Hold:
    """Give the job back until a person settles its paid call of unknown outcome."""

    message: str


Outcome = Done | Later | Hold


class GiveBack(Exception):
    """Ends a handler with `Later` or `Hold` from deep inside."""

    def __init__(self, outcome: Later | Hold) -> None:
        super().__init__(outcome.message)
        self.outcome = outcome


class JobContext:
    """One lease in a handler's hands. The caller's identity is set to the job's account while the handler runs."""

    def __init__(self, lease: job_pb2.Lease, store: Store) -> None:
        self.lease = lease
        self.job = lease.job
        self.store = store
        self.progress: float | None = None
        self.message = ""
        self.cancel = asyncio.Event()
        if lease.job.cancel_requested:
            # The order came before the lease: a short look at the vendor may never see a heartbeat.
            self.cancel.set()
        self.lost = asyncio.Event()

    @property
    def drama_id(self) -> str:
        """The public id of the drama the run works on; may be empty."""
        return self.lease.drama_id

    def report(self, fraction: float, message: str = "") -> None:
        """Notes progress (0 to 1); the next heartbeat carries it."""
        self.progress = max(0.0, min(1.0, fraction))
        self.message = message

    def check(self) -> None:
        """Raises `JobCancelled` or `LeaseLost` when the work should stop."""
        if self.lost.is_set():
            raise LeaseLost
        if self.cancel.is_set():
            raise JobCancelled

    def parent_outputs(self, kind: str, message: type[M]) -> dict[str, M]:
        """Returns the outputs of succeeded parents of `kind`, by step."""
        return {
            parent.step: json_format.Parse(parent.output_json, message(), ignore_unknown_fields=True)
            for parent in self.lease.parents
            if parent.kind == kind and parent.state == job_pb2.JOB_STATE_SUCCEEDED and parent.output_json
        }


JOB_SECONDS = 1800.0
"""How long one lease of a job may take: many times what an honest one needs. Waiting for a vendor is no work and is not counted."""


@dataclass(frozen=True)
class Handler(Generic[M]):
    """How one kind of job is done: the message its input is, the function that does it, and the seconds it may take."""

    kind: str
    input: type[M]
    run: Callable[[JobContext, M], Awaitable[Outcome]]
    seconds: float = JOB_SECONDS

    async def __call__(self, context: JobContext) -> Outcome:
        """Parses the input and runs; raises `JobFailed` for an input that cannot be read, and for a job that hangs."""
        wanted = self.input.DESCRIPTOR.full_name
        if context.job.payload_type not in ("", wanted):
            # Made by a newer or a foreign house: to read it as something else would be to do something else.
            raise JobFailed(f"This worker reads {wanted}, not the payload it was given.", reason="unknown_payload")
        try:
            parsed = json_format.Parse(context.job.input_json or "{}", self.input(), ignore_unknown_fields=True)
        except json_format.ParseError as error:
            raise JobFailed("The job's input cannot be read.", reason="bad_input") from error
        limit = asyncio.timeout(self.seconds)
        try:
            async with limit:
                return await self.run(context, parsed)
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise JobFailed("It did not end within its time.", reason="timed_out", retryable=True) from error
