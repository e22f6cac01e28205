"""The queue in a test's hands: a user's and a worker's stub, a queue of its own, paid calls, and a look into the tables."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import asyncpg

from kit.bus import connect
from kit.context import Role
from kit.identity import DEFAULT_ACCOUNT_ID
from kit.testing.house import House
from services.storage.db import Database
from services.storage.jobs.sweep import Sweep
from sfd.jobs.v1 import job_pb2 as jobs
from sfd.jobs.v1 import job_service_pb2 as rpc
from sfd.jobs.v1 import job_service_pb2_grpc
from stack.servers import Servers

Stub: TypeAlias = "job_service_pb2_grpc.JobServiceStub"
S = jobs.SubmissionState
KIND = "test.paid"
PRICE = 250_000_000
TO = {
    "intent": (),
    "submitting": (S.SUBMISSION_STATE_SUBMITTING,),
    "running": (S.SUBMISSION_STATE_SUBMITTING, S.SUBMISSION_STATE_SUBMITTED, S.SUBMISSION_STATE_RUNNING),
    "needs_user": (
        S.SUBMISSION_STATE_SUBMITTING,
        S.SUBMISSION_STATE_SUBMIT_UNKNOWN,
        S.SUBMISSION_STATE_NEEDS_USER,
    ),
}


@dataclass
class Bench:
    """One test's queue."""

    user: Stub
    worker: Stub
    sql: Any
    sweep: Sweep
    queue: str = field(default_factory=lambda: f"q{uuid.uuid4().hex[:12]}")

    def job(self, step: str, **more: Any) -> jobs.NewJob:
        """Returns a job for this queue."""
        return jobs.NewJob(**{"step": step, "kind": KIND, "queue": self.queue, "input_json": "{}", **more})

    async def submit(self, *new: jobs.NewJob, **more: Any) -> jobs.Run:
        """Accepts a run."""
        return (await self.user.SubmitRun(rpc.SubmitRunRequest(**{"kind": "test", "jobs": new, **more}))).run

    async def lease(self) -> list[jobs.Lease]:
        """Takes what is due."""
        return list((await self.worker.LeaseJobs(rpc.LeaseJobsRequest(queue=self.queue, max=10, kinds=[KIND]))).leases)

    async def lease_one(self) -> jobs.Lease:
        """Takes the one job that is due or comes due in a while."""
        async with asyncio.timeout(15):
            while not (found := await self.lease()):
                await asyncio.sleep(0.05)
        (one,) = found
        return one

    async def complete(self, one: jobs.Lease) -> rpc.ReportResult:
        """Reports a result."""
        item = rpc.Completion(job_id=one.job.id, lease_id=one.lease_id, output_json='{"ok":true}')
        return (await self.worker.CompleteJobs(rpc.CompleteJobsRequest(completions=[item]))).results[0]

    async def fail(
        self, one: jobs.Lease, reason: str = "bad", *, cancelled: bool = False, retryable: bool = False
    ) -> rpc.ReportResult:
        """Reports a failure; another attempt is due at once."""
        failure = jobs.Failure(reason=reason, message="Bad.", retryable=retryable)
        item = rpc.FailedJob(job_id=one.job.id, lease_id=one.lease_id, failure=failure, cancelled=cancelled)
        item.delay.FromMilliseconds(0)
        return (await self.worker.FailJobs(rpc.FailJobsRequest(failures=[item]))).results[0]

    async def snooze(self, one: jobs.Lease, *, hold: bool = False) -> None:
        """Gives a job back."""
        item = rpc.Snooze(job_id=one.job.id, lease_id=one.lease_id, hold=hold)
        item.delay.FromMilliseconds(0)
        assert (await self.worker.SnoozeJobs(rpc.SnoozeJobsRequest(snoozes=[item]))).results[0].accepted

    async def beat(self, one: jobs.Lease) -> rpc.HeartbeatResult:
        """Keeps a lease and returns the orders that come back."""
        item = rpc.Heartbeat(job_id=one.job.id, lease_id=one.lease_id)
        return (await self.worker.HeartbeatJobs(rpc.HeartbeatJobsRequest(heartbeats=[item]))).results[0]

    async def lose(self, one: jobs.Lease) -> None:
        """Lets the lease run out as if its worker had died, and has it taken back."""
        await self.sql.execute(
            "UPDATE jobs SET lease_until = now() - interval '1 second' WHERE id = $1", uuid.UUID(one.job.id)
        )
        await self.sweep.once()
        await self.sql.execute("UPDATE jobs SET run_after = now() WHERE id = $1", uuid.UUID(one.job.id))

    async def pay(self, one: jobs.Lease, state: str, key: str) -> str:
        """Opens a paid call and takes it to `state`; returns its id."""
        name, before = str(uuid.uuid4()), S.SUBMISSION_STATE_INTENT
        first = jobs.Submission(
            id=name, job_id=one.job.id, state=before, vendor="openai", model="m", price_nano_usd=PRICE
        )
        first.purpose, first.key_id, first.key_slots, first.request_json = "film/0", key, 1, "{}"
        await self.record(one, first, S.SUBMISSION_STATE_UNSPECIFIED)
        for to in TO[state]:
            await self.record(one, jobs.Submission(id=name, job_id=one.job.id, state=to, operation_id="op"), before)
            before = to
        return name

    async def record(self, one: jobs.Lease, wanted: jobs.Submission, expected: S.ValueType) -> None:
        """Moves a paid call."""
        await self.worker.RecordSubmission(
            rpc.RecordSubmissionRequest(lease_id=one.lease_id, submission=wanted, expected=expected)
        )

    async def run(self, run: jobs.Run) -> jobs.Run:
        """Reads a run again."""
        return (await self.user.GetRun(rpc.GetRunRequest(id=run.id))).run

    async def steps(self, run: jobs.Run) -> dict[str, jobs.Job]:
        """Returns the jobs of a run by step."""
        return {j.step: j for j in (await self.user.ListJobs(rpc.ListJobsRequest(run_id=run.id))).jobs}

    async def cancel(self, job: jobs.Job, request_id: str = "") -> jobs.Job:
        """Asks one job to stop."""
        return (await self.user.CancelJob(rpc.CancelJobRequest(id=job.id, request_id=request_id))).job

    async def letters(self) -> list[jobs.DeadLetter]:
        """Returns the dead letters of this queue, newest first."""
        found = (await self.user.ListDeadLetters(rpc.ListDeadLettersRequest(page_size=1000))).dead_letters
        return [letter for letter in found if letter.job.queue == self.queue]


@asynccontextmanager
async def bench(house: House, servers: Servers) -> AsyncIterator[Bench]:
    """Yields a bench on a running storage, as an account of its own."""
    user = job_service_pb2_grpc.JobServiceStub(house.channel(account=DEFAULT_ACCOUNT_ID))
    worker = job_service_pb2_grpc.JobServiceStub(house.channel(role=Role.WORKER))
    connection = await asyncpg.connect(servers.postgres_dsn)
    database = Database(servers.postgres_dsn, size=2)
    try:
        async with connect(servers.nats_url, "test") as bus:
            yield Bench(user, worker, connection, Sweep(database, bus))
    finally:
        await database.close()
        await connection.close()
