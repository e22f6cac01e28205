"""The least of an HTTP client: kept connections with one request under way on each, answers with a Content-Length.

The load client's other half: behind what is measured it must cost as little as it may.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any, cast

from bench.edge.load import Plan


class Wire(asyncio.Protocol):
    """One connection."""

    def __init__(self) -> None:
        self._buffer = b""
        self._answer: asyncio.Future[bytes] | None = None

    @property
    def is_open(self) -> bool:
        """True while it may be used."""
        return not self._transport.is_closing()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It may be used."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Ends the call once its answer is whole."""
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found or self._answer is None:
            return
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(body) >= length:
            answer, self._answer, self._buffer = self._answer, None, b""
            if head[9:10] == b"2":
                answer.set_result(body)
            else:
                answer.set_exception(RuntimeError(head.decode("latin-1")))

    def connection_lost(self, exc: Exception | None) -> None:
        """Fails the call under way."""
        if self._answer is not None:
            self._answer.set_exception(exc or ConnectionError("The connection was closed."))

    async def call(self, request: bytes) -> bytes:
        """Returns the body of the answer; raises RuntimeError for one other than 2xx, and OSError."""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer


class Vendor:
    """Calls the vendor, as an adapter does that keeps no record."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: list[Wire] = []
        self._key = {"Authorization": "Bearer sk-mock"}
        self._url = f"http://127.0.0.1:{port}/v1/videos"
        self._look = Plan(f"{self._url}/video_0123456789abcdef0123456789abcdef", headers=self._key).request()

    async def create(self, wish: dict[str, str]) -> str:
        """Returns the film's id once the vendor has taken it."""
        answer = await self._call(Plan(self._url, "POST", self._key, json.dumps(wish)).request())
        return str(answer["id"])

    async def progress(self) -> float:
        """Returns how far the vendor is, 0 to 1."""
        return float((await self._call(self._look))["progress"]) / 100

    async def _call(self, request: bytes) -> dict[str, Any]:
        # One that has been idle too long may be closed.
        while self._idle and not self._idle[-1].is_open:
            self._idle.pop()
        if self._idle:
            wire = self._idle.pop()
        else:
            _, wire = await asyncio.get_running_loop().create_connection(Wire, "127.0.0.1", self._port)
        answer: dict[str, Any] = json.loads(await wire.call(request))
        self._idle.append(wire)
        return answer
