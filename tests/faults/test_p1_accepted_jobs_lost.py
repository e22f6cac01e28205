"""P1: an accepted job is never lost. Clients write down what they saw while things break; then everything is read and compared."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.faults.crowd import Crowd, crowd
from tests.faults.history import Tally
from tests.faults.stage import WISH, stage
from tests.faults.strike import PROCESSES, strike

pytestmark = [pytest.mark.system]
FAULTS = (
    ("storage", "kill"),
    ("light-a", "kill"),
    ("nats", "kill"),
    ("postgres", "kill"),
    ("s3", "kill"),
    ("postgres", "cut"),
    ("nats", "cut"),
    ("light-b", "pause"),
    ("storage", "pause"),
    ("postgres", "pause"),
    ("s3", "cut"),
    ("light-b", "kill"),
)
QUICK = FAULTS[:8]
KINDS = ("test.noop", "test.noop", "test.sleep", "test.later", "test.put", "test.fan")
BAD_EVERY = 20


async def client(on: Crowd, tally: Tally, stop: asyncio.Event, rest: float, most: int) -> None:
    """Submits small runs of every shape, some of them bad, some asked for again until an answer comes."""
    while not stop.is_set() and len(on.history.outcomes) < most:
        kind = tally.random.choice(KINDS)
        plan = (
            [on.job("a", kind), on.job("b", hard_parents=["a"])] if tally.random.random() < 0.3 else [on.job("a", kind)]
        )
        if tally.random.randrange(BAD_EVERY) == 0:
            plan.append(on.job("c", hard_parents=["nobody"]))
        await on.submit(plan, again=tally.random.random() < 0.5)
        await asyncio.sleep(tally.random.uniform(0, 2 * rest))


async def strike_all(on: Crowd, tally: Tally, faults: list[tuple[str, str]], every: float, hold: float) -> None:
    """One fault after the other begins every few seconds; those that last overlap with the next."""
    async with asyncio.TaskGroup() as group:
        busy: dict[str, asyncio.Task[None]] = {}
        for victim, how in faults:
            if victim in busy:
                await asyncio.wait([busy[victim]])
            seconds = 0.2 if how == "kill" else hold
            busy[victim] = group.create_task(on.strike(victim, how, seconds))
            tally.count(faults=1)
            await asyncio.sleep(every)


async def play(
    on: Crowd, tally: Tally, faults: list[tuple[str, str]], *, every: float, hold: float, rest: float, most: int
) -> None:
    stop = asyncio.Event()
    clients = [asyncio.create_task(client(on, tally, stop, rest, most)) for _ in range(8)]
    try:
        await strike_all(on, tally, faults, every, hold)
        stop.set()
        await asyncio.gather(*clients)
    finally:
        for each in clients:
            each.cancel()
    await on.check(tally)


@pytest.mark.timeout(240)
async def test_an_accepted_job_is_lost_under_eight_faults(tmp_path: Path) -> None:
    tally = Tally("test_an_accepted_job_is_lost_under_eight_faults")
    faults = list(QUICK)
    tally.random.shuffle(faults)
    async with crowd(tmp_path) as on:
        await play(on, tally, faults, every=2.5, hold=4.0, rest=0.3, most=100_000)
    assert tally.counts["ok"] > 20


@pytest.mark.slow
@pytest.mark.timeout(560)
async def test_an_accepted_job_is_lost_under_a_hundred_faults(tmp_path: Path) -> None:
    tally = Tally("test_an_accepted_job_is_lost_under_a_hundred_faults")
    faults = [tally.random.choice(FAULTS) for _ in range(100)]
    async with crowd(tmp_path) as on:
        await play(on, tally, faults, every=3.0, hold=5.0, rest=1.2, most=100_000)
    assert tally.counts["jobs"] >= 1000


@pytest.mark.slow
@pytest.mark.timeout(560)
async def test_a_production_is_lost_or_paid_twice_under_random_faults(tmp_path: Path) -> None:
    tally = Tally("test_a_production_is_lost_or_paid_twice_under_random_faults")
    async with stage(tmp_path, latency=0.1, video_seconds=1.0) as on:
        begun: list[tuple[str, str]] = []
        for name in ("Ines", "Rui"):
            drama = await on.create(f"A tram driver named {name} finds a red suitcase every night in Porto. 1 episode")
            begun.append((drama, await on.client.execute(drama, **WISH)))
        for _ in range(12):
            victim = tally.random.choice(PROCESSES)
            how = tally.random.choice(("kill", "pause"))
            await strike(on.servers, on.house, victim, how, 0.2 if how == "kill" else 5.0)
            tally.count(faults=1)
            await asyncio.sleep(2)
        for drama, job in begun:
            record, held = await on.settle(drama, job, 200)
            tally.count(productions=1, jobs=record["result"]["total_jobs"], held=len(held))
            assert record["status"] == "completed", record["error"]
            tally.count(events=await on.check_events(drama))
        tally.count(**{f"vendor_{kind}": count for kind, count in on.check_ledger().items()})
    tally.tell()
