"""What an answer to a paid call proves."""

from __future__ import annotations

import time
from email.utils import formatdate

import httpx
import httpx2
import pytest

from kit.providers.base import NotAccepted, OutcomeUnknown
from kit.providers.http import broken, retry_after, verdict


@pytest.mark.parametrize(
    ("status", "code", "reason", "retryable"),
    [
        (400, "", "vendor_refused", False),
        (400, "content_policy_violation", "model_refused", False),
        (401, "", "vendor_key_refused", False),
        (402, "", "vendor_quota", False),
        (403, "", "vendor_key_refused", False),
        (404, "model_not_found", "vendor_refused", False),
        (408, "", "vendor_refused", True),
        (429, "", "vendor_busy", True),
        (429, "insufficient_quota", "vendor_quota", False),
        (503, "", "vendor_overloaded", True),
        (529, "", "vendor_overloaded", True),
    ],
)
def test_these_prove_that_nothing_was_taken(status: int, code: str, reason: str, retryable: bool) -> None:
    error = verdict(status, {}, "", code)
    assert isinstance(error, NotAccepted)
    assert (error.reason, error.retryable) == (reason, retryable)


@pytest.mark.parametrize("status", [500, 502, 504, 520, 524])
def test_these_prove_nothing(status: int) -> None:
    error = verdict(status, {}, "")
    assert isinstance(error, OutcomeUnknown)
    assert error.charged


@pytest.mark.parametrize(
    ("value", "expected"),
    [("7", 7.0), ("0.5", 0.5), ("-3", 0.0), ("99999", 600.0), ("", None), ("soon", None), ("nan", None), ("inf", None)],
)
def test_retry_after_in_seconds(value: str, expected: float | None) -> None:
    assert retry_after({"retry-after": value}) == expected


def test_retry_after_as_a_date() -> None:
    found = retry_after({"Retry-After": formatdate(time.time() + 30, usegmt=True)})
    assert found is not None
    assert 27 < found <= 31


def test_a_connection_never_made_sent_nothing() -> None:
    assert isinstance(broken(httpx2.ConnectError("no")), NotAccepted)
    assert isinstance(broken(httpx2.ConnectTimeout("no")), NotAccepted)
    for error in (httpx2.ReadTimeout("x"), httpx2.WriteError("x"), httpx2.RemoteProtocolError("x"), ValueError("x")):
        assert isinstance(broken(error), OutcomeUnknown)
    wrapped = RuntimeError("an SDK's own")
    wrapped.__cause__ = httpx2.ConnectError("no")
    assert isinstance(broken(wrapped), NotAccepted)


def test_both_generations_of_httpx_prove_the_same() -> None:
    for error in (httpx.ConnectError("no"), httpx.ConnectTimeout("no"), httpx.PoolTimeout("no")):
        assert isinstance(broken(error), NotAccepted)
        wrapped = RuntimeError("an SDK's own")
        wrapped.__cause__ = error
        assert isinstance(broken(wrapped), NotAccepted)
    for lost in (httpx.ReadTimeout("x"), httpx.ReadError("x"), httpx.RemoteProtocolError("x"), TimeoutError()):
        assert isinstance(broken(lost), OutcomeUnknown)
