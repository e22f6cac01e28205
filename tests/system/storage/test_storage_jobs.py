"""The queue over real gRPC and real Postgres."""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import Any, TypeAlias

import pytest

from kit.context import Role
from kit.errors import AlreadyExists, Conflict, InvalidInput, NotFound, PermissionDenied
from kit.testing.house import House
from sfd.dramas.v1 import drama_pb2, drama_service_pb2, drama_service_pb2_grpc
from sfd.jobs.v1 import job_pb2 as jobs
from sfd.jobs.v1 import job_service_pb2 as rpc
from sfd.jobs.v1 import job_service_pb2_grpc

pytestmark = pytest.mark.system

Stub: TypeAlias = "job_service_pb2_grpc.JobServiceStub"


@pytest.fixture
async def user(storage_house: House) -> Stub:
    return job_service_pb2_grpc.JobServiceStub(storage_house.channel())


@pytest.fixture
async def worker(storage_house: House) -> Stub:
    return job_service_pb2_grpc.JobServiceStub(storage_house.channel(role=Role.WORKER))


def job(step: str, queue: str, **more: Any) -> jobs.NewJob:
    return jobs.NewJob(step=step, kind="test.noop", queue=queue, payload_type="x", input_json="{}", **more)


@pytest.fixture
def queue() -> str:
    return f"q{uuid.uuid4().hex[:12]}"


async def lease(worker: Stub, queue: str, most: int = 10) -> list[jobs.Lease]:
    reply = await worker.LeaseJobs(rpc.LeaseJobsRequest(queue=queue, max=most, kinds=["test.noop"], worker="w"))
    return list(reply.leases)


async def complete(worker: Stub, *leases: jobs.Lease) -> list[rpc.ReportResult]:
    items = [rpc.Completion(job_id=x.job.id, lease_id=x.lease_id, output_json='{"ok":true}') for x in leases]
    return list((await worker.CompleteJobs(rpc.CompleteJobsRequest(completions=items))).results)


async def fail(worker: Stub, one: jobs.Lease, *, retryable: bool = False) -> rpc.ReportResult:
    item = rpc.FailedJob(
        job_id=one.job.id,
        lease_id=one.lease_id,
        failure=jobs.Failure(reason="bad", message="Bad.", retryable=retryable),
    )
    item.delay.FromMilliseconds(0)
    return (await worker.FailJobs(rpc.FailJobsRequest(failures=[item]))).results[0]


async def settled(user: Stub, run_id: str) -> jobs.Run:
    return (await user.GetRun(rpc.GetRunRequest(id=run_id))).run


async def events_of(user: Stub, run_id: str, last: str) -> list[jobs.Event]:
    async with asyncio.timeout(10):
        while True:
            events = list((await user.ListEvents(rpc.ListEventsRequest(run_id=run_id, page_size=1000))).events)
            if any(e.type == last for e in events):
                return events
            await asyncio.sleep(0.05)


async def test_a_run_of_one_job_goes_through_and_tells_it(user: Stub, worker: Stub, queue: str) -> None:
    run = (await user.SubmitRun(rpc.SubmitRunRequest(kind="test", jobs=[job("only", queue)]))).run
    assert run.state == jobs.JOB_STATE_QUEUED
    (one,) = await lease(worker, queue)
    assert (await settled(user, run.id)).state == jobs.JOB_STATE_RUNNING
    (result,) = await complete(worker, one)
    assert result.accepted
    done = await settled(user, run.public_id)
    assert (done.state, done.succeeded, done.total) == (jobs.JOB_STATE_SUCCEEDED, 1, 1)
    events = await events_of(user, run.id, "run.succeeded")
    assert [e.type for e in events if e.job_id] == ["job.running", "job.succeeded"]
    assert [e.type for e in events if not e.job_id] == ["run.queued", "run.running", "run.succeeded"]
    assert [e.seq for e in events if e.job_id] == [1, 2]
    assert [e.seq for e in events if not e.job_id] == [1, 2, 3]
    assert [e.pos for e in events] == sorted({e.pos for e in events})


async def test_a_repeated_report_gets_the_first_answer_and_a_stale_lease_is_refused(
    user: Stub, worker: Stub, queue: str
) -> None:
    await user.SubmitRun(rpc.SubmitRunRequest(kind="test", jobs=[job("a", queue), job("b", queue)]))
    a, b = await lease(worker, queue)
    assert all(r.accepted for r in await complete(worker, a))
    assert all(r.accepted for r in await complete(worker, a))
    stale = jobs.Lease(lease_id=str(uuid.uuid4()), job=b.job)
    bad, good = await complete(worker, stale, b)
    assert (bad.accepted, bad.error.reason, good.accepted) == (False, "stale_lease", True)


async def test_children_wait_for_their_parents_and_get_their_outputs(user: Stub, worker: Stub, queue: str) -> None:
    graph = [job("a", queue), job("b", queue, hard_parents=["a"]), job("c", queue, hard_parents=["a", "b"])]
    run = (await user.SubmitRun(rpc.SubmitRunRequest(kind="test", jobs=graph))).run
    for expected in ("a", "b", "c"):
        (one,) = await lease(worker, queue)
        assert one.job.step == expected
        assert {p.step for p in one.parents} == {s for s in "ab" if s < expected}
        assert all(p.output_json == '{"ok":true}' for p in one.parents)
        await complete(worker, one)
    assert (await settled(user, run.id)).state == jobs.JOB_STATE_SUCCEEDED


async def test_a_failed_hard_parent_cancels_and_a_soft_one_releases(user: Stub, worker: Stub, queue: str) -> None:
    graph = [
        job("a", queue),
        job("soft", queue, soft_parents=["a"]),
        job("hard", queue, hard_parents=["a"]),
        job("below", queue, hard_parents=["hard"]),
    ]
    run = (await user.SubmitRun(rpc.SubmitRunRequest(kind="test", jobs=graph))).run
    (a,) = await lease(worker, queue)
    assert (await fail(worker, a)).state == jobs.JOB_STATE_FAILED
    (soft,) = await lease(worker, queue)
    assert soft.job.step == "soft"
    assert [p.state for p in soft.parents] == [jobs.JOB_STATE_FAILED]
    await complete(worker, soft)
    done = await settled(user, run.id)
    assert (done.state, done.failed, done.cancelled, done.succeeded) == (jobs.JOB_STATE_FAILED, 1, 2, 1)
    listed = (await user.ListJobs(rpc.ListJobsRequest(run_id=run.id))).jobs
    assert {j.step: j.failure.reason for j in listed if j.state == jobs.JOB_STATE_CANCELLED} == {
        "hard": "upstream_failed",
        "below": "upstream_failed",
    }


async def test_an_optional_job_does_not_fail_the_run(user: Stub, worker: Stub, queue: str) -> None:
    run = (
        await user.SubmitRun(rpc.SubmitRunRequest(kind="test", jobs=[job("a", queue), job("b", queue, optional=True)]))
    ).run
    a, b = await lease(worker, queue)
    await fail(worker, b)
    await complete(worker, a)
    done = await settled(user, run.id)
    assert (done.state, done.failed) == (jobs.JOB_STATE_SUCCEEDED, 1)


async def test_a_retryable_failure_comes_back_and_the_third_is_the_last(user: Stub, worker: Stub, queue: str) -> None:
    run = (await user.SubmitRun(rpc.SubmitRunRequest(kind="test", jobs=[job("a", queue)]))).run
    for attempt in range(3):
        (one,) = await lease(worker, queue)
        assert one.job.attempt == attempt
        result = await fail(worker, one, retryable=True)
    assert result.state == jobs.JOB_STATE_FAILED
    assert (await settled(user, run.id)).failure.reason == "bad"


async def test_added_jobs_join_the_run_in_the_same_commit(user: Stub, worker: Stub, queue: str) -> None:
    run = (await user.SubmitRun(rpc.SubmitRunRequest(kind="test", jobs=[job("a", queue)]))).run
    (a,) = await lease(worker, queue)
    more = [job("b", queue, hard_parents=["a"]), job("c", queue, hard_parents=["b"])]
    item = rpc.Completion(
        job_id=a.job.id, lease_id=a.lease_id, output_json="{}", add_jobs=more, run_result_json='{"x":1}'
    )
    assert (await worker.CompleteJobs(rpc.CompleteJobsRequest(completions=[item]))).results[0].accepted
    grown = await settled(user, run.id)
    assert (grown.total, grown.state, json.loads(grown.result_json)) == (3, jobs.JOB_STATE_RUNNING, {"x": 1})
    for step in ("b", "c"):
        (one,) = await lease(worker, queue)
        assert one.job.step == step
        await complete(worker, one)
    assert (await settled(user, run.id)).state == jobs.JOB_STATE_SUCCEEDED


async def test_the_same_request_id_gives_the_first_answer_and_another_request_is_refused(
    user: Stub, queue: str
) -> None:
    request = rpc.SubmitRunRequest(kind="test", jobs=[job("a", queue)], request_id=uuid.uuid4().hex)
    first, *others = await asyncio.gather(*(user.SubmitRun(request) for _ in range(8)))
    assert all(other == first for other in others)
    other = rpc.SubmitRunRequest(kind="other", jobs=[job("a", queue)], request_id=request.request_id)
    with pytest.raises(AlreadyExists) as caught:
        await user.SubmitRun(other)
    assert caught.value.reason == "idempotency_key_reused"


async def test_a_snoozed_job_comes_back_without_an_attempt_and_without_noise(
    user: Stub, worker: Stub, queue: str
) -> None:
    run = (await user.SubmitRun(rpc.SubmitRunRequest(kind="test", jobs=[job("a", queue)]))).run
    for _ in range(4):
        (one,) = await lease(worker, queue)
        await worker.SnoozeJobs(rpc.SnoozeJobsRequest(snoozes=[rpc.Snooze(job_id=one.job.id, lease_id=one.lease_id)]))
    (one,) = await lease(worker, queue)
    assert one.job.attempt == 0
    await complete(worker, one)
    events = await events_of(user, run.id, "run.succeeded")
    assert [e.type for e in events if e.job_id] == ["job.running", "job.succeeded"]


async def test_cancelling_ends_queued_jobs_and_tells_the_running_one(user: Stub, worker: Stub, queue: str) -> None:
    run = (
        await user.SubmitRun(
            rpc.SubmitRunRequest(kind="test", jobs=[job("a", queue), job("b", queue, hard_parents=["a"])])
        )
    ).run
    (one,) = await lease(worker, queue)
    await user.CancelRun(rpc.CancelRunRequest(id=run.public_id))
    beat = rpc.Heartbeat(job_id=one.job.id, lease_id=one.lease_id)
    reply = await worker.HeartbeatJobs(rpc.HeartbeatJobsRequest(heartbeats=[beat]))
    assert (reply.results[0].lost, reply.results[0].cancel_requested) == (False, True)
    item = rpc.FailedJob(
        job_id=one.job.id, lease_id=one.lease_id, failure=jobs.Failure(reason="cancelled"), cancelled=True
    )
    await worker.FailJobs(rpc.FailJobsRequest(failures=[item]))
    assert (await settled(user, run.id)).state == jobs.JOB_STATE_CANCELLED


async def test_a_run_of_one_job_tells_how_far_it_is(user: Stub, worker: Stub, queue: str) -> None:
    run = (await user.SubmitRun(rpc.SubmitRunRequest(kind="test", jobs=[job("a", queue)]))).run
    assert (await settled(user, run.id)).progress == 0
    (one,) = await lease(worker, queue)
    beat = rpc.Heartbeat(job_id=one.job.id, lease_id=one.lease_id, progress=0.4)
    await worker.HeartbeatJobs(rpc.HeartbeatJobsRequest(heartbeats=[beat]))
    assert (await settled(user, run.id)).progress == pytest.approx(0.4)
    snooze = rpc.Snooze(job_id=one.job.id, lease_id=one.lease_id, progress=0.6)
    await worker.SnoozeJobs(rpc.SnoozeJobsRequest(snoozes=[snooze]))
    assert (await settled(user, run.id)).progress == pytest.approx(0.6), "a vendor is at work for it"
    listed = (await user.ListRuns(rpc.ListRunsRequest(page_size=1))).runs
    assert [found.progress for found in listed] == pytest.approx([0.6])
    many = (await user.SubmitRun(rpc.SubmitRunRequest(kind="test", jobs=[job("a", queue), job("b", queue)]))).run
    (other, *_) = await lease(worker, queue)
    beat = rpc.Heartbeat(job_id=other.job.id, lease_id=other.lease_id, progress=0.4)
    await worker.HeartbeatJobs(rpc.HeartbeatJobsRequest(heartbeats=[beat]))
    assert (await settled(user, many.id)).progress == 0, "steps of a larger run tell it themselves"


async def test_leases_are_fair_among_accounts(storage_house: House, worker: Stub, queue: str) -> None:
    other = job_service_pb2_grpc.JobServiceStub(storage_house.channel(account=str(uuid.uuid4())))
    mine = job_service_pb2_grpc.JobServiceStub(storage_house.channel())
    await mine.SubmitRun(rpc.SubmitRunRequest(kind="test", jobs=[job(f"m{n}", queue) for n in range(20)]))
    await other.SubmitRun(rpc.SubmitRunRequest(kind="test", jobs=[job(f"o{n}", queue) for n in range(2)]))
    got = await lease(worker, queue, 4)
    assert sum(x.job.step.startswith("o") for x in got) == 2


async def test_two_workers_never_get_the_same_job(user: Stub, worker: Stub, queue: str) -> None:
    await user.SubmitRun(rpc.SubmitRunRequest(kind="test", jobs=[job(f"s{n}", queue) for n in range(60)]))
    batches = await asyncio.gather(*(lease(worker, queue, 10) for _ in range(8)))
    ids = [x.job.id for batch in batches for x in batch]
    assert len(ids) == len(set(ids))


async def test_a_callers_rows_are_his_alone_and_a_workers_methods_are_not_for_him(
    storage_house: House, user: Stub, queue: str
) -> None:
    run = (await user.SubmitRun(rpc.SubmitRunRequest(kind="test", jobs=[job("a", queue)]))).run
    stranger = job_service_pb2_grpc.JobServiceStub(storage_house.channel(account=str(uuid.uuid4())))
    with pytest.raises(NotFound):
        await stranger.GetRun(rpc.GetRunRequest(id=run.id))
    with pytest.raises(PermissionDenied):
        await user.LeaseJobs(rpc.LeaseJobsRequest(queue=queue, max=1, kinds=["test.noop"]))


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        (rpc.SubmitRunRequest(kind="t"), "jobs"),
        (rpc.SubmitRunRequest(kind="t", jobs=[job("a", "q"), job("a", "q")]), "jobs[1].step"),
        (rpc.SubmitRunRequest(kind="t", jobs=[job("a", "q", hard_parents=["z"])]), "jobs[0].hard_parents"),
        (
            rpc.SubmitRunRequest(kind="t", jobs=[job("a", "q", hard_parents=["b"]), job("b", "q", hard_parents=["a"])]),
            "jobs",
        ),
        (rpc.SubmitRunRequest(kind="t", drama_id="../x", jobs=[job("a", "q")]), "drama_id"),
        (rpc.SubmitRunRequest(kind="t", metadata_json="[1]", jobs=[job("a", "q")]), "metadata_json"),
    ],
)
async def test_a_bad_run_is_refused_by_field(user: Stub, bad: rpc.SubmitRunRequest, field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        await user.SubmitRun(bad)
    assert caught.value.field == field
    assert caught.value.request_id


async def test_watching_an_ended_run_from_its_last_event_ends_at_once(user: Stub, worker: Stub, queue: str) -> None:
    run = (await user.SubmitRun(rpc.SubmitRunRequest(kind="test", jobs=[job("a", queue)]))).run
    await complete(worker, *await lease(worker, queue))
    last = (await events_of(user, run.id, "run.succeeded"))[-1].pos
    async with asyncio.timeout(5):
        seen = [reply async for reply in user.WatchEvents(rpc.WatchEventsRequest(run_id=run.id, after_pos=last))]
    assert seen == []


async def test_a_plan_whose_step_is_under_way_is_refused_however_many_ask(
    storage_house: House, user: Stub, queue: str
) -> None:
    dramas = drama_service_pb2_grpc.DramaServiceStub(storage_house.channel())
    name = f"d{uuid.uuid4().hex[:12]}"
    drama = drama_pb2.Drama(id=name, title="t", description="", premise="")
    await dramas.PutDrama(drama_service_pb2.PutDramaRequest(drama=drama))

    async def produce(*steps: str, request_id: str = "") -> str:
        request = rpc.SubmitRunRequest(
            kind="execute_drama",
            drama_id=name,
            expected_revision=1,
            jobs=[job(s, queue) for s in steps],
            request_id=request_id,
        )
        try:
            return (await user.SubmitRun(request)).run.public_id
        except Conflict as error:
            return error.reason

    answers = await asyncio.gather(*(produce("clip:s1", "assemble:ep01") for _ in range(5)))
    assert answers.count("already_running") == 4
    first = await produce("clip:s2", "assemble:ep02", request_id="again-" + name)
    assert first.startswith("job_")
    assert await produce("clip:s2", "assemble:ep02", request_id="again-" + name) == first
    assert await produce("clip:s3", "assemble:ep02") == "already_running"


async def test_a_step_under_way_is_not_paid_twice_though_its_run_can_do_without_it(
    storage_house: House, user: Stub, queue: str
) -> None:
    """A picture of a draft is optional there; whoever asks for the same picture meanwhile would buy it again."""
    dramas = drama_service_pb2_grpc.DramaServiceStub(storage_house.channel())
    name = f"d{uuid.uuid4().hex[:12]}"
    drama = drama_pb2.Drama(id=name, title="t", description="", premise="")
    await dramas.PutDrama(drama_service_pb2.PutDramaRequest(drama=drama))
    draft = [job("portrait:mina", queue, optional=True), job("generate", queue)]
    await user.SubmitRun(rpc.SubmitRunRequest(kind="generate_drama", drama_id=name, jobs=draft))
    again = rpc.SubmitRunRequest(
        kind="portrait", drama_id=name, expected_revision=1, jobs=[job("portrait:mina", queue)]
    )
    with pytest.raises(Conflict) as caught:
        await user.SubmitRun(again)
    assert caught.value.reason == "already_running"
