"""Failpoints on the wire under vendors' SDKs: their transports are met here, so that every adapter has the points of the tests' own one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from unittest.mock import patch

import httpx
import httpx2

from kit.failpoints import failpoint

_PIECE = 4096


class _Halved:
    """A body that is handed on in small pieces; the middle of it is a point."""

    def __init__(self, inner: Any, whole: int) -> None:
        self._inner = inner
        self._whole = whole

    async def __aiter__(self) -> AsyncIterator[bytes]:
        had = 0
        async for chunk in self._inner:
            for start in range(0, len(chunk), _PIECE):
                piece = chunk[start : start + _PIECE]
                had += len(piece)
                yield piece
                if had >= self._whole / 2:
                    failpoint("paid.half_fetched")

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Halved1(_Halved, httpx.AsyncByteStream):
    """For clients of httpx."""


class _Halved2(_Halved, httpx2.AsyncByteStream):
    """For clients of httpx2."""


def install() -> None:
    """Puts the points under every client of httpx and httpx2 that this process opens, until its end."""
    for transport, halved in ((httpx.AsyncHTTPTransport, _Halved1), (httpx2.AsyncHTTPTransport, _Halved2)):
        patch.object(transport, "handle_async_request", _watched(transport.handle_async_request, halved)).start()


def _watched(send: Any, halved: type[_Halved]) -> Any:
    async def handle_async_request(transport: Any, request: Any) -> Any:
        if request.method == "POST":
            request.extensions = {**request.extensions, "trace": _bytes_sent}
        answer = await send(transport, request)
        if request.method == "GET" and answer.headers.get("content-type", "").startswith("video/"):
            answer.stream = halved(answer.stream, int(answer.headers["content-length"]))
        return answer

    return handle_async_request


async def _bytes_sent(event: str, info: dict[str, Any]) -> None:
    """httpcore tells when the request is on the wire whole and the answer is not read yet."""
    if event == "http11.receive_response_headers.started":
        failpoint("paid.bytes_sent")
