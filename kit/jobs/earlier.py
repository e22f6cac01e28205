"""Which paid call of a job serves a purpose already. A worker may have died at any line: what it settled must not be bought again."""

from __future__ import annotations

from collections.abc import Iterable

from kit.jobs.handler import JobFailed
from sfd.jobs.v1 import job_pb2

S = job_pb2.SubmissionState
_OVER = (S.SUBMISSION_STATE_FAILED, S.SUBMISSION_STATE_ABANDONED)
LOST = "outcome_unknown"
"""Reason of a paid call that was booked as lost, to be sent again as another one."""


def earlier(
    submissions: Iterable[job_pb2.Submission], wanted: str, purpose: str, *, charged: bool
) -> job_pb2.Submission | None:
    """Returns the paid call of this very attempt (`purpose`), else one of `wanted` that an attempt left which failed otherwise.

    One of this attempt that came to nothing is returned too: its failure may be recorded and its job's not yet. What is open at the
    vendor is followed to its end; a product is used again unless the last attempt failed because of it (such failures are
    `charged`). A worker that died over a paid film has not used it up.
    """
    mine = [s for s in submissions if s.purpose.rpartition("/")[0] == wanted]
    exact = max((s for s in mine if s.purpose == purpose), key=lambda s: s.number, default=None)
    if exact is not None:
        return None if exact.state in _OVER and exact.failure.reason == LOST else exact
    done = S.SUBMISSION_STATE_DONE
    usable = [s for s in mine if s.state not in _OVER and (s.state != done or not charged)]
    return max(usable, key=lambda s: (s.state != done, s.number), default=None)


def as_failure(submission: job_pb2.Submission) -> JobFailed:
    """Returns how a job fails whose paid call came to nothing."""
    failure = submission.failure
    return JobFailed(
        failure.message or "The paid call came to nothing.",
        reason=failure.reason or "vendor_failed",
        retryable=failure.retryable,
        charged=failure.charged,
    )
