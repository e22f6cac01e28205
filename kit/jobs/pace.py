"""How often a vendor is asked how its work stands."""

from __future__ import annotations

import time

from sfd.jobs.v1 import job_pb2

_FIRST = 1.0
_MOST = 30.0


def poll_delay(submission: job_pb2.Submission, asked: float | None) -> float:
    """Backs off with the age of the submission, 1 to 30 s, unless the vendor asks for a pace of its own."""
    if asked is not None:
        return max(0.1, min(60.0, asked))
    return max(_FIRST, min(_MOST, age(submission) / 8))


def age(submission: job_pb2.Submission) -> float:
    """Returns the seconds since the intent was committed."""
    return max(0.0, time.time() - submission.created_at.seconds)
