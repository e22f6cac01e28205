"""Vendors call back here when a film is done. A callback only makes the job due: its worker asks the vendor, with its own key."""

from __future__ import annotations

from typing import Annotated

import structlog
from fastapi import APIRouter, Query, Request

from kit import callbacks
from kit.context import Role, acting_as
from kit.rpc.client import SYSTEM
from services.gateway import docs
from services.gateway.backends import RPC_SECONDS
from services.gateway.callbacks.proof import Callback
from services.gateway.gateway import gateway
from services.gateway.responses import JsonResponse
from services.gateway.views.replies import ChallengeReply, HookReply
from sfd.jobs.v1 import job_service_pb2

router = APIRouter(tags=["hooks"])
log = structlog.get_logger("gateway")


@router.post(
    callbacks.PATH + "/{provider}",
    response_model=None,
    responses={200: {"model": HookReply | ChallengeReply}, **docs.errors(400, 401, 413, 415, 422)},
)
async def hear(
    request: Request,
    provider: str,
    submission: Annotated[str, Query(max_length=64)] = "",
    key: Annotated[str, Query(max_length=16)] = "",
    token: Annotated[str, Query(max_length=64)] = "",
) -> JsonResponse:
    """Hears a vendor, once it is proved by the token in the URL, the vendor's signature, or both.

    The answer is the same whether anything waits for it or not, and a repeated call changes nothing. MiniMax's challenge is repeated.
    """
    house = gateway(request)
    query = {"submission": submission, "key": key, "token": token}
    house.callbacks.admit(provider, query)
    callback = Callback(dict(request.headers), await request.body())
    heard = await house.callbacks.hear(provider, query, callback)
    if heard.challenge:
        return JsonResponse({"challenge": heard.challenge})
    if heard.submission_id or heard.operation_id:
        wanted = job_service_pb2.WakeSubmissionRequest(
            vendor=provider, submission_id=heard.submission_id, operation_id=heard.operation_id
        )
        with acting_as(SYSTEM.account_id, Role.WORKER):
            reply = await house.backends.jobs.WakeSubmission(wanted, timeout=RPC_SECONDS)
        log.info("callback_heard", vendor=provider, submission=heard.submission_id, woken=reply.woken)
    return JsonResponse({"heard": True})
