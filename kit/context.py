"""What travels with a call: request id, deadline, caller. Set by the edges, read by everything below them."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import IntEnum


class Role(IntEnum):
    """What a caller may do; each includes the ones before it. Values equal `sfd.options.v1.Access`."""

    ACCOUNT = 1
    WORKER = 2
    OPERATOR = 3


@dataclass(frozen=True)
class Caller:
    """Who calls: the account (UUID as text) whose rows may be touched, and the role."""

    account_id: str
    role: Role


_request_id: ContextVar[str] = ContextVar("request_id", default="")
_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)
_caller: ContextVar[Caller | None] = ContextVar("caller", default=None)


def new_request_id() -> str:
    """Returns 16 random hexadecimal digits."""
    return secrets.token_hex(8)


def request_id() -> str:
    """Returns the id of the call at hand, or an empty string outside of one."""
    return _request_id.get()


def caller() -> Caller | None:
    """Returns who calls, or None outside of a call."""
    return _caller.get()


def remaining(cap: float) -> float:
    """Returns the seconds that are left of the deadline at hand, at most `cap`, never below zero."""
    deadline = _deadline.get()
    return cap if deadline is None else max(0.0, min(cap, deadline - time.monotonic()))


@contextmanager
def call_scope(*, request: str = "", seconds: float | None = None, who: Caller | None = None) -> Iterator[None]:
    """Sets request id, deadline (never later than the outer one) and caller for the block."""
    named = _request_id.set(request or request_id() or new_request_id())
    # What stays as it is, is not set: this is around every request and every call.
    limited = None if seconds is None else _deadline.set(_sooner(seconds))
    called = None if who is None else _caller.set(who)
    try:
        yield
    finally:
        _request_id.reset(named)
        if limited is not None:
            _deadline.reset(limited)
        if called is not None:
            _caller.reset(called)


def _sooner(seconds: float) -> float:
    outer, mine = _deadline.get(), time.monotonic() + seconds
    return mine if outer is None else min(outer, mine)


@contextmanager
def acting_as(account_id: str, role: Role = Role.WORKER) -> Iterator[None]:
    """Sets the caller for the block: a worker acts for the account that a lease names."""
    token = _caller.set(Caller(account_id, role))
    try:
        yield
    finally:
        _caller.reset(token)
