"""One house in which many paid calls fail at once: real servers, storage as a process, the simulator, buyers forked from one parent."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import asyncpg

from kit.context import Role
from kit.testing.house import House, house
from kit.testing.processes import ROOT
from sfd.jobs.v1 import job_pb2, job_service_pb2, job_service_pb2_grpc
from simulator.jsons import as_dict
from simulator.testing import RunningSimulator
from stack.servers import Servers
from tests.faults.buyer import QUEUE, Wish, run
from tests.faults.hooks import Hooks
from tests.faults.kinds import SECONDS, VENDORS
from tests.faults.terms import KINDS, Terms

_ROWS = [
    {
        "kind": "video",
        "vendor": vendor,
        "id": "film-1",
        "prices": {"seconds": 37_000_001},
        "seconds": [SECONDS],
        "idempotency": vendor if vendor in ("replay", "reject") else "none",
        "charged_on_failure": True,
        "default": True,
    }
    for vendor in VENDORS
]


@dataclass
class Floor:
    """Everything the cases share."""

    servers: Servers
    house: House
    vendor: RunningSimulator
    hooks: Hooks
    folder: Path
    env: dict[str, str]
    user: job_service_pb2_grpc.JobServiceStub
    """Storage, as the account that pays."""
    worker: job_service_pb2_grpc.JobServiceStub
    """Storage, as a worker."""
    body: Callable[[Wish], None] = run
    """What a buyer's process runs."""
    terms: Terms = KINDS
    processes: list[ForkServerProcess] = field(default_factory=list)

    async def sql(self, statement: str, *args: object) -> list[Any]:
        """Returns the rows of one statement."""
        database = await asyncpg.connect(self.servers.postgres_dsn)
        try:
            return list(await database.fetch(statement, *args))
        finally:
            await database.close()

    async def order(self, kind: str, vendor: str, prompt: str, model: str = "") -> str:
        """Asks for one film and returns its job's id; no model is the vendor's default."""
        wish = json.dumps({"vendor": vendor, "prompt": prompt, "model": model})
        job = job_pb2.NewJob(step="buy", kind=kind, queue=QUEUE, payload_type="google.protobuf.Struct", input_json=wish)
        run = (await self.user.SubmitRun(job_service_pb2.SubmitRunRequest(kind="test", jobs=[job]))).run
        reply = await self.user.ListJobs(job_service_pb2.ListJobsRequest(run_id=run.id))
        return str(reply.jobs[0].id)

    def buyer(self, name: str, kinds: Iterable[str], slots: int = 1, **own: str) -> ForkServerProcess:
        """Starts a buyer of some kinds of jobs and returns its process."""
        wish = Wish(self.env, str(self.folder / f"{name}.log"), tuple(kinds), slots, own)
        process = CONTEXT.Process(target=self.body, args=(wish,), daemon=True, name=name)
        process.start()
        self.processes.append(process)
        return process

    def leases(self) -> list[dict[str, Any]]:
        """Returns who held which lease, oldest first."""
        return [json.loads(line) for line in (self.folder / "leases").read_text().splitlines()]

    async def by_submission(self) -> dict[str, list[dict[str, Any]]]:
        """Returns the vendors' ledger, by submission. A wire that carries no id of ours is told by its prompt, which is its job's alone."""
        sent = await self.sql(
            """SELECT s.id::text, s.operation_id, j.input FROM submissions s JOIN jobs j ON j.id = s.job_id
               WHERE s.state NOT IN ('intent', 'not_accepted') ORDER BY s.number"""
        )
        by_prompt: dict[str, list[Any]] = {}
        for row in sent:
            by_prompt.setdefault(str(json.loads(row["input"])["prompt"]), []).append(row)
        found: dict[str, list[dict[str, Any]]] = {}
        for entry in self.vendor.ledger():
            of_job = by_prompt.get(str(as_dict(entry.get("job")).get("prompt")), [])
            named = [row for row in of_job if self.terms.names(row["operation_id"], str(entry["operation"]))]
            guess = (named or of_job)[-1]["id"] if of_job else "nobody's"
            found.setdefault(str(entry["submission"] or guess), []).append(entry)
        return found


CONTEXT = multiprocessing.get_context("forkserver")


def prepare(modules: Sequence[str]) -> None:
    """Names what buyers have in common, so that a fork has it already."""
    paths = [str(ROOT), str(ROOT / "gen"), *filter(None, [os.environ.get("PYTHONPATH")])]
    os.environ["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(paths))
    CONTEXT.set_forkserver_preload([*modules, "kit.config", "kit.log"])


@asynccontextmanager
async def floor(
    folder: Path,
    *,
    video_seconds: float = 0.4,
    answer_seconds: float = 60.0,
    body: Callable[[Wish], None] = run,
    preload: Sequence[str] = ("tests.faults.buyer",),
    terms: Terms = KINDS,
    env: Callable[[RunningSimulator], Mapping[str, str]] = lambda vendor: {},
) -> AsyncIterator[Floor]:
    """Yields a floor with everything up but the buyers; ends those afterwards. `env` is what buyers are told beside the house's own."""
    folder.mkdir(parents=True, exist_ok=True)
    prepare(preload)
    catalogue = folder / "catalogue.json"
    catalogue.write_text(json.dumps({"models": _ROWS}))
    (folder / "leases").touch()
    with RunningSimulator(folder, video_seconds=video_seconds) as vendor:
        async with (
            Servers(folder / "servers") as servers,
            house(servers, folder / "house") as made,
            Hooks(made) as hooks,
        ):
            told = {
                **made.env,
                "SFD_CATALOGUE": str(catalogue),
                "BUYER_VENDORS": f"{vendor.url}/kinds",
                "BUYER_HOOKS": hooks.url,
                "BUYER_ANSWER_SECONDS": str(answer_seconds),
                "BUYER_LEASES": str(folder / "leases"),
                **env(vendor),
            }
            mine, theirs = made.channel(), made.channel(role=Role.WORKER)
            stub = job_service_pb2_grpc.JobServiceStub
            yielded = Floor(servers, made, vendor, hooks, folder, told, stub(mine), stub(theirs), body, terms)
            try:
                yield yielded
            finally:
                for process in yielded.processes:
                    process.kill()
                await until(lambda: not any(p.is_alive() for p in yielded.processes), 10, "buyers end")
                await mine.close()
                await theirs.close()


async def until(true: Callable[[], bool], seconds: float, what: str) -> None:
    """Waits; raises TimeoutError with `what`."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        await asyncio.sleep(0.05)


async def settled(on: Floor, jobs: Sequence[str], seconds: float) -> dict[str, Any]:
    """Waits until every job has ended or waits for a person; returns their rows by id."""
    deadline = time.monotonic() + seconds
    while True:
        rows = await on.sql(
            """SELECT id::text, run_id, state, held, attempt, lease_id::text, output, failure,
                 (SELECT count(*) FROM events e WHERE e.job_id = jobs.id AND e.type = 'job.lease_lost') AS losses FROM jobs
               WHERE id = ANY($1::uuid[])""",
            list(jobs),
        )
        open_ = [row for row in rows if row["state"] in ("queued", "running") and not row["held"]]
        if not open_:
            return {row["id"]: row for row in rows}
        if time.monotonic() > deadline:
            raise TimeoutError(f"{len(open_)} jobs are not settled: {[dict(row) for row in open_[:5]]}")
        await asyncio.sleep(0.3)
