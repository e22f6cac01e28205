"""Headers of the contract: what they say, and what the gateway says in them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from starlette.requests import Request
from starlette.types import Scope

from kit.context import caller
from services.gateway.problems import Problem, bad_request

_ETAG = re.compile(r'\s*(W/)?"([\x21\x23-\x7e]*)"\s*(?:,|$)')
_WAIT = re.compile(r'(?:^|[,;\s])wait\s*=\s*"?(\d{1,9})"?', re.IGNORECASE)
_PLAIN = re.compile(r"[^A-Za-z0-9_.\[\]-]")
MAX_WAIT = 60


def has_key(scope: Scope) -> bool:
    """Returns whether a request carries an `Idempotency-Key`."""
    return any(name == b"idempotency-key" for name, _ in scope["headers"])


def request_key(request: Request) -> str:
    """Returns the request id that stands for the `Idempotency-Key`; empty when none was sent.

    It is the SHA-256 of account, method and path, and key, so that one client's key means nothing for another one or another route.
    Raises a 400 problem for a key that is empty, longer than 255, or not printable ASCII.
    """
    if not has_key(request.scope):
        return ""
    key = request.headers["idempotency-key"]
    if not 1 <= len(key) <= 255 or not key.isascii() or not key.isprintable():
        raise bad_request(
            "Idempotency-Key must be 1 to 255 printable ASCII characters",
            "bad_idempotency_key",
            field="Idempotency-Key",
        )
    who = caller()
    parts = (who.account_id if who else "", request.method, request.url.path, key)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def if_match(request: Request) -> tuple[str, ...]:
    """Returns the ETags of `If-Match`; empty when there is none or it is `*`.

    Raises a 400 problem when it is malformed and a 412 when it only holds weak tags, which never match (RFC 9110, 13.1.1).
    """
    header = request.headers.get("if-match", "").strip()
    if header in ("", "*"):
        return ()
    tags: list[str] = []
    at = 0
    while at < len(header):
        found = _ETAG.match(header, at)
        if found is None:
            raise bad_request("If-Match is not a list of ETags", "bad_if_match", field="If-Match")
        if found[1] is None:
            tags.append(found[2])
        at = found.end()
    if not tags:
        raise precondition_failed()
    return tuple(tags)


def if_any_match(request: Request) -> bool:
    """Returns whether `If-Match: *` asks for something to be there, whatever it is."""
    return request.headers.get("if-match", "").strip() == "*"


def precondition_failed() -> Problem:
    """Returns the 412 for an ETag that is not the current one."""
    return Problem(
        412, "Precondition failed", "It was changed since: the ETag is not the current one.", reason="etag_mismatch"
    )


def wait_seconds(request: Request) -> int | None:
    """Returns the seconds of `Prefer: wait=N` (RFC 7240), 0 to 60; None when there is no such wish."""
    found = _WAIT.search(request.headers.get("prefer", ""))
    return min(int(found[1]), MAX_WAIT) if found else None


def ignored(paths: Iterable[str]) -> dict[str, str]:
    """Returns the header that names ignored fields; at most 20, with anything unusual in a name masked."""
    named = [_PLAIN.sub("?", path)[:60] for path in paths]
    if not named:
        return {}
    return {"X-SFD-Ignored": ", ".join(named[:20]) + (", ..." if len(named) > 20 else "")}


def warned(warnings: Iterable[str]) -> dict[str, str]:
    """Returns the header that carries warnings, as printable ASCII."""
    texts = [text.encode("ascii", "backslashreplace").decode() for text in warnings]
    plain = ["".join(c if c.isprintable() else " " for c in text)[:300] for text in texts[:10]]
    return {"X-SFD-Warning": "; ".join(plain)} if plain else {}
