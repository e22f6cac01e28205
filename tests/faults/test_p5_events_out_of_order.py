"""P5: every watcher sees the events of each job as 1..n, without a gap, a repeat or a step back, whatever dies meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import json
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from kit.errors import SfdError
from kit.identity import DEFAULT_ACCOUNT_ID
from sfd.jobs.v1 import job_service_pb2 as rpc
from sfd.jobs.v1 import job_service_pb2_grpc
from tests.faults.crowd import Crowd, crowd, until
from tests.faults.history import Tally

pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.timeout(400)]
RUNS = 30


@dataclass
class Watcher:
    """What one watcher has seen: (position, whose, number), in the order in which it came."""

    name: str
    seen: list[tuple[int, str, int]] = field(default_factory=list)
    breaks: int = 0

    @property
    def after(self) -> int:
        """The last position."""
        return self.seen[-1][0] if self.seen else 0

    def check(self) -> int:
        """Asserts the order; returns how many events there were."""
        last: dict[str, int] = {}
        for place, (pos, whose, seq) in enumerate(self.seen):
            assert not place or pos > self.seen[place - 1][0], (self.name, "a step back", pos)
            assert seq == last.get(whose, 0) + 1, (self.name, whose, "had", last.get(whose, 0), "then", seq)
            last[whose] = seq
        return len(self.seen)


async def by_grpc(on: Crowd, drama: str, watcher: Watcher) -> None:
    stub = job_service_pb2_grpc.JobServiceStub(on.house.channel())
    while True:
        request = rpc.WatchEventsRequest(drama_id=drama, after_pos=watcher.after)
        with contextlib.suppress(SfdError):
            async for page in stub.WatchEvents(request):
                watcher.seen += [(e.pos, e.job_id or e.run_id, e.seq) for e in page.events]
        watcher.breaks += 1
        await asyncio.sleep(0.2)


async def by_sse(on: Crowd, drama: str, watcher: Watcher) -> None:
    async with httpx.AsyncClient(base_url=on.house.url, timeout=httpx.Timeout(20, connect=2)) as http:
        while True:
            with contextlib.suppress(httpx.HTTPError):
                told = {"Accept": "text/event-stream", "Last-Event-ID": str(watcher.after)}
                async with http.stream("GET", f"/dramas/{drama}/events", headers=told) as stream:
                    if stream.status_code == httpx.codes.OK:
                        await read(stream, watcher)
            watcher.breaks += 1
            await asyncio.sleep(0.2)


async def read(stream: httpx.Response, watcher: Watcher) -> None:
    async for line in stream.aiter_lines():
        # An event is whole with its data line; what breaks off before it never came.
        if line.startswith("data:"):
            event = json.loads(line.removeprefix("data:"))
            watcher.seen.append((event["pos"], event["childJobId"] or event["jobId"], event["seq"]))


async def test_a_watcher_misses_repeats_or_reorders_an_event(tmp_path: Path) -> None:
    tally = Tally("test_a_watcher_misses_repeats_or_reorders_an_event")
    async with crowd(tmp_path, gateway=True) as on:
        user = job_service_pb2_grpc.JobServiceStub(on.house.channel(account=DEFAULT_ACCOUNT_ID))
        on.user = user
        drama = f"watched-{uuid.uuid4().hex[:8]}"
        await on.submit([on.job("first")], again=True, drama_id=drama)
        watchers = [Watcher("grpc"), Watcher("sse"), Watcher("sse too")]
        watching = [asyncio.create_task((by_grpc if w.name == "grpc" else by_sse)(on, drama, w)) for w in watchers]
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(submit_all(on, drama, tally))
                group.create_task(strike_all(on, tally))
            await on.check(tally)
            stored = await on.sql("SELECT count(*) AS n FROM events WHERE drama_id = $1", drama)

            async def all_seen() -> bool:
                return all(len(w.seen) >= stored[0]["n"] for w in watchers)

            with contextlib.suppress(TimeoutError):
                await until(all_seen, 60)
        finally:
            for task in watching:
                task.cancel()
            await asyncio.gather(*watching, return_exceptions=True)
        counts = {w.name: w.check() for w in watchers}
        print(f"stored {stored[0]['n']}, seen {counts}, streams broken {[w.breaks for w in watchers]}")
        assert set(counts.values()) == {stored[0]["n"]}
        assert all(w.breaks for w in watchers), "every stream must have broken, or nothing was tried"


async def submit_all(on: Crowd, drama: str, tally: Tally) -> None:
    for _ in range(RUNS):
        plan = [
            on.job("a", tally.random.choice(("test.later", "test.sleep", "test.fan")), given={"seconds": 0.5}),
            on.job("b", hard_parents=["a"]),
        ]
        await on.submit(plan, again=True, drama_id=drama)
        await asyncio.sleep(tally.random.uniform(0, 0.6))


async def strike_all(on: Crowd, tally: Tally) -> None:
    for victim, how in (
        ("storage", "kill"),
        ("gateway", "kill"),
        ("nats", "kill"),
        ("storage", "kill"),
        ("gateway", "kill"),
    ):
        await asyncio.sleep(2)
        await on.strike(victim, how, 0.2)
        tally.count(faults=1)
