"""Workers that slept past their lease: what they report is refused, and told so, whether or not somebody else has the job by then."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from kit.testing.house import House
from sfd.jobs.v1 import job_pb2 as jobs
from sfd.jobs.v1 import job_service_pb2 as rpc
from stack.servers import Servers
from tests.system.storage.queue_bench import Bench, bench

pytestmark = pytest.mark.system


@pytest.fixture
async def on(storage_house: House, servers: Servers) -> AsyncIterator[Bench]:
    async with bench(storage_house, servers) as made:
        yield made


@pytest.mark.parametrize("adds", [True, False])
@pytest.mark.parametrize("taken", [True, False])
async def test_a_result_under_a_lease_that_ran_out_is_refused_and_not_lost_in_silence(
    on: Bench, taken: bool, adds: bool
) -> None:
    run = await on.submit(on.job("a"), *([on.job("other")] if adds else []))
    zombie = next(one for one in await on.lease() if one.job.step == "a")
    await on.lose(zombie)
    successor = await on.lease_one() if taken else None
    item = rpc.Completion(job_id=zombie.job.id, lease_id=zombie.lease_id, output_json='{"by":"zombie"}')
    if adds:
        item.add_jobs.append(on.job("more"))
    (late,) = (await on.worker.CompleteJobs(rpc.CompleteJobsRequest(completions=[item]))).results
    assert (late.accepted, late.error.reason) == (False, "stale_lease")
    assert (await on.complete(successor or await on.lease_one())).accepted
    steps = await on.steps(run)
    assert (steps["a"].state, steps["a"].output_json) == (jobs.JOB_STATE_SUCCEEDED, '{"ok":true}')
    assert "more" not in steps
