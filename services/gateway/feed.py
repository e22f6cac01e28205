"""An account's events, read once for everybody who watches in this process.

Five hundred open streams must not ask the record five hundred times at each event. A feed reads an account's events as they come and
hands each one, already encoded, to the followers of its drama. What was before a follower came it reads for itself.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import structlog
from sse_starlette import ServerSentEvent

from kit.errors import SfdError
from services.gateway.backends import RPC_SECONDS, Backends
from services.gateway.problems import Json
from services.gateway.wakeups import LOOK_SECONDS, Wakeups
from sfd.jobs.v1 import job_pb2, job_service_pb2

log = structlog.get_logger("gateway")
PAGE = 500
HELD = 1000
"""How many events wait for a follower at most; one who is slower reads for itself again."""
_END = 2**63 - 1
Told = tuple[int, bytes]
"""Position and text of an event."""


class Follower:
    """One who watches a drama."""

    def __init__(self, drama_id: str) -> None:
        self.drama_id = drama_id
        self._told: deque[Told] = deque()
        self._news = asyncio.Event()
        self._begun = asyncio.Event()
        self._behind = False

    def begin(self) -> None:
        """Says that every later event will be told."""
        self._begun.set()

    def tell(self, told: Told) -> None:
        """Hands an event over; one too many and the follower is behind."""
        if len(self._told) >= HELD:
            self.lose()
        elif not self._behind:
            self._told.append(told)
            self._news.set()

    def lose(self) -> None:
        """Says that events will be missing from here on."""
        self._behind = True
        self._told.clear()
        self._news.set()
        self._begun.set()

    async def begun(self) -> bool:
        """Returns whether events are told from now on; False when that is not so yet, after a while."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_SECONDS):
                await self._begun.wait()
        return self._begun.is_set()

    async def news(self) -> list[Told] | None:
        """Returns what was told since the last call, maybe nothing after a while; None when events are missing."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_SECONDS):
                await self._news.wait()
        self._news.clear()
        if self._behind:
            return None
        told = list(self._told)
        self._told.clear()
        return told


class _Feed:
    """The reader of one account."""

    def __init__(self, backends: Backends, wakeups: Wakeups, account_id: str) -> None:
        self._backends = backends
        self._wakeups = wakeups
        self._account = account_id
        self._followers: dict[str, set[Follower]] = {}
        self._head = -1
        # The caller of the first follower's request goes along: it is of this account, as all of them are.
        self.task = asyncio.create_task(self._run(), name=f"feed {account_id}")

    def add(self, follower: Follower) -> None:
        self._followers.setdefault(follower.drama_id, set()).add(follower)
        if self._head >= 0:
            follower.begin()

    def remove(self, follower: Follower) -> bool:
        """Returns whether nobody is left."""
        there = self._followers.get(follower.drama_id, set())
        there.discard(follower)
        if not there:
            self._followers.pop(follower.drama_id, None)
        return not self._followers

    async def _run(self) -> None:
        try:
            with self._wakeups.bell(self._account) as bell:
                while not self._wakeups.stopping:
                    try:
                        full = await self._read()
                    except SfdError as error:
                        # The record may be away for a while; nobody misses anything.
                        log.info("events_unread", reason=error.reason)
                        full = False
                    if not full:
                        await bell.wait()
        except Exception:
            log.exception("feed_ended")
            # Whoever watches begins a new feed at once: what broke this one must not break the next ones without a pause.
            await self._wakeups.pause(LOOK_SECONDS)
        finally:
            for follower in self._everybody():
                follower.lose()

    async def _read(self) -> bool:
        """Hands on the next page; returns whether there may be more."""
        page = await self._backends.jobs.ListEvents(
            job_service_pb2.ListEventsRequest(after_pos=self._head if self._head >= 0 else _END, page_size=PAGE),
            timeout=RPC_SECONDS,
        )
        if self._head < 0:
            self._head = page.head_pos
            for follower in self._everybody():
                follower.begin()
            return True
        for event in page.events:
            self._head = event.pos
            followers = self._followers.get(event.drama_id)
            if followers:
                told = (event.pos, event_text(event))
                for follower in followers:
                    follower.tell(told)
        return len(page.events) == PAGE

    def _everybody(self) -> list[Follower]:
        return [one for some in self._followers.values() for one in some]


class Feeds:
    """The feeds of the accounts that somebody watches."""

    def __init__(self, backends: Backends, wakeups: Wakeups) -> None:
        self._backends = backends
        self._wakeups = wakeups
        self._feeds: dict[str, _Feed] = {}

    @contextmanager
    def follow(self, account_id: str, drama_id: str) -> Iterator[Follower]:
        """Yields a follower of one drama; the account's feed runs while it has any."""
        feed = self._feeds.get(account_id)
        if feed is None or feed.task.done():
            feed = self._feeds[account_id] = _Feed(self._backends, self._wakeups, account_id)
        follower = Follower(drama_id)
        feed.add(follower)
        try:
            yield follower
        finally:
            if feed.remove(follower):
                feed.task.cancel()
                if self._feeds.get(account_id) is feed:
                    del self._feeds[account_id]


def event_text(event: job_pb2.Event) -> bytes:
    """Returns an event as server-sent text: id is the position, event the type, data JSON."""
    data = json.dumps(event_json(event), ensure_ascii=False)
    return ServerSentEvent(id=str(event.pos), event=event.type, data=data, sep="\n").encode()


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
