"""What an HTTP answer to a paid call proves: that the vendor took nothing, or nothing at all. For every adapter; no SDK in here."""

from __future__ import annotations

import email.utils
import math
import time
from collections.abc import Mapping

import httpx
import httpx2

from kit.providers.base import NotAccepted, OutcomeUnknown

SUBMISSION_HEADER = "x-sfd-submission"
"""Carries our submission's id, for a vendor's logs and for hosts that echo it."""

BUSY_SECONDS = 5.0
"""How long to wait after a 429 that does not say: being throttled is waiting, not failing."""

_OVERLOADED = (503, 529)
_SPENT_STATUS = 402
# Some vendors' SDKs stand on httpx and some on httpx2: the same errors under two names.
_HTTP_ERRORS = (httpx.HTTPError, httpx2.HTTPError)
_NEVER_MADE = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
)
_SPENT = ("insufficient_quota", "billing_hard_limit_reached")
_POLICY_WORDS = ("moderation", "content_policy", "content policy", "safety", "policy_violation", "prohibited")


def verdict(status: int, headers: Mapping[str, str], message: str, code: str = "") -> NotAccepted | OutcomeUnknown:
    """Returns the error that an answer of `status` (400 or more) stands for.

    A 4xx, a 429 and a documented shedding of load (503, 529) prove that the vendor took nothing; any other 5xx may come from a proxy
    in front of a vendor that is at work, and proves nothing.
    """
    text = message[:500] or f"The vendor answered {status}."
    if status == 429:
        if code in _SPENT:
            return NotAccepted(text, reason="vendor_quota")
        return NotAccepted(text, reason="vendor_busy", retryable=True, after=_or(retry_after(headers), BUSY_SECONDS))
    if status in _OVERLOADED:
        return NotAccepted(text, reason="vendor_overloaded", retryable=True, after=retry_after(headers))
    if status >= 500:
        return OutcomeUnknown(text, charged=True)
    if status == _SPENT_STATUS:
        return NotAccepted(text, reason="vendor_quota")
    if status in (401, 403):
        return NotAccepted(text, reason="vendor_key_refused")
    if any(word in f"{code} {message}".casefold() for word in _POLICY_WORDS):
        return NotAccepted(text, reason="model_refused")
    # A timeout or a conflict of the vendor's own: it says itself that the request was not served.
    return NotAccepted(text, reason="vendor_refused", retryable=status in (408, 409, 425))


def hidden(message: str, key: str) -> str:
    """Returns a vendor's text without our key in it: some quote what they refuse, and the text is kept and shown."""
    return message.replace(key, "***") if key else message


def broken(error: BaseException) -> NotAccepted | OutcomeUnknown:
    """Returns what a call without an answer proves: a connection that was never made has sent nothing."""
    cause = error if isinstance(error, _HTTP_ERRORS) else (error.__cause__ or error)
    if isinstance(cause, _NEVER_MADE):
        text = f"The vendor cannot be reached ({type(cause).__name__})."
        return NotAccepted(text, reason="vendor_away", retryable=True)
    return OutcomeUnknown(f"No answer came ({type(cause).__name__}).", charged=True)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Returns the seconds that `Retry-After` (seconds or an HTTP date, RFC 9110 10.2.3) asks to wait, 0 to 600, or None."""
    value = headers.get("retry-after") or headers.get("Retry-After") or ""
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(value).timestamp() - time.time()
        except ValueError:
            return None
    return max(0.0, min(600.0, seconds)) if math.isfinite(seconds) else None


def _or(value: float | None, default: float) -> float:
    return default if value is None else value
