"""A drama's events as a stream."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass

import httpx
import pytest

from kit import errors
from services.gateway import feed
from tests.contract.gateway.fakes import House


@dataclass
class Seen:
    """One event as a client sees it."""

    id: str
    event: str
    data: dict[str, object]


async def read(
    api: httpx.AsyncClient, count: int, query: str = "", headers: dict[str, str] | None = None
) -> list[Seen]:
    """Returns the first events of a stream."""
    found: list[Seen] = []
    fields: dict[str, str] = {}
    async with api.stream("GET", f"/dramas/d/events{query}", headers=headers or {}, timeout=10) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        async for line in answer.aiter_lines():
            if line and not line.startswith(":"):
                name, _, value = line.partition(": ")
                fields[name] = value
            elif not line and "data" in fields:
                found.append(Seen(fields["id"], fields["event"], json.loads(fields["data"])))
                fields = {}
            if len(found) == count:
                break
    return found


async def test_events_from_the_beginning_and_as_they_happen(api: httpx.AsyncClient, house: House) -> None:
    house.add_run("generate_drama", "d")
    house.add_event("d", "run.accepted", title="물")
    house.add_event("other", "run.accepted")

    async def later() -> None:
        await asyncio.sleep(0.2)
        house.add_event("d", "job.running", progress=0.5)

    seen, _ = await asyncio.gather(read(api, 2), later())
    assert [(one.id, one.event) for one in seen] == [("1", "run.accepted"), ("3", "job.running")]
    assert seen[0].data["data"] == {"title": "물"}
    assert (seen[0].data["pos"], seen[0].data["jobId"], seen[0].data["dramaId"]) == (1, "job_x", "d")


async def test_the_bus_wakes_a_stream_at_once(api: httpx.AsyncClient, house: House) -> None:
    house.add_run("generate_drama", "d")
    took = []

    async def later() -> None:
        for _ in range(3):
            await asyncio.sleep(0.3)
            house.add_event("d", "job.running")
            took.append(time.monotonic())

    began = time.monotonic()
    await asyncio.gather(read(api, 3), later())
    assert time.monotonic() - took[-1] < 0.5
    assert time.monotonic() - began < 1.9


async def test_a_stream_is_resumed_where_it_broke(api: httpx.AsyncClient, house: House) -> None:
    house.add_run("generate_drama", "d")
    for number in range(450):
        house.add_event("d", "job.progress", n=number)
    assert [one.id for one in await read(api, 450)] == [str(pos) for pos in range(1, 451)]
    assert (await read(api, 1, headers={"Last-Event-ID": "448"}))[0].id == "449"
    assert (await read(api, 1, query="?after=449"))[0].id == "450"
    assert (await read(api, 1, query="?after=3", headers={"Last-Event-ID": "10"}))[0].id == "11"


async def test_a_record_that_is_away_for_a_while_costs_no_event(api: httpx.AsyncClient, house: House) -> None:
    house.add_run("generate_drama", "d")
    house.add_event("d", "run.accepted")
    house.failures["ListEvents"] = errors.Unavailable("Away.")
    assert (await read(api, 1))[0].id == "1"


async def test_a_record_that_is_slow_is_waited_for(
    api: httpx.AsyncClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "LOOK_SECONDS", 0.05)
    house.events_seconds = 0.4
    house.add_run("generate_drama", "d")
    house.add_event("d", "run.accepted")
    assert (await read(api, 1))[0].id == "1"


@pytest.mark.parametrize("bad", ["x", "-1", "9223372036854775808", "1" * 30])
async def test_bad_positions(api: httpx.AsyncClient, house: House, bad: str) -> None:
    house.add_run("generate_drama", "d")
    assert (await api.get("/dramas/d/events", headers={"Last-Event-ID": bad})).status_code == 400
    assert (await api.get("/dramas/d/events", params={"after": bad})).status_code == 422


async def test_streams_that_are_left_are_forgotten(api: httpx.AsyncClient, house: House) -> None:
    house.add_run("generate_drama", "d")
    house.add_event("d", "run.accepted")
    for _ in range(5):
        await read(api, 1)
    await asyncio.sleep(0.3)
    calls = len(house.asked)
    await asyncio.sleep(1.3)
    assert len(house.asked) - calls <= 1
