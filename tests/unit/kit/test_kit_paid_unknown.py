"""What becomes of a call of unknown outcome: keys, patience, and truths that come from elsewhere while it is looked for."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from kit.errors import Conflict
from kit.jobs.handler import GiveBack, Hold, Later, LeaseLost
from kit.jobs.paid import Order, PaidCalls
from kit.providers.base import (
    Accepted,
    Answer,
    Call,
    Finished,
    Idempotency,
    NotSeen,
    OutcomeUnknown,
    Pending,
    Refused,
)
from kit.testing.fake_jobs import FakeJobs, context_of
from sfd.jobs.v1 import job_pb2

S = job_pb2.SubmissionState
ORDER = Order("draw", "m", {"prompt": "x"}, 500)
DAY = 24 * 3600


class Vendor:
    """Loses the answer to the first call; `look` is what a look-up does."""

    vendor = "fake"
    resend_unknown = False

    def __init__(self, idempotency: Idempotency, look: Callable[[], Accepted | None] = lambda: None) -> None:
        self.idempotency = idempotency
        self.sent: list[str] = []
        self._look = look

    async def submit(self, call: Call) -> Accepted | Answer:
        self.sent.append(call.submission_id)
        if len(self.sent) == 1:
            raise OutcomeUnknown("?")
        return Accepted("op")

    async def poll(self, operation_id: str) -> Pending | Finished | Refused:
        return Finished()

    async def fetch(self, operation_id: str) -> Answer:
        return Answer(b"{}", "application/json")

    async def lookup(self, call: Call, since: float) -> Accepted | None:
        return self._look()

    async def cancel(self, operation_id: str) -> None:
        return


def states(jobs: FakeJobs) -> list[str]:
    return [S.Name(s.state).removeprefix("SUBMISSION_STATE_") for s in jobs.submissions.values()]


@pytest.mark.parametrize("idempotency", [Idempotency.REPLAY, Idempotency.REJECT, Idempotency.BILL_ONCE])
async def test_a_vendor_that_knows_keys_is_sent_the_same_key(idempotency: Idempotency) -> None:
    jobs, vendor = FakeJobs(), Vendor(idempotency)
    await PaidCalls(context_of(jobs, jobs.add()), vendor).buy(ORDER)
    assert (len(vendor.sent), len(set(vendor.sent)), states(jobs)) == (2, 1, ["DONE"])


async def test_a_key_that_the_vendor_may_have_forgotten_is_not_sent_again() -> None:
    jobs = FakeJobs()

    def age() -> None:
        for one in jobs.submissions.values():
            one.created_at.FromSeconds(int(time.time()) - DAY)

    vendor, job = Vendor(Idempotency.REPLAY, age), jobs.add()
    # The answer is lost while the worker dies: what it leaves is found a day later.
    jobs.errors["RecordSubmission.submit_unknown"] = [Conflict("gone", reason="stale_lease")]
    with pytest.raises(LeaseLost):
        await PaidCalls(context_of(jobs, job), vendor).buy(ORDER)
    age()
    with pytest.raises(GiveBack) as caught:
        await PaidCalls(context_of(jobs, job), vendor).buy(ORDER)
    assert isinstance(caught.value.outcome, Hold)
    assert (len(vendor.sent), states(jobs)) == (1, ["NEEDS_USER"])


async def test_a_call_that_may_still_turn_up_is_looked_for_again_before_a_person_is_asked() -> None:
    jobs, found = FakeJobs(), list[Accepted]()

    def look() -> Accepted | None:
        if found:
            return found[0]
        raise NotSeen("not yet", seconds=60)

    vendor, job = Vendor(Idempotency.NONE, look), jobs.add()
    with pytest.raises(GiveBack) as caught:
        await PaidCalls(context_of(jobs, job), vendor).buy(ORDER)
    assert isinstance(caught.value.outcome, Later)
    found.append(Accepted("late"))
    await PaidCalls(context_of(jobs, job), vendor).buy(ORDER)
    assert (len(vendor.sent), states(jobs)) == (1, ["DONE"])


async def test_a_call_that_never_turns_up_becomes_a_question() -> None:
    def look() -> Accepted | None:
        raise NotSeen("never", seconds=0)

    jobs, vendor = FakeJobs(), Vendor(Idempotency.NONE, look)
    with pytest.raises(GiveBack) as caught:
        await PaidCalls(context_of(jobs, jobs.add()), vendor).buy(ORDER)
    assert isinstance(caught.value.outcome, Hold)
    assert (len(vendor.sent), states(jobs)) == (1, ["NEEDS_USER"])


async def test_a_truth_that_comes_while_it_is_looked_for_does_not_fail_the_job() -> None:
    """A callback, or the first of two workers, tells the operation's id just before the person would be asked."""
    jobs = FakeJobs()

    def look() -> Accepted | None:
        for one in jobs.submissions.values():
            one.state, one.operation_id = S.SUBMISSION_STATE_SUBMITTED, "told"
        return None

    vendor, job = Vendor(Idempotency.NONE, look), jobs.add()
    with pytest.raises(GiveBack) as caught:
        await PaidCalls(context_of(jobs, job), vendor).buy(ORDER)
    assert isinstance(caught.value.outcome, Later)
    await PaidCalls(context_of(jobs, job), vendor).buy(ORDER)
    assert (len(vendor.sent), states(jobs)) == (1, ["DONE"])


async def test_a_lost_lease_is_no_failure() -> None:
    jobs, vendor = FakeJobs(), Vendor(Idempotency.NONE)
    jobs.errors["RecordSubmission.submitting"] = [Conflict("gone", reason="stale_lease")]
    with pytest.raises(LeaseLost):
        await PaidCalls(context_of(jobs, jobs.add()), vendor).buy(ORDER)
    assert vendor.sent == []
