"""Writes on their way: the same `Idempotency-Key` is not let in twice at once.

The record has the last word (the first answer is stored with the work). This table only spares a client that repeats itself too
early the wait, and the house the double work, on routes that take long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from starlette.requests import Request
from starlette.types import Scope

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

    @staticmethod
    def key_of(scope: Scope) -> str:
        """Returns what a request stands for; empty when it writes nothing or has no key.

        Raises a 400 problem for a key that cannot be one.
        """
        if scope["method"] not in _WRITES or not headers.has_key(scope):
            return ""
        return headers.request_key(Request(scope))

    @contextmanager
    def one(self, key: str) -> Iterator[Callable[[], None]]:
        """Holds the key for the block, or until what it yields is called; raises `Conflict` when somebody holds it."""
        if key in self._keys:
            raise Conflict(
                "The first request with this Idempotency-Key is not done yet.",
                reason=IN_FLIGHT,
                field="Idempotency-Key",
                retryable=True,
            )
        held = bool(key) and len(self._keys) < self._limit
        if held:
            self._keys.add(key)

        def land() -> None:
            nonlocal held
            # Once only: by the second time the key may be somebody else's.
            if held:
                held = False
                self._keys.discard(key)

        try:
            yield land
        finally:
            land()
