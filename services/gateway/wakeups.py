"""One subscription to the bus for the whole process, handed on to whoever waits for news of an account.

A wake-up only says that looking may be worth it; it may be lost, so everybody who waits also looks by the clock.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

from kit import bus

DELIVER = "deliver"
"""The queue of webhook deliveries; its wake-ups ring the bell of that name."""
LOOK_SECONDS = 1.0
"""How often whoever waits looks without having been woken."""


class Bell:
    """Rings when something happened in one account. Rings between two waits are one."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wakes the one who waits, now or at the next wait."""
        self._rung.set()

    async def wait(self, seconds: float = LOOK_SECONDS) -> None:
        """Returns at a ring, or when it is time to look anyway, or after `seconds`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(min(seconds, LOOK_SECONDS)):
                await self._rung.wait()
        self._rung.clear()


class Wakeups:
    """Who waits for which account."""

    def __init__(self) -> None:
        self._bells: dict[str, set[Bell]] = {}
        self._stop = asyncio.Event()

    @property
    def stopping(self) -> bool:
        """True once the process is going down."""
        return self._stop.is_set()

    async def pause(self, seconds: float) -> None:
        """Returns after `seconds`, at once when the process is going down."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stop.wait()

    def receive(self, subject: str) -> None:
        """Takes the subject of an event, `events.<account>.<kind>.<uuid>.<type>`, and rings for its account."""
        parts = subject.split(".", 2)
        for bell in tuple(self._bells.get(parts[1], ())) if len(parts) > 1 else ():
            bell.ring()

    @contextmanager
    def bell(self, account_id: str) -> Iterator[Bell]:
        """Yields a bell for the account's events."""
        mine = Bell()
        self._bells.setdefault(account_id, set()).add(mine)
        try:
            yield mine
        finally:
            waiting = self._bells[account_id]
            waiting.discard(mine)
            if not waiting:
                del self._bells[account_id]

    def stop(self) -> None:
        """Lets everybody who waits come to an end: the process is going down."""
        self._stop.set()
        for bells in self._bells.values():
            for bell in bells:
                bell.ring()


@asynccontextmanager
async def open_wakeups(nats_url: str) -> AsyncIterator[Wakeups]:
    """Yields the wake-ups of the bus at `nats_url`; while it is away, waiting goes by the clock alone."""
    wakeups = Wakeups()
    async with bus.connect(nats_url, "gateway") as source:
        await source.on_events(wakeups.receive)
        await source.on_wake(DELIVER, lambda: wakeups.receive(f"wake.{DELIVER}"))
        yield wakeups
