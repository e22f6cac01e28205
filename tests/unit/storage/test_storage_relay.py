"""The relay outlives what it did not expect: whoever else is served by the same process must not pay for it."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from services.storage.jobs.events import Relay


class Moody:
    """A record and a bus that fail in a way of their own, then answer."""

    def __init__(self) -> None:
        self.placed = 0
        self.looked = 0

    async def unit(self, work: object) -> int:
        self.placed += 1
        if self.placed == 1:
            raise ArithmeticError("a constraint that nobody thought of")
        return 0

    async def ensure_events_stream(self) -> None:
        return None

    async def row(self, sql: str, *args: object) -> dict[str, Any]:
        self.looked += 1
        if self.looked == 1:
            raise ArithmeticError("a column that is not there")
        return {"held": 1}

    async def fetch(self, sql: str, *args: object) -> list[Any]:
        return []


async def test_one_failure_is_not_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    moody, real = Moody(), asyncio.sleep
    monkeypatch.setattr(asyncio, "sleep", lambda _seconds: real(0))
    running = asyncio.create_task(Relay(cast("Any", moody), cast("Any", moody), "test").run())
    async with asyncio.timeout(20):
        while min(moody.placed, moody.looked) < 2 and not running.done():
            await real(0.01)
    assert not running.done()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
