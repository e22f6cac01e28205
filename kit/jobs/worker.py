"""A worker: takes due jobs of one queue, keeps their leases alive, reports in batches, ends in an orderly way.

Wake-ups are hints and may be lost; every second it asks all the same. A slot is free as soon as its handler ends, while the report of
the result is still on its way: leasing and reporting overlap. What became ready while a report was in flight goes with the next one.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Sequence
from typing import Any

import structlog

from kit.context import Role, acting_as, call_scope
from kit.errors import DeadlineExceeded, SfdError, Unavailable
from kit.jobs.handler import Done, GiveBack, Handler, Hold, JobCancelled, JobContext, JobFailed, Later, LeaseLost
from kit.jobs.reporter import Reporter
from kit.jobs.store import Store
from kit.log import redact
from kit.telemetry import JOBS_DONE, span
from sfd.jobs.v1 import job_service_pb2

log = structlog.get_logger("worker")

POLL = 1.0
HEARTBEAT = 4.0
DRAIN = 6.0
_BEATS = 500


class Worker:
    """Runs `handlers` on at most `slots` jobs of `queue` at a time."""

    def __init__(self, queue: str, handlers: Sequence[Handler[Any]], store: Store, slots: int) -> None:
        self._queue = queue
        self._handlers = {handler.kind: handler for handler in handlers}
        self._store = store
        self._slots = slots
        self._name = f"{socket.gethostname()}/{os.getpid()}"
        self._wake = asyncio.Event()
        self._running: dict[str, tuple[asyncio.Task[None], JobContext]] = {}
        self._reporter = Reporter(store)

    def wake(self) -> None:
        """Tells the worker that something may be due."""
        self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Works until `stop` is set, then drains: running handlers get `DRAIN` seconds, the rest is given back."""
        async with asyncio.TaskGroup() as group:
            reporting = group.create_task(self._reporter.run(), name="report")
            beating = group.create_task(self._beat(), name="heartbeat")
            await self._lease_until(stop)
            await self._drain()
            await self._reporter.flush(2.0)
            beating.cancel()
            reporting.cancel()

    async def _lease_until(self, stop: asyncio.Event) -> None:
        stopping = asyncio.create_task(stop.wait())
        more = True
        try:
            while not stop.is_set():
                free = self._slots - len(self._running)
                self._wake.clear()
                if free > 0:
                    taken = await self._lease(free)
                    more = taken == free
                waking = asyncio.create_task(self._wake.wait())
                await asyncio.wait({waking, stopping}, timeout=POLL, return_when=asyncio.FIRST_COMPLETED)
                waking.cancel()
        finally:
            stopping.cancel()
        log.info("drain_begins", queue=self._queue, running=len(self._running), backlog=more)

    async def _lease(self, free: int) -> int:
        request = job_service_pb2.LeaseJobsRequest(
            queue=self._queue, max=min(free, 100), kinds=list(self._handlers), worker=self._name
        )
        try:
            reply = await self._store.jobs.LeaseJobs(request, timeout=10)
        except SfdError as error:
            log.info("lease_failed", queue=self._queue, reason=error.reason)
            return 0
        for lease in reply.leases:
            context = JobContext(lease, self._store)
            task = asyncio.create_task(self._work(context), name=f"job-{lease.job.id}")
            self._running[lease.lease_id] = (task, context)
        return len(reply.leases)

    async def _work(self, context: JobContext) -> None:
        lease_id = context.lease.lease_id
        try:
            with call_scope(request=f"job-{context.job.id[-12:]}"), acting_as(context.job.account_id, Role.WORKER):
                await self._handle(context)
        finally:
            self._running.pop(lease_id, None)
            self._wake.set()

    async def _handle(self, context: JobContext) -> None:
        job, reporter = context.job, self._reporter
        outcome = "done"
        try:
            with span(f"job.{job.kind}", run=job.run_id, step=job.step):
                result = await self._handlers[job.kind](context)
            match result:
                case Done():
                    reporter.complete(context, result)
                case Later() | Hold():
                    reporter.give_back(context, result)
                    outcome = "snoozed"
        except GiveBack as back:
            reporter.give_back(context, back.outcome)
            outcome = "snoozed"
        except LeaseLost:
            outcome = "lost"
            log.info("lease_lost", job=job.id, kind=job.kind)
        except JobCancelled:
            reporter.cancelled(context)
            outcome = "cancelled"
        except JobFailed as error:
            reporter.fail(context, error, error.delay)
            outcome = error.reason
        except (Unavailable, DeadlineExceeded) as error:
            # A part of the house is away or too slow: nothing of the job's own failed, so no attempt is counted.
            reporter.give_back(context, Later(2.0, message=error.message))
            outcome = "snoozed"
        except SfdError as error:
            reporter.fail(context, error, None)
            outcome = error.reason
        except asyncio.CancelledError:
            reporter.give_back(context, Later(0.0, message="The worker is shutting down."))
            raise
        except Exception as error:
            log.exception("handler_failed", job=job.id, kind=job.kind, error=redact(repr(error)))
            reporter.fail(context, JobFailed("Something went wrong inside.", reason="internal", retryable=True), None)
            outcome = "internal"
        JOBS_DONE.labels(job.kind, outcome).inc()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT)
            contexts = {c.lease.lease_id: c for _, c in self._running.values()} | self._reporter.pending
            if not contexts:
                continue
            try:
                everything = list(contexts.values())
                for start in range(0, len(everything), _BEATS):
                    await self._beat_once(everything[start : start + _BEATS])
            except SfdError as error:
                log.info("heartbeat_failed", queue=self._queue, reason=error.reason)

    async def _beat_once(self, contexts: Sequence[JobContext]) -> None:
        beats = [
            job_service_pb2.Heartbeat(
                job_id=c.job.id, lease_id=c.lease.lease_id, progress=c.progress, progress_message=c.message[:200]
            )
            for c in contexts
        ]
        reply = await self._store.jobs.HeartbeatJobs(
            job_service_pb2.HeartbeatJobsRequest(heartbeats=beats), timeout=HEARTBEAT
        )
        for context, result in zip(contexts, reply.results, strict=True):
            if result.lost:
                context.lost.set()
                self._stop_task(context)
            elif result.cancel_requested and not context.cancel.is_set():
                context.cancel.set()

    def _stop_task(self, context: JobContext) -> None:
        running = self._running.get(context.lease.lease_id)
        if running is not None:
            running[0].cancel()

    async def _drain(self) -> None:
        tasks = [task for task, _ in self._running.values()]
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=DRAIN)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
