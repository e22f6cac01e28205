"""HTTP/1.1 that does not wait for ever for the head of a request; uvicorn limits only the pause between two requests."""

from __future__ import annotations

import asyncio
from typing import cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 10.0
"""How long a client may take from opening the connection, or from a request's first byte, to the end of the head."""
_SLOW = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class PatientProtocol(HttpToolsProtocol):
    """Closes a connection whose head does not come: with a 408 when it has begun, without a word when nothing has."""

    _clock: asyncio.TimerHandle | None = None
    _begun = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected."""
        super().connection_made(cast("asyncio.Transport", transport))
        self._start()

    def on_message_begin(self) -> None:
        """The first bytes of a request have come."""
        super().on_message_begin()
        self._begun = True
        self._start()

    def on_headers_complete(self) -> None:
        """The head is there."""
        self._stop()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone."""
        self._stop()
        super().connection_lost(exc)

    def _start(self) -> None:
        if self._clock is None:
            self._clock = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _stop(self) -> None:
        self._begun = False
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _give_up(self) -> None:
        self._clock = None
        if self.cycle is not None and not self.cycle.response_complete:
            # The answer before is still being written: nothing may come between.
            self._start()
            return
        if self._begun:
            self.transport.write(_SLOW)
        self.transport.close()
