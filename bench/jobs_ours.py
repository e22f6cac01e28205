"""No-op jobs through our own house: real protos and interceptors, one storage process, one worker process of 10 slots.

`python -m bench.jobs_ours worker` is the worker process; `measure` is what `bench.jobs` calls.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time

import asyncpg
import httpx
from google.protobuf.empty_pb2 import Empty

from kit.bus import connect
from kit.context import Caller, Role
from kit.identity import DEFAULT_ACCOUNT_ID, Signer
from kit.jobs.handler import Done, Handler, JobContext, Outcome
from kit.jobs.store import Store
from kit.jobs.worker import Worker
from kit.rpc.client import channel
from kit.signals import stop_event
from kit.testing.house import House
from kit.testing.processes import Process
from sfd.jobs.v1 import job_pb2, job_service_pb2, job_service_pb2_grpc

QUEUE = "bench"
CALLERS = 8
SLOTS = 10


async def _noop(_: JobContext, __: Empty) -> Outcome:
    return Done(Empty())


async def work() -> None:
    """The worker process."""
    stop = stop_event()
    signer = Signer(os.environ["SFD_INTERNAL_SECRET"])
    worker_identity = Caller(DEFAULT_ACCOUNT_ID, Role.WORKER)
    async with (
        channel(os.environ["SFD_STORAGE_ADDR"], signer, default=worker_identity) as storage,
        httpx.AsyncClient() as http,
        connect(os.environ["NATS_URL"], "bench") as bus,
    ):
        worker = Worker(QUEUE, [Handler("bench.noop", Empty, _noop)], Store(storage, http), SLOTS)
        await bus.on_wake(QUEUE, worker.wake)
        await worker.run(stop)


def start_worker(house: House) -> Process:
    """Starts the worker process."""
    process = Process("bench-worker", ["-m", "bench.jobs_ours", "worker"], house.env, house.folder / "bench-worker.log")
    process.start()
    house.processes["bench-worker"] = process
    return process


def request() -> job_service_pb2.SubmitRunRequest:
    """A run of one no-op job."""
    job = job_pb2.NewJob(
        step="noop", kind="bench.noop", queue=QUEUE, payload_type="google.protobuf.Empty", input_json="{}"
    )
    return job_service_pb2.SubmitRunRequest(kind="bench", jobs=[job])


async def throughput(house: House, database: asyncpg.Connection, count: int) -> float:
    """Returns runs per second from the first SubmitRun to the last completion that storage has committed."""
    async with house.channel() as storage:
        stub = job_service_pb2_grpc.JobServiceStub(storage)
        before = await _succeeded(database)
        left = count
        started = time.perf_counter()

        async def caller() -> None:
            nonlocal left
            while left > 0:
                left -= 1
                await stub.SubmitRun(request())

        await asyncio.gather(*(caller() for _ in range(CALLERS)))
        while await _succeeded(database) < before + count:
            await asyncio.sleep(0.02)
        return count / (time.perf_counter() - started)


async def _succeeded(database: asyncpg.Connection) -> int:
    return int(await database.fetchval("SELECT count(*) FROM runs WHERE state = 'succeeded'"))


async def published(database: asyncpg.Connection) -> None:
    """Returns when the bus has every event, so that one measurement does not disturb the next."""
    while await database.fetchval("SELECT count(*) FROM events WHERE NOT published"):
        await asyncio.sleep(0.2)


async def idle_latency(house: House, count: int) -> list[float]:
    """Returns the milliseconds from SubmitRun to the committed completion of single runs, the worker idle before each."""
    times: list[float] = []
    async with house.channel() as storage:
        stub = job_service_pb2_grpc.JobServiceStub(storage)
        for _ in range(count):
            await asyncio.sleep(0.03)
            run = (await stub.SubmitRun(request())).run
            while True:
                await asyncio.sleep(0.02)
                found = (await stub.GetRun(job_service_pb2.GetRunRequest(id=run.id))).run
                if found.state == job_pb2.JOB_STATE_SUCCEEDED:
                    break
            times.append((found.finished_at.ToMicroseconds() - run.created_at.ToMicroseconds()) / 1000)
    return times


if __name__ == "__main__":
    if sys.argv[1:] == ["worker"]:
        asyncio.run(work())
