"""Stopping work and doing it again: cancel, retry, and what was set aside."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request

from services.gateway import body as bodies
from services.gateway import docs, headers, problems, records, steps
from services.gateway.backends import RPC_SECONDS
from services.gateway.gateway import gateway
from services.gateway.ids import checked, cursor_of, tagged
from services.gateway.problems import Json
from services.gateway.responses import NO_STORE, JsonResponse
from services.gateway.views import entity_models, entity_replies, replies
from services.gateway.views import jobs as view
from sfd.jobs.v1 import job_pb2, job_service_pb2
from sfd.story.v1 import story_service_pb2

router = APIRouter(tags=["jobs"])
_RETRY = docs.body(entity_models.RetryBody, required=False)
_REFUSED = docs.errors(400, 404, 409, 413, 415, 422)


@router.post(
    "/jobs/{job_id}/cancel",
    response_model=None,
    responses={200: {"model": replies.JobRecord}, **docs.errors(400, 404, 409)},
)
async def cancel_job(request: Request, job_id: str) -> JsonResponse:
    """Asks a job, or one step of it, to stop: what waits is cancelled now, what runs at its next sign of life."""
    return await _cancel(request, job_id, None)


@router.post(
    "/dramas/{drama_id}/jobs/{job_id}/cancel",
    response_model=None,
    responses={200: {"model": replies.JobRecord}, **docs.errors(400, 404, 409)},
)
async def cancel_drama_job(request: Request, drama_id: str, job_id: str) -> JsonResponse:
    """Asks a job of this drama, or one step of it, to stop."""
    return await _cancel(request, job_id, checked("Drama", drama_id))


async def _cancel(request: Request, job_id: str, drama_id: str | None) -> JsonResponse:
    house = gateway(request)
    run, step = await records.located(house, job_id, drama_id)
    key = headers.request_key(request)
    with problems.known_as("Job", job_id):
        if step is None:
            reply = await house.backends.jobs.CancelRun(
                job_service_pb2.CancelRunRequest(id=job_id, request_id=key), timeout=RPC_SECONDS
            )
            steps_now = await records.steps_of(house, reply.run.id)
            return JsonResponse(view.run_json(reply.run, steps_now, await records.stored_by(house, steps_now)))
        one = await house.backends.jobs.CancelJob(
            job_service_pb2.CancelJobRequest(id=job_id, request_id=key), timeout=RPC_SECONDS
        )
    return JsonResponse(view.job_json(one.job, run))


@router.post(
    "/jobs/{job_id}/retry",
    response_model=None,
    status_code=202,
    responses={202: {"model": entity_replies.RetryReply}, **_REFUSED},
    openapi_extra=_RETRY,
)
async def retry_job(request: Request, job_id: str) -> JsonResponse:
    """Does a failed or cancelled step again by itself, or a whole ended job; what is live is used as it is."""
    return await _retry(request, job_id, None)


@router.post(
    "/dramas/{drama_id}/jobs/{job_id}/retry",
    response_model=None,
    status_code=202,
    responses={202: {"model": entity_replies.RetryReply}, **_REFUSED},
    openapi_extra=_RETRY,
)
async def retry_drama_job(request: Request, drama_id: str, job_id: str) -> JsonResponse:
    """Does a failed or cancelled step of this drama again by itself, or a whole ended job."""
    return await _retry(request, job_id, checked("Drama", drama_id))


async def _retry(request: Request, job_id: str, drama_id: str | None) -> JsonResponse:
    checked("Job", job_id)
    parsed = await bodies.read(request, entity_models.RetryBody, empty=True)
    house = gateway(request)
    if drama_id is not None:
        await records.located(house, job_id, drama_id)
    with problems.known_as("Job", job_id):
        reply = await house.backends.story.RetryJob(
            story_service_pb2.RetryJobRequest(
                job_id=job_id,
                ceiling_nano_usd=steps.ceiling(parsed.value.ceiling_usd),
                request_id=headers.request_key(request),
            ),
            timeout=RPC_SECONDS,
        )
    told = {**headers.ignored(parsed.ignored), **headers.warned(reply.warnings)}
    return _accepted(reply.run, "Retry queued.", job_id, told)


def _accepted(run: job_pb2.Run, what: str, old: str, told: dict[str, str]) -> JsonResponse:
    location = f"/dramas/{run.drama_id}/jobs/{run.public_id}" if run.drama_id else f"/jobs/{run.public_id}"
    message = f"{what} Check status at: {location}"
    body = view.accepted(run.drama_id, run.public_id, message, retry_of=old)
    return JsonResponse(body, 202, {"Location": location, **told})


@router.get(
    "/dead-letters",
    response_model=None,
    responses={200: {"model": entity_replies.DeadLetterList}, **docs.errors(400, 422)},
)
async def list_dead_letters(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: Annotated[str | None, Query()] = None,
) -> JsonResponse:
    """Jobs that were set aside, because their workers died or nobody could read them; newest first."""
    reply = await gateway(request).backends.jobs.ListDeadLetters(
        job_service_pb2.ListDeadLettersRequest(page_size=limit, page_token=cursor_of(cursor, "dead-letters")),
        timeout=RPC_SECONDS,
    )
    return JsonResponse(
        {
            "dead_letters": [_dead_letter_json(letter) for letter in reply.dead_letters],
            "cursor": tagged("dead-letters", "", reply.next_page_token),
        },
        headers={"Cache-Control": NO_STORE},
    )


@router.post(
    "/dead-letters/{job_id}/redrive",
    response_model=None,
    status_code=202,
    responses={202: {"model": entity_replies.RetryReply}, **docs.errors(400, 404, 409)},
)
async def redrive(request: Request, job_id: str) -> JsonResponse:
    """Sends a job that was set aside in again, as a run of its own; it works once."""
    with problems.known_as("Job", checked("Job", job_id)):
        reply = await gateway(request).backends.jobs.RedriveDeadLetter(
            job_service_pb2.RedriveDeadLetterRequest(job_id=job_id, request_id=headers.request_key(request)),
            timeout=RPC_SECONDS,
        )
    return _accepted(reply.run, "Sent in again.", job_id, {})


def _dead_letter_json(letter: job_pb2.DeadLetter) -> dict[str, Json]:
    job = letter.job
    failure = letter.failure if letter.HasField("failure") else job.failure
    return {
        "job_id": job.public_id or job.id,
        "jobId": job.public_id or job.id,
        "step": job.step,
        "kind": job.kind,
        "reason": letter.reason,
        "error": failure.message or failure.reason or None,
        "attempt": job.attempt,
        "lease_losses": job.lease_losses,
        "created_at": letter.created_at.ToJsonString() if letter.HasField("created_at") else None,
        "redriven_job_id": letter.redriven_run_id or None,
        "metadata": view.labels_of(job),
    }
