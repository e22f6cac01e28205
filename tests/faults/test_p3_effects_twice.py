"""P3: a report may come three times, late and in any order; its effect is there once, also when a process dies in between."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from kit.errors import SfdError
from sfd.assets.v1 import asset_service_pb2, asset_service_pb2_grpc
from sfd.jobs.v1 import job_pb2 as jobs
from sfd.jobs.v1 import job_service_pb2 as rpc
from tests.faults.crowd import Crowd, crowd
from tests.faults.history import Tally

pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.timeout(400)]
S = jobs.SubmissionState
PRICE = 1_000_000
STEPS = (
    (S.SUBMISSION_STATE_UNSPECIFIED, S.SUBMISSION_STATE_INTENT),
    (S.SUBMISSION_STATE_INTENT, S.SUBMISSION_STATE_SUBMITTING),
    (S.SUBMISSION_STATE_SUBMITTING, S.SUBMISSION_STATE_SUBMITTED),
    (S.SUBMISSION_STATE_SUBMITTED, S.SUBMISSION_STATE_DONE),
)
JOBS = 24
TIMES = 3


@pytest.fixture
async def on(tmp_path: Path) -> AsyncIterator[Crowd]:
    async with crowd(tmp_path, workers=0) as made:
        yield made


async def deliver(call: Any, request: Any, tally: Tally) -> Any:
    """Sends until an answer comes, as a worker does; a refusal is an answer."""
    while True:
        try:
            tally.count(deliveries=1)
            return await call(request, timeout=15)
        except SfdError as error:
            if not error.retryable:
                tally.count(refused=1)
                return error
            await asyncio.sleep(0.3)


async def lease_all(on: Crowd) -> list[jobs.Lease]:
    found: list[jobs.Lease] = []
    async with asyncio.timeout(30):
        while len(found) < JOBS:
            reply = await on.worker.LeaseJobs(rpc.LeaseJobsRequest(queue="p3", max=JOBS, kinds=["test.paid"]))
            found += reply.leases
    return found


async def work(on: Crowd, lease: jobs.Lease, tally: Tally) -> None:
    """Does one paid job with every message sent three times, some of them again when all is over."""
    late: list[tuple[Any, Any]] = []

    async def send(call: Any, request: Any) -> list[Any]:
        late.extend((call, request) for _ in range(TIMES - 1))
        tally.random.shuffle(late)
        answers = await asyncio.gather(*(deliver(call, request, tally) for _ in range(tally.random.randint(1, TIMES))))
        assert any(not isinstance(answer, SfdError) for answer in answers), answers
        while late and tally.random.random() < 0.4:
            await deliver(*late.pop(), tally)
        return [answer for answer in answers if not isinstance(answer, SfdError)]

    name = str(uuid.uuid4())
    for before, to in STEPS:
        wanted = jobs.Submission(id=name, job_id=lease.job.id, state=to, operation_id="op")
        if to == S.SUBMISSION_STATE_INTENT:
            wanted.vendor, wanted.model, wanted.purpose = "openai", "m", "film/0"
            wanted.price_nano_usd, wanted.key_id, wanted.key_slots, wanted.request_json = PRICE, "k", JOBS, "{}"
        if to == S.SUBMISSION_STATE_DONE:
            wanted.cost_nano_usd = PRICE
        await send(
            on.worker.RecordSubmission,
            rpc.RecordSubmissionRequest(lease_id=lease.lease_id, submission=wanted, expected=before),
        )
    assets = asset_service_pb2_grpc.AssetServiceStub(on.house.channel(account=lease.job.account_id))
    upload = asset_service_pb2.CreateUploadRequest(
        content_type="image/png", bytes=8, sha256="0" * 64, kind="image", asset_id=lease.job.id
    )
    await send(assets.CreateUpload, upload)
    done = rpc.Completion(job_id=lease.job.id, lease_id=lease.lease_id, output_json='{"ok":true}')
    done.add_jobs.append(jobs.NewJob(step="more", kind="test.never", queue="p3"))
    told = await send(on.worker.CompleteJobs, rpc.CompleteJobsRequest(completions=[done]))
    assert all(reply.results[0].accepted for reply in told), told
    failed = rpc.FailedJob(job_id=lease.job.id, lease_id=lease.lease_id, failure=jobs.Failure(reason="late"))
    snooze = rpc.Snooze(job_id=lease.job.id, lease_id=lease.lease_id)
    late += [
        (on.worker.FailJobs, rpc.FailJobsRequest(failures=[failed])),
        (on.worker.SnoozeJobs, rpc.SnoozeJobsRequest(snoozes=[snooze])),
    ]
    tally.random.shuffle(late)
    for call, request in late:
        await deliver(call, request, tally)


async def kill_storage(on: Crowd, tally: Tally, times: int) -> None:
    for _ in range(times):
        await asyncio.sleep(tally.random.uniform(0.3, 1.2))
        await on.strike("storage", "kill", 0.0)
        tally.count(kills=1)


async def test_an_effect_comes_twice_when_reports_do(on: Crowd) -> None:
    tally = Tally("test_an_effect_comes_twice_when_reports_do")
    plans = [[jobs.NewJob(step="a", kind="test.paid", queue="p3", max_attempts=1)] for _ in range(JOBS)]
    await asyncio.gather(*(on.submit(plan, again=True) for plan in plans))
    leases = await lease_all(on)
    # Leases that run out are another property's matter.
    await on.sql("UPDATE jobs SET lease_until = now() + interval '1 hour' WHERE state = 'running'")
    async with asyncio.TaskGroup() as group:
        group.create_task(kill_storage(on, tally, 4))
        for lease in leases:
            group.create_task(work(on, lease, tally))
    await check_once(on, tally)


async def check_once(on: Crowd, tally: Tally) -> None:
    """Asserts one effect of each kind for each job."""
    facts = {
        "submissions": "SELECT count(*) FROM submissions GROUP BY job_id",
        "usage_rows": "SELECT count(*) FROM usage_entries GROUP BY submission_id",
        "assets": "SELECT count(*) FROM assets WHERE id IN (SELECT id FROM jobs) GROUP BY id",
        "added_jobs": "SELECT count(*) FROM jobs WHERE step = 'more' GROUP BY run_id",
        "ends_told": "SELECT count(*) FROM events WHERE type = 'job.succeeded' GROUP BY job_id",
    }
    for name, statement in facts.items():
        counts = [row["count"] for row in await on.sql(statement)]
        tally.count(**{name: sum(counts), f"{name}_doubled": sum(count > 1 for count in counts)})
        assert counts == [1] * JOBS, (name, counts)
    (money,) = await on.sql("SELECT sum(cost_nano_usd) AS cost, sum(held_nano_usd) AS held FROM runs")
    (booked,) = await on.sql("SELECT sum(cost_nano_usd) AS cost FROM usage_entries")
    assert (money["cost"], money["held"], booked["cost"]) == (JOBS * PRICE, 0, JOBS * PRICE)
    (slots,) = await on.sql("SELECT used FROM key_slots")
    assert slots["used"] == 0
    states = {row["state"] for row in await on.sql("SELECT state FROM jobs WHERE step = 'a'")}
    assert states == {"succeeded"}
    transitions = await on.sql("SELECT type, count(*) AS n FROM events WHERE job_id IS NOT NULL GROUP BY job_id, type")
    assert all(row["n"] == 1 for row in transitions), "one event for each transition"
    tally.count(event_gaps=await on.gaps())
    tally.tell()
    assert not tally.counts["event_gaps"]


@pytest.mark.parametrize("point", ["storage.before_complete", "storage.after_complete"])
async def test_an_effect_is_lost_or_doubled_when_storage_dies_around_its_commit(point: str, tmp_path: Path) -> None:
    tally = Tally(f"test_an_effect_is_lost_or_doubled_when_storage_dies_around_its_commit[{point}]")
    async with crowd(tmp_path, workers=0) as on:
        marks = tmp_path / "marks"
        marks.mkdir()
        on.house.processes["storage"].stop()
        process = await on.house.start(
            "storage", env={"SFD_FAILPOINTS": f"{point}=once:exit", "SFD_FAILPOINT_DIR": str(marks)}
        )
        await on.submit([jobs.NewJob(step="a", kind="test.paid", queue="p3")], again=True)
        (lease,) = (await on.worker.LeaseJobs(rpc.LeaseJobsRequest(queue="p3", max=1, kinds=["test.paid"]))).leases
        done = rpc.Completion(job_id=lease.job.id, lease_id=lease.lease_id, output_json=json.dumps({"ok": True}))
        done.add_jobs.append(jobs.NewJob(step="more", kind="test.never", queue="p3"))
        answering = asyncio.create_task(
            deliver(on.worker.CompleteJobs, rpc.CompleteJobsRequest(completions=[done]), tally)
        )
        async with asyncio.timeout(30):
            while process.running():
                await asyncio.sleep(0.05)
        tally.count(deaths=1)
        await on.house.start_again("storage")
        (result,) = (await answering).results
        assert (result.accepted, result.state) == (True, jobs.JOB_STATE_SUCCEEDED)
        steps = sorted(row["step"] for row in await on.sql("SELECT step FROM jobs"))
        ends = await on.sql("SELECT 1 FROM events WHERE type = 'job.succeeded'")
        tally.count(jobs=len(steps), ends_told=len(ends))
        tally.tell()
        assert (steps, len(ends)) == (["a", "more"], 1)
