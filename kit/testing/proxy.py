"""A TCP proxy whose line a test can cut: connections break, new ones are refused or hang, until it is mended."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_CHUNK = 64 * 1024


class Proxy:
    """Forwards 127.0.0.1:`port` to 127.0.0.1:`target`."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._server: asyncio.Server | None = None
        self._lines: set[asyncio.Task[None]] = set()
        self._open = asyncio.Event()
        self._open.set()
        self._down = False
        self.port = 0

    async def start(self) -> None:
        """Listens, on the same port as before once it has one."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        """Breaks every connection; new ones are closed at once."""
        self._down = True
        for line in tuple(self._lines):
            line.cancel()

    def freeze(self) -> None:
        """Lets nothing through: connections stay open and silent, as behind a dead switch."""
        self._open.clear()

    def mend(self) -> None:
        """Lets everything through again."""
        self._down = False
        self._open.set()

    async def close(self) -> None:
        """Stops listening and breaks what is open."""
        self.cut()
        if self._server is not None:
            self._server.close()
        await asyncio.gather(*self._lines, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = asyncio.current_task()
        if self._down or line is None:
            writer.transport.abort()
            return
        self._lines.add(line)
        far: asyncio.StreamWriter | None = None
        try:
            await self._open.wait()
            back, far = await asyncio.open_connection("127.0.0.1", self._target)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pump(reader, far))
                group.create_task(self._pump(back, writer))
        except* (OSError, asyncio.CancelledError):
            pass
        finally:
            self._lines.discard(line)
            for side in (writer, far):
                if side is not None:
                    side.transport.abort()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(_CHUNK):
            await self._open.wait()
            sink.write(data)
            await sink.drain()
        with contextlib.suppress(OSError, RuntimeError):
            sink.write_eof()


@asynccontextmanager
async def proxy(target: int) -> AsyncIterator[Proxy]:
    """Yields a proxy to a port of this machine."""
    made = Proxy(target)
    await made.start()
    try:
        yield made
    finally:
        await made.close()
