"""Vendors call back here when a film is done. What only they knew is recorded as a late truth; polling goes on all the same."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Query, Request

from kit import callbacks
from kit.context import Role, acting_as
from kit.errors import Conflict, NotFound
from kit.rpc.client import SYSTEM
from services.gateway import body as bodies
from services.gateway import docs
from services.gateway.backends import RPC_SECONDS
from services.gateway.gateway import gateway
from services.gateway.problems import Problem
from services.gateway.responses import JsonResponse
from services.gateway.views.replies import HookReply
from sfd.jobs.v1 import job_pb2, job_service_pb2

router = APIRouter(tags=["hooks"])
log = structlog.get_logger("gateway")
_ID = re.compile(r"[A-Za-z0-9._:-]{1,200}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Where a vendor's body names its operation, as the vendor's adapter keeps it. Others' callbacks are heard and change nothing.
_OPERATION: Mapping[str, str] = {"luma": "id", "replicate": "id", "runway": "id"}


@router.post(
    callbacks.PATH + "/{provider}",
    response_model=None,
    responses={200: {"model": HookReply}, **docs.errors(400, 404, 415)},
)
async def hear(
    request: Request,
    provider: str,
    submission: Annotated[str, Query(max_length=64)] = "",
    token: Annotated[str, Query(max_length=64)] = "",
) -> JsonResponse:
    """Hears a vendor. The token in the URL proves that it has the URL from us; a repeated call changes nothing."""
    house = gateway(request)
    secret = house.settings.internal_secret.get_secret_value()
    if _UUID.fullmatch(submission) is None or not callbacks.is_ours(secret, provider, submission, token):
        # A stranger learns nothing, not even that callbacks are heard here.
        text = "Callback not found"
        raise Problem(404, text, text, detail=text, reason="not_found")
    told: dict[str, Any] = await bodies.read_json(request, empty=True)
    operation = str(told.get(_OPERATION.get(provider, ""), ""))
    if _ID.fullmatch(operation) is None:
        return JsonResponse({"heard": "nothing new"})
    truth = job_pb2.Submission(id=submission, state=job_pb2.SUBMISSION_STATE_SUBMITTED, operation_id=operation)
    for known in (job_pb2.SUBMISSION_STATE_SUBMIT_UNKNOWN, job_pb2.SUBMISSION_STATE_NEEDS_USER):
        try:
            with acting_as(SYSTEM.account_id, Role.WORKER):
                await house.backends.jobs.RecordSubmission(
                    job_service_pb2.RecordSubmissionRequest(submission=truth, expected=known), timeout=RPC_SECONDS
                )
        except (Conflict, NotFound):
            # Known already, settled otherwise, or gone: a callback changes nothing then.
            continue
        log.info("callback_recorded", vendor=provider, submission=submission)
        return JsonResponse({"heard": "recorded"})
    return JsonResponse({"heard": "nothing new"})
