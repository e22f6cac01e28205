"""Lists of runs by kind, state, label, place and order, and the removal of runs that have ended with what they stored."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest

from kit.errors import InvalidInput, NotFound
from kit.testing.house import House
from sfd.jobs.v1 import job_pb2 as jobs
from sfd.jobs.v1 import job_service_pb2 as rpc
from stack.servers import Servers
from tests.system.storage.queue_bench import Bench, bench

pytestmark = pytest.mark.system
SUCCEEDED, CANCELLED = jobs.JOB_STATE_SUCCEEDED, jobs.JOB_STATE_CANCELLED


@pytest.fixture
async def on(storage_house: House, servers: Servers) -> AsyncIterator[Bench]:
    async with bench(storage_house, servers) as made:
        yield made


async def listed(on: Bench, **asked: Any) -> list[str]:
    reply = await on.user.ListRuns(rpc.ListRunsRequest(**asked))
    return [run.id for run in reply.runs]


async def test_runs_are_found_by_kind_label_and_state_in_either_order(on: Bench) -> None:
    kind = f"k{uuid.uuid4().hex[:10]}"
    runs = [(await on.submit(on.job("a"), kind=kind, label=("runway", "luma")[n % 2])).id for n in range(6)]
    newest = runs[::-1]
    assert await listed(on, kind=kind) == newest
    assert await listed(on, kind=kind, label="luma") == newest[::2]
    assert await listed(on, kind=kind, label="nobody") == []
    assert await listed(on, kind=kind, oldest_first=True, page_size=2) == runs[:2]
    assert await listed(on, kind=kind, offset=1, page_size=2) == newest[1:3]
    assert await listed(on, kind=kind, after_run=newest[3]) == newest[4:]
    assert await listed(on, kind=kind, after_run=runs[3], oldest_first=True) == runs[4:]
    await on.user.CancelRun(rpc.CancelRunRequest(id=runs[2]))
    assert await listed(on, kind=kind, state=CANCELLED) == [runs[2]]
    page = await on.user.ListRuns(rpc.ListRunsRequest(kind=kind, oldest_first=True, page_size=4))
    rest = rpc.ListRunsRequest(kind=kind, oldest_first=True, page_token=page.next_page_token)
    assert [run.id for run in (await on.user.ListRuns(rest)).runs] == runs[4:]
    for bad in ({"offset": -1}, {"offset": 100_001}):
        with pytest.raises(InvalidInput):
            await listed(on, **bad)
    with pytest.raises(NotFound):
        await listed(on, after_run="gen_ffffffffffff")


async def test_an_ended_run_is_removed_and_one_at_work_is_stopped_first(on: Bench) -> None:
    waiting = await on.submit(on.job("a"))
    assert (await on.user.DeleteRun(rpc.DeleteRunRequest(id=waiting.id))).deleted, "nobody had begun"
    run = await on.submit(on.job("a"))
    one = await on.lease_one()
    assert not (await on.user.DeleteRun(rpc.DeleteRunRequest(id=run.id))).deleted
    assert (await on.beat(one)).cancel_requested
    assert (await on.fail(one, "cancelled", cancelled=True)).state == CANCELLED
    key = uuid.uuid4().hex
    for _ in range(2):
        assert (await on.user.DeleteRun(rpc.DeleteRunRequest(id=run.public_id, request_id=key))).deleted
    for name in (waiting.id, run.id):
        with pytest.raises(NotFound):
            await on.user.GetRun(rpc.GetRunRequest(id=name))
        with pytest.raises(NotFound):
            await on.user.DeleteRun(rpc.DeleteRunRequest(id=name))
