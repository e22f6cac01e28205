"""Processes killed and the bus emptied in the middle of a production. The vendor's ledger is the referee."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.faults.stage import WISH, Stage, stage

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

SERVICES = ("imaging", "video", "storage", "story")
SERVERS = ("nats", "postgres", "s3")


@pytest.fixture(scope="module")
async def on(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """Slow films, so that every fault comes in mid-production."""
    async with stage(Path(tmp_path_factory.mktemp("faults")), latency=0.3, video_seconds=4.0) as made:
        yield made


async def begin(on: Stage, premise: str) -> tuple[str, str]:
    drama = await on.create(premise)
    return drama, await on.client.execute(drama, **WISH)


async def scenes_of(on: Stage, drama: str) -> int:
    return sum(len(e["scenes"]) for e in (await on.client.call("GET", f"/dramas/{drama}"))["episodes"])


async def running(on: Stage, drama: str, job: str) -> bool:
    return (await on.client.call("GET", f"/dramas/{drama}/jobs/{job}"))["status"] in ("pending", "processing")


async def test_kill9_of_each_process_loses_nothing_and_pays_once(on: Stage) -> None:
    drama, job = await begin(on, "A tram driver named Ines finds a red suitcase every night in Porto. 3 episodes")
    struck = 0
    for victim in (*SERVICES, *SERVERS):
        await asyncio.sleep(0.3)
        struck += await running(on, drama, job)
        if victim in SERVICES:
            on.house.processes[victim].kill9()
            await on.house.start(victim)
        else:
            await asyncio.to_thread(on.servers.kill9, victim)
            await asyncio.to_thread(on.servers.restart, victim)
    record, held = await on.settle(drama, job, 150)
    assert record["status"] == "completed", record["error"]
    assert record["result"]["completed_jobs"] == record["result"]["total_jobs"]
    ledger, scenes = on.check_ledger(), await scenes_of(on, drama)
    events = await on.check_events(drama)
    total = record["result"]["total_jobs"]
    print(
        f"kills {struck} in mid-run, jobs {total}, held {len(held)}, ledger {ledger}, scenes {scenes}, events {events}"
    )
    assert struck == len(SERVICES) + len(SERVERS)
    # Only what a person chose to send again may be there twice.
    assert scenes <= ledger["video"] <= scenes + len(held)


async def test_jetstream_deleted_in_mid_run_loses_no_job_and_no_event(on: Stage) -> None:
    drama, job = await begin(on, "A baker named Lio hides a comet in the oven of Ghent. 1 episode")
    await asyncio.sleep(1)
    assert await running(on, drama, job)
    await asyncio.to_thread(on.servers.kill9, "nats")
    shutil.rmtree(on.servers.jetstream_dir)
    await asyncio.to_thread(on.servers.restart, "nats")
    record = await on.client.finished(drama, job, 90)
    assert record["status"] == "completed", record["error"]
    on.check_ledger()
    stored = await on.check_events(drama)
    told = [event for event in await on.client.events(drama) if event.get("id")]
    print(f"events stored {stored}, read back over the stream {len(told)}")
    assert len(told) == stored
