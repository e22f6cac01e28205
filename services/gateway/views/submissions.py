"""Paid calls as the gateway shows them: what was sent to whom, and what it costs."""

from __future__ import annotations

from services.gateway.problems import Json
from services.gateway.views.jobs import NANO
from sfd.jobs.v1 import job_pb2 as pb


def submission_json(submission: pb.Submission, run_id: str) -> dict[str, Json]:
    """Returns a paid call with its price; `run_id` is the public id of its run. Requests and keys are not shown."""
    failure = submission.failure
    return {
        "id": submission.id,
        "jobId": run_id,
        "childJobId": submission.job_id,
        "state": pb.SubmissionState.Name(submission.state).removeprefix("SUBMISSION_STATE_").lower(),
        "vendor": submission.vendor,
        "model": submission.model,
        "price_usd": submission.price_nano_usd / NANO,
        "cost_usd": submission.cost_nano_usd / NANO,
        "estimated": submission.estimated,
        "createdAt": submission.created_at.ToMilliseconds() if submission.HasField("created_at") else None,
        "error": (failure.message or failure.reason) if submission.HasField("failure") else None,
    }
