"""What one GraphQL request reads: every row once, a few rows at a time, and never more than a fixed number of calls."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from starlette.requests import Request
from strawberry.dataloader import DataLoader

from kit.errors import Exhausted, NotFound
from services.gateway.backends import RPC_SECONDS
from services.gateway.gateway import Gateway, account_id
from services.gateway.ids import checked
from services.gateway.problems import Problem
from services.gateway.views.jobs import stored_asset_id
from sfd.assets.v1 import asset_service_pb2
from sfd.assets.v1.asset_pb2 import Asset
from sfd.dramas.v1 import drama_pb2, drama_service_pb2
from sfd.jobs.v1 import job_pb2, job_service_pb2

MAX_CALLS = 2_500
"""Calls of services that one document may cause."""
MAX_BYTES = 64 << 20
"""Bytes of rows that one document may hold in memory: a thousand long dramas would be gigabytes."""
RUNS = 1_000
"""How many of the newest runs are looked through for jobs."""
_AT_ONCE = 16
_PAGE = 1000
_CHILDREN = 10_000
T = TypeVar("T")
K = TypeVar("K")


@dataclass(frozen=True)
class Step:
    """One job with the run it belongs to."""

    run: job_pb2.Run
    job: job_pb2.Job


class Loaders:
    """Loads rows for one request. A drama that is asked for in ten places is read once."""

    def __init__(self, house: Gateway) -> None:
        self.house = house
        self._left = MAX_CALLS
        self._bytes_left = MAX_BYTES
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self.dramas: DataLoader[str, drama_pb2.Drama | None] = DataLoader(load_fn=self._each(self._drama))
        self.runs: DataLoader[str, list[job_pb2.Run]] = DataLoader(load_fn=self._each(self.runs_of))
        self.children: DataLoader[str, list[job_pb2.Job]] = DataLoader(load_fn=self._each(self._children))
        self.assets: DataLoader[str, Asset | None] = DataLoader(load_fn=self._each(self._asset))

    async def call(self, rpc: Callable[..., Awaitable[Any]], request: object, seconds: float = RPC_SECONDS) -> Any:
        """Returns the answer of one call; raises Exhausted when the document has caused too many already, or holds too much."""
        self._left -= 1
        if self._left < 0:
            raise _too_large(f"more than {MAX_CALLS} reads")
        async with self._slots:
            if self._bytes_left < 0:
                raise _too_large(f"more than {MAX_BYTES >> 20} MiB of rows")
            reply = await rpc(request, timeout=seconds)
        self._bytes_left -= reply.ByteSize()
        if self._bytes_left < 0:
            raise _too_large(f"more than {MAX_BYTES >> 20} MiB of rows")
        return reply

    async def summaries(self, limit: int) -> list[drama_pb2.DramaSummary]:
        """Returns up to `limit` summaries, last changed first."""
        reply = await self.call(
            self.house.backends.dramas.ListDramas, drama_service_pb2.ListDramasRequest(page_size=limit)
        )
        return list(reply.dramas)

    async def runs_of(self, drama_id: str) -> list[job_pb2.Run]:
        """Returns the newest runs of a drama, or of the account for an empty id; at most `RUNS`."""
        if drama_id and not _possible("Drama", drama_id):
            return []
        reply = await self.call(
            self.house.backends.jobs.ListRuns, job_service_pb2.ListRunsRequest(drama_id=drama_id, page_size=RUNS)
        )
        return list(reply.runs)

    async def run(self, run_id: str) -> job_pb2.Run | None:
        """Returns a run by either of its ids; None when it is not there."""
        try:
            reply = await self.call(self.house.backends.jobs.GetRun, job_service_pb2.GetRunRequest(id=run_id))
        except NotFound:
            return None
        found: job_pb2.Run = reply.run
        return found

    async def step(self, job_id: str) -> Step | None:
        """Returns one step of a run by its id; None when it is not there."""
        try:
            reply = await self.call(self.house.backends.jobs.GetJob, job_service_pb2.GetJobRequest(id=job_id))
        except NotFound:
            return None
        run = await self.run(reply.job.run_id)
        return None if run is None else Step(run, reply.job)

    async def steps_of(self, drama_id: str) -> list[Step]:
        """Returns the steps of all runs of a drama, newest run first."""
        runs = await self.runs.load(drama_id)
        children = await self.children.load_many([run.id for run in runs])
        return [Step(run, job) for run, jobs in zip(runs, children, strict=True) for job in jobs]

    async def url_of(self, job: job_pb2.Job) -> str | None:
        """Returns where the bytes are that a job made; None when it made none."""
        asset_id = stored_asset_id(job)
        if not asset_id:
            return None
        asset = await self.assets.load(asset_id)
        return asset.url if asset else None

    def _each(self, load: Callable[[K], Awaitable[T]]) -> Callable[[list[K]], Awaitable[list[T | BaseException]]]:
        async def batch(keys: list[K]) -> list[T | BaseException]:
            # The services have no batched reads: a batch is a bounded crowd of single ones, and one failure is that row's alone.
            return await asyncio.gather(*(load(key) for key in keys), return_exceptions=True)

        return batch

    async def _drama(self, drama_id: str) -> drama_pb2.Drama | None:
        if not _possible("Drama", drama_id):
            return None
        try:
            reply = await self.call(
                self.house.backends.dramas.GetDrama, drama_service_pb2.GetDramaRequest(drama_id=drama_id)
            )
        except NotFound:
            return None
        found: drama_pb2.Drama = reply.drama
        return found

    async def _children(self, run_id: str) -> list[job_pb2.Job]:
        found: list[job_pb2.Job] = []
        token = ""
        while True:
            reply = await self.call(
                self.house.backends.jobs.ListJobs,
                job_service_pb2.ListJobsRequest(run_id=run_id, page_size=_PAGE, page_token=token),
            )
            found.extend(reply.jobs)
            token = reply.next_page_token
            if not token or len(found) >= _CHILDREN:
                return found

    async def _asset(self, asset_id: str) -> Asset | None:
        known = self.house.known_assets
        key = (account_id(), asset_id)
        if key in known:
            return known[key]
        try:
            reply = await self.call(
                self.house.backends.assets.GetAsset, asset_service_pb2.GetAssetRequest(asset_id=asset_id)
            )
        except NotFound:
            return None
        found: Asset = reply.asset
        return found


@dataclass
class Context:
    """What resolvers share within one request."""

    request: Request
    loaders: Loaders


def _too_large(what: str) -> Exhausted:
    return Exhausted(
        f"The document asks for {what}. Ask for less at a time.", reason="query_too_large", retryable=False
    )


def _possible(kind: str, public_id: str) -> bool:
    try:
        checked(kind, public_id)
    except Problem:
        return False
    return True
