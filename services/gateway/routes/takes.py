"""Takes: every product that was made for a slot of a drama, and which one the drama shows."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Query, Request
from google.protobuf.timestamp_pb2 import Timestamp

from services.gateway import docs, headers, problems
from services.gateway.backends import RPC_SECONDS
from services.gateway.body import check_text
from services.gateway.gateway import gateway
from services.gateway.ids import checked, cursor_of, tagged
from services.gateway.problems import Json
from services.gateway.responses import NO_STORE, JsonResponse
from services.gateway.views import entity_replies
from services.gateway.where import at
from sfd.dramas.v1 import drama_pb2, drama_service_pb2
from sfd.story.v1 import story_service_pb2

router = APIRouter(tags=["takes"])
_SLOT = re.compile(r"[A-Za-z0-9._:-]{0,512}")


@router.get(
    "/dramas/{drama_id}/takes",
    response_model=None,
    responses={200: {"model": entity_replies.TakeList}, **docs.errors(400, 404, 422)},
)
async def list_takes(
    request: Request,
    drama_id: str,
    slot: Annotated[str, Query(description="Such as `scene:ep01_s01:clip`; without it every slot")] = "",
    history: Annotated[bool, Query(description="All takes, not only those that the drama shows")] = False,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: Annotated[str | None, Query()] = None,
) -> JsonResponse:
    """Takes of the drama, newest first within their slot."""
    where = at(drama_id)
    check_text(slot, ("slot",), "query")
    if _SLOT.fullmatch(slot) is None:
        raise problems.invalid(("slot",), "Input should be the name of a slot", where="query")
    within = f"{drama_id} {slot} {history}"
    with where.known():
        reply = await gateway(request).backends.dramas.ListTakes(
            drama_service_pb2.ListTakesRequest(
                drama_id=drama_id,
                slot=slot,
                history=history,
                page_size=limit,
                page_token=cursor_of(cursor, "takes", within),
            ),
            timeout=RPC_SECONDS,
        )
    return JsonResponse(
        {
            "takes": [take_json(take) for take in reply.takes],
            "cursor": tagged("takes", within, reply.next_page_token),
        },
        headers={"Cache-Control": NO_STORE},
    )


@router.post(
    "/dramas/{drama_id}/takes/{take_id}/choose",
    response_model=None,
    responses={200: {"model": entity_replies.Take}, **docs.errors(400, 404, 409)},
)
async def choose_take(request: Request, drama_id: str, take_id: str) -> JsonResponse:
    """Makes an earlier take the one that the drama shows; it counts as fresh until somebody changes what it is made from."""
    where = at(drama_id)
    with where.known("Take", checked("Take", take_id)):
        reply = await gateway(request).backends.story.ChooseTake(
            story_service_pb2.ChooseTakeRequest(
                drama_id=drama_id, take_id=take_id, request_id=headers.request_key(request)
            ),
            timeout=RPC_SECONDS,
        )
    return JsonResponse(take_json(reply.take))


def take_json(take: drama_pb2.Take) -> dict[str, Json]:
    """Returns a take; moments are ISO 8601 in UTC."""
    return {
        "id": take.id,
        "slot": take.slot,
        "live": take.live,
        "url": take.url or None,
        "prompt": take.prompt,
        "generator": take.generator,
        "asset_id": take.asset_id,
        "sha256": take.sha256,
        "fingerprint": take.fingerprint,
        "job_id": take.job_id,
        "created_at": _iso(take.created_at) if take.HasField("created_at") else None,
        "live_since": _iso(take.live_since) if take.HasField("live_since") else None,
    }


def _iso(moment: Timestamp) -> str:
    return moment.ToJsonString()
