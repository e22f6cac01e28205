"""Reports of a worker, in batches: one call of each kind in flight, the next takes what became ready meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, TypeVar

import structlog
from google.protobuf import json_format
from google.protobuf.duration_pb2 import Duration

from kit.errors import Internal, SfdError
from kit.jobs.handler import Done, Hold, JobContext, JobFailed, Later
from kit.jobs.store import Store
from kit.jsonio import dumps
from sfd.jobs.v1 import job_pb2, job_service_pb2

log = structlog.get_logger("worker")

_BATCH = 100
_RETRY = 0.25
T = TypeVar("T")


class _Lane(Generic[T]):
    """Items of one kind on their way to one RPC."""

    def __init__(self, name: str, send: Callable[[list[T]], Awaitable[Sequence[job_service_pb2.ReportResult]]]) -> None:
        self.name = name
        self.send = send
        self.items: list[tuple[JobContext, T]] = []
        self.ready = asyncio.Event()


class Reporter:
    """Holds what was not acknowledged yet; its leases are still kept alive by the heartbeats."""

    def __init__(self, store: Store) -> None:
        jobs = store.jobs

        async def complete(items: list[job_service_pb2.Completion]) -> Sequence[job_service_pb2.ReportResult]:
            return (await jobs.CompleteJobs(job_service_pb2.CompleteJobsRequest(completions=items), timeout=20)).results

        async def fail(items: list[job_service_pb2.FailedJob]) -> Sequence[job_service_pb2.ReportResult]:
            return (await jobs.FailJobs(job_service_pb2.FailJobsRequest(failures=items), timeout=20)).results

        async def snooze(items: list[job_service_pb2.Snooze]) -> Sequence[job_service_pb2.ReportResult]:
            return (await jobs.SnoozeJobs(job_service_pb2.SnoozeJobsRequest(snoozes=items), timeout=20)).results

        self._completions = _Lane("complete", complete)
        self._failures = _Lane("fail", fail)
        self._snoozes = _Lane("snooze", snooze)
        self._lanes: tuple[_Lane[Any], ...] = (self._completions, self._failures, self._snoozes)
        self._idle = asyncio.Event()
        self._idle.set()
        self.pending: dict[str, JobContext] = {}

    def complete(self, context: JobContext, result: Done) -> None:
        """Queues a result."""
        item = job_service_pb2.Completion(
            job_id=context.job.id,
            lease_id=context.lease.lease_id,
            output_json=json_format.MessageToJson(result.output, indent=None, preserving_proto_field_name=True),
            add_jobs=result.add_jobs,
            run_result_json=dumps(result.run_result) if result.run_result else "",
            run_label=result.run_label,
        )
        self._queue(self._completions, context, item)

    def fail(self, context: JobContext, error: SfdError, delay: float | None) -> None:
        """Queues a failure; storage decides between another attempt and the end."""
        failure = job_pb2.Failure(
            reason=error.reason, message=error.message[:1000], retryable=error.retryable, charged=error.charged
        )
        item = job_service_pb2.FailedJob(
            job_id=context.job.id, lease_id=context.lease.lease_id, failure=failure, delay=_duration(delay)
        )
        self._queue(self._failures, context, item)

    def cancelled(self, context: JobContext) -> None:
        """Queues the end of a job that a person cancelled."""
        failure = job_pb2.Failure(reason="cancelled", message="Cancelled.")
        item = job_service_pb2.FailedJob(
            job_id=context.job.id, lease_id=context.lease.lease_id, failure=failure, cancelled=True
        )
        self._queue(self._failures, context, item)

    def give_back(self, context: JobContext, outcome: Later | Hold) -> None:
        """Queues a snooze."""
        item = job_service_pb2.Snooze(
            job_id=context.job.id, lease_id=context.lease.lease_id, progress_message=outcome.message[:200]
        )
        match outcome:
            case Hold():
                item.hold = True
            case Later(delay=delay, progress=progress):
                item.delay.CopyFrom(_duration(delay) or Duration())
                if progress is not None:
                    item.progress = progress
        self._queue(self._snoozes, context, item)

    async def run(self) -> None:
        """Sends for ever."""
        async with asyncio.TaskGroup() as group:
            for lane in self._lanes:
                group.create_task(self._send(lane), name=f"report-{lane.name}")

    async def flush(self, seconds: float) -> None:
        """Waits until everything is acknowledged, at most `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                await self._idle.wait()
        except TimeoutError:
            log.warning("reports_left", count=len(self.pending))

    def _queue(self, lane: _Lane[Any], context: JobContext, item: object) -> None:
        self.pending[context.lease.lease_id] = context
        self._idle.clear()
        lane.items.append((context, item))
        lane.ready.set()

    async def _send(self, lane: _Lane[Any]) -> None:
        while True:
            await lane.ready.wait()
            batch, lane.items = lane.items[:_BATCH], lane.items[_BATCH:]
            if not lane.items:
                lane.ready.clear()
            await self._send_batch(lane, [entry for entry in batch if not entry[0].lost.is_set()])
            # A refused result has become a failure meanwhile: its lease is kept until that is told too.
            queued = {c.lease.lease_id for other in self._lanes for c, _ in other.items}
            for context, _ in batch:
                if context.lease.lease_id not in queued:
                    self.pending.pop(context.lease.lease_id, None)
            if not self.pending:
                self._idle.set()

    async def _send_batch(self, lane: _Lane[Any], batch: list[tuple[JobContext, Any]]) -> None:
        """Sends until storage has answered: a report may be repeated, storage gives the first answer again."""
        wait = _RETRY
        while batch:
            try:
                results = await lane.send([item for _, item in batch])
            except SfdError as error:
                log.info("report_failed", lane=lane.name, reason=error.reason, count=len(batch))
                if not error.retryable and len(batch) == 1:
                    self._untold(lane, batch[0][0], error)
                    return
                if not error.retryable:
                    for entry in batch:
                        await self._send_batch(lane, [entry])
                    return
                await asyncio.sleep(wait)
                wait = min(2.0, wait * 2)
                batch = [entry for entry in batch if not entry[0].lost.is_set()]
                continue
            await self._refused(lane, batch, results)
            return

    def _untold(self, lane: _Lane[Any], context: JobContext, error: SfdError) -> None:
        """A result that storage cannot take at all (too large, or a bug) fails its job instead of being done again and again."""
        if lane is self._completions:
            retryable = isinstance(error, Internal)
            self.fail(context, JobFailed(error.message, reason=error.reason, retryable=retryable), None)

    async def _refused(
        self, lane: _Lane[Any], batch: list[tuple[JobContext, Any]], results: Sequence[job_service_pb2.ReportResult]
    ) -> None:
        for (context, _), result in zip(batch, results, strict=True):
            if result.accepted:
                continue
            log.warning("report_refused", lane=lane.name, job=context.job.id, reason=result.error.reason)
            if lane is self._completions and result.error.reason != "stale_lease":
                error = JobFailed(result.error.message, reason=result.error.reason, retryable=result.error.retryable)
                self.fail(context, error, None)


def _duration(seconds: float | None) -> Duration | None:
    if seconds is None:
        return None
    duration = Duration()
    duration.FromMilliseconds(int(seconds * 1000))
    return duration
