"""A house of light jobs: real servers behind proxies, storage, two workers that may die, and clients that write down what they saw."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from kit.context import Role
from kit.errors import InvalidInput, SfdError
from kit.testing.house import House, house
from kit.testing.processes import Process
from kit.testing.proxy import Proxy, proxy
from sfd.jobs.v1 import job_pb2 as jobs
from sfd.jobs.v1 import job_service_pb2 as rpc
from sfd.jobs.v1 import job_service_pb2_grpc
from stack.servers import Servers
from tests.faults.history import FAIL, OK, UNKNOWN, History, Tally
from tests.faults.strike import strike

QUEUE = "light"
WORKERS = ("light-a", "light-b")
HEAL_SECONDS = 60
# An event has its position a moment after its commit; after the death of a storage, when another takes over.
_UNSETTLED = """
(SELECT 1 FROM runs WHERE state IN ('queued', 'running') LIMIT 1) UNION ALL (SELECT 1 FROM events WHERE pos IS NULL LIMIT 1)
"""


@dataclass
class Crowd:
    """Everything a property needs."""

    servers: Servers
    house: House
    proxies: Mapping[str, Proxy]
    user: Any
    worker: Any
    history: History = field(default_factory=History)

    def job(self, step: str, kind: str = "test.noop", **more: Any) -> jobs.NewJob:
        """Returns a light job."""
        given = more.pop("given", {})
        return jobs.NewJob(step=step, kind=kind, queue=more.pop("queue", QUEUE), input_json=json.dumps(given), **more)

    def start_worker(self, name: str, slots: int = 8, queue: str = QUEUE) -> Process:
        """Starts a worker of light jobs, or starts it again."""
        process = self.house.processes.get(name)
        if process is None:
            arguments = ["-m", "kit.testing.light", queue, str(slots)]
            process = Process(name, arguments, self.house.env, self.house.folder / f"{name}.log")
            self.house.processes[name] = process
        process.start()
        return process

    async def sql(self, statement: str, *args: object) -> list[Any]:
        """Returns rows straight from Postgres: the referee asks nobody in between."""
        connection = await asyncpg.connect(self.servers.postgres_dsn, timeout=20)
        try:
            return list(await connection.fetch(statement, *args))
        finally:
            await connection.close()

    async def submit(self, plan: list[jobs.NewJob], *, again: bool, **more: Any) -> int:
        """Submits a run as a client would and notes what it saw; `again` asks under the same request id until an answer comes."""
        number = self.history.begin()
        request = rpc.SubmitRunRequest(
            kind="test", jobs=plan, request_id=f"op-{number}", metadata_json=json.dumps({"op": number}), **more
        )
        while True:
            try:
                await self.user.SubmitRun(request, timeout=15)
            except InvalidInput:
                self.history.note(number, FAIL)
            except SfdError:
                if again:
                    await asyncio.sleep(0.2)
                    continue
                self.history.note(number, UNKNOWN)
            else:
                self.history.note(number, OK)
            return number

    async def strike(self, victim: str, how: str, seconds: float) -> None:
        """Does one fault to a process, a server or a line, and mends it after `seconds`."""
        if victim in self.proxies and how in ("cut", "freeze"):
            (self.proxies[victim].cut if how == "cut" else self.proxies[victim].freeze)()
            await asyncio.sleep(seconds)
            self.proxies[victim].mend()
        else:
            await strike(self.servers, self.house, victim, how, seconds)

    async def check(self, tally: Tally, heal: float = HEAL_SECONDS) -> None:
        """Asserts that every ok ends well, that no fail exists, and that nothing was done twice.

        Work may take its time on a busy machine, but `heal` seconds in which nothing ends while something is open are a loss.
        """
        accepted = """SELECT r.metadata::json->>'op' AS op, r.state, r.failure FROM runs r WHERE r.metadata <> ''"""
        await self._settle(heal)
        rows = await self.sql(accepted)
        seen = [int(row["op"]) for row in rows]
        ended = {int(row["op"]) for row in rows if row["state"] == "succeeded"}
        lost = self.history.all(OK) - ended
        missing = self.history.all(OK) - set(seen)
        ghosts = self.history.all(FAIL) & set(seen)
        doubles = len(seen) - len(set(seen))
        twice = await self.sql(
            "SELECT job_id FROM events WHERE type = 'job.succeeded' GROUP BY job_id HAVING count(*) > 1"
        )
        (total,) = await self.sql("SELECT count(*) AS n FROM jobs")
        (open_,) = await self.sql("SELECT count(*) AS n FROM jobs WHERE state IN ('queued', 'running')")
        (losses,) = await self.sql("SELECT count(*) AS n FROM events WHERE type = 'job.lease_lost'")
        tally.count(
            operations=len(self.history.outcomes),
            ok=len(self.history.all(OK)),
            unknown=len(self.history.all(UNKNOWN)),
            fail=len(self.history.all(FAIL)),
            jobs=total["n"],
            lost=len(lost),
            missing=len(missing),
            duplicates=doubles + len(twice),
            ghosts=len(ghosts),
            still_open=open_["n"],
            leases_lost=losses["n"],
        )
        tally.count(event_gaps=await self.gaps())
        tally.tell()
        states = {row["op"]: f"{row['state']} {row['failure']}" for row in rows}
        assert not lost, {number: states.get(str(number), "not there") for number in sorted(lost)[:10]}
        assert not open_["n"], "accepted work is still open"
        assert not ghosts, ghosts
        assert not doubles
        assert not twice
        assert not tally.counts["event_gaps"]

    async def _settle(self, stall: float) -> None:
        ended, since = -1, time.monotonic()
        while await self.sql(_UNSETTLED) and time.monotonic() - since < stall:
            (now,) = await self.sql("SELECT count(*) AS n FROM jobs WHERE state NOT IN ('queued', 'running')")
            if now["n"] != ended:
                ended, since = now["n"], time.monotonic()
            await asyncio.sleep(0.5)

    async def gaps(self) -> int:
        """Returns how many jobs and runs have events whose numbers are not 1..n, each once, in the order of positions."""
        rows = await self.sql(
            """SELECT * FROM (SELECT seq, type, pos, coalesce(job_id, run_id) AS whose,
                 row_number() OVER (PARTITION BY coalesce(job_id, run_id) ORDER BY pos NULLS LAST) AS n
               FROM events) e WHERE e.seq <> e.n"""
        )
        for row in rows[:5]:
            mine = await self.sql(
                "SELECT id, pos, seq, type FROM events WHERE coalesce(job_id, run_id) = $1 ORDER BY pos", row["whose"]
            )
            print("gap:", [tuple(event) for event in mine])
        return len(rows)


def address(url: str, port: int) -> str:
    """Returns the URL with another port."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition(":")[0] + f":{port}").geturl()


@asynccontextmanager
async def crowd(
    folder: Path, *, gateway: bool = False, workers: int = 2, data: Path | None = None, **env: str
) -> AsyncIterator[Crowd]:
    """Yields a crowd with everything up; the servers keep their data in `data` when it is given."""
    folder.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        servers = await stack.enter_async_context(Servers(data or folder / "servers"))
        urls = {"postgres": servers.postgres_dsn, "nats": servers.nats_url, "s3": servers.s3.endpoint}
        proxies = {
            name: await stack.enter_async_context(proxy(int(urlsplit(url).port or 0))) for name, url in urls.items()
        }
        lines = {name: address(url, proxies[name].port) for name, url in urls.items()}
        through = {
            "DATABASE_URL": lines["postgres"],
            "NATS_URL": lines["nats"],
            "R2_ENDPOINT_URL": lines["s3"],
        }
        made = await stack.enter_async_context(house(servers, folder / "house", {**through, **env}))
        if gateway:
            await made.start("gateway")
        user, worker = made.channel(account=str(uuid.uuid4())), made.channel(role=Role.WORKER)
        stack.push_async_callback(user.close)
        stack.push_async_callback(worker.close)
        on = Crowd(
            servers,
            made,
            proxies,
            job_service_pb2_grpc.JobServiceStub(user),
            job_service_pb2_grpc.JobServiceStub(worker),
        )
        for name in WORKERS[:workers]:
            on.start_worker(name)
        yield on


async def until(fact: Callable[[], Awaitable[object]], seconds: float = 60, every: float = 0.1) -> None:
    """Waits until something is so; raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not await fact():
            await asyncio.sleep(every)
