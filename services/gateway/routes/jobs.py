"""Jobs: every kind of run of the account, as one kind of record."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated

from fastapi import APIRouter, Query, Request

from kit.errors import NotFound
from services.gateway import docs, headers, problems
from services.gateway.backends import RPC_SECONDS
from services.gateway.gateway import Gateway, account_id, gateway
from services.gateway.ids import checked, cursor_of, tagged
from services.gateway.problems import Json
from services.gateway.responses import NO_STORE, JsonResponse
from services.gateway.views import jobs as view
from services.gateway.views import replies
from sfd.assets.v1 import asset_service_pb2
from sfd.assets.v1.asset_pb2 import Asset
from sfd.jobs.v1 import job_pb2, job_service_pb2

router = APIRouter(tags=["jobs"])
_CHILDREN = 10_000
_KNOWN_ASSETS = 20_000
_LOOKUPS_AT_ONCE = 16

Limit = Annotated[int, Query(ge=1, le=1000)]
Cursor = Annotated[str | None, Query()]


@router.get("/jobs", response_model=None, responses={200: {"model": replies.JobList}, **docs.errors(400, 422)})
async def list_jobs(request: Request, limit: Limit = 100, cursor: Cursor = None) -> JsonResponse:
    """Jobs of the account, newest first. A production's children are told when it is asked for by its id."""
    return await _list(gateway(request), "", limit, cursor)


@router.get(
    "/dramas/{drama_id}/jobs",
    response_model=None,
    responses={200: {"model": replies.JobList}, **docs.errors(400, 422)},
)
async def list_drama_jobs(request: Request, drama_id: str, limit: Limit = 1000, cursor: Cursor = None) -> JsonResponse:
    """Jobs of a drama, newest first; none for a drama that is not there."""
    try:
        checked("Drama", drama_id)
    except problems.Problem:
        return JsonResponse({"jobs": [], "cursor": None})
    return await _list(gateway(request), drama_id, limit, cursor)


async def _list(house: Gateway, drama_id: str, limit: int, cursor: str | None) -> JsonResponse:
    reply = await house.backends.jobs.ListRuns(
        job_service_pb2.ListRunsRequest(
            drama_id=drama_id, page_size=limit, page_token=cursor_of(cursor, "jobs", drama_id)
        ),
        timeout=RPC_SECONDS,
    )
    # An audition's result tells where its film is, which only its step knows.
    auditions = [run.id for run in reply.runs if run.kind == "audition" and run.state == job_pb2.JOB_STATE_SUCCEEDED]
    slots = asyncio.Semaphore(_LOOKUPS_AT_ONCE)

    async def steps_of(run_id: str) -> list[job_pb2.Job]:
        async with slots:
            return await _children(house, run_id)

    steps = dict(zip(auditions, await asyncio.gather(*map(steps_of, auditions)), strict=True))
    stored = await _assets(house, [job for jobs in steps.values() for job in jobs])
    rows: list[Json] = [view.run_json(run, steps.get(run.id, ()), stored, alone=False) for run in reply.runs]
    return JsonResponse(
        {"jobs": rows, "cursor": tagged("jobs", drama_id, reply.next_page_token)},
        headers={"Cache-Control": NO_STORE},
    )


@router.get(
    "/jobs/{job_id}",
    response_model=None,
    responses={200: {"model": replies.JobRecord}, **docs.errors(404)},
)
async def get_job(request: Request, job_id: str) -> JsonResponse:
    """Where a job stands. `Prefer: wait=N` holds the answer back until it changes, at most N seconds."""
    return await _get(request, job_id, None)


@router.get(
    "/dramas/{drama_id}/jobs/{job_id}",
    response_model=None,
    responses={200: {"model": replies.JobRecord}, **docs.errors(404)},
)
async def get_drama_job(request: Request, drama_id: str, job_id: str) -> JsonResponse:
    """Where a job of this drama stands. `Prefer: wait=N` holds the answer back until it changes, at most N seconds."""
    return await _get(request, job_id, drama_id)


async def _get(request: Request, job_id: str, drama_id: str | None) -> JsonResponse:
    house = gateway(request)
    record, ended = await _record(house, job_id, drama_id)
    told = {"Cache-Control": NO_STORE}
    seconds = headers.wait_seconds(request)
    if seconds is not None:
        told["Preference-Applied"] = f"wait={seconds}"
        first, until = record, time.monotonic() + seconds
        with house.wakeups.bell(account_id()) as bell:
            while not ended and record == first and not house.wakeups.stopping:
                left = until - time.monotonic()
                if left <= 0:
                    break
                await bell.wait(left)
                record, ended = await _record(house, job_id, drama_id)
    return JsonResponse(record, headers=told)


async def _record(house: Gateway, job_id: str, drama_id: str | None) -> tuple[dict[str, Json], bool]:
    """Returns the record of a run or of one of its steps, and whether it has ended; raises the contract's 404."""
    checked("Job", job_id)
    try:
        run = await _run(house, job_id)
    except NotFound:
        with problems.known_as("Job", job_id):
            job = (await house.backends.jobs.GetJob(job_service_pb2.GetJobRequest(id=job_id), timeout=RPC_SECONDS)).job
            run = await _run(house, job.run_id)
        _belongs(run, drama_id, job_id)
        return view.job_json(job, run), job.state in view.TERMINAL
    _belongs(run, drama_id, job_id)
    children = await _children(house, run.id)
    return view.run_json(run, children, await _assets(house, children)), run.state in view.TERMINAL


def _belongs(run: job_pb2.Run, drama_id: str | None, job_id: str) -> None:
    if drama_id is not None and run.drama_id != drama_id:
        raise problems.missing("Job", job_id)


async def _run(house: Gateway, run_id: str) -> job_pb2.Run:
    return (await house.backends.jobs.GetRun(job_service_pb2.GetRunRequest(id=run_id), timeout=RPC_SECONDS)).run


async def _children(house: Gateway, run_id: str) -> list[job_pb2.Job]:
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


async def _assets(house: Gateway, jobs: list[job_pb2.Job]) -> dict[str, Asset]:
    """Returns what the jobs stored, by asset id. Assets never change, so each is asked for once in a while only."""
    account, known = account_id(), house.known_assets
    wanted = {asset_id for asset_id in map(view.stored_asset_id, jobs) if asset_id}
    slots = asyncio.Semaphore(_LOOKUPS_AT_ONCE)

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


@router.post(
    "/dramas/{drama_id}/jobs/{job_id}/cancel",
    response_model=None,
    responses={200: {"model": replies.JobRecord}, **docs.errors(404, 409)},
)
async def cancel(request: Request, drama_id: str, job_id: str) -> JsonResponse:
    """Asks a job to stop: what waits is cancelled now, what runs at its next sign of life."""
    checked("Drama", drama_id)
    checked("Job", job_id)
    house = gateway(request)
    with problems.known_as("Job", job_id):
        _belongs(await _run(house, job_id), drama_id, job_id)
        reply = await house.backends.jobs.CancelRun(
            job_service_pb2.CancelRunRequest(id=job_id, request_id=headers.request_key(request)), timeout=RPC_SECONDS
        )
    return JsonResponse(view.run_json(reply.run))
