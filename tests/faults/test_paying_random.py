"""Workers killed at random in the middle of buying from all five vendors, some of which misbehave; the ledger is the referee."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from tests.faults.behaviours import BEHAVIOURS
from tests.faults.evidence import note, seed
from tests.faults.floor import Floor, floor, settled
from tests.faults.kinds import VENDORS
from tests.faults.verdicts import judge

pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.timeout(540)]
KIND = "test.buy"
PARTS = 3
KILLS = 100
JOBS = 334
WORKERS = 3
SLOTS = 3
PAUSE = (0.4, 2.0)


@pytest.mark.parametrize("part", range(PARTS))
async def test_100_kills_over_334_jobs_pay_once(part: int, tmp_path: Path) -> None:
    chosen = seed() + part
    chance = random.Random(chosen)
    async with floor(tmp_path) as on:
        names = await orders(on, chance)
        pool = [on.buyer(f"buyer-{n}", [KIND], SLOTS) for n in range(WORKERS)]
        spares = WORKERS
        for _ in range(KILLS):
            await asyncio.sleep(chance.uniform(*PAUSE))
            victim = chance.randrange(WORKERS)
            pool[victim].kill()
            await asyncio.to_thread(pool[victim].join)
            pool[victim] = on.buyer(f"buyer-{spares}", [KIND], SLOTS)
            spares += 1
        open_ = await on.sql("SELECT id FROM jobs WHERE state IN ('queued', 'running') AND NOT held")
        on.buyer("healer", [KIND], slots=16)
        rows = await settled(on, list(names), 240)
        verdict = await judge(on, list(names), names)
        states = [row["state"] for row in rows.values()]
        poisoned = sum('"poison"' in row["failure"] for row in rows.values())
        held = sum(row["held"] for row in rows.values())
        told = f"{states.count('succeeded')} had, {states.count('failed')} failed ({poisoned} poison), {len(open_)} open at heal"
        print(f"seed {chosen}: {JOBS} jobs, {KILLS} kills, {told}, held {held}, counts {dict(verdict.counts)}")
        assert verdict.broken == []
        assert len(open_) > 0, "the kills came after everything was over"
    note(
        f"{KILLS} random kill -9 of workers, part {part}, seed {chosen}: {told}",
        jobs=JOBS,
        faults=KILLS,
        lost=JOBS - len(rows),
        held=held,
        entries=f"at most 1; {verdict.counts['ledger entries']} in all",
    )


async def orders(on: Floor, chance: random.Random) -> dict[str, str]:
    """Orders the films, every fourth from a vendor that misbehaves with it; returns their names by job."""
    names = {}
    for number in range(JOBS):
        vendor, prompt = chance.choice(VENDORS), f"Film {number:04}:"
        name = f"{prompt} {vendor}"
        if chance.random() < 0.25:
            behaviour = chance.choice(BEHAVIOURS)
            match = {"vendor": vendor, "prompt_contains": prompt, **behaviour.match}
            on.vendor.fault(match=match, **behaviour.fault)
            name += f" {behaviour.name}"
        names[await on.order(KIND, vendor, prompt)] = name
    return names
