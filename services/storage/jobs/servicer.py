"""JobService: decode, one use case, encode."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from datetime import datetime
from typing import Any

import asyncpg

from kit.bus import Bus
from kit.errors import AlreadyExists, Conflict, InvalidInput
from services.storage import idempotency
from services.storage.access import account
from services.storage.db import Database, Pg
from services.storage.ids import page_size, public_id, uuid7
from services.storage.jobs import sql
from services.storage.jobs.accept import Acceptor, NewRun, insert_runs
from services.storage.jobs.convert import lease_message
from services.storage.jobs.dead_letters import DeadLetters
from services.storage.jobs.doubles import refuse_doubles
from services.storage.jobs.events import Events, Relay
from services.storage.jobs.items import at_most, clean, fraction, uuid_of
from services.storage.jobs.operations import operations
from services.storage.jobs.removal import remove_run
from services.storage.jobs.report import Reports
from services.storage.jobs.rules import MAX_DELAY, check_submit
from services.storage.jobs.runs import Runs
from services.storage.jobs.submissions import Submissions
from services.storage.jobs.submit import build
from services.storage.jobs.wakes import wake
from services.storage.jobs.watching import Watching
from sfd.jobs.v1 import job_pb2, job_service_pb2, job_service_pb2_grpc
from sfd.jobs.v1.job_service_pb2 import (
    CancelRunResponse,
    CompleteJobsResponse,
    FailJobsResponse,
    HeartbeatJobsResponse,
    HeartbeatResult,
    ListEventsResponse,
    ReportResult,
    SnoozeJobsResponse,
    SubmitRunResponse,
    WatchEventsResponse,
)

CheckRevision = Callable[[Pg, uuid.UUID, str, int], Awaitable[None]]


class JobServicer(job_service_pb2_grpc.JobServiceServicer):
    """The record and the queue. After each commit that made something due it publishes a wake-up."""

    def __init__(
        self,
        database: Database,
        bus: Bus,
        reports: Reports,
        relay: Relay,
        check_revision: CheckRevision,
        *,
        heartbeat_seconds: float = 15.0,
    ) -> None:
        self._db = database
        self._bus = bus
        self._closing = False
        self._acceptor = Acceptor(database)
        self._runs = Runs(database)
        self._dead_letters = DeadLetters(database)
        self._reports = reports
        self._submissions = Submissions(database)
        self._events = Events(database)
        self._relay = relay
        self._check_revision = check_revision
        self._watching = Watching(self._events, relay, heartbeat_seconds)

    def close(self) -> None:
        """Ends open streams: a watcher asks another process, instead of keeping this one alive for the whole grace."""
        self._closing = True

    async def tell(self, queues: Iterable[str]) -> None:
        """Wakes the relay and the workers of `queues`."""
        self._relay.wake()
        for queue in sorted(queues):
            await self._bus.wake(queue)

    async def SubmitRun(self, request: job_service_pb2.SubmitRunRequest, context: Any) -> SubmitRunResponse:
        """Accepts a run; one statement, one commit."""
        owner = account()
        idempotency.check_request_id(request.request_id)
        check_submit(request)
        graph = build(request.jobs)
        run_id, name = uuid7(), request.public_id or public_id("job")
        succeeded = graph.count("succeeded")
        reply = SubmitRunResponse(
            run=job_pb2.Run(
                id=str(run_id),
                public_id=name,
                account_id=str(owner),
                kind=request.kind,
                drama_id=request.drama_id,
                state=job_pb2.JOB_STATE_SUCCEEDED if succeeded == len(graph.ids) else job_pb2.JOB_STATE_QUEUED,
                total=len(graph.ids),
                succeeded=succeeded,
                result_json=request.result_json,
                metadata_json=request.metadata_json,
                ceiling_nano_usd=request.ceiling_nano_usd,
            )
        )
        sha256 = idempotency.request_hash(request) if request.request_id else ""
        run = NewRun(
            id=run_id,
            account=owner,
            public_id=name,
            kind=request.kind,
            drama_id=request.drama_id,
            result=request.result_json,
            metadata=request.metadata_json,
            ceiling_nano_usd=request.ceiling_nano_usd,
            request_id=request.request_id,
            request_sha256=sha256,
            reply=reply.SerializeToString(),
            graph=graph,
            label=request.label,
        )
        try:
            created = await self._accept(run, request.expected_revision)
        except (asyncpg.UniqueViolationError, Conflict) as error:
            known = await self._replayed(owner, request.request_id, sha256)
            if known is None:
                if isinstance(error, Conflict):
                    raise
                raise AlreadyExists(f"The id {name} is taken.", field="public_id") from error
            return known
        reply.run.created_at.FromDatetime(created)
        await self.tell(
            {j.queue for j, s, w in zip(graph.jobs, graph.states, graph.waits, strict=True) if s == "queued" and not w}
        )
        return reply

    async def _accept(self, run: NewRun, revision: int) -> datetime:
        if not revision:
            return await self._acceptor.accept(run)
        async with self._db.transaction() as pg:
            await self._check_revision(pg, run.account, run.drama_id, revision)
            await refuse_doubles(pg, run)
            return await insert_runs(pg, [run])

    async def _replayed(self, owner: uuid.UUID, request_id: str, sha256: str) -> SubmitRunResponse | None:
        if not request_id:
            return None
        known = await idempotency.replay(self._db, owner, "SubmitRun", request_id, sha256, SubmitRunResponse)
        if known is not None:
            known.run.created_at.CopyFrom((await self._runs.get(owner, known.run.id)).created_at)
        return known

    async def GetRun(self, request: job_service_pb2.GetRunRequest, context: Any) -> job_service_pb2.GetRunResponse:
        """One run."""
        return job_service_pb2.GetRunResponse(run=await self._runs.get(account(), request.id))

    async def ListRuns(
        self, request: job_service_pb2.ListRunsRequest, context: Any
    ) -> job_service_pb2.ListRunsResponse:
        """A page of runs."""
        return await self._runs.list(account(), request)

    async def DeleteRun(
        self, request: job_service_pb2.DeleteRunRequest, context: Any
    ) -> job_service_pb2.DeleteRunResponse:
        """Removes a run that has ended."""
        owner, queues = account(), set[str]()
        response = job_service_pb2.DeleteRunResponse

        async def work(pg: Pg) -> job_service_pb2.DeleteRunResponse:
            queues.clear()
            return response(deleted=await remove_run(pg, owner, request.id, queues))

        reply = await idempotency.once(self._db, owner, "DeleteRun", request.request_id, request, response, work)
        await self.tell(queues)
        return reply

    async def CancelRun(self, request: job_service_pb2.CancelRunRequest, context: Any) -> CancelRunResponse:
        """Asks a run to stop."""
        owner, queues = account(), set[str]()

        async def work(pg: Pg) -> CancelRunResponse:
            queues.clear()
            return CancelRunResponse(run=job_pb2.Run(id=str(await self._runs.cancel(pg, owner, request.id, queues))))

        reply = await idempotency.once(
            self._db, owner, "CancelRun", request.request_id, request, CancelRunResponse, work
        )
        await self.tell(queues)
        return CancelRunResponse(run=await self._runs.get(owner, reply.run.id))

    async def GetJob(self, request: job_service_pb2.GetJobRequest, context: Any) -> job_service_pb2.GetJobResponse:
        """One job."""
        return job_service_pb2.GetJobResponse(job=await self._runs.job(account(), request.id))

    async def CancelJob(
        self, request: job_service_pb2.CancelJobRequest, context: Any
    ) -> job_service_pb2.CancelJobResponse:
        """Asks one job to stop."""
        owner, queues = account(), set[str]()
        response = job_service_pb2.CancelJobResponse

        async def work(pg: Pg) -> job_service_pb2.CancelJobResponse:
            queues.clear()
            return response(job=job_pb2.Job(id=str(await self._runs.cancel_job(pg, owner, request.id, queues))))

        reply = await idempotency.once(self._db, owner, "CancelJob", request.request_id, request, response, work)
        await self.tell(queues)
        return response(job=await self._runs.job(owner, reply.job.id))

    async def ListDeadLetters(
        self, request: job_service_pb2.ListDeadLettersRequest, context: Any
    ) -> job_service_pb2.ListDeadLettersResponse:
        """A page of jobs that were set aside."""
        return await self._dead_letters.list(account(), request)

    async def RedriveDeadLetter(
        self, request: job_service_pb2.RedriveDeadLetterRequest, context: Any
    ) -> job_service_pb2.RedriveDeadLetterResponse:
        """Sends a job that was set aside in again."""
        owner, queues = account(), set[str]()
        response = job_service_pb2.RedriveDeadLetterResponse

        async def work(pg: Pg) -> job_service_pb2.RedriveDeadLetterResponse:
            queues.clear()
            run_id, queue = await self._dead_letters.redrive(pg, owner, request.job_id)
            queues.add(queue)
            return response(run=job_pb2.Run(id=str(run_id)))

        reply = await idempotency.once(
            self._db, owner, "RedriveDeadLetter", request.request_id, request, response, work
        )
        await self.tell(queues)
        return response(run=await self._runs.get(owner, reply.run.id))

    async def ListJobs(
        self, request: job_service_pb2.ListJobsRequest, context: Any
    ) -> job_service_pb2.ListJobsResponse:
        """A page of a run's jobs."""
        return await self._runs.jobs(account(), request)

    async def ListEvents(self, request: job_service_pb2.ListEventsRequest, context: Any) -> ListEventsResponse:
        """Events after a position."""
        owner = account()
        run_id = await self._run_id(owner, request.run_id)
        limit = page_size(request.page_size)
        head = await self._events.head()
        events = await self._events.list(
            owner, run_id=run_id, drama_id=request.drama_id, after=max(0, request.after_pos), limit=limit
        )
        return ListEventsResponse(events=events, head_pos=head)

    async def WatchEvents(
        self, request: job_service_pb2.WatchEventsRequest, context: Any
    ) -> AsyncIterator[WatchEventsResponse]:
        """Events as they happen, with a sign of life when nothing happens; ends with the watched run."""
        owner = account()
        run_id = await self._run_id(owner, request.run_id)
        after = max(0, request.after_pos)
        async for reply in self._watching.watch(owner, run_id, request.drama_id, after, lambda: self._closing):
            yield reply

    async def _run_id(self, owner: uuid.UUID, name: str) -> uuid.UUID | None:
        return uuid.UUID((await self._runs.get(owner, name)).id) if name else None

    async def ListSubmissions(
        self, request: job_service_pb2.ListSubmissionsRequest, context: Any
    ) -> job_service_pb2.ListSubmissionsResponse:
        """A page of paid calls."""
        owner = account()
        return await self._submissions.list(owner, request, await self._run_id(owner, request.run_id))

    async def ListOperations(
        self, request: job_service_pb2.ListOperationsRequest, context: Any
    ) -> job_service_pb2.ListOperationsResponse:
        """What runs have bought."""
        return await operations(self._db, account(), request.run_ids)

    async def ResolveSubmission(
        self, request: job_service_pb2.ResolveSubmissionRequest, context: Any
    ) -> job_service_pb2.ResolveSubmissionResponse:
        """A person's decision."""
        owner, queues = account(), set[str]()
        response = job_service_pb2.ResolveSubmissionResponse

        async def work(pg: Pg) -> job_service_pb2.ResolveSubmissionResponse:
            queues.clear()
            return response(submission=await self._submissions.resolve(pg, owner, request, queues))

        reply = await idempotency.once(
            self._db, owner, "ResolveSubmission", request.request_id, request, response, work
        )
        await self.tell(queues)
        return reply

    async def LeaseJobs(
        self, request: job_service_pb2.LeaseJobsRequest, context: Any
    ) -> job_service_pb2.LeaseJobsResponse:
        """Takes due jobs."""
        if not 1 <= request.max <= 100:
            raise InvalidInput("max must be 1 to 100.", field="max")
        at_most(request.kinds, 1000, "kinds")
        rows = await self._db.fetch(sql.LEASE, request.queue, list(request.kinds), request.max, request.worker[:200])
        if rows:
            self._relay.wake()
        return job_service_pb2.LeaseJobsResponse(leases=[lease_message(row) for row in rows])

    async def HeartbeatJobs(self, request: job_service_pb2.HeartbeatJobsRequest, context: Any) -> HeartbeatJobsResponse:
        """Keeps leases."""
        beats = at_most(request.heartbeats, 1000, "heartbeats")
        rows = await self._db.fetch(
            sql.HEARTBEAT,
            [uuid_of(b.job_id) for b in beats],
            [uuid_of(b.lease_id) for b in beats],
            [fraction(b) for b in beats],
            [clean(b.progress_message) for b in beats],
        )
        self._relay.wake()
        return HeartbeatJobsResponse(
            results=[
                HeartbeatResult(job_id=beat.job_id, lost=row["lost"], cancel_requested=row["cancel_requested"])
                for beat, row in zip(beats, rows, strict=True)
            ]
        )

    async def SnoozeJobs(self, request: job_service_pb2.SnoozeJobsRequest, context: Any) -> SnoozeJobsResponse:
        """Gives jobs back."""
        items = at_most(request.snoozes, 1000, "snoozes")
        rows = await self._db.fetch(
            sql.SNOOZE,
            [uuid_of(i.job_id) for i in items],
            [uuid_of(i.lease_id) for i in items],
            [max(0.0, min(MAX_DELAY, i.delay.ToMilliseconds() / 1000)) for i in items],
            [i.hold for i in items],
            [fraction(i) for i in items],
            [clean(i.progress_message) for i in items],
        )
        await self.tell({row["queue"] for row in rows if row["applied"] and row["delay"] < 0.05})
        return SnoozeJobsResponse(
            results=[
                ReportResult(job_id=item.job_id, accepted=row["applied"], state=job_pb2.JOB_STATE_QUEUED)
                for item, row in zip(items, rows, strict=True)
            ]
        )

    async def CompleteJobs(self, request: job_service_pb2.CompleteJobsRequest, context: Any) -> CompleteJobsResponse:
        """Reports results."""
        results, queues = await self._reports.complete(at_most(request.completions, 100, "completions"))
        await self.tell(queues)
        return CompleteJobsResponse(results=results)

    async def FailJobs(self, request: job_service_pb2.FailJobsRequest, context: Any) -> FailJobsResponse:
        """Reports failures."""
        results, queues = await self._reports.fail(at_most(request.failures, 100, "failures"))
        await self.tell(queues)
        return FailJobsResponse(results=results)

    async def RecordSubmission(
        self, request: job_service_pb2.RecordSubmissionRequest, context: Any
    ) -> job_service_pb2.RecordSubmissionResponse:
        """One step in the life of a paid call; finished even when the caller is gone, because it knows what nobody else does."""
        stored = await asyncio.shield(self._submissions.record(request, queues := set[str]()))
        await self.tell(queues)
        return job_service_pb2.RecordSubmissionResponse(submission=stored)

    async def WakeSubmission(
        self, request: job_service_pb2.WakeSubmissionRequest, context: Any
    ) -> job_service_pb2.WakeSubmissionResponse:
        """A vendor called back."""
        woken = await wake(self._db, request, queues := set[str]())
        await self.tell(queues)
        return job_service_pb2.WakeSubmissionResponse(woken=woken)
