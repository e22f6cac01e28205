"""A drama's events as a stream: what was from the record, what comes from the account's feed."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import structlog
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.types import Receive, Scope, Send

from kit.errors import SfdError
from services.gateway.backends import RPC_SECONDS
from services.gateway.crowd import Seats
from services.gateway.feed import event_text
from services.gateway.gateway import Gateway
from services.gateway.wakeups import LOOK_SECONDS
from sfd.jobs.v1 import job_pb2, job_service_pb2

log = structlog.get_logger("gateway")
SEND_SECONDS = 30
FAREWELL_SECONDS = 4
"""Less than the time that the process takes to end at most."""
PAGE = 200


def stream(house: Gateway, account: str, drama_id: str, after: int) -> EventSourceResponse:
    """Returns the drama's events after a position: id is the position, event the type, data JSON.

    An account with as many streams as it may have gets a 429 instead.

    The stream ends when the client leaves, when it reads too slowly, or when the process goes down; `Last-Event-ID` resumes it.
    """
    return _Seated(
        house.streams,
        account,
        _events(house, account, drama_id, after),
        headers={"Cache-Control": "no-store"},
        ping=house.settings.heartbeat_seconds,
        ping_message_factory=lambda: ServerSentEvent(comment="still here"),
        send_timeout=SEND_SECONDS,
        # The stream ends by itself, with its last chunk; without this the library may cut it off first.
        shutdown_grace_period=FAREWELL_SECONDS,
        sep="\n",
    )


class _Seated(EventSourceResponse):
    """A stream that counts as one of its account's as long as it is open."""

    def __init__(
        self, seats: Seats, account: str, content: AsyncGenerator[ServerSentEvent | bytes, None], **more: Any
    ) -> None:
        super().__init__(content, **more)
        self._seats = seats
        self._account = account

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the stream; raises a 429 problem before anything is sent."""
        with self._seats.taken(self._account):
            await super().__call__(scope, receive, send)


async def _events(
    house: Gateway, account: str, drama_id: str, after: int
) -> AsyncGenerator[ServerSentEvent | bytes, None]:
    # The comment opens the stream at once, even when nothing has happened yet.
    yield ServerSentEvent(comment="open", retry=2000)
    while not house.wakeups.stopping:
        with house.feeds.follow(account, drama_id) as follower:
            # Only what comes after the feed has begun is told: what was before is read here, and what comes meanwhile waits.
            # A record that is slow is waited for: leaving would end a feed that has no other follower, and the next one begins anew.
            while not await follower.begun() and not house.wakeups.stopping:
                pass
            full = True
            while full and not house.wakeups.stopping:
                page = await _page(house, drama_id, after)
                if page is None:
                    await house.wakeups.pause(LOOK_SECONDS)
                    continue
                for event in page:
                    after = event.pos
                    yield event_text(event)
                full = len(page) == PAGE
            while not house.wakeups.stopping:
                news = await follower.news()
                if news is None:
                    break
                for pos, text in news:
                    if pos > after:
                        after = pos
                        yield text


async def _page(house: Gateway, drama_id: str, after: int) -> list[job_pb2.Event] | None:
    """Returns the next events, or None when the record is away: the client need not know, it misses nothing."""
    try:
        page = await house.backends.jobs.ListEvents(
            job_service_pb2.ListEventsRequest(drama_id=drama_id, after_pos=after, page_size=PAGE), timeout=RPC_SECONDS
        )
    except SfdError as error:
        log.info("events_unread", reason=error.reason)
        return None
    return list(page.events)
