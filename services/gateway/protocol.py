"""HTTP/1.1 with limits on the head of a request: how long it may take and how large it may get.

uvicorn limits only the pause between two requests. What is not HTTP is refused as every error is, under an id of its own.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from kit.context import new_request_id
from services.gateway.crowd import FULL
from services.gateway.problems import Problem, answer_to, bad_request

HEAD_SECONDS = 10.0
"""How long a client may take from opening the connection, or from a request's first byte, to the end of the head."""
MAX_HEAD = 256 << 10
"""Bytes of a head that are read at all; smaller ones that are still too large get their 431 from the edge."""
_SPARE = 256
"""Connections beyond the limit that are still told so; more are closed without a word."""
CYCLE = "sfd.cycle"
"""The scope's key of uvicorn's own record of a request: what has come of it, and whether its client is behind with reading."""
_PHRASES = {400: "Bad Request", 408: "Request Timeout", 431: "Request Header Fields Too Large"}


class PatientProtocol(HttpToolsProtocol):
    """Closes a connection whose head does not come: with a 408 when it has begun, without a word when nothing has."""

    most = 1_000_000
    """How many connections the process has at most."""
    _clock: asyncio.TimerHandle | None = None
    _begun = False
    _head = 0
    _full = False

    def data_received(self, data: bytes) -> None:
        """More bytes have come."""
        super().data_received(data)
        if self._begun:
            self._head += len(data)
            if self._head > MAX_HEAD:
                self._refuse(
                    Problem(431, "Headers too large", "The head is too large.", reason="headers_too_large"), body=True
                )

    def send_400_response(self, msg: str) -> None:
        """Refuses what is not HTTP/1.1, told as every error is."""
        self._refuse(bad_request("The request is not valid HTTP/1.1.", "bad_http"), body=True)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected."""
        super().connection_made(cast("asyncio.Transport", transport))
        self._full = len(self.connections) > self.most
        if len(self.connections) > self.most + _SPARE:
            self.transport.abort()
        self._start()

    def on_message_begin(self) -> None:
        """The first bytes of a request have come."""
        super().on_message_begin()
        self._begun = True
        self._start()

    def on_headers_complete(self) -> None:
        """The head is there."""
        self._stop()
        if self._full:
            cast("dict[str, object]", self.scope)[FULL] = True
        super().on_headers_complete()
        cast("dict[str, Any]", self.scope)[CYCLE] = self.cycle

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone."""
        self._stop()
        super().connection_lost(exc)

    def _start(self) -> None:
        if self._clock is None:
            self._clock = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _stop(self) -> None:
        self._begun = False
        self._head = 0
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
            self._refuse(Problem(408, "Request timeout", "", reason="slow_head"), body=False)
        self.transport.close()

    def _refuse(self, problem: Problem, *, body: bool) -> None:
        """Writes an answer for a request that no application has seen, unless another one is being written; closes."""
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            told = new_request_id()
            _, content, _ = answer_to(problem)
            data = json.dumps({**content, "request_id": told}).encode() if body else b""
            kind = "content-type: application/json\r\ncache-control: no-store\r\n" if body else ""
            self.transport.write(
                f"HTTP/1.1 {problem.status} {_PHRASES[problem.status]}\r\nconnection: close\r\nx-request-id: {told}\r\n{kind}"
                f"content-length: {len(data)}\r\n\r\n".encode()
                + data
            )
        self.transport.close()


def protocol(most: int) -> type[PatientProtocol]:
    """Returns the protocol of a process that has at most so many connections."""
    return type("PatientProtocol", (PatientProtocol,), {"most": most})
