"""Paying once over real gRPC and real Postgres: compare-and-set, money, slots, people's decisions, late truths."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any, TypeAlias

import pytest

from kit.context import Role
from kit.errors import Conflict, Exhausted, NotReady
from kit.testing.house import House
from sfd.jobs.v1 import job_pb2 as jobs
from sfd.jobs.v1 import job_service_pb2 as rpc
from sfd.jobs.v1 import job_service_pb2_grpc

pytestmark = pytest.mark.system
Stub: TypeAlias = "job_service_pb2_grpc.JobServiceStub"
S = jobs.SubmissionState
PRICE = 250_000_000


@pytest.fixture
async def user(storage_house: House) -> Stub:
    return job_service_pb2_grpc.JobServiceStub(storage_house.channel())


@pytest.fixture
async def worker(storage_house: House) -> Stub:
    return job_service_pb2_grpc.JobServiceStub(storage_house.channel(role=Role.WORKER))


async def leased(
    user: Stub, worker: Stub, count: int = 1, ceiling: int = 0, drama: str = ""
) -> tuple[jobs.Run, list[jobs.Lease]]:
    queue = f"q{uuid.uuid4().hex[:12]}"
    new = [jobs.NewJob(step=f"s{n}", kind="test.paid", queue=queue, payload_type="x") for n in range(count)]
    request = rpc.SubmitRunRequest(kind="test", jobs=new, ceiling_nano_usd=ceiling, drama_id=drama)
    run = (await user.SubmitRun(request)).run
    reply = await worker.LeaseJobs(rpc.LeaseJobsRequest(queue=queue, max=count, kinds=["test.paid"]))
    return run, list(reply.leases)


async def record(
    worker: Stub, lease: jobs.Lease, to: S.ValueType, expected: S.ValueType, submission_id: str, **more: Any
) -> jobs.Submission:
    wanted = jobs.Submission(id=submission_id, job_id=lease.job.id, state=to, **more)
    request = rpc.RecordSubmissionRequest(lease_id=lease.lease_id, submission=wanted, expected=expected)
    return (await worker.RecordSubmission(request)).submission


async def intend(worker: Stub, lease: jobs.Lease, **more: Any) -> str:
    submission_id = str(uuid.uuid4())
    fields = {
        "vendor": "openai",
        "model": "m",
        "price_nano_usd": PRICE,
        "purpose": "draw/0",
        "request_json": "{}",
        **more,
    }
    await record(worker, lease, S.SUBMISSION_STATE_INTENT, S.SUBMISSION_STATE_UNSPECIFIED, submission_id, **fields)
    return submission_id


async def money(user: Stub, run: jobs.Run) -> tuple[int, int]:
    found = (await user.GetRun(rpc.GetRunRequest(id=run.id))).run
    return found.held_nano_usd, found.cost_nano_usd


async def test_a_paid_call_holds_its_price_and_settles_once(user: Stub, worker: Stub) -> None:
    run, (lease,) = await leased(user, worker)
    one = await intend(worker, lease)
    assert await money(user, run) == (PRICE, 0)
    await record(worker, lease, S.SUBMISSION_STATE_SUBMITTING, S.SUBMISSION_STATE_INTENT, one)
    await record(worker, lease, S.SUBMISSION_STATE_SUBMITTED, S.SUBMISSION_STATE_SUBMITTING, one, operation_id="op")
    for _ in range(3):
        await record(worker, lease, S.SUBMISSION_STATE_DONE, S.SUBMISSION_STATE_SUBMITTED, one, cost_nano_usd=7)
    assert await money(user, run) == (0, 7)


async def test_an_open_paid_call_is_not_opened_twice(user: Stub, worker: Stub) -> None:
    _, (lease,) = await leased(user, worker)
    await intend(worker, lease)
    with pytest.raises(Conflict):
        await intend(worker, lease)


async def test_a_state_is_left_once(user: Stub, worker: Stub) -> None:
    _, (lease,) = await leased(user, worker)
    one = await intend(worker, lease)
    await record(worker, lease, S.SUBMISSION_STATE_SUBMITTING, S.SUBMISSION_STATE_INTENT, one)
    with pytest.raises(Conflict):
        await record(worker, lease, S.SUBMISSION_STATE_RUNNING, S.SUBMISSION_STATE_SUBMITTED, one)


async def test_a_ceiling_holds_under_many_callers(user: Stub, worker: Stub) -> None:
    run, leases = await leased(user, worker, count=20, ceiling=5 * PRICE)
    outcomes = await asyncio.gather(*(intend(worker, lease) for lease in leases), return_exceptions=True)
    assert sum(isinstance(o, str) for o in outcomes) == 5
    assert all(isinstance(o, str) or (isinstance(o, Exhausted) and o.reason == "ceiling") for o in outcomes)
    assert await money(user, run) == (5 * PRICE, 0)


async def test_a_keys_slots_are_never_exceeded_and_come_back(user: Stub, worker: Stub) -> None:
    _, leases = await leased(user, worker, count=6)
    key = {"key_id": uuid.uuid4().hex, "key_slots": 2}
    outcomes = await asyncio.gather(*(intend(worker, lease, **key) for lease in leases), return_exceptions=True)
    won = [(lease, o) for lease, o in zip(leases, outcomes, strict=True) if isinstance(o, str)]
    assert len(won) == 2
    assert {o.reason for o in outcomes if isinstance(o, Exhausted)} == {"key_busy"}
    lease, one = won[0]
    await record(worker, lease, S.SUBMISSION_STATE_NOT_ACCEPTED, S.SUBMISSION_STATE_INTENT, one)
    loser = next(lease for lease, o in zip(leases, outcomes, strict=True) if not isinstance(o, str))
    assert await intend(worker, loser, **key)


async def held(user: Stub, worker: Stub) -> tuple[jobs.Run, jobs.Lease, str]:
    run, (lease,) = await leased(user, worker)
    one = await intend(worker, lease)
    await record(worker, lease, S.SUBMISSION_STATE_SUBMITTING, S.SUBMISSION_STATE_INTENT, one)
    await record(worker, lease, S.SUBMISSION_STATE_SUBMIT_UNKNOWN, S.SUBMISSION_STATE_SUBMITTING, one)
    await record(worker, lease, S.SUBMISSION_STATE_NEEDS_USER, S.SUBMISSION_STATE_SUBMIT_UNKNOWN, one)
    hold = rpc.Snooze(job_id=lease.job.id, lease_id=lease.lease_id, hold=True)
    assert (await worker.SnoozeJobs(rpc.SnoozeJobsRequest(snoozes=[hold]))).results[0].accepted
    return run, lease, one


async def again(worker: Stub, lease: jobs.Lease) -> list[jobs.Lease]:
    request = rpc.LeaseJobsRequest(queue=lease.job.queue, max=5, kinds=["test.paid"])
    return list((await worker.LeaseJobs(request)).leases)


async def test_what_waits_for_a_person_is_not_leased_until_it_is_decided(user: Stub, worker: Stub) -> None:
    run, lease, one = await held(user, worker)
    assert await again(worker, lease) == []
    assert (await money(user, run))[0] == PRICE
    decision = rpc.ResolveSubmissionRequest(submission_id=one, resolution=rpc.RESOLUTION_RESUBMIT)
    assert (await user.ResolveSubmission(decision)).submission.state == S.SUBMISSION_STATE_NOT_ACCEPTED
    (back,) = await again(worker, lease)
    assert list(back.submissions) == []
    assert await intend(worker, back)
    with pytest.raises(NotReady):
        await user.ResolveSubmission(decision)


async def test_abandoning_fails_the_job(user: Stub, worker: Stub) -> None:
    run, _, one = await held(user, worker)
    await user.ResolveSubmission(rpc.ResolveSubmissionRequest(submission_id=one, resolution=rpc.RESOLUTION_ABANDON))
    found = (await user.GetRun(rpc.GetRunRequest(id=run.id))).run
    assert (found.state, found.failure.reason, found.held_nano_usd) == (jobs.JOB_STATE_FAILED, "abandoned", 0)


async def test_a_late_truth_from_a_zombie_is_welcome_and_its_other_writes_are_not(user: Stub, worker: Stub) -> None:
    _, lease, one = await held(user, worker)
    # The lease is gone by now; the vendor's id is true all the same and frees the job.
    late = await record(
        worker, lease, S.SUBMISSION_STATE_SUBMITTED, S.SUBMISSION_STATE_SUBMITTING, one, operation_id="op-late"
    )
    assert late.operation_id == "op-late"
    (back,) = await again(worker, lease)
    assert [s.operation_id for s in back.submissions] == ["op-late"]
    with pytest.raises(Conflict):
        await record(worker, lease, S.SUBMISSION_STATE_RUNNING, S.SUBMISSION_STATE_SUBMITTED, one)


async def test_paid_calls_are_listed_by_drama(user: Stub, worker: Stub) -> None:
    dramas = [f"d{uuid.uuid4().hex}" for _ in range(2)]
    for name in (dramas[0], dramas[1], dramas[0]):
        _, (lease,) = await leased(user, worker, drama=name)
        await intend(worker, lease, purpose=name)
    for name, count in zip(dramas, (2, 1), strict=True):
        request = rpc.ListSubmissionsRequest(drama_id=name, state=S.SUBMISSION_STATE_INTENT)
        found = (await user.ListSubmissions(request)).submissions
        assert [one.purpose for one in found] == [name] * count
    assert not (await user.ListSubmissions(rpc.ListSubmissionsRequest(drama_id="none"))).submissions
