"""Talking to a supervisor over its Unix socket: one JSON request per line, one JSON reply per line."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable

from stack.layout import Layout, short_path

Reply = dict[str, object]
Handler = Callable[[Reply], Awaitable[Reply]]


@contextlib.asynccontextmanager
async def serve(layout: Layout, handler: Handler) -> AsyncIterator[None]:
    """Answer requests with `handler` while the block runs; the socket is removed afterwards."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, ValueError, asyncio.LimitOverrunError):
            while line := await reader.readline():
                reply = await handler(json.loads(line))
                writer.write(json.dumps(reply).encode() + b"\n")
                await writer.drain()
        writer.close()

    layout.socket.unlink(missing_ok=True)
    path, descriptor = short_path(layout.socket)
    server = await asyncio.start_unix_server(answer, path)
    try:
        yield
    finally:
        server.close()
        layout.socket.unlink(missing_ok=True)
        if descriptor is not None:
            os.close(descriptor)


def ask(layout: Layout, request: Reply, timeout_s: float = 5.0) -> Reply | None:
    """Send one request and return the reply; None when no supervisor answers within the timeout. Blocking."""
    if not layout.run.is_dir():
        return None
    path, descriptor = short_path(layout.socket)
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(timeout_s)
            connection.connect(path)
            connection.sendall(json.dumps(request).encode() + b"\n")
            with connection.makefile("rb") as stream:
                line = stream.readline()
    except OSError:
        return None
    finally:
        if descriptor is not None:
            os.close(descriptor)
    if not line:
        return None
    reply: Reply = json.loads(line)
    return reply
