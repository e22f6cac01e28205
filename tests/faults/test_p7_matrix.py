"""P7: each process, killed or stopped for 20 s in each state of a production: it is finished, and nothing is paid twice."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import httpx
import pytest

from tests.faults.history import Tally
from tests.faults.stage import WISH, Stage, stage
from tests.faults.strike import PROCESSES, strike

pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.timeout(300)]
PAUSE_SECONDS = 20.0
STATES = ("idle", "submit", "poll", "upload", "commit", "stream")
MOMENTS = {
    "poll": "SELECT 1 FROM submissions s JOIN runs r ON r.id = s.run_id WHERE r.drama_id = $1 AND s.state IN ('submitted', 'running')",
    "upload": """SELECT 1 FROM submissions s JOIN runs r ON r.id = s.run_id WHERE r.drama_id = $1 AND s.operation_id <> ''
        AND s.state IN ('fetching', 'done')""",
    "commit": """SELECT 1 FROM jobs j JOIN runs r ON r.id = j.run_id WHERE r.drama_id = $1 AND j.kind = 'video.clip'
        AND j.state = 'succeeded'""",
}


@pytest.fixture(scope="module")
async def on(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """One house for all cells: a house that survives one fault must be as good as new for the next."""
    async with stage(Path(tmp_path_factory.mktemp("matrix")), latency=0.1, video_seconds=1.0) as made:
        yield made


async def moment(on: Stage, drama: str, state: str) -> None:
    """Waits until the production is in `state`; raises TimeoutError when it never is."""
    database = await asyncpg.connect(on.servers.postgres_dsn)
    try:
        async with asyncio.timeout(90):
            while not await database.fetch(MOMENTS[state], drama):
                await asyncio.sleep(0.02)
    finally:
        await database.close()


async def watch(on: Stage, drama: str, seen: list[int]) -> None:
    async with httpx.AsyncClient(base_url=on.house.url, timeout=httpx.Timeout(30, connect=2)) as http:
        while True:
            with contextlib.suppress(httpx.HTTPError):
                told = {"Accept": "text/event-stream", "Last-Event-ID": str(seen[-1] if seen else 0)}
                async with http.stream("GET", f"/dramas/{drama}/events", headers=told) as stream:
                    async for line in stream.aiter_lines():
                        if line.startswith("id:"):
                            seen.append(int(line.removeprefix("id:")))
            await asyncio.sleep(0.2)


@pytest.mark.parametrize("how", ["kill", "pause"])
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("victim", PROCESSES)
async def test_a_production_dies_with(on: Stage, victim: str, state: str, how: str) -> None:
    tally = Tally(f"test_a_production_dies_with[{victim}-{state}-{how}]")
    seconds = 0.5 if how == "kill" else PAUSE_SECONDS
    premise = f"A tram driver named Ines finds suitcase {victim} {state} {how} in Porto. 1 episode"
    drama = await on.create(premise)
    entries = len(on.vendor.ledger())
    seen: list[int] = []
    watching = asyncio.create_task(watch(on, drama, seen)) if state == "stream" else None
    if state == "idle":
        await strike(on.servers, on.house, victim, how, seconds)
    striking: asyncio.Task[None] | None = None
    if state == "submit":
        striking = asyncio.create_task(strike(on.servers, on.house, victim, how, seconds))
    job = str(
        (
            await on.client.call(
                "POST", f"/dramas/{drama}/execute", patience=60, json=WISH, headers={"Idempotency-Key": drama}
            )
        )["parent_job_id"]
    )
    if state in MOMENTS:
        await moment(on, drama, state)
    if striking is None and state != "idle":
        striking = asyncio.create_task(strike(on.servers, on.house, victim, how, seconds))
    if striking is not None:
        await striking
    record, held = await on.settle(drama, job, 150)
    on.check_ledger()
    events = await on.check_events(drama)
    if watching is not None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(30):
                while len(seen) < events:
                    await asyncio.sleep(0.2)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        assert seen == sorted(set(seen))
        assert len(seen) == events
    tally.count(
        cells=1,
        jobs=record["result"]["total_jobs"],
        held=len(held),
        vendor_entries=len(on.vendor.ledger()) - entries,
        events=events,
    )
    tally.tell()
    assert record["status"] == "completed", record["error"]
