"""P1 with the power: the disk under Postgres and NATS loses what it had not written, several times; every accepted job is still done."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.faults.crowd import Crowd, crowd
from tests.faults.history import Tally
from tests.faults.volume import Volume, volume

pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.power_cut, pytest.mark.timeout(560)]
CUTS = 5


async def client(on: Crowd, stop: asyncio.Event, tally: Tally) -> None:
    while not stop.is_set():
        kind = tally.random.choice(("test.noop", "test.later", "test.fan"))
        await on.submit([on.job("a", kind), on.job("b", hard_parents=["a"])], again=tally.random.random() < 0.5)
        await asyncio.sleep(tally.random.uniform(0, 0.8))


async def cut(on: Crowd, disk: Volume) -> None:
    """Cuts the power, ends what ran on it, and boots again."""
    disk.cut()
    for name in ("postgres", "nats"):
        await asyncio.to_thread(on.servers.kill9, name)
    await asyncio.to_thread(disk.unmount)
    await asyncio.to_thread(disk.mount)
    for name in ("postgres", "nats"):
        await asyncio.to_thread(on.servers.restart, name)


async def test_an_accepted_job_is_lost_in_a_power_cut(tmp_path: Path) -> None:
    tally = Tally("test_an_accepted_job_is_lost_in_a_power_cut")
    with volume(tmp_path) as disk:
        # The bucket does not promise to sync and is no part of this promise: it and the logs stay on the other disk.
        for name in ("s3", "logs"):
            (tmp_path / name).mkdir()
            (disk.path / name).symlink_to(tmp_path / name)
        async with crowd(tmp_path / "crowd", data=disk.path) as on:
            stop = asyncio.Event()
            clients = [asyncio.create_task(client(on, stop, tally)) for _ in range(8)]
            for _ in range(CUTS):
                await asyncio.sleep(tally.random.uniform(1, 4))
                await cut(on, disk)
                tally.count(power_cuts=1)
            stop.set()
            await asyncio.gather(*clients)
            await on.check(tally)
    assert tally.counts["ok"] > 40
