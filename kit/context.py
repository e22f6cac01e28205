"""What travels with a call: request id, deadline, caller. Set by the edges, read by everything below them."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
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
    return os.urandom(8).hex()


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


class call_scope:
    """Sets request id, deadline (never later than the outer one) and caller for a `with` block.

    A class, because this is around every request and every call: a generator costs as much again. What stays as it is, is not set.
    """

    __slots__ = ("_called", "_limited", "_named", "_request", "_seconds", "_who")

    def __init__(self, *, request: str = "", seconds: float | None = None, who: Caller | None = None) -> None:
        self._request = request
        self._seconds = seconds
        self._who = who
        self._named: Token[str] | None = None
        self._limited: Token[float | None] | None = None
        self._called: Token[Caller | None] | None = None

    def __enter__(self) -> None:
        if self._request or not request_id():
            self._named = _request_id.set(self._request or new_request_id())
        if self._seconds is not None:
            self._limited = _deadline.set(_sooner(self._seconds))
        if self._who is not None:
            self._called = _caller.set(self._who)

    def __exit__(self, *_: object) -> None:
        if self._named is not None:
            _request_id.reset(self._named)
        if self._limited is not None:
            _deadline.reset(self._limited)
        if self._called is not None:
            _caller.reset(self._called)


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
