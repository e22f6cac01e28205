"""Writes on their way: the same `Idempotency-Key` is not let in twice at once.

The record has the last word (the first answer is stored with the work). This table only spares a client that repeats itself too
early the wait, and the house the double work, on routes that take long.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

from starlette.requests import Request

from kit.errors import Conflict
from services.gateway import headers

IN_FLIGHT = "idempotency_in_flight"
LIMIT = 10_000
_WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Flights:
    """The keys of the writes that this process is busy with; what is beyond the limit is not watched."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._keys: set[str] = set()
        self._limit = limit

    def __len__(self) -> int:
        return len(self._keys)

    @contextmanager
    def one(self, key: str) -> Iterator[None]:
        """Holds the key for the block; raises `Conflict` when somebody holds it."""
        if key in self._keys:
            raise Conflict(
                "The first request with this Idempotency-Key is not done yet.",
                reason=IN_FLIGHT,
                field="Idempotency-Key",
                retryable=True,
            )
        if not key or len(self._keys) >= self._limit:
            yield
            return
        self._keys.add(key)
        try:
            yield
        finally:
            self._keys.discard(key)


async def one_at_a_time(request: Request) -> AsyncIterator[None]:
    """A dependency of every route: a write holds its key until it has its answer.

    Raises a 409 for a key that is in flight and a 400 for one that cannot be a key.
    """
    if request.method not in _WRITES:
        yield
        return
    flights: Flights = request.app.state.flights
    with flights.one(headers.request_key(request)):
        yield
