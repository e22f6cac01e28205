"""A drama's events as a stream: read from the record, woken by the bus."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import structlog
from sse_starlette import EventSourceResponse, ServerSentEvent

from kit.errors import SfdError
from services.gateway.backends import RPC_SECONDS
from services.gateway.gateway import Gateway
from services.gateway.problems import Json
from sfd.jobs.v1 import job_pb2, job_service_pb2

log = structlog.get_logger("gateway")
HEARTBEAT_SECONDS = 15
SEND_SECONDS = 30
FAREWELL_SECONDS = 4
"""Less than the time that the process takes to end at most."""
PAGE = 200


def stream(house: Gateway, account: str, drama_id: str, after: int) -> EventSourceResponse:
    """Returns the drama's events after a position: id is the position, event the type, data JSON.

    The stream ends when the client leaves, when it reads too slowly, or when the process goes down; `Last-Event-ID` resumes it.
    """
    return EventSourceResponse(
        _events(house, account, drama_id, after),
        headers={"Cache-Control": "no-store"},
        ping=HEARTBEAT_SECONDS,
        ping_message_factory=lambda: ServerSentEvent(comment="still here"),
        send_timeout=SEND_SECONDS,
        # The stream ends by itself, with its last chunk; without this the library may cut it off first.
        shutdown_grace_period=FAREWELL_SECONDS,
        sep="\n",
    )


async def _events(house: Gateway, account: str, drama_id: str, after: int) -> AsyncIterator[ServerSentEvent]:
    # The comment opens the stream at once, even when nothing has happened yet.
    yield ServerSentEvent(comment="open", retry=2000)
    with house.wakeups.bell(account) as bell:
        while not house.wakeups.stopping:
            try:
                page = await house.backends.jobs.ListEvents(
                    job_service_pb2.ListEventsRequest(drama_id=drama_id, after_pos=after, page_size=PAGE),
                    timeout=RPC_SECONDS,
                )
            except SfdError as error:
                # The record may be away for a while; the client need not know, it misses nothing.
                log.info("events_unread", reason=error.reason)
                await bell.wait()
                continue
            for event in page.events:
                after = event.pos
                yield ServerSentEvent(
                    id=str(event.pos), event=event.type, data=json.dumps(event_json(event), ensure_ascii=False)
                )
            if len(page.events) < PAGE:
                await bell.wait()


def event_json(event: job_pb2.Event) -> dict[str, Json]:
    """Returns an event: where and when it happened, and its own data under `data`."""
    return {
        "pos": event.pos,
        "type": event.type,
        "jobId": event.run_public_id,
        "childJobId": event.job_id or None,
        "dramaId": event.drama_id,
        "seq": event.seq,
        "createdAt": event.created_at.ToMilliseconds(),
        "data": json.loads(event.data_json) if event.data_json else {},
    }
