"""How many products are in a process's memory at once, whatever comes of them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest

from kit.jobs.handler import GiveBack, JobContext, Later
from kit.jobs.paid import PaidCalls
from kit.jobs.room import Place
from kit.providers.base import Accepted, Answer, Finished, VendorAway
from kit.testing.fake_jobs import FakeJobs, FakeStore, context_of
from tests.unit.kit.test_kit_paid import FILM, ORDER, Vendor


@dataclass
class Counting(Vendor):
    """Counts how many of its films are being read."""

    now: int = 0
    most: int = 0

    async def fetch(self, operation_id: str) -> Answer:
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await asyncio.sleep(0.01)
            return await super().fetch(operation_id)
        finally:
            self.now -= 1


async def test_no_more_films_than_there_is_room_for(tmp_path: Path) -> None:
    jobs, room = FakeJobs(), asyncio.Semaphore(2)
    vendor = Counting([Accepted("op")], [Finished()], [FILM])

    async def one(number: int) -> bytes:
        path = tmp_path / f"{number}.mp4"
        await PaidCalls(context_of(jobs, jobs.add()), vendor, room).buy_file(ORDER, path)
        return path.read_bytes()

    assert await asyncio.gather(*(one(number) for number in range(8))) == [FILM.body] * 8
    assert vendor.most == 2
    assert not room.locked()


async def test_a_film_that_cannot_be_read_leaves_its_place(tmp_path: Path) -> None:
    jobs, room = FakeJobs(), asyncio.Semaphore(1)
    vendor = Vendor([Accepted("op")], [Finished()], [VendorAway("x"), FILM])
    job, path = jobs.add(), tmp_path / "film.mp4"
    with pytest.raises(GiveBack):
        await PaidCalls(context_of(jobs, job), vendor, room).buy_file(ORDER, path)
    assert not room.locked()
    assert not path.exists()
    await PaidCalls(context_of(jobs, job), vendor, room).buy_file(ORDER, path)
    assert path.read_bytes() == FILM.body
    assert not room.locked()


async def test_a_film_bought_by_an_earlier_lease_takes_its_place_too(tmp_path: Path) -> None:
    jobs, room = FakeJobs(), asyncio.Semaphore(1)
    vendor = Counting([Accepted("op")], [Finished()], [FILM])
    job, store = jobs.add(), FakeStore(jobs)
    first = PaidCalls(JobContext(jobs.lease(job), store), vendor, room)
    await first.buy_file(ORDER, tmp_path / "film.mp4")
    await room.acquire()
    second = PaidCalls(JobContext(jobs.lease(job), store), vendor, room)
    again = asyncio.ensure_future(second.buy_file(ORDER, tmp_path / "again.mp4"))
    await asyncio.sleep(0.05)
    assert not again.done()
    room.release()
    await again
    assert (tmp_path / "again.mp4").read_bytes() == FILM.body
    assert len(vendor.sent) == vendor.turns["fetches"] == 1


async def test_a_finished_film_waits_at_its_vendor_for_its_turn(tmp_path: Path) -> None:
    jobs, stage = FakeJobs(), asyncio.Semaphore(1)
    vendor = Counting([Accepted("op")], [Finished()], [FILM])
    job, path, turn = jobs.add(), tmp_path / "film.mp4", Place(stage)
    await stage.acquire()
    with pytest.raises(GiveBack) as waits:
        await PaidCalls(context_of(jobs, job), vendor, turn=turn).buy_file(ORDER, path)
    assert isinstance(waits.value.outcome, Later)
    assert waits.value.outcome.delay == 10
    assert vendor.turns["fetches"] == 0, "nothing was fetched"
    stage.release()
    await PaidCalls(context_of(jobs, job), vendor, turn=turn).buy_file(ORDER, path)
    assert path.read_bytes() == FILM.body
    assert stage.locked(), "it is the caller's to leave"
    turn.leave()
    turn.leave()
    assert not stage.locked()
    assert len(vendor.sent) == 1
