"""Cancelling one job of a run: what hangs on it goes with it, the rest goes on, and no money is left in silence."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator

import pytest

from kit.errors import NotFound, NotReady
from kit.testing.house import House
from sfd.jobs.v1 import job_pb2 as jobs
from sfd.jobs.v1 import job_service_pb2 as rpc
from sfd.jobs.v1 import job_service_pb2_grpc
from stack.servers import Servers
from tests.system.storage.queue_bench import PRICE, Bench, S, bench

pytestmark = pytest.mark.system
CANCELLED, QUEUED, SUCCEEDED = jobs.JOB_STATE_CANCELLED, jobs.JOB_STATE_QUEUED, jobs.JOB_STATE_SUCCEEDED


@pytest.fixture
async def on(storage_house: House, servers: Servers) -> AsyncIterator[Bench]:
    async with bench(storage_house, servers) as made:
        yield made


async def test_a_queued_job_takes_what_hangs_on_it_along_and_the_rest_goes_on(on: Bench) -> None:
    run = await on.submit(
        on.job("a"),
        on.job("hard", hard_parents=["a"]),
        on.job("below", hard_parents=["hard"]),
        on.job("soft", soft_parents=["a"]),
        on.job("other"),
    )
    a = (await on.steps(run))["a"]
    assert (await on.cancel(a)).state == CANCELLED
    after = await on.steps(run)
    assert {s: j.failure.reason for s, j in after.items() if j.state == CANCELLED} == {
        "a": "cancelled",
        "hard": "upstream_failed",
        "below": "upstream_failed",
    }
    going = await on.lease()
    assert {one.job.step for one in going} == {"soft", "other"}
    assert not (await on.run(run)).cancel_requested, "the run itself was not asked to stop"
    for one in going:
        assert (await on.complete(one)).accepted
    ended = await on.run(run)
    assert (ended.state, ended.succeeded, ended.cancelled, ended.failed) == (CANCELLED, 2, 3, 0)


async def test_a_running_job_is_told_by_its_next_heartbeat(on: Bench) -> None:
    run = await on.submit(on.job("a"), on.job("b"))
    a, b = await on.lease()
    told = await on.cancel(a.job)
    assert (told.state, told.cancel_requested) == (jobs.JOB_STATE_RUNNING, True)
    assert ((await on.beat(a)).cancel_requested, (await on.beat(b)).cancel_requested) == (True, False)
    assert (await on.fail(a, "cancelled", cancelled=True)).state == CANCELLED
    assert (await on.complete(b)).accepted
    assert (await on.run(run)).state == CANCELLED


async def test_a_result_that_came_in_spite_of_the_order_is_kept(on: Bench) -> None:
    run = await on.submit(on.job("a"))
    one = await on.lease_one()
    await on.cancel(one.job)
    assert (await on.complete(one)).state == SUCCEEDED
    assert (await on.run(run)).state == SUCCEEDED


async def test_the_same_request_id_gives_the_first_answer_and_an_ended_job_is_refused(on: Bench) -> None:
    run = await on.submit(on.job("a"), on.job("b"))
    a, request = (await on.steps(run))["a"], uuid.uuid4().hex
    assert (await on.cancel(a, request)).state == CANCELLED
    assert (await on.cancel(a, request)).state == CANCELLED
    with pytest.raises(NotReady) as refused:
        await on.cancel(a)
    assert refused.value.reason == "job_ended"
    b = await on.lease_one()
    # Asking a running job twice is asking it once.
    assert (await on.cancel(b.job)).cancel_requested
    assert (await on.cancel(b.job)).cancel_requested
    assert (await on.run(run)).cancelled == 1


async def test_a_job_that_waits_for_a_person_ends_and_its_call_is_given_up(on: Bench) -> None:
    key = uuid.uuid4().hex
    run = await on.submit(on.job("a"))
    one = await on.lease_one()
    name = await on.pay(one, "needs_user", key)
    await on.snooze(one, hold=True)
    assert (await on.run(run)).held_nano_usd == PRICE
    assert (await on.cancel(one.job)).state == CANCELLED
    (left,) = (await on.user.ListSubmissions(rpc.ListSubmissionsRequest(run_id=run.id))).submissions
    assert (left.id, left.state) == (name, S.SUBMISSION_STATE_ABANDONED)
    ended = await on.run(run)
    assert (ended.state, ended.held_nano_usd, ended.cost_nano_usd) == (CANCELLED, 0, 0)
    assert await on.sql.fetchval("SELECT used FROM key_slots WHERE key_id = $1", key) == 0


async def test_a_job_at_a_vendor_comes_back_to_a_worker_that_passes_the_order_on(on: Bench) -> None:
    run = await on.submit(on.job("a"))
    one = await on.lease_one()
    await on.pay(one, "running", uuid.uuid4().hex)
    await on.snooze(one)
    assert (await on.cancel(one.job)).state == QUEUED
    again = await on.lease_one()
    assert again.job.cancel_requested
    assert (await on.fail(again, "cancelled", cancelled=True)).accepted
    ended = await on.run(run)
    # An order to stop does not make it free: it is booked once, as an estimate.
    assert (ended.state, ended.held_nano_usd, ended.cost_nano_usd) == (CANCELLED, 0, PRICE)
    assert await on.sql.fetchval("SELECT count(*) FROM usage_entries WHERE job_id = $1", uuid.UUID(one.job.id)) == 1


async def test_another_accounts_job_looks_as_if_it_were_not_there(on: Bench, storage_house: House) -> None:
    run = await on.submit(on.job("a"))
    a = (await on.steps(run))["a"]
    stranger = job_service_pb2_grpc.JobServiceStub(storage_house.channel(account=str(uuid.uuid4())))
    for name in (a.id, a.public_id, str(uuid.uuid4()), "job_nobody", ""):
        with pytest.raises(NotFound):
            await stranger.CancelJob(rpc.CancelJobRequest(id=name))
    assert (await on.steps(run))["a"].state == QUEUED
