"""What each of the five declares, and their error shapes."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from simulator.door import HTML, Answer, VendorError
from simulator.faults import Fault

PER_SECOND = 37_000_001
"""Nano-USD for a second of film: no round number, so that a sum tells each entry."""


@dataclass(frozen=True)
class Kind:
    """One vendor. `key` is what a used `Idempotency-Key` does (replay, reject or none)."""

    vendor: str
    key: str = "none"
    listed: bool = False
    calls_back: bool = False


KINDS = {
    kind.vendor: kind
    for kind in (
        Kind("replay", key="replay"),
        Kind("reject", key="reject"),
        Kind("none_list", listed=True),
        Kind("none_webhook", calls_back=True),
        Kind("none_blind"),
    )
}


def error(status: int, code: str, message: str, **more: str) -> VendorError:
    """Return a refusal in these vendors' shape."""
    return VendorError(Answer.of({"error": {"code": code, "message": message, **more}}, status))


class KindErrors:
    """Refusals of keys, bodies and bare statuses."""

    def key(self, request: Request) -> str:
        """Return the bearer token."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""

    def refuse_key(self, key: str) -> VendorError | None:
        """401 for a missing or bad key."""
        return error(401, "bad_key", "The key is not known.") if not key or "bad" in key else None

    def of_status(self, status: int, fault: Fault) -> Answer:
        """Return a bare status; 502 and 504 come from a proxy as HTML."""
        headers = {} if fault.retry_after is None else {"retry-after": f"{fault.retry_after:g}"}
        if status in (502, 504):
            return Answer(HTML, status, {"content-type": "text/html", **headers}, free=True)
        body = {"code": fault.code or f"status_{status}", "message": fault.message or "The call did not succeed."}
        return Answer.of({"error": body}, status, headers)

    def bad_body(self, message: str) -> VendorError:
        """400 for a body that is no JSON object."""
        return error(400, "bad_body", message)
