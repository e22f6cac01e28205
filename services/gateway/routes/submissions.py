"""Paid calls of unknown outcome: they wait, with their price, for a person to decide."""

from __future__ import annotations

from fastapi import APIRouter, Request

from services.gateway import body as bodies
from services.gateway import docs, headers, problems
from services.gateway.backends import RPC_SECONDS
from services.gateway.gateway import gateway
from services.gateway.ids import checked
from services.gateway.responses import NO_STORE, JsonResponse
from services.gateway.routes.dramas import fetch_drama
from services.gateway.views import models, replies
from services.gateway.views.submissions import submission_json
from sfd.jobs.v1 import job_pb2, job_service_pb2

router = APIRouter(tags=["submissions"])
_RESOLUTIONS = {
    "resubmit": job_service_pb2.RESOLUTION_RESUBMIT,
    "abandon": job_service_pb2.RESOLUTION_ABANDON,
}


@router.get(
    "/dramas/{drama_id}/submissions",
    response_model=None,
    responses={200: {"model": replies.SubmissionList}, **docs.errors(404)},
)
async def list_submissions(request: Request, drama_id: str) -> JsonResponse:
    """Paid calls of the drama that wait for a decision, newest first."""
    checked("Drama", drama_id)
    jobs = gateway(request).backends.jobs
    held: list[job_pb2.Submission] = []
    token = ""
    while True:
        page = await jobs.ListSubmissions(
            job_service_pb2.ListSubmissionsRequest(
                state=job_pb2.SUBMISSION_STATE_NEEDS_USER, page_size=1000, page_token=token
            ),
            timeout=RPC_SECONDS,
        )
        held.extend(page.submissions)
        token = page.next_page_token
        if not token:
            break
    runs: dict[str, job_pb2.Run] = {}
    for run_id in {one.run_id for one in held}:
        reply = await jobs.GetRun(job_service_pb2.GetRunRequest(id=run_id), timeout=RPC_SECONDS)
        runs[run_id] = reply.run
    mine = [one for one in held if runs[one.run_id].drama_id == drama_id]
    if not mine:
        await _known(request, drama_id)
    return JsonResponse(
        {"submissions": [submission_json(one, runs[one.run_id].public_id) for one in mine]},
        headers={"Cache-Control": NO_STORE},
    )


async def _known(request: Request, drama_id: str) -> None:
    """Raises the 404 of a drama that is neither there nor being written."""
    runs = await gateway(request).backends.jobs.ListRuns(
        job_service_pb2.ListRunsRequest(drama_id=drama_id, page_size=1), timeout=RPC_SECONDS
    )
    if not runs.runs:
        await fetch_drama(gateway(request), drama_id)


@router.post(
    "/submissions/{submission_id}/resolve",
    response_model=None,
    responses={200: {"model": replies.Submission}, **docs.errors(400, 404, 409, 413, 415, 422)},
    openapi_extra=docs.body(models.ResolveBody),
)
async def resolve(request: Request, submission_id: str) -> JsonResponse:
    """Settles a paid call: `resubmit` sends it again, which may be billed twice; `abandon` gives it up."""
    checked("Submission", submission_id)
    parsed = await bodies.read(request, models.ResolveBody)
    jobs = gateway(request).backends.jobs
    with problems.known_as("Submission", submission_id):
        reply = await jobs.ResolveSubmission(
            job_service_pb2.ResolveSubmissionRequest(
                submission_id=submission_id,
                resolution=_RESOLUTIONS[parsed.value.resolution],
                request_id=headers.request_key(request),
            ),
            timeout=RPC_SECONDS,
        )
    run = await jobs.GetRun(job_service_pb2.GetRunRequest(id=reply.submission.run_id), timeout=RPC_SECONDS)
    return JsonResponse(submission_json(reply.submission, run.run.public_id), headers=headers.ignored(parsed.ignored))
