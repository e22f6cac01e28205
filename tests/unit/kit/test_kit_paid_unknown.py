"""What becomes of a call of unknown outcome: keys, patience, and truths that come from elsewhere while it is looked for."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from kit.errors import Conflict, SfdError, Unavailable
from kit.jobs.handler import GiveBack, Hold, JobFailed, Later, LeaseLost
from kit.jobs.order import Order
from kit.jobs.paid import PaidCalls
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


class Refusing(Vendor):
    """Takes the call, bills it, and makes nothing of it."""

    async def submit(self, call: Call) -> Accepted | Answer:
        self.sent.append(call.submission_id)
        return Accepted("op")

    async def poll(self, operation_id: str) -> Pending | Finished | Refused:
        return Refused("vendor_failed", "No.", charged=True, retryable=True)


async def test_a_refusal_that_was_booked_is_not_bought_again_by_the_same_attempt() -> None:
    """The worker died after the paid call was settled and before its job's failure was told."""
    jobs, vendor = FakeJobs(), Refusing(Idempotency.NONE)
    job = jobs.add()
    for _ in range(2):
        with pytest.raises(JobFailed) as caught:
            await PaidCalls(context_of(jobs, job), vendor).buy(ORDER)
        assert (caught.value.reason, caught.value.charged, caught.value.retryable) == ("vendor_failed", True, True)
    assert (len(vendor.sent), states(jobs)) == (1, ["FAILED"])
    job.attempt = 1
    with pytest.raises(JobFailed):
        await PaidCalls(context_of(jobs, job), vendor).buy(ORDER)
    assert (len(vendor.sent), states(jobs)) == (2, ["FAILED", "FAILED"])


async def test_what_a_person_gave_up_is_not_bought_again() -> None:
    """The decision came while the worker was still giving the job back."""
    jobs, vendor = FakeJobs(), Vendor(Idempotency.NONE)
    job = jobs.add()
    with pytest.raises(GiveBack):
        await PaidCalls(context_of(jobs, job), vendor).buy(ORDER)
    for one in jobs.submissions.values():
        one.state, one.failure.reason = S.SUBMISSION_STATE_ABANDONED, "abandoned"
    with pytest.raises(JobFailed) as caught:
        await PaidCalls(context_of(jobs, job), vendor).buy(ORDER)
    assert (caught.value.reason, len(vendor.sent)) == ("abandoned", 1)


async def test_a_text_booked_as_lost_is_sent_again_by_the_next_lease() -> None:
    """The worker died between booking the lost call and meaning the next one."""
    jobs, vendor = FakeJobs(), Vendor(Idempotency.NONE)
    vendor.resend_unknown = True
    job = jobs.add()
    with pytest.raises(Unavailable):
        await _die_after_booking(jobs, job, vendor)
    await PaidCalls(context_of(jobs, job), vendor).buy(ORDER)
    assert (len(vendor.sent), states(jobs)) == (2, ["FAILED", "DONE"])


async def _die_after_booking(jobs: FakeJobs, job: job_pb2.Job, vendor: Vendor) -> None:
    class Cut(list[SfdError]):
        """Lets the first intent pass and fails the second."""

        def __bool__(self) -> bool:
            return jobs.moves.count("failed") == 1

    jobs.errors["RecordSubmission.intent"] = Cut([Unavailable("away")])
    try:
        await PaidCalls(context_of(jobs, job), vendor).buy(ORDER)
    finally:
        jobs.errors.clear()
