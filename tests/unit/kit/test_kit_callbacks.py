"""Callbacks as a paid call sees them: its URL, what a look-up is told, and how often a vendor that calls back is polled."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit import callbacks
from kit.jobs.handler import GiveBack, Later
from kit.jobs.order import Order
from kit.jobs.paid import PaidCalls
from kit.providers.base import Accepted, Answer, Call, Finished, Idempotency, NotSeen, OutcomeUnknown, Pending, Refused
from kit.testing.fake_jobs import FakeJobs, context_of
from sfd.jobs.v1 import job_pb2

SECRET = "the secret of a house"
NAME = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=12)


class Vendor:
    """Takes a film, or loses the answer; remembers each call that it is asked with."""

    vendor = "fake"
    idempotency = Idempotency.NONE
    resend_unknown = False

    def __init__(self, *, lost: bool = False, after: float | None = None) -> None:
        self.lost = lost
        self.after = after
        self.calls: list[Call] = []
        self.looked: list[Call] = []

    async def submit(self, call: Call) -> Accepted | Answer:
        self.calls.append(call)
        if self.lost:
            raise OutcomeUnknown("?")
        return Accepted("op")

    async def poll(self, operation_id: str) -> Pending | Finished | Refused:
        return Pending(after=self.after)

    async def fetch(self, operation_id: str) -> Answer:
        raise AssertionError("nothing is done")

    async def lookup(self, call: Call, since: float) -> Accepted | None:
        self.looked.append(call)
        if call.told:
            return Accepted(call.told)
        raise NotSeen("not yet", seconds=60)

    async def cancel(self, operation_id: str) -> None:
        return


def order(poll_seconds: float = 0.0) -> Order:
    return Order(
        "film",
        "m",
        {"prompt": "x"},
        500,
        callback=lambda made: callbacks.url("https://us.example/", SECRET, "fake", made),
        poll_seconds=poll_seconds,
    )


async def given_back(jobs: FakeJobs, job: job_pb2.Job, vendor: Vendor, bought: Order) -> Later:
    with pytest.raises(GiveBack) as caught:
        await PaidCalls(context_of(jobs, job), vendor).buy(bought)
    assert isinstance(caught.value.outcome, Later)
    return caught.value.outcome


def test_a_url_names_the_call_and_proves_that_it_is_ours() -> None:
    url = urlsplit(callbacks.url("https://us.example/api/", SECRET, "fal", "s-1", callbacks.USER))
    query = {name: value for name, (value,) in parse_qs(url.query).items()}
    assert (url.scheme, url.netloc, url.path) == ("https", "us.example", "/api/v1/hooks/fal")
    assert (query["submission"], query["key"]) == ("s-1", "user")
    assert callbacks.is_ours(SECRET, "fal", "s-1", "user", query["token"])


@given(parts=st.tuples(NAME, NAME, NAME, NAME), others=st.tuples(NAME, NAME, NAME, NAME))
def test_a_token_is_good_for_its_own_call_alone(
    parts: tuple[str, str, str, str], others: tuple[str, str, str, str]
) -> None:
    assert callbacks.is_ours(*others, callbacks.token(*parts)) == (parts == others)


@given(shown=st.text())
def test_no_other_text_is_a_token(shown: str) -> None:
    real = callbacks.token(SECRET, "fal", "s-1", callbacks.OPERATOR)
    assert callbacks.is_ours(SECRET, "fal", "s-1", callbacks.OPERATOR, shown) == (shown == real)


async def test_the_call_and_its_look_up_carry_the_same_url_and_what_was_told() -> None:
    jobs, vendor = FakeJobs(), Vendor(lost=True)
    job = jobs.add()
    await given_back(jobs, job, vendor, order())
    (sent,), (looked,) = vendor.calls, vendor.looked
    assert sent.callback.startswith(f"https://us.example/v1/hooks/fake?submission={sent.submission_id}&")
    assert (looked.callback, looked.told) == (sent.callback, "")
    # The worker died; another one looks, with what a callback has told meanwhile.
    jobs.submissions[sent.submission_id].told_operation_id = "told-1"
    await given_back(jobs, job, vendor, order())
    assert (vendor.looked[-1].callback, vendor.looked[-1].told, len(vendor.calls)) == (sent.callback, "told-1", 1)
    assert jobs.submissions[sent.submission_id].operation_id == "told-1"


@pytest.mark.parametrize(
    ("poll_seconds", "after", "delay"), [(0.0, None, 1.0), (30.0, None, 30.0), (30.0, 3.0, 30.0), (30.0, 45.0, 45.0)]
)
async def test_a_vendor_that_calls_back_is_looked_at_seldom(
    poll_seconds: float, after: float | None, delay: float
) -> None:
    jobs = FakeJobs()
    assert (await given_back(jobs, jobs.add(), Vendor(after=after), order(poll_seconds))).delay == delay
