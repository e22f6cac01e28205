"""Closing sockets for real: answers that are never sent, or only in half."""

from __future__ import annotations

import asyncio
from typing import Literal, cast

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

Cut = Literal["none", "all", "half"]
_KEY = "sim.transport"


class CuttableProtocol(HttpToolsProtocol):
    """uvicorn's HTTP/1.1 protocol that lends the socket's transport to the application in the scope."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Accept a connection and let the application see its transport."""
        super().connection_made(cast(asyncio.Transport, transport))
        application = self.app

        async def with_transport(scope: Scope, receive: Receive, send: Send) -> None:
            scope[_KEY] = transport
            await application(scope, receive, send)

        self.app = with_transport


class WireResponse(Response):
    """A response that is sent whole, in half, or not at all before the connection is closed."""

    def __init__(self, status: int, body: bytes, headers: dict[str, str], cut: Cut = "none") -> None:
        super().__init__(body, status, headers)
        self._cut = cut

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer as far as wanted; the length header always names the whole body."""
        if self._cut == "none":
            await super().__call__(scope, receive, send)
            return
        transport = cast(asyncio.Transport, scope[_KEY])
        if self._cut == "half":
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            half = bytes(self.body)[: len(self.body) // 2]
            await send({"type": "http.response.body", "body": half, "more_body": True})
            transport.close()  # close() flushes what was written; abort() would drop it
        else:
            transport.abort()
        # uvicorn answers 500 for an application that returns without an answer, unless it knows that the client has gone.
        while (await receive())["type"] != "http.disconnect":
            continue
