"""Events as they happen, for one watcher."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable

from kit.context import remaining
from kit.errors import Unavailable
from services.storage.jobs.events import Events, Relay
from services.storage.jobs.rules import TERMINAL
from sfd.jobs.v1.job_service_pb2 import WatchEventsResponse

_LOOK_SECONDS = 1.0
_PAGE = 200
"""Events of one message: what a reader who does not read keeps in memory."""
_SECONDS = 3600.0
_TERMINAL_EVENTS = tuple(f"run.{state}" for state in TERMINAL)


class Watching:
    """Reads the account's events for whoever watches, with a sign of life when nothing happens for `heartbeat` seconds."""

    def __init__(self, events: Events, relay: Relay, heartbeat: float) -> None:
        self._events = events
        self._relay = relay
        self._heartbeat = heartbeat

    async def watch(
        self, owner: uuid.UUID, run_id: uuid.UUID | None, drama_id: str, after: int, closing: Callable[[], bool]
    ) -> AsyncIterator[WatchEventsResponse]:
        """Yields events after a position; ends with the watched run. Raises `Unavailable` when the process is `closing`."""
        quiet, look = 0.0, min(_LOOK_SECONDS, self._heartbeat)
        while remaining(_SECONDS) > 0:
            if closing():
                raise Unavailable("Storage is ending. Watch again from the last position.", reason="ending")
            events = await self._events.list(owner, run_id=run_id, drama_id=drama_id, after=after, limit=_PAGE)
            if events:
                after, quiet = events[-1].pos, 0.0
                yield WatchEventsResponse(events=events)
                if run_id and any(e.type in _TERMINAL_EVENTS and not e.job_id for e in events):
                    return
                continue
            if run_id and not quiet and await self._events.over(run_id):
                # It ended before `after`: nothing more will ever come.
                return
            if quiet >= self._heartbeat:
                quiet = 0.0
                yield WatchEventsResponse()
            await self._relay.wait_for_news(look)
            quiet += look
