"""How much of a process one account may take at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from services.gateway.problems import Problem

RETRY_SECONDS = 5
FULL = "sfd.full"
"""Key of a request's scope: it came on a connection too many."""


class Seats:
    """Counts what is open of each account; one too many is refused."""

    def __init__(self, most: int, what: str) -> None:
        self._most = most
        self._what = what
        self._taken = Counter[str]()

    @contextmanager
    def taken(self, account_id: str) -> Iterator[None]:
        """Counts one more during the block; raises a 429 problem when there are as many already."""
        if self._taken[account_id] >= self._most:
            text = f"There are {self._most} open {self._what} of this account already."
            raise Problem(
                429,
                "Limit reached",
                text,
                detail=text,
                reason=f"too_many_{self._what}",
                retryable=True,
                headers={"Retry-After": str(RETRY_SECONDS)},
            )
        self._taken[account_id] += 1
        try:
            yield
        finally:
            self._taken[account_id] -= 1
            if not self._taken[account_id]:
                del self._taken[account_id]


def full_house() -> Problem:
    """Returns the answer on a connection too many, which closes it."""
    text = "There are too many open connections. Try again in a moment."
    return Problem(
        503,
        "Service unavailable",
        text,
        detail=text,
        reason="too_many_connections",
        retryable=True,
        headers={"Retry-After": str(RETRY_SECONDS), "Connection": "close"},
    )
