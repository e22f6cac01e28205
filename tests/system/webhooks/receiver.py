"""A receiver of webhooks on loopback that verifies what comes with the published library and answers as it is told."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from standardwebhooks.webhooks import Webhook

OK = b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def status(code: int, *more: str) -> bytes:
    """Returns an answer of this status."""
    head = "".join(f"{line}\r\n" for line in more)
    return f"HTTP/1.1 {code} X\r\n{head}Content-Length: 0\r\nConnection: close\r\n\r\n".encode()


def _well(_: int) -> bytes | None:
    return OK


@dataclass
class Receiver:
    """What came, by path. `answers` gives for each path what is answered to the n-th visit, from 0."""

    port: int = 0
    secrets: dict[str, list[str]] = field(default_factory=dict)
    answers: dict[str, Callable[[int], bytes | None]] = field(default_factory=dict)
    visits: Counter[str] = field(default_factory=Counter)
    came: dict[str, list[tuple[str, Any]]] = field(default_factory=dict)
    accepted: dict[str, Counter[str]] = field(default_factory=dict)
    heads: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    pause: float = 0.0
    open_now: Counter[str] = field(default_factory=Counter)
    most: Counter[str] = field(default_factory=Counter)

    def url(self, path: str) -> str:
        """Returns the URL of a path."""
        return f"http://127.0.0.1:{self.port}{path}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answers one request."""
        path = ""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            path = head.split()[1]
            headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
            headers = {name.lower(): value for name, value in headers.items()}
            body = await reader.readexactly(int(headers["content-length"]))
            self.open_now[path] += 1
            self.most[path] = max(self.most[path], self.open_now[path])
            await self._answer(path, headers, body, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.open_now[path] -= 1
            writer.close()

    async def _answer(
        self,
        path: str,
        headers: dict[str, str],
        body: bytes,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        visit = self.visits[path]
        self.visits[path] += 1
        for secret in self.secrets.get(path, ()):
            Webhook(secret).verify(body, headers)
        told = json.loads(body)
        self.came.setdefault(path, []).append((headers["webhook-id"], told))
        self.heads.setdefault(path, []).append(headers)
        await asyncio.sleep(self.pause)
        answer = self.answers.get(path, _well)(visit)
        if answer is None:
            # Silent until the sender gives up.
            await reader.read(1)
            return
        for part in answer.split(b"|"):
            writer.write(part)
            await writer.drain()
            if b"|" in answer:
                await asyncio.sleep(0.2)
        if b" 20" in answer[:13] and b"|" not in answer:
            self.accepted.setdefault(path, Counter())[headers["webhook-id"]] += 1


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """Yields a receiver that listens."""
    made = Receiver()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2):
                await server.wait_closed()
