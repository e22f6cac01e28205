"""The worker's runtime against a queue in memory: slots, reports in batches, lost leases, cancellations, the orderly end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from google.protobuf.struct_pb2 import Struct

import kit.jobs.worker as runtime
from kit.errors import Conflict, DeadlineExceeded, Exhausted, Internal, InvalidInput, Unavailable
from kit.jobs.handler import Done, GiveBack, Handler, Hold, JobCancelled, JobContext, JobFailed, Later, Outcome
from kit.testing.fake_jobs import FakeJobs, FakeStore

Run = Callable[[JobContext, Struct], Awaitable[Outcome]]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "HEARTBEAT", 0.05)
    monkeypatch.setattr(runtime, "POLL", 0.05)
    monkeypatch.setattr(runtime, "DRAIN", 0.2)


@pytest.fixture
def jobs() -> FakeJobs:
    return FakeJobs()


@asynccontextmanager
async def working(jobs: FakeJobs, run: Run, slots: int = 4) -> AsyncIterator[asyncio.Event]:
    stop = asyncio.Event()
    worker = runtime.Worker("q", [Handler("test.noop", Struct, run)], FakeStore(jobs), slots)
    task = asyncio.create_task(worker.run(stop))
    try:
        yield stop
    finally:
        stop.set()
        await asyncio.wait_for(task, 5)


async def until(fact: Callable[[], object]) -> None:
    async with asyncio.timeout(3):
        while not fact():
            await asyncio.sleep(0.01)


async def done(context: JobContext, _: Struct) -> Outcome:
    return Done(Struct())


async def for_ever(context: JobContext, _: Struct) -> Outcome:
    await asyncio.sleep(60)
    return Done(Struct())


def raising(error: Exception) -> Run:
    async def run(context: JobContext, _: Struct) -> Outcome:
        raise error

    return run


async def test_jobs_are_done_within_the_slots_and_reported_in_batches(jobs: FakeJobs) -> None:
    jobs.delay = 0.03
    for _ in range(60):
        jobs.add()
    async with working(jobs, done, slots=5):
        await until(lambda: len(jobs.completed) == 60)
    assert max(count for method, count in jobs.calls if method == "LeaseJobs") <= 5
    assert max(count for method, count in jobs.calls if method == "CompleteJobs") > 1


@pytest.mark.parametrize(
    ("error", "reason", "retryable"),
    [
        (JobFailed("x", reason="bad", retryable=True), "bad", True),
        (InvalidInput("x"), "invalid_input", False),
        (RuntimeError("secret"), "internal", True),
    ],
)
async def test_a_failure_is_told_without_its_inside(
    jobs: FakeJobs, error: Exception, reason: str, retryable: bool
) -> None:
    jobs.add()
    async with working(jobs, raising(error)):
        await until(lambda: jobs.failed)
    failure = jobs.failed[0].failure
    assert (failure.reason, failure.retryable, "secret" in failure.message) == (reason, retryable, False)


async def test_an_input_that_cannot_be_read_fails_for_good(jobs: FakeJobs) -> None:
    jobs.add(input_json="[")
    async with working(jobs, done):
        await until(lambda: jobs.failed)
    assert (jobs.failed[0].failure.reason, jobs.failed[0].failure.retryable) == ("bad_input", False)


@pytest.mark.parametrize(
    ("error", "hold"),
    [
        (GiveBack(Later(9.0)), False),
        (GiveBack(Hold("decide")), True),
        (Unavailable("away"), False),
        (DeadlineExceeded("slow"), False),
    ],
)
async def test_what_is_given_back_counts_no_attempt(jobs: FakeJobs, error: Exception, hold: bool) -> None:
    jobs.add()
    async with working(jobs, raising(error)):
        await until(lambda: jobs.snoozed)
    assert (jobs.snoozed[0].hold, jobs.failed) == (hold, [])


async def test_a_lost_lease_stops_the_work_and_reports_nothing(jobs: FakeJobs) -> None:
    job = jobs.add()
    async with working(jobs, for_ever):
        await until(lambda: jobs.beats)
        jobs.lost.add(job.id)
        await asyncio.sleep(0.15)
        assert len(set(jobs.beats)) == 1
        count = len(jobs.beats)
        await asyncio.sleep(0.15)
        assert len(jobs.beats) <= count + 1
    assert (jobs.completed, jobs.failed, jobs.snoozed) == ([], [], [])


async def test_a_cancellation_comes_with_the_heartbeat(jobs: FakeJobs) -> None:
    async def watchful(context: JobContext, _: Struct) -> Outcome:
        await context.cancel.wait()
        raise JobCancelled

    job = jobs.add()
    async with working(jobs, watchful):
        await until(lambda: jobs.beats)
        jobs.cancelled.add(job.id)
        await until(lambda: jobs.failed)
    assert jobs.failed[0].cancelled


async def test_a_cancellation_from_before_the_lease_is_known_at_once(jobs: FakeJobs) -> None:
    async def checking(context: JobContext, _: Struct) -> Outcome:
        context.check()
        return Done(Struct())

    jobs.add(cancel_requested=True)
    async with working(jobs, checking):
        await until(lambda: jobs.failed)
    assert jobs.failed[0].cancelled


async def test_a_report_is_repeated_until_it_is_heard_and_its_lease_is_kept(jobs: FakeJobs) -> None:
    jobs.errors["CompleteJobs"] = [Unavailable("away")]
    jobs.add()
    async with working(jobs, done):
        await until(lambda: jobs.completed)
    assert jobs.beats
    assert len(jobs.completed) == 1


async def test_a_refused_result_becomes_a_failure_before_the_end(jobs: FakeJobs) -> None:
    job = jobs.add()
    jobs.refused[job.id] = Conflict("changed", reason="drama_modified")
    jobs.delay = 0.1
    async with working(jobs, done) as stop:
        await until(lambda: ("CompleteJobs", 1) in jobs.calls)
        stop.set()
    assert [f.failure.reason for f in jobs.failed] == ["drama_modified"]


async def test_a_stale_report_is_dropped(jobs: FakeJobs) -> None:
    job = jobs.add()
    jobs.refused[job.id] = Conflict("gone", reason="stale_lease")
    async with working(jobs, done):
        await until(lambda: ("CompleteJobs", 1) in jobs.calls)
    assert jobs.failed == []


@pytest.mark.parametrize("error", [Exhausted("large", reason="message_too_large", retryable=False), Internal("bug")])
async def test_a_result_that_storage_cannot_take_fails_its_job(jobs: FakeJobs, error: Exhausted | Internal) -> None:
    jobs.errors["CompleteJobs"] = [error]
    jobs.add()
    async with working(jobs, done):
        await until(lambda: jobs.failed)
    assert jobs.failed[0].failure.retryable is isinstance(error, Internal)


async def test_a_drain_waits_a_while_and_gives_the_rest_back_at_once(jobs: FakeJobs) -> None:
    async def short(context: JobContext, parsed: Struct) -> Outcome:
        await asyncio.sleep(0.1 if "quick" in parsed else 60)
        return Done(Struct())

    jobs.add(input_json='{"quick":true}')
    jobs.add(input_json='{"slow":true}')
    async with working(jobs, short) as stop:
        await until(lambda: len(jobs.leased) == 2)
        jobs.add()
        stop.set()
    assert (len(jobs.completed), len(jobs.snoozed), len(jobs.queued)) == (1, 1, 1)
    assert jobs.snoozed[0].delay.ToMilliseconds() == 0


async def test_storage_away_while_leasing_is_waited_out(jobs: FakeJobs) -> None:
    jobs.errors["LeaseJobs"] = [Unavailable("away"), DeadlineExceeded("slow")]
    jobs.errors["HeartbeatJobs"] = [Unavailable("away")]
    jobs.add()
    async with working(jobs, done):
        await until(lambda: jobs.completed)


async def test_a_job_that_hangs_ends_at_its_limit_and_says_so(jobs: FakeJobs) -> None:
    handler = Handler("test.noop", Struct, for_ever, seconds=0.05)
    jobs.add()
    with pytest.raises(JobFailed) as failed:
        await handler(JobContext(jobs.lease(jobs.queued[0]), FakeStore(jobs)))
    assert (failed.value.reason, failed.value.retryable) == ("timed_out", True)


async def test_a_timeout_of_the_work_itself_is_not_taken_for_the_limit(jobs: FakeJobs) -> None:
    handler = Handler("test.noop", Struct, raising(TimeoutError("inside")), seconds=60)
    jobs.add()
    with pytest.raises(TimeoutError, match="inside"):
        await handler(JobContext(jobs.lease(jobs.queued[0]), FakeStore(jobs)))


@pytest.mark.parametrize("payload", ["sfd.story.v99.NewInput", "google.protobuf.Empty", "x"])
async def test_a_payload_of_another_type_is_not_read_as_ours(jobs: FakeJobs, payload: str) -> None:
    jobs.add(payload_type=payload)
    async with working(jobs, done):
        await until(lambda: jobs.failed)
    (item,) = jobs.failed
    assert (item.failure.reason, item.failure.retryable, jobs.completed) == ("unknown_payload", False, [])
