"""What an ended job leaves behind, over real gRPC and real Postgres: no money held, no slot taken, nothing that waits for ever."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from typing import Any, TypeAlias

import asyncpg
import pytest

from kit.bus import Bus, connect
from kit.context import Role
from kit.errors import Conflict, InvalidInput
from kit.testing.house import House
from services.storage.db import Database
from services.storage.jobs.sweep import Sweep
from sfd.jobs.v1 import job_pb2 as jobs
from sfd.jobs.v1 import job_service_pb2 as rpc
from sfd.jobs.v1 import job_service_pb2_grpc
from stack.servers import Servers

pytestmark = pytest.mark.system
Stub: TypeAlias = "job_service_pb2_grpc.JobServiceStub"
S = jobs.SubmissionState
PRICE = 250_000_000
KIND = "test.paid"
PATH = {
    "intent": [],
    "submitting": [S.SUBMISSION_STATE_SUBMITTING],
    "submit_unknown": [S.SUBMISSION_STATE_SUBMITTING, S.SUBMISSION_STATE_SUBMIT_UNKNOWN],
    "submitted": [S.SUBMISSION_STATE_SUBMITTING, S.SUBMISSION_STATE_SUBMITTED],
    "running": [S.SUBMISSION_STATE_SUBMITTING, S.SUBMISSION_STATE_SUBMITTED, S.SUBMISSION_STATE_RUNNING],
}


@pytest.fixture
async def user(storage_house: House) -> Stub:
    return job_service_pb2_grpc.JobServiceStub(storage_house.channel())


@pytest.fixture
async def worker(storage_house: House) -> Stub:
    return job_service_pb2_grpc.JobServiceStub(storage_house.channel(role=Role.WORKER))


@pytest.fixture
async def sql(storage_house: House, servers: Servers) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(servers.postgres_dsn)
    yield connection
    await connection.close()


@pytest.fixture
async def sweep(storage_house: House, servers: Servers) -> AsyncIterator[Sweep]:
    database = Database(servers.postgres_dsn, size=2)
    bus: Bus
    async with connect(servers.nats_url, "test") as bus:
        yield Sweep(database, bus)
    await database.close()


async def leased(user: Stub, worker: Stub, **more: Any) -> tuple[jobs.Run, jobs.Lease]:
    queue = f"q{uuid.uuid4().hex[:12]}"
    new = [jobs.NewJob(step="s", kind=KIND, queue=queue, payload_type="x", **more)]
    run = (await user.SubmitRun(rpc.SubmitRunRequest(kind="test", jobs=new))).run
    return run, (await lease(worker, queue))[0]


async def lease(worker: Stub, queue: str) -> list[jobs.Lease]:
    return list((await worker.LeaseJobs(rpc.LeaseJobsRequest(queue=queue, max=10, kinds=[KIND]))).leases)


async def record(worker: Stub, one: jobs.Lease, to: S.ValueType, expected: S.ValueType, name: str, **more: Any) -> None:
    wanted = jobs.Submission(id=name, job_id=one.job.id, state=to, **more)
    await worker.RecordSubmission(
        rpc.RecordSubmissionRequest(lease_id=one.lease_id, submission=wanted, expected=expected)
    )


async def paid(worker: Stub, one: jobs.Lease, state: str, key: str = "k", purpose: str = "draw/0") -> str:
    name = str(uuid.uuid4())
    fields: dict[str, Any] = {"vendor": "openai", "model": "m", "price_nano_usd": PRICE, "purpose": purpose}
    fields |= {"key_id": key, "key_slots": 1, "request_json": "{}"}
    await record(worker, one, S.SUBMISSION_STATE_INTENT, S.SUBMISSION_STATE_UNSPECIFIED, name, **fields)
    before: S.ValueType = S.SUBMISSION_STATE_INTENT
    for to in PATH[state]:
        await record(worker, one, to, before, name, operation_id="op" if to == S.SUBMISSION_STATE_SUBMITTED else "")
        before = to
    return name


async def found(user: Stub, run: jobs.Run) -> jobs.Run:
    return (await user.GetRun(rpc.GetRunRequest(id=run.id))).run


async def fail(worker: Stub, one: jobs.Lease, *, cancelled: bool = False) -> None:
    item = rpc.FailedJob(
        job_id=one.job.id, lease_id=one.lease_id, failure=jobs.Failure(reason="bad"), cancelled=cancelled
    )
    (result,) = (await worker.FailJobs(rpc.FailJobsRequest(failures=[item]))).results
    assert result.accepted, result


async def slots(sql: Any, key: str) -> int:
    return int(await sql.fetchval("SELECT coalesce(max(used), 0) FROM key_slots WHERE key_id = $1", key))


@pytest.mark.parametrize(
    ("state", "after", "held", "cost", "used"),
    [
        ("intent", S.SUBMISSION_STATE_NOT_ACCEPTED, 0, 0, 0),
        ("submitting", S.SUBMISSION_STATE_NEEDS_USER, PRICE, 0, 1),
        ("submit_unknown", S.SUBMISSION_STATE_NEEDS_USER, PRICE, 0, 1),
        ("submitted", S.SUBMISSION_STATE_FAILED, 0, PRICE, 0),
        ("running", S.SUBMISSION_STATE_FAILED, 0, PRICE, 0),
    ],
)
@pytest.mark.parametrize("cancelled", [True, False])
async def test_an_ended_job_leaves_no_money_held_and_no_slot_taken_in_silence(
    user: Stub,
    worker: Stub,
    sql: Any,
    state: str,
    after: S.ValueType,
    held: int,
    cost: int,
    used: int,
    cancelled: bool,
) -> None:
    key = uuid.uuid4().hex
    run, one = await leased(user, worker)
    name = await paid(worker, one, state, key)
    await fail(worker, one, cancelled=cancelled)
    ended = await found(user, run)
    assert (ended.held_nano_usd, ended.cost_nano_usd, await slots(sql, key)) == (held, cost, used)
    (left,) = (await user.ListSubmissions(rpc.ListSubmissionsRequest(run_id=run.id))).submissions
    assert left.state == after
    assert await sql.fetchval("SELECT count(*) FROM usage_entries WHERE submission_id = $1", uuid.UUID(name)) == (
        not held
    )
    if held:
        decision = rpc.ResolveSubmissionRequest(submission_id=name, resolution=rpc.RESOLUTION_ABANDON)
        await user.ResolveSubmission(decision)
        assert ((await found(user, run)).held_nano_usd, await slots(sql, key)) == (0, 0)


async def test_a_queued_job_with_an_unsent_intent_is_cancelled_without_a_hold(
    user: Stub, worker: Stub, sql: Any
) -> None:
    key = uuid.uuid4().hex
    run, one = await leased(user, worker)
    await paid(worker, one, "intent", key)
    await worker.SnoozeJobs(rpc.SnoozeJobsRequest(snoozes=[rpc.Snooze(job_id=one.job.id, lease_id=one.lease_id)]))
    await user.CancelRun(rpc.CancelRunRequest(id=run.id))
    ended = await found(user, run)
    assert (ended.state, ended.held_nano_usd, await slots(sql, key)) == (jobs.JOB_STATE_CANCELLED, 0, 0)


async def test_a_held_job_with_another_open_call_comes_back_when_its_run_is_cancelled(user: Stub, worker: Stub) -> None:
    run, one = await leased(user, worker)
    unknown = await paid(worker, one, "submit_unknown", purpose="a/0")
    await record(worker, one, S.SUBMISSION_STATE_NEEDS_USER, S.SUBMISSION_STATE_SUBMIT_UNKNOWN, unknown)
    await paid(worker, one, "running", uuid.uuid4().hex, purpose="b/0")
    hold = rpc.Snooze(job_id=one.job.id, lease_id=one.lease_id, hold=True)
    await worker.SnoozeJobs(rpc.SnoozeJobsRequest(snoozes=[hold]))
    assert await lease(worker, one.job.queue) == []
    await user.CancelRun(rpc.CancelRunRequest(id=run.id))
    (back,) = await lease(worker, one.job.queue)
    assert back.job.cancel_requested
    hold = rpc.Snooze(job_id=back.job.id, lease_id=back.lease_id, hold=True)
    await worker.SnoozeJobs(rpc.SnoozeJobsRequest(snoozes=[hold]))
    (again,) = await lease(worker, one.job.queue)
    await fail(worker, again, cancelled=True)
    assert (await found(user, run)).state == jobs.JOB_STATE_CANCELLED


async def test_a_cancelled_job_is_not_put_off(user: Stub, worker: Stub, sql: Any) -> None:
    run, one = await leased(user, worker)
    await user.CancelRun(rpc.CancelRunRequest(id=run.id))
    later = rpc.Snooze(job_id=one.job.id, lease_id=one.lease_id)
    later.delay.seconds = 3600
    await worker.SnoozeJobs(rpc.SnoozeJobsRequest(snoozes=[later]))
    wait = await sql.fetchval(
        "SELECT extract(epoch FROM run_after - now()) FROM jobs WHERE id = $1", uuid.UUID(one.job.id)
    )
    assert wait <= 1


async def test_jobs_added_while_a_cancellation_waits_are_cancelled_too(user: Stub, sql: Any) -> None:
    queue = f"q{uuid.uuid4().hex[:12]}"
    new = [jobs.NewJob(step="s", kind=KIND, queue=queue, payload_type="x")]
    run = (await user.SubmitRun(rpc.SubmitRunRequest(kind="test", jobs=new))).run
    run_id = uuid.UUID(run.id)
    async with sql.transaction():
        await sql.execute("SELECT 1 FROM jobs WHERE run_id = $1 FOR UPDATE", run_id)
        cancelling = asyncio.ensure_future(user.CancelRun(rpc.CancelRunRequest(id=run.id)))
        await asyncio.sleep(0.3)
        await sql.execute(
            """INSERT INTO jobs (id, account_id, run_id, public_id, step, place, kind, queue, payload_type, input)
               SELECT $2, account_id, run_id, $3, 'late', 1, kind, queue, payload_type, input FROM jobs WHERE run_id = $1""",
            run_id,
            uuid.uuid4(),
            uuid.uuid4().hex,
        )
        await sql.execute("UPDATE runs SET total = total + 1, open_jobs = open_jobs + 1 WHERE id = $1", run_id)
    await cancelling
    ended = await found(user, run)
    assert (ended.state, ended.cancelled) == (jobs.JOB_STATE_CANCELLED, 2)


async def test_a_lease_speaks_for_its_own_job_alone(user: Stub, worker: Stub) -> None:
    run, one = await leased(user, worker)
    name = await paid(worker, one, "submitting", uuid.uuid4().hex)
    _, other = await leased(user, worker)
    with pytest.raises(Conflict):
        await record(worker, other, S.SUBMISSION_STATE_DONE, S.SUBMISSION_STATE_SUBMITTING, name, cost_nano_usd=PRICE)
    assert (await found(user, run)).held_nano_usd == PRICE


@pytest.mark.parametrize("bad", [{"price_nano_usd": -1}, {"price_nano_usd": 2**62}, {"key_slots": -1}])
async def test_money_and_slots_are_never_negative_nor_absurd(user: Stub, worker: Stub, bad: dict[str, int]) -> None:
    _, one = await leased(user, worker)
    fields: dict[str, Any] = {"vendor": "openai", "model": "m", "purpose": "draw/0", **bad}
    with pytest.raises(InvalidInput):
        await record(
            worker, one, S.SUBMISSION_STATE_INTENT, S.SUBMISSION_STATE_UNSPECIFIED, str(uuid.uuid4()), **fields
        )


async def test_a_cancelled_job_whose_worker_died_ends_without_another_worker(
    user: Stub, worker: Stub, sql: Any, sweep: Sweep
) -> None:
    run, one = await leased(user, worker)
    await user.CancelRun(rpc.CancelRunRequest(id=run.id))
    await sql.execute("UPDATE jobs SET lease_until = now() - interval '1 second' WHERE id = $1", uuid.UUID(one.job.id))
    await sweep.once()
    assert (await found(user, run)).state == jobs.JOB_STATE_CANCELLED


@pytest.mark.parametrize("vendor", ["", "running"])
async def test_nothing_outlives_its_deadline(user: Stub, worker: Stub, sql: Any, sweep: Sweep, vendor: str) -> None:
    run, one = await leased(user, worker)
    if vendor:
        await paid(worker, one, vendor, uuid.uuid4().hex)
    job_id = uuid.UUID(one.job.id)
    await sql.execute("UPDATE jobs SET created_at = now() - interval '49 hours' WHERE id = $1", job_id)
    await sweep.once()
    state = (await found(user, run)).state
    assert state == (jobs.JOB_STATE_RUNNING if vendor else jobs.JOB_STATE_FAILED)
    await sql.execute("UPDATE jobs SET created_at = now() - interval '97 hours' WHERE id = $1", job_id)
    await sweep.once()
    ended = await found(user, run)
    assert (ended.state, ended.failure.reason, ended.held_nano_usd) == (jobs.JOB_STATE_FAILED, "deadline", 0)
    beat = rpc.Heartbeat(job_id=one.job.id, lease_id=one.lease_id)
    assert (await worker.HeartbeatJobs(rpc.HeartbeatJobsRequest(heartbeats=[beat]))).results[0].lost


@pytest.mark.parametrize("doomed", [True, False])
async def test_a_job_whose_parents_have_all_ended_never_waits_for_ever(
    user: Stub, worker: Stub, sql: Any, sweep: Sweep, doomed: bool
) -> None:
    queue = f"q{uuid.uuid4().hex[:12]}"
    new = [
        jobs.NewJob(step="p", kind=KIND, queue=queue, payload_type="x", optional=True),
        jobs.NewJob(
            step="c",
            kind=KIND,
            queue=queue,
            payload_type="x",
            hard_parents=["p"] if doomed else [],
            soft_parents=[] if doomed else ["p"],
        ),
        jobs.NewJob(step="d", kind=KIND, queue=queue, payload_type="x", soft_parents=["c"]),
    ]
    run = (await user.SubmitRun(rpc.SubmitRunRequest(kind="test", jobs=new))).run
    run_id = uuid.UUID(run.id)
    # As if a release had been lost: the parent has ended and nobody told its child.
    await sql.execute("UPDATE jobs SET state = 'failed' WHERE run_id = $1 AND step = 'p'", run_id)
    await sql.execute("UPDATE runs SET open_jobs = 2, failed = 1 WHERE id = $1", run_id)
    await sql.execute("UPDATE jobs SET waits_on = 2 WHERE run_id = $1 AND step = 'c'", run_id)
    assert await lease(worker, queue) == []
    await sweep.mend()
    assert [one.job.step for one in await lease(worker, queue)] == ["d" if doomed else "c"]


@pytest.mark.parametrize("nested", ["[" * 20_000, '{"a":' * 20_000, '{"a":NaN}', '{"a":1e999}', '{"a":"\\ud800"}'])
async def test_one_unreadable_result_fails_alone(user: Stub, worker: Stub, nested: str) -> None:
    _, good = await leased(user, worker)
    _, bad = await leased(user, worker)
    items = [
        rpc.Completion(job_id=bad.job.id, lease_id=bad.lease_id, output_json=nested),
        rpc.Completion(job_id=good.job.id, lease_id=good.lease_id, output_json="{}"),
    ]
    results = (await worker.CompleteJobs(rpc.CompleteJobsRequest(completions=items))).results
    assert [r.accepted for r in results] == [False, True]
    assert results[0].error.reason == "invalid_input"


@pytest.mark.parametrize("kind", ["story.generate", "story.scenes", "imaging.portrait", "video.clip"])
@pytest.mark.parametrize("output", ['{"slot": 7, "drama": 3, "scenes": 1}', "{}", '{"stored_asset_id": "x"}'])
async def test_a_result_of_the_wrong_shape_is_refused_and_nothing_breaks(
    user: Stub, worker: Stub, kind: str, output: str
) -> None:
    queue = f"q{uuid.uuid4().hex[:12]}"
    new = [jobs.NewJob(step="s", kind=kind, queue=queue, payload_type="x")]
    await user.SubmitRun(rpc.SubmitRunRequest(kind="test", drama_id=f"d{uuid.uuid4().hex}", jobs=new))
    (one,) = (await worker.LeaseJobs(rpc.LeaseJobsRequest(queue=queue, max=1, kinds=[kind]))).leases
    item = rpc.Completion(job_id=one.job.id, lease_id=one.lease_id, output_json=output)
    (result,) = (await worker.CompleteJobs(rpc.CompleteJobsRequest(completions=[item]))).results
    assert not result.accepted


async def test_an_added_job_with_a_taken_id_is_refused_alone(user: Stub, worker: Stub) -> None:
    run, one = await leased(user, worker)
    more = jobs.NewJob(step="t", kind=KIND, queue="q", payload_type="x", public_id=one.job.public_id)
    item = rpc.Completion(job_id=one.job.id, lease_id=one.lease_id, output_json="{}", add_jobs=[more])
    (result,) = (await worker.CompleteJobs(rpc.CompleteJobsRequest(completions=[item]))).results
    assert (result.accepted, result.error.reason) == (False, "id_taken")
    assert (await found(user, run)).total == 1
