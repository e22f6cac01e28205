"""Jobs as they are recorded: a run with its steps and what they stored, or one step by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from kit.errors import NotFound
from services.gateway import problems
from services.gateway.backends import RPC_SECONDS
from services.gateway.gateway import Gateway, account_id
from services.gateway.ids import checked
from services.gateway.problems import Json
from services.gateway.views import jobs as view
from sfd.assets.v1 import asset_service_pb2
from sfd.assets.v1.asset_pb2 import Asset
from sfd.jobs.v1 import job_pb2, job_service_pb2

LOOKUPS_AT_ONCE = 16
_CHILDREN = 10_000
_KNOWN_ASSETS = 20_000
_KNOWN_RUNS = 2_000


async def located(house: Gateway, job_id: str, drama_id: str | None) -> tuple[job_pb2.Run, job_pb2.Job | None]:
    """Returns the run of this id, or the step of this id with its run.

    Raises the contract's 404 for a job that is not there or, with `drama_id`, belongs to another drama.
    """
    step = None
    try:
        run = await run_of(house, checked("Job", job_id))
    except NotFound:
        with problems.known_as("Job", job_id):
            reply = await house.backends.jobs.GetJob(job_service_pb2.GetJobRequest(id=job_id), timeout=RPC_SECONDS)
            step = reply.job
            run = await run_of(house, step.run_id)
    if drama_id is not None and run.drama_id != drama_id:
        raise problems.missing("Job", job_id)
    return run, step


async def record(house: Gateway, job_id: str, drama_id: str | None) -> tuple[dict[str, Json], bool]:
    """Returns the record of a run or of one of its steps, and whether it has ended; raises the contract's 404."""
    run, step = await located(house, job_id, drama_id)
    if step is not None:
        return view.job_json(step, run, await stored_by(house, [step])), step.state in view.TERMINAL
    children = await steps_of(house, run.id)
    return view.run_json(run, children, await stored_by(house, children)), run.state in view.TERMINAL


async def run_of(house: Gateway, run_id: str) -> job_pb2.Run:
    """Returns a run by either of its ids; raises NotFound."""
    return (await house.backends.jobs.GetRun(job_service_pb2.GetRunRequest(id=run_id), timeout=RPC_SECONDS)).run


async def steps_of(house: Gateway, run_id: str) -> list[job_pb2.Job]:
    """Returns the steps of a run, in the order they were added."""
    found: list[job_pb2.Job] = []
    token = ""
    while True:
        reply = await house.backends.jobs.ListJobs(
            job_service_pb2.ListJobsRequest(run_id=run_id, page_size=1000, page_token=token), timeout=RPC_SECONDS
        )
        found.extend(reply.jobs)
        token = reply.next_page_token
        if not token or len(found) >= _CHILDREN:
            return found


async def steps_of_ended(house: Gateway, runs: Sequence[job_pb2.Run]) -> dict[str, list[job_pb2.Job]]:
    """Returns the steps of runs that have ended, by run id. They never change, so each run is asked about once in a while only."""
    account, known = account_id(), house.known_steps
    # Kept by this request: another one may push an entry out while this one asks for the rest.
    found = {run.id: known[account, run.id] for run in runs if (account, run.id) in known}
    slots = asyncio.Semaphore(LOOKUPS_AT_ONCE)

    async def look_up(run_id: str) -> None:
        async with slots:
            found[run_id] = known[account, run_id] = await steps_of(house, run_id)

    await asyncio.gather(*(look_up(run.id) for run in runs if run.id not in found))
    while len(known) > _KNOWN_RUNS:
        known.popitem(last=False)
    return found


async def stored_by(house: Gateway, jobs: Iterable[job_pb2.Job]) -> dict[str, Asset]:
    """Returns what the jobs stored, by asset id. Assets never change, so each is asked for once in a while only."""
    account, known = account_id(), house.known_assets
    wanted = {asset_id for asset_id in map(view.stored_asset_id, jobs) if asset_id}
    slots = asyncio.Semaphore(LOOKUPS_AT_ONCE)

    async def look_up(asset_id: str) -> None:
        async with slots:
            try:
                reply = await house.backends.assets.GetAsset(
                    asset_service_pb2.GetAssetRequest(asset_id=asset_id), timeout=RPC_SECONDS
                )
            except NotFound:
                return
        known[account, asset_id] = reply.asset

    await asyncio.gather(*(look_up(asset_id) for asset_id in wanted if (account, asset_id) not in known))
    found = {asset_id: known[account, asset_id] for asset_id in wanted if (account, asset_id) in known}
    while len(known) > _KNOWN_ASSETS:
        known.popitem(last=False)
    return found
