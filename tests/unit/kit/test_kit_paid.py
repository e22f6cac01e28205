"""Paying once, branch by branch, against a fake adapter and a queue in memory."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from kit.errors import Conflict, Exhausted, Unavailable
from kit.jobs.handler import GiveBack, Hold, JobCancelled, JobFailed, Later
from kit.jobs.order import Order
from kit.jobs.paid import PaidCalls
from kit.providers.base import (
    Accepted,
    Answer,
    Call,
    Finished,
    Idempotency,
    NotAccepted,
    OutcomeUnknown,
    Pending,
    Refused,
    VendorAway,
)
from kit.testing.fake_jobs import FakeJobs, context_of
from sfd.jobs.v1 import job_pb2

S = job_pb2.SubmissionState
TEXT = Answer(b'{"a":1}', "application/json", {"tokens": 3}, 70)
FILM = Answer(b"\x00" * 9, "video/mp4", {}, None)
ORDER = Order("draw", "m", {"prompt": "x"}, 500)


@dataclass
class Vendor:
    """Answers what its lists hold, in order; the last one for ever. An exception is raised."""

    submits: Sequence[Accepted | Answer | Exception] = field(default_factory=lambda: [TEXT])
    polls: Sequence[Pending | Finished | Refused | Exception] = field(default_factory=list)
    fetches: Sequence[Answer | Exception] = field(default_factory=list)
    lookups: Sequence[Accepted | Exception | None] = field(default_factory=lambda: [None])
    idempotency: Idempotency = Idempotency.NONE
    resend_unknown: bool = False
    vendor: str = "fake"
    sent: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)

    turns: Counter[str] = field(default_factory=Counter)

    def _turn(self, which: str, answers: Sequence[object]) -> int:
        self.turns[which] += 1
        return min(self.turns[which], len(answers)) - 1

    async def submit(self, call: Call) -> Accepted | Answer:
        self.sent.append(call.submission_id)
        answer = self.submits[self._turn("submits", self.submits)]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def poll(self, operation_id: str) -> Pending | Finished | Refused:
        answer = self.polls[self._turn("polls", self.polls)]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def fetch(self, operation_id: str) -> Answer:
        answer = self.fetches[self._turn("fetches", self.fetches)]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def lookup(self, call: Call, since: float) -> Accepted | None:
        answer = self.lookups[self._turn("lookups", self.lookups)]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def cancel(self, operation_id: str) -> None:
        self.stopped.append(operation_id)


@pytest.fixture
def jobs() -> FakeJobs:
    return FakeJobs()


def states(jobs: FakeJobs) -> list[str]:
    return [S.Name(s.state).removeprefix("SUBMISSION_STATE_") for s in jobs.submissions.values()]


async def test_a_text_is_bought_booked_and_found_again(jobs: FakeJobs) -> None:
    job, vendor = jobs.add(), Vendor()
    assert (await PaidCalls(context_of(jobs, job), vendor).buy(ORDER)).body == TEXT.body
    again = await PaidCalls(context_of(jobs, job), vendor).buy(ORDER)
    assert (again.body, again.cost_nano_usd, len(vendor.sent)) == (TEXT.body, 70, 1)
    assert jobs.moves == ["intent", "submitting", "done"]


async def test_an_accounts_own_price_is_booked_whatever_the_vendor_says(jobs: FakeJobs) -> None:
    for own, cost, estimated in ((False, 70, False), (True, 500, True)):
        jobs.submissions.clear()
        vendor = Vendor([Accepted("op")], [Finished({"credits": 7}, 70)], [FILM])
        await PaidCalls(context_of(jobs, jobs.add()), vendor).buy(replace(ORDER, own_price=own))
        (one,) = jobs.submissions.values()
        assert (one.cost_nano_usd, one.estimated, states(jobs)) == (cost, estimated, ["DONE"])


async def test_a_film_is_followed_through_its_snoozes(jobs: FakeJobs) -> None:
    vendor = Vendor(
        [Accepted("op")], [Pending(0.5, 3.0), Pending(), VendorAway("x"), Finished()], [VendorAway("x"), FILM]
    )
    job, waits = jobs.add(), 0
    for _ in range(10):
        context = context_of(jobs, job)
        try:
            answer = await PaidCalls(context, vendor).buy(ORDER)
            break
        except GiveBack:
            waits += 1
    assert (waits, answer.cost_nano_usd, len(vendor.sent)) == (4, 500, 1)
    assert jobs.moves == ["intent", "submitting", "submitted", "running", "fetching", "done"]


async def test_proof_of_refusal_costs_nothing(jobs: FakeJobs) -> None:
    vendor = Vendor([NotAccepted("No.", reason="policy")])
    with pytest.raises(JobFailed) as caught:
        await PaidCalls(context_of(jobs, jobs.add()), vendor).buy(ORDER)
    assert (caught.value.reason, states(jobs)) == ("policy", ["NOT_ACCEPTED"])


async def test_a_vendor_that_says_when_is_waited_for(jobs: FakeJobs) -> None:
    vendor = Vendor([NotAccepted("Busy.", retryable=True, after=9.0)])
    with pytest.raises(GiveBack) as caught:
        await PaidCalls(context_of(jobs, jobs.add()), vendor).buy(ORDER)
    assert isinstance(caught.value.outcome, Later)
    assert caught.value.outcome.delay == 9.0


async def test_a_blind_vendor_is_never_asked_twice(jobs: FakeJobs) -> None:
    job, vendor = jobs.add(), Vendor([OutcomeUnknown("?")])
    for _ in range(3):
        with pytest.raises(GiveBack) as caught:
            await PaidCalls(context_of(jobs, job), vendor).buy(ORDER)
        assert isinstance(caught.value.outcome, Hold)
    assert (len(vendor.sent), states(jobs)) == (1, ["NEEDS_USER"])


async def test_a_lost_submission_that_is_found_is_followed(jobs: FakeJobs) -> None:
    vendor = Vendor([OutcomeUnknown("?")], [Finished()], [FILM], [VendorAway("x"), Accepted("found")])
    job = jobs.add()
    with pytest.raises(GiveBack):
        await PaidCalls(context_of(jobs, job), vendor).buy(ORDER)
    await PaidCalls(context_of(jobs, job), vendor).buy(ORDER)
    assert (len(vendor.sent), [s.operation_id for s in jobs.submissions.values()]) == (1, ["found"])


async def test_a_replaying_vendor_gets_the_same_key_again(jobs: FakeJobs) -> None:
    vendor = Vendor([OutcomeUnknown("?"), TEXT], idempotency=Idempotency.REPLAY)
    await PaidCalls(context_of(jobs, jobs.add()), vendor).buy(ORDER)
    assert (len(vendor.sent), len(set(vendor.sent)), states(jobs)) == (2, 1, ["DONE"])


async def test_a_text_of_unknown_outcome_is_booked_and_sent_again(jobs: FakeJobs) -> None:
    vendor = Vendor([OutcomeUnknown("?"), TEXT], resend_unknown=True)
    await PaidCalls(context_of(jobs, jobs.add()), vendor).buy(ORDER)
    first, second = jobs.submissions.values()
    assert (first.cost_nano_usd, first.estimated, second.cost_nano_usd) == (500, True, 70)
    assert len(set(vendor.sent)) == 2


async def test_a_worker_that_died_while_sending_leaves_an_unknown(jobs: FakeJobs) -> None:
    job, vendor = jobs.add(), Vendor([RuntimeError("died")])
    with pytest.raises(RuntimeError):
        await PaidCalls(context_of(jobs, job), vendor).buy(ORDER)
    assert states(jobs) == ["SUBMITTING"]
    with pytest.raises(GiveBack):
        await PaidCalls(context_of(jobs, job), vendor).buy(ORDER)
    assert (len(vendor.sent), states(jobs)) == (1, ["NEEDS_USER"])


@pytest.mark.parametrize(("charged", "cost"), [(True, 500), (False, 0)])
async def test_a_refusal_is_booked_as_the_vendor_bills_it(jobs: FakeJobs, charged: bool, cost: int) -> None:
    vendor = Vendor([Accepted("op")], [Refused("policy", "No.", charged=charged)])
    with pytest.raises(JobFailed) as caught:
        await PaidCalls(context_of(jobs, jobs.add()), vendor).buy(ORDER)
    (one,) = jobs.submissions.values()
    assert (caught.value.charged, one.cost_nano_usd, states(jobs)) == (charged, cost, ["FAILED"])


async def test_a_product_that_is_gone_is_paid_all_the_same(jobs: FakeJobs) -> None:
    vendor = Vendor([Accepted("op")], [Finished()], [NotAccepted("Gone.")])
    with pytest.raises(JobFailed) as caught:
        await PaidCalls(context_of(jobs, jobs.add()), vendor).buy(ORDER)
    (one,) = jobs.submissions.values()
    assert (caught.value.reason, one.cost_nano_usd, one.estimated) == ("product_gone", 500, True)


async def test_what_only_this_process_knows_is_told_until_it_is_heard(jobs: FakeJobs) -> None:
    jobs.errors["RecordSubmission.submitted"] = [Unavailable("away"), Unavailable("away")]
    vendor = Vendor([Accepted("op")], [Finished()], [FILM])
    await PaidCalls(context_of(jobs, jobs.add()), vendor).buy(ORDER)
    assert jobs.moves.count("submitted") == 1


@pytest.mark.parametrize(
    ("error", "outcome"),
    [(Exhausted("busy", reason="key_busy"), GiveBack), (Exhausted("x", reason="ceiling"), JobFailed)],
)
async def test_limits_send_nothing(jobs: FakeJobs, error: Exhausted, outcome: type[Exception]) -> None:
    jobs.errors["RecordSubmission.intent"] = [error]
    vendor = Vendor()
    with pytest.raises(outcome):
        await PaidCalls(context_of(jobs, jobs.add()), vendor).buy(ORDER)
    assert vendor.sent == []


async def test_an_intent_that_storage_refuses_as_cancelled_cancels(jobs: FakeJobs) -> None:
    jobs.errors["RecordSubmission.intent"] = [Conflict("cancelled", reason="cancelled")]
    with pytest.raises(JobCancelled):
        await PaidCalls(context_of(jobs, jobs.add()), Vendor()).buy(ORDER)


async def test_a_cancelled_job_buys_nothing_and_frees_its_intent(jobs: FakeJobs) -> None:
    job, vendor = jobs.add(), Vendor()
    jobs.errors["RecordSubmission.submitting"] = [Unavailable("away")]
    with pytest.raises(Unavailable):
        await PaidCalls(context_of(jobs, job), vendor).buy(ORDER)
    job.cancel_requested = True
    with pytest.raises(JobCancelled):
        await PaidCalls(context_of(jobs, job), vendor).buy(ORDER)
    assert (vendor.sent, states(jobs)) == ([], ["NOT_ACCEPTED"])


@pytest.mark.parametrize("poll", [Pending(), VendorAway("away")])
async def test_a_cancelled_job_passes_the_order_on_at_its_next_look(jobs: FakeJobs, poll: Pending | VendorAway) -> None:
    job, vendor = jobs.add(), Vendor([Accepted("op")], [Pending(), poll])
    with pytest.raises(GiveBack):
        await PaidCalls(context_of(jobs, job), vendor).buy(ORDER)
    job.cancel_requested = True
    with pytest.raises(JobCancelled):
        await PaidCalls(context_of(jobs, job), vendor).buy(ORDER)
    assert vendor.stopped == ["op"]


async def test_a_result_that_comes_in_spite_of_a_cancellation_is_kept_and_booked(jobs: FakeJobs) -> None:
    job, vendor = jobs.add(), Vendor([Accepted("op")], [Pending(), Finished()], [FILM])
    with pytest.raises(GiveBack):
        await PaidCalls(context_of(jobs, job), vendor).buy(ORDER)
    job.cancel_requested = True
    with pytest.raises(JobCancelled):
        await PaidCalls(context_of(jobs, job), vendor).buy(ORDER)
    assert states(jobs) == ["DONE"]


@pytest.mark.parametrize("idempotency", [Idempotency.REPLAY, Idempotency.NONE])
@pytest.mark.parametrize("text", [True, False])
async def test_a_cancelled_job_of_unknown_outcome_sends_nothing_more(
    jobs: FakeJobs, idempotency: Idempotency, text: bool
) -> None:
    job, vendor = jobs.add(), Vendor([RuntimeError("died")], idempotency=idempotency, resend_unknown=text)
    with pytest.raises(RuntimeError):
        await PaidCalls(context_of(jobs, job), vendor).buy(ORDER)
    job.cancel_requested = True
    with pytest.raises(JobCancelled):
        await PaidCalls(context_of(jobs, job), vendor).buy(ORDER)
    assert (len(vendor.sent), states(jobs)) == (1, ["SUBMIT_UNKNOWN"])


async def test_a_retry_after_another_failure_uses_the_paid_product_again(jobs: FakeJobs) -> None:
    job, vendor = jobs.add(), Vendor()
    await PaidCalls(context_of(jobs, job), vendor).buy(ORDER)
    job.attempt = 1
    job.failure.CopyFrom(job_pb2.Failure(reason="worker_died", retryable=True))
    assert (await PaidCalls(context_of(jobs, job), vendor).buy(ORDER)).body == TEXT.body
    assert len(vendor.sent) == 1


async def test_a_retry_because_of_the_product_buys_another(jobs: FakeJobs) -> None:
    job, vendor = jobs.add(), Vendor()
    await PaidCalls(context_of(jobs, job), vendor).buy(ORDER)
    job.attempt = 1
    job.failure.CopyFrom(job_pb2.Failure(reason="bad_picture", retryable=True, charged=True))
    await PaidCalls(context_of(jobs, job), vendor).buy(ORDER)
    assert len(set(vendor.sent)) == 2


async def test_a_retry_follows_what_is_still_at_the_vendor(jobs: FakeJobs) -> None:
    job, vendor = jobs.add(), Vendor([Accepted("op")], [Pending(), Finished()], [FILM])
    with pytest.raises(GiveBack):
        await PaidCalls(context_of(jobs, job), vendor).buy(ORDER)
    job.attempt = 1
    job.failure.CopyFrom(job_pb2.Failure(reason="internal", retryable=True, charged=True))
    assert (await PaidCalls(context_of(jobs, job), vendor).buy(ORDER)).body == FILM.body
    assert len(vendor.sent) == 1


class SlowVendor(Vendor):
    """Answers only when it is told to."""

    def __init__(self, answer: Accepted) -> None:
        super().__init__([answer])
        self.answer = asyncio.Event()

    async def submit(self, call: Call) -> Accepted | Answer:
        await self.answer.wait()
        return await super().submit(call)


async def test_the_vendors_answer_is_recorded_even_when_the_lease_is_lost_while_it_comes(jobs: FakeJobs) -> None:
    vendor = SlowVendor(Accepted("op-late"))
    buying = asyncio.create_task(PaidCalls(context_of(jobs, jobs.add()), vendor).buy(ORDER))
    while "submitting" not in jobs.moves:
        await asyncio.sleep(0)
    buying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await buying
    vendor.answer.set()
    async with asyncio.timeout(5):
        while "submitted" not in jobs.moves:
            await asyncio.sleep(0.01)
    assert [s.operation_id for s in jobs.submissions.values()] == ["op-late"]
