"""The schedule of retries, and what an endpoint may look like."""

from __future__ import annotations

import pytest

from kit.errors import InvalidInput
from services.storage.webhooks.rules import DELAYS, JITTER, MAX_WAIT, check_endpoint, check_types, next_delay
from sfd.webhooks.v1 import webhook_pb2


def test_ten_tries_take_three_days() -> None:
    waits = [next_delay(attempts, 0, 0.5) for attempts in range(1, 10)]
    assert waits == [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
    assert sum(DELAYS) == 75 * 3600 + 35 * 60 + 5
    assert next_delay(10, 0, 0.5) is None


@pytest.mark.parametrize("attempts", range(1, 10))
def test_chance_spreads_and_a_wish_only_makes_it_later(attempts: int) -> None:
    low, high = next_delay(attempts, 0, 0.0), next_delay(attempts, 0, 0.999)
    assert low == pytest.approx(DELAYS[attempts] * (1 - JITTER))
    assert high is not None
    assert DELAYS[attempts] < high < DELAYS[attempts] * (1 + JITTER)
    assert next_delay(attempts, -9, 0.0) == low
    assert next_delay(attempts, 1e12, 0.0) == MAX_WAIT
    assert next_delay(attempts, 1, 0.5) == DELAYS[attempts]


@pytest.mark.parametrize("types", [["*"], ["run.*"], ["run.succeeded", "job.needs_user"], ["a.b.c.*"]])
def test_good_filters(types: list[str]) -> None:
    check_types(types)
    check_endpoint(webhook_pb2.Webhook(id="wh_abcdefghij12", url="https://x", events=types))


@pytest.mark.parametrize(
    "types", [[], [""], ["run."], ["*.run"], ["run*"], ["Run.x"], ["run.%"], ["run.*.x"], ["a"] * 51, ["a" * 129]]
)
def test_bad_filters(types: list[str]) -> None:
    with pytest.raises(InvalidInput, match="event"):
        check_types(types)


@pytest.mark.parametrize(
    "webhook",
    [
        webhook_pb2.Webhook(id="x", url="https://x", events=["*"]),
        webhook_pb2.Webhook(id="wh_abcdefghij12", events=["*"]),
        webhook_pb2.Webhook(id="wh_abcdefghij12", url="https://x" * 400, events=["*"]),
        webhook_pb2.Webhook(id="wh_abcdefghij12", url="https://x\0", events=["*"]),
        webhook_pb2.Webhook(id="wh_abcdefghij12", url="https://x", events=["*"], description="x" * 1001),
    ],
)
def test_bad_endpoints(webhook: webhook_pb2.Webhook) -> None:
    with pytest.raises(InvalidInput):
        check_endpoint(webhook)
