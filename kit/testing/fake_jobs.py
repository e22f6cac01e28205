"""The queue in memory, for tests of the worker's runtime: leases, reports and paid calls as storage answers them, and its bad days."""

from __future__ import annotations

import asyncio
import itertools
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from kit.errors import Conflict, SfdError
from kit.jobs.handler import JobContext
from kit.jobs.store import Store
from kit.rpc.status import to_proto
from sfd.assets.v1 import asset_pb2
from sfd.jobs.v1 import job_pb2, job_service_pb2


@dataclass
class FakeJobs:
    """The part of `JobService` that workers use. Methods of `errors` raise what their list holds, one a call."""

    queued: list[job_pb2.Job] = field(default_factory=list)
    leased: dict[str, job_pb2.Job] = field(default_factory=dict)
    completed: list[job_service_pb2.Completion] = field(default_factory=list)
    failed: list[job_service_pb2.FailedJob] = field(default_factory=list)
    snoozed: list[job_service_pb2.Snooze] = field(default_factory=list)
    beats: list[str] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)
    cancelled: set[str] = field(default_factory=set)
    refused: dict[str, SfdError] = field(default_factory=dict)
    errors: dict[str, list[SfdError]] = field(default_factory=dict)
    calls: list[tuple[str, int]] = field(default_factory=list)
    submissions: dict[str, job_pb2.Submission] = field(default_factory=dict)
    moves: list[str] = field(default_factory=list)
    delay: float = 0.0

    def add(self, kind: str = "test.noop", **more: Any) -> job_pb2.Job:
        """Queues a job and returns it."""
        job = job_pb2.Job(id=str(uuid.uuid4()), account_id=str(uuid.uuid4()), kind=kind, **more)
        self.queued.append(job)
        return job

    async def LeaseJobs(
        self, request: job_service_pb2.LeaseJobsRequest, timeout: float = 0
    ) -> job_service_pb2.LeaseJobsResponse:
        """Gives the first due jobs of known kinds."""
        self._enter("LeaseJobs", request.max)
        taken = [job for job in self.queued if job.kind in request.kinds][: request.max]
        self.queued = [job for job in self.queued if job not in taken]
        leases = [self.lease(job) for job in taken]
        return job_service_pb2.LeaseJobsResponse(leases=leases)

    def lease(self, job: job_pb2.Job) -> job_pb2.Lease:
        """Returns a lease of a job, with the paid calls that a vendor took or may have taken."""
        lease = job_pb2.Lease(lease_id=str(uuid.uuid4()), job=job)
        untaken = job_pb2.SUBMISSION_STATE_NOT_ACCEPTED
        lease.submissions.extend(s for s in self.submissions.values() if s.job_id == job.id and s.state != untaken)
        self.leased[lease.lease_id] = job
        return lease

    async def HeartbeatJobs(
        self, request: job_service_pb2.HeartbeatJobsRequest, timeout: float = 0
    ) -> job_service_pb2.HeartbeatJobsResponse:
        """Tells who lost its lease and who shall stop."""
        self._enter("HeartbeatJobs", len(request.heartbeats))
        self.beats += [beat.lease_id for beat in request.heartbeats]
        return job_service_pb2.HeartbeatJobsResponse(
            results=[
                job_service_pb2.HeartbeatResult(
                    job_id=beat.job_id, lost=beat.job_id in self.lost, cancel_requested=beat.job_id in self.cancelled
                )
                for beat in request.heartbeats
            ]
        )

    async def CompleteJobs(
        self, request: job_service_pb2.CompleteJobsRequest, timeout: float = 0
    ) -> job_service_pb2.CompleteJobsResponse:
        """Takes results."""
        await self._work("CompleteJobs", len(request.completions))
        self.completed += [item for item in request.completions if item.job_id not in self.refused]
        return job_service_pb2.CompleteJobsResponse(results=self._results(request.completions))

    async def FailJobs(
        self, request: job_service_pb2.FailJobsRequest, timeout: float = 0
    ) -> job_service_pb2.FailJobsResponse:
        """Takes failures."""
        await self._work("FailJobs", len(request.failures))
        self.failed += request.failures
        return job_service_pb2.FailJobsResponse(
            results=[job_service_pb2.ReportResult(job_id=item.job_id, accepted=True) for item in request.failures]
        )

    async def SnoozeJobs(
        self, request: job_service_pb2.SnoozeJobsRequest, timeout: float = 0
    ) -> job_service_pb2.SnoozeJobsResponse:
        """Takes jobs back."""
        await self._work("SnoozeJobs", len(request.snoozes))
        self.snoozed += request.snoozes
        return job_service_pb2.SnoozeJobsResponse(results=self._results(request.snoozes))

    async def RecordSubmission(
        self, request: job_service_pb2.RecordSubmissionRequest, timeout: float = 0
    ) -> job_service_pb2.RecordSubmissionResponse:
        """Moves a paid call from the expected state; raises `Conflict` from any other."""
        wanted = request.submission
        name = job_pb2.SubmissionState.Name(wanted.state).removeprefix("SUBMISSION_STATE_").lower()
        await self._work(f"RecordSubmission.{name}", 1)
        known = self.submissions.get(wanted.id)
        if (known.state if known else job_pb2.SUBMISSION_STATE_UNSPECIFIED) != request.expected:
            raise Conflict("Moved.", reason="submission_moved")
        if known is None:
            known = self.submissions.setdefault(wanted.id, job_pb2.Submission())
            known.CopyFrom(wanted)
            known.created_at.GetCurrentTime()
        else:
            known.state = wanted.state
            known.operation_id = wanted.operation_id or known.operation_id
            known.cost_nano_usd, known.estimated = wanted.cost_nano_usd, wanted.estimated
            known.detail_json = wanted.detail_json or known.detail_json
            known.failure.CopyFrom(wanted.failure)
        self.moves.append(name)
        answer = job_pb2.Submission()
        answer.CopyFrom(known)
        return job_service_pb2.RecordSubmissionResponse(submission=answer)

    async def _work(self, method: str, count: int) -> None:
        await asyncio.sleep(self.delay)
        self._enter(method, count)

    def _enter(self, method: str, count: int) -> None:
        self.calls.append((method, count))
        waiting = self.errors.get(method)
        if waiting:
            raise waiting.pop(0)

    def _results(self, items: Sequence[Any]) -> list[job_service_pb2.ReportResult]:
        return [
            job_service_pb2.ReportResult(
                job_id=item.job_id,
                accepted=item.job_id not in self.refused,
                error=to_proto(self.refused[item.job_id]) if item.job_id in self.refused else None,
            )
            for item in items
        ]


class FakeStore(Store):
    """A worker's store over `FakeJobs`, with bytes in memory."""

    def __init__(self, jobs: FakeJobs) -> None:
        self.jobs = cast("Any", jobs)
        self.objects: dict[str, bytes] = {}
        self._numbers = itertools.count()

    async def put(self, source: Any, kind: str, facts: Any = None, asset_id: str = "") -> asset_pb2.Asset:
        """Keeps bytes."""
        name = asset_id or f"asset-{next(self._numbers)}"
        self.objects.setdefault(name, bytes(source))
        return asset_pb2.Asset(id=name)

    async def get(self, asset_id: str) -> bytes:
        """Returns kept bytes."""
        return self.objects[asset_id]


def context_of(jobs: FakeJobs, job: job_pb2.Job) -> JobContext:
    """Returns what a handler sees of a fresh lease of `job`."""
    return JobContext(jobs.lease(job), FakeStore(jobs))
