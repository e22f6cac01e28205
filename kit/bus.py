"""NATS: wake-ups on core subjects, events on JetStream. Never the record: all of it may be lost.

Traps this module keeps away from the rest: a client gives up for ever after 60 reconnects unless told otherwise; a publish during an
outage may be stored although it raised; an empty fetch raises the built-in TimeoutError.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

log = structlog.get_logger("bus")

EVENTS_STREAM = "EVENTS"
EVENTS_SUBJECTS = "events.>"
_STREAM = StreamConfig(
    name=EVENTS_STREAM,
    subjects=[EVENTS_SUBJECTS],
    retention=RetentionPolicy.LIMITS,
    storage=StorageType.FILE,
    discard=DiscardPolicy.OLD,
    max_age=7 * 24 * 3600,
    max_bytes=1 << 30,
    max_msg_size=256 * 1024,
    duplicate_window=120,
)


class Bus:
    """One connection. Publishing a wake-up never raises: it may be lost, and the sweep finds the work.

    Subscriptions asked for while NATS is away are made as soon as it answers.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._wanted: list[tuple[str, Callable[[str], None]]] = []

    async def wake(self, queue: str) -> None:
        """Tells the workers of `queue` that something may be due."""
        try:
            await self._client.publish(f"wake.{queue}", b"")
        except NatsError as error:
            log.info("wake_lost", queue=queue, error=type(error).__name__)

    async def on_wake(self, queue: str, wake: Callable[[], None]) -> None:
        """Calls `wake` for each wake-up of `queue` until the connection closes."""
        await self._subscribe(f"wake.{queue}", lambda _: wake())

    async def on_events(self, receive: Callable[[str], None]) -> None:
        """Calls `receive` with the subject of each event that is published while connected."""
        await self._subscribe(EVENTS_SUBJECTS, receive)

    async def _subscribe(self, subject: str, receive: Callable[[str], None]) -> None:
        if not self._client.is_connected:
            self._wanted.append((subject, receive))
            return

        async def forward(message: Msg) -> None:
            receive(message.subject)

        await self._client.subscribe(subject, cb=forward)

    async def subscribe_wanted(self) -> None:
        """Makes the subscriptions that were asked for before NATS answered."""
        wanted, self._wanted = self._wanted, []
        for subject, receive in wanted:
            await self._subscribe(subject, receive)

    async def ensure_events_stream(self) -> None:
        """Declares the stream of events, and mends its configuration; raises NatsError when NATS is away."""
        manager = self._client.jsm()
        try:
            info = await manager.stream_info(EVENTS_STREAM)
        except NotFoundError:
            await manager.add_stream(_STREAM)
            return
        if info.config.max_age != _STREAM.max_age or info.config.max_bytes != _STREAM.max_bytes:
            await manager.update_stream(_STREAM)

    async def publish_event(self, subject: str, payload: bytes, message_id: str) -> None:
        """Publishes and waits for the acknowledgement; a repeat with the same id within two minutes is one message.

        Raises NatsError or TimeoutError; the event may be stored all the same.
        """
        await self._client.jetstream(timeout=2).publish(subject, payload, headers={"Nats-Msg-Id": message_id})

    @property
    def connected(self) -> bool:
        """True while NATS answers."""
        return bool(self._client.is_connected)


@asynccontextmanager
async def connect(url: str, name: str) -> AsyncIterator[Bus]:
    """Yields a bus that reconnects for ever. A NATS that is away at the start is waited for in the background."""
    client = Client()
    bus = Bus(client)
    tried = asyncio.Event()
    opener = asyncio.create_task(_open(client, bus, url, name, tried), name="bus-open")
    # The first answer or the first refusal is enough: a start does not wait for what is only a hint.
    waiting = asyncio.create_task(tried.wait())
    await asyncio.wait([opener, waiting], timeout=1, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    try:
        yield bus
    finally:
        opener.cancel()
        await asyncio.gather(opener, return_exceptions=True)
        await client.close()


async def _open(client: Client, bus: Bus, url: str, name: str, tried: asyncio.Event) -> None:
    async def quiet(_: Exception) -> None:
        tried.set()

    while True:
        try:
            await client.connect(
                servers=[url],
                name=name,
                max_reconnect_attempts=-1,
                reconnect_time_wait=1,
                connect_timeout=2,
                ping_interval=10,
                max_outstanding_pings=2,
                pending_size=256 * 1024,
                error_cb=quiet,
                reconnected_cb=bus.subscribe_wanted,
            )
        except (NatsError, OSError, TimeoutError) as error:
            log.info("nats_away", error=type(error).__name__)
            await asyncio.sleep(0.5)
        else:
            await bus.subscribe_wanted()
            return
