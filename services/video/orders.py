"""What all films have in common when they are ordered: what was sent before, with which key, and what a vendor reads."""

from __future__ import annotations

from collections.abc import Iterable

from kit.jobs.handler import JobContext
from sfd.assets.v1 import asset_service_pb2
from sfd.jobs.v1 import job_pb2

S = job_pb2.SubmissionState
_SENT = (
    S.SUBMISSION_STATE_SUBMITTED,
    S.SUBMISSION_STATE_RUNNING,
    S.SUBMISSION_STATE_FETCHING,
    S.SUBMISSION_STATE_DONE,
)
_OVER = (S.SUBMISSION_STATE_FAILED, S.SUBMISSION_STATE_ABANDONED, S.SUBMISSION_STATE_NOT_ACCEPTED)
_URL_SECONDS = 10.0


def is_sent(submissions: Iterable[job_pb2.Submission], purpose: str) -> bool:
    """Returns whether the vendor has a call of a purpose already: what it starts from is not needed again."""
    return any(one.purpose.rpartition("/")[0] == purpose and one.state in _SENT for one in submissions)


def key_of(submissions: Iterable[job_pb2.Submission], purpose: str) -> str:
    """Returns the id of the key that an open call of a purpose was sent with; empty when there is none."""
    live = (one for one in submissions if one.purpose.rpartition("/")[0] == purpose and one.state not in _OVER)
    return next((one.key_id for one in live), "")


async def reading_url(context: JobContext, data: bytes, kind: str) -> str:
    """Stores bytes and returns where a vendor can read them for a while."""
    asset = await context.store.put(data, kind)
    signed = await context.store.assets.SignDownload(
        asset_service_pb2.SignDownloadRequest(asset_id=asset.id), timeout=_URL_SECONDS
    )
    url: str = signed.download_url
    return url
