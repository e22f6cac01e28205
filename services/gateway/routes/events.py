"""Events of a drama as they happen."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Query, Request
from sse_starlette import EventSourceResponse

from services.gateway import docs, problems
from services.gateway.backends import RPC_SECONDS
from services.gateway.gateway import account_id, gateway
from services.gateway.ids import checked
from services.gateway.routes.dramas import fetch_drama
from services.gateway.sse import stream
from sfd.jobs.v1 import job_service_pb2

router = APIRouter(tags=["jobs"])
_MAX_POS = 2**63 - 1


@router.get(
    "/dramas/{drama_id}/events",
    response_model=None,
    responses={
        200: {"description": "Server-sent events", "content": docs.EVENTS},
        **docs.errors(400, 404, 422, 429),
    },
)
async def events(
    request: Request, drama_id: str, after: Annotated[int, Query(ge=0, le=_MAX_POS)] = 0
) -> EventSourceResponse:
    """Events of the drama's jobs after a position, then as they happen. `Last-Event-ID` goes before `after`."""
    checked("Drama", drama_id)
    house = gateway(request)
    resumed = request.headers.get("last-event-id")
    if resumed:
        if re.fullmatch(r"[0-9]{1,19}", resumed) is None or int(resumed) > _MAX_POS:
            raise problems.bad_request("Last-Event-ID is not one of ours.", "bad_event_id", field="Last-Event-ID")
        after = int(resumed)
    runs = await house.backends.jobs.ListRuns(
        job_service_pb2.ListRunsRequest(drama_id=drama_id, page_size=1), timeout=RPC_SECONDS
    )
    if not runs.runs:
        await fetch_drama(house, drama_id)
    return stream(house, account_id(), drama_id, after)
