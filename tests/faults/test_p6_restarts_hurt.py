"""P6: rolling restarts by SIGTERM under load: processes end in time, leases come back at once, callers see only what they may try again."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from kit.errors import SfdError, Unavailable
from sfd.jobs.v1 import job_service_pb2 as rpc
from tests.faults.crowd import WORKERS, Crowd, crowd
from tests.faults.history import Tally

pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.timeout(500)]
ROUNDS = 3
END_SECONDS = 10.0
"""The promise itself, not a wish: an orchestrator kills what takes longer."""
RETRY = {httpx.codes.SERVICE_UNAVAILABLE}


async def call_grpc(on: Crowd, stop: asyncio.Event, tally: Tally) -> None:
    while not stop.is_set():
        try:
            await on.user.ListRuns(rpc.ListRunsRequest(page_size=1), timeout=15)
            tally.count(calls=1)
        except Unavailable:
            tally.count(calls=1, unavailable=1)
        except SfdError as error:
            tally.count(calls=1, wrong=1)
            print("wrong:", error.reason, error.message)
        await asyncio.sleep(0.1)


async def call_rest(on: Crowd, stop: asyncio.Event, tally: Tally) -> None:
    async with httpx.AsyncClient(base_url=on.house.url, timeout=20) as http:
        while not stop.is_set():
            try:
                answer = await http.get("/dramas")
            except httpx.TransportError:
                # The one gateway itself was being restarted: nobody was there to answer.
                tally.count(requests=1, nobody_there=1)
            else:
                tally.count(requests=1)
                if answer.status_code in RETRY and answer.headers.get("retry-after"):
                    tally.count(told_to_retry=1)
                elif not answer.is_success:
                    tally.count(wrong=1)
                    print("wrong:", answer.status_code, answer.text[:300])
            await asyncio.sleep(0.1)


async def submit(on: Crowd, stop: asyncio.Event, tally: Tally) -> None:
    while not stop.is_set():
        seconds = tally.random.choice((0.2, 1.0, 12.0))
        await on.submit([on.job("a", "test.sleep", given={"seconds": seconds})], again=True)
        await asyncio.sleep(0.4)


async def test_a_restart_is_felt(tmp_path: Path) -> None:
    tally = Tally("test_a_restart_is_felt")
    async with crowd(tmp_path, gateway=True) as on:
        stop = asyncio.Event()
        idle = [await asyncio.open_connection("127.0.0.1", on.house.ports["storage"]) for _ in range(5)]
        load = [asyncio.create_task(each(on, stop, tally)) for each in (call_grpc, call_rest, submit, submit)]
        try:
            for _ in range(ROUNDS):
                for victim in ("storage", *WORKERS, "gateway"):
                    await asyncio.sleep(1.5)
                    await restart(on, victim, tally)
            stop.set()
            await asyncio.gather(*load)
        finally:
            for each in load:
                each.cancel()
            for _, writer in idle:
                writer.close()
        await on.check(tally)
        assert not tally.counts["wrong"]
        assert not tally.counts["leases_lost"], "after SIGTERM no job waits for its lease to run out"
        assert tally.counts["calls"] > 50
        assert tally.counts["requests"] > 50


async def restart(on: Crowd, victim: str, tally: Tally) -> None:
    process = on.house.processes[victim]
    pid = process.pid
    # Raises TimeoutError, and kills it, when it takes longer.
    code = await asyncio.to_thread(process.stop, END_SECONDS)
    tally.count(restarts=1)
    assert code == 0, (victim, code, process.tail())
    if victim in WORKERS:
        held = await on.sql("SELECT id FROM jobs WHERE state = 'running' AND worker LIKE '%/' || $1::text", str(pid))
        assert not held, "an ended worker holds no lease"
        process.start()
    else:
        await on.house.start_again(victim)
