"""Jobs: every kind of run of the account, as one kind of record."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request

from services.gateway import docs, headers, problems, records, waiting
from services.gateway.backends import RPC_SECONDS
from services.gateway.gateway import Gateway, gateway
from services.gateway.ids import checked, cursor_of, tagged
from services.gateway.problems import Json
from services.gateway.responses import NO_STORE, JsonResponse
from services.gateway.views import jobs as view
from services.gateway.views import replies
from sfd.jobs.v1 import job_pb2, job_service_pb2

router = APIRouter(tags=["jobs"])

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
    # What a run for one product made, and where that is, only its step knows.
    single = [run for run in reply.runs if view.told_by_its_step(run) and run.state == job_pb2.JOB_STATE_SUCCEEDED]
    steps = await records.steps_of_ended(house, single)
    stored = await records.stored_by(house, [job for jobs in steps.values() for job in jobs])
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
    first = await records.record(house, job_id, drama_id)
    found, told = first, {"Cache-Control": NO_STORE}
    seconds = headers.wait_seconds(request)
    if seconds:
        told["Preference-Applied"] = f"wait={seconds}"
        if not first[1]:
            found = await waiting.until(
                house,
                lambda: records.record(house, job_id, drama_id),
                lambda now: now[1] or now[0] != first[0],
                seconds,
            )
    return JsonResponse(found[0], headers=told)
