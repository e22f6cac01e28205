"""Callbacks over real gRPC, Postgres and NATS: a waiting job becomes due once, and nothing else changes."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass
from typing import Any, TypeAlias

import asyncpg
import pytest

from kit.bus import connect
from kit.context import Role
from kit.errors import Conflict, InvalidInput, PermissionDenied
from kit.testing.house import House
from sfd.jobs.v1 import job_pb2 as jobs
from sfd.jobs.v1 import job_service_pb2 as rpc
from sfd.jobs.v1 import job_service_pb2_grpc
from stack.servers import Servers

pytestmark = pytest.mark.system
Stub: TypeAlias = "job_service_pb2_grpc.JobServiceStub"
S = jobs.SubmissionState
HOUR = 3600
STATES = ("SUBMITTING", "SUBMIT_UNKNOWN", "SUBMITTED", "RUNNING")


@dataclass
class Life:
    """One paid call of one job, as its worker and a vendor's callback see it."""

    user: Stub
    worker: Stub
    queue: str
    lease: jobs.Lease
    submission: str
    operation: str

    async def move(self, to: str, expected: str, **more: Any) -> jobs.Submission:
        """Records a step of the paid call."""
        wanted = jobs.Submission(
            id=self.submission, job_id=self.lease.job.id, state=S.Value(f"SUBMISSION_STATE_{to}"), **more
        )
        request = rpc.RecordSubmissionRequest(
            lease_id=self.lease.lease_id, submission=wanted, expected=S.Value(f"SUBMISSION_STATE_{expected}")
        )
        return (await self.worker.RecordSubmission(request)).submission

    async def submitted(self) -> None:
        """The vendor has taken it."""
        await self.move("SUBMITTING", "INTENT")
        await self.move("SUBMITTED", "SUBMITTING", operation_id=self.operation)

    async def lost(self) -> None:
        """No answer came."""
        await self.move("SUBMITTING", "INTENT")
        await self.move("SUBMIT_UNKNOWN", "SUBMITTING")

    async def snooze(self, seconds: int = HOUR, *, hold: bool = False) -> None:
        """Gives the job back."""
        back = rpc.Snooze(job_id=self.lease.job.id, lease_id=self.lease.lease_id, hold=hold)
        back.delay.FromSeconds(seconds)
        assert (await self.worker.SnoozeJobs(rpc.SnoozeJobsRequest(snoozes=[back]))).results[0].accepted

    async def due(self) -> bool:
        """Leases the job if it is due."""
        request = rpc.LeaseJobsRequest(queue=self.queue, max=5, kinds=["test.paid"])
        leases = (await self.worker.LeaseJobs(request)).leases
        if leases:
            self.lease = leases[0]
        return bool(leases)

    async def wake(self, vendor: str = "fal", **named: str) -> bool:
        """A vendor calls back."""
        request = rpc.WakeSubmissionRequest(vendor=vendor, **(named or {"submission_id": self.submission}))
        return (await self.worker.WakeSubmission(request)).woken

    async def job(self) -> jobs.Job:
        """The job as it stands."""
        return (await self.user.GetJob(rpc.GetJobRequest(id=self.lease.job.id))).job


async def begin(house: House) -> Life:
    user = job_service_pb2_grpc.JobServiceStub(house.channel(account=str(uuid.uuid4())))
    worker = job_service_pb2_grpc.JobServiceStub(house.channel(role=Role.WORKER))
    queue = f"q{uuid.uuid4().hex[:12]}"
    new = jobs.NewJob(step="s", kind="test.paid", queue=queue, payload_type="x")
    await user.SubmitRun(rpc.SubmitRunRequest(kind="test", jobs=[new]))
    request = rpc.LeaseJobsRequest(queue=queue, max=1, kinds=["test.paid"])
    (lease,) = (await worker.LeaseJobs(request)).leases
    life = Life(user, worker, queue, lease, str(uuid.uuid4()), f"op-{uuid.uuid4().hex}")
    await life.move("INTENT", "UNSPECIFIED", vendor="fal", model="m", purpose="film-0/0", price_nano_usd=7)
    return life


@pytest.fixture
async def life(storage_house: House) -> Life:
    return await begin(storage_house)


@pytest.mark.parametrize("by_operation", [False, True])
async def test_a_waiting_job_is_due_at_once_and_a_second_callback_does_nothing(life: Life, by_operation: bool) -> None:
    await life.submitted()
    await life.snooze()
    assert not await life.due()
    name = {"operation_id": life.operation} if by_operation else {"submission_id": life.submission}
    assert [await life.wake(**name) for _ in range(2)] == [True, False]
    assert await life.due()
    assert life.lease.submissions[0].operation_id == life.operation
    await life.snooze()
    assert not await life.due(), "one callback is one look"


async def test_a_callback_while_the_worker_looks_makes_it_look_once_more(life: Life) -> None:
    await life.submitted()
    assert [await life.wake() for _ in range(2)] == [True, False]
    await life.snooze()
    assert await life.due()
    await life.snooze()
    assert not await life.due()


async def test_the_worker_hears_of_it_by_the_bus(storage_house: House, servers: Servers, life: Life) -> None:
    await life.submitted()
    await life.snooze()
    heard = asyncio.Event()

    async with connect(servers.nats_url, "test") as bus:
        listening, probe = asyncio.Event(), f"q{uuid.uuid4().hex}"
        await bus.on_wake(life.queue, heard.set)
        await bus.on_wake(probe, listening.set)
        while not listening.is_set():
            await bus.wake(probe)
            await asyncio.sleep(0.05)
        await life.wake()
        await asyncio.wait_for(heard.wait(), 20)


async def test_what_is_not_known_changes_nothing(life: Life) -> None:
    await life.submitted()
    await life.snooze()
    for vendor, named in (
        ("replicate", {"submission_id": life.submission}),
        ("replicate", {"operation_id": life.operation}),
        ("fal", {"submission_id": str(uuid.uuid4())}),
        ("fal", {"operation_id": "nobody's"}),
        ("fal", {"submission_id": str(uuid.uuid4()), "operation_id": life.operation}),
    ):
        assert not await life.wake(vendor, **named)
    assert not await life.due()


@pytest.mark.parametrize("how", ["completed", "failed", "cancelled"])
async def test_an_ended_job_stays_as_it_ended(life: Life, how: str) -> None:
    await life.submitted()
    match how:
        case "completed":
            await life.move("DONE", "SUBMITTED", cost_nano_usd=7)
            done = rpc.Completion(job_id=life.lease.job.id, lease_id=life.lease.lease_id)
            await life.worker.CompleteJobs(rpc.CompleteJobsRequest(completions=[done]))
        case "failed":
            bad = rpc.FailedJob(job_id=life.lease.job.id, lease_id=life.lease.lease_id)
            bad.failure.reason = "no"
            await life.worker.FailJobs(rpc.FailJobsRequest(failures=[bad]))
        case _:
            await life.user.CancelRun(rpc.CancelRunRequest(id=life.lease.job.run_id))
            gone = rpc.FailedJob(job_id=life.lease.job.id, lease_id=life.lease.lease_id, cancelled=True)
            await life.worker.FailJobs(rpc.FailJobsRequest(failures=[gone]))
    before = await life.job()
    assert before.state in (jobs.JOB_STATE_SUCCEEDED, jobs.JOB_STATE_FAILED, jobs.JOB_STATE_CANCELLED)
    assert not await life.wake()
    assert not await life.wake(operation_id=life.operation)
    assert await life.job() == before


async def test_what_was_told_of_a_lost_call_reaches_its_worker_as_a_hint(life: Life) -> None:
    await life.lost()
    await life.snooze()
    assert await life.wake(submission_id=life.submission, operation_id="told-7")
    assert await life.due()
    (found,) = life.lease.submissions
    assert (found.state, found.operation_id, found.told_operation_id) == (
        S.SUBMISSION_STATE_SUBMIT_UNKNOWN,
        "",
        "told-7",
    ), "a hint is no truth"
    known = await life.move("SUBMITTED", "SUBMIT_UNKNOWN", operation_id="told-7")
    await life.snooze()
    await life.wake(submission_id=life.submission, operation_id="told-8")
    assert await life.due()
    assert (known.told_operation_id, life.lease.submissions[0].told_operation_id) == ("told-7", "told-7")


async def test_a_call_that_waits_for_a_person_is_looked_for_again(life: Life) -> None:
    await life.lost()
    await life.move("NEEDS_USER", "SUBMIT_UNKNOWN")
    await life.snooze(hold=True)
    assert (await life.job()).held
    assert await life.wake(submission_id=life.submission, operation_id="told")
    assert await life.due()
    assert (life.lease.submissions[0].state, (await life.job()).held) == (S.SUBMISSION_STATE_SUBMIT_UNKNOWN, False)


async def test_nobody_is_asked_what_a_callback_has_just_told(life: Life) -> None:
    await life.lost()
    await life.wake(submission_id=life.submission, operation_id="told")
    with pytest.raises(Conflict) as caught:
        await life.move("NEEDS_USER", "SUBMIT_UNKNOWN")
    assert caught.value.reason == "submission_moved"
    await life.snooze()
    assert await life.due()
    assert (await life.move("NEEDS_USER", "SUBMIT_UNKNOWN")).state == S.SUBMISSION_STATE_NEEDS_USER


async def test_callbacks_of_one_call_have_an_end(life: Life) -> None:
    await life.submitted()
    woken = []
    for _ in range(25):
        await life.snooze()
        woken.append(await life.wake())
        if not woken[-1]:
            break
        assert await life.due()
    assert woken == [True] * 20 + [False]


async def test_only_a_worker_may_wake_and_must_say_what(life: Life) -> None:
    with pytest.raises(PermissionDenied):
        await life.user.WakeSubmission(rpc.WakeSubmissionRequest(vendor="fal", submission_id=life.submission))
    for named in ({}, {"submission_id": "no uuid"}, {"submission_id": "no uuid", "operation_id": "x"}):
        with pytest.raises(InvalidInput):
            await life.worker.WakeSubmission(rpc.WakeSubmissionRequest(vendor="fal", **named))
    with pytest.raises(InvalidInput):
        await life.worker.WakeSubmission(rpc.WakeSubmissionRequest(vendor="fal", operation_id="x" * 257))


async def test_many_callbacks_and_looks_at_once_lose_nothing(storage_house: House, servers: Servers) -> None:
    """However a callback and its worker's snooze meet, the job is due afterwards."""
    lives = await asyncio.gather(*(begin(storage_house) for _ in range(12)))
    await asyncio.gather(*(life.submitted() for life in lives))
    await asyncio.gather(*(step for life in lives for step in (life.snooze(), life.wake())))
    assert all(await asyncio.gather(*(life.due() for life in lives)))
    sql = await asyncpg.connect(servers.postgres_dsn)
    try:
        counted = await sql.fetch(
            "SELECT callbacks FROM submissions WHERE id = ANY($1)", [uuid.UUID(o.submission) for o in lives]
        )
    finally:
        await sql.close()
    assert [row["callbacks"] for row in counted] == [1] * 12
