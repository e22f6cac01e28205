"""A transport for SDKs that try again by themselves and cannot be told not to."""

from __future__ import annotations

import httpx


class AnsweredError(Exception):
    """An answer that is an error, or none (`status` 0): no error that the SDK would try again."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Once(httpx.AsyncBaseTransport):
    """Sends what the SDK asks exactly once: it tries ten times whatever it knows as an HTTP error, and this hides those."""

    def __init__(self) -> None:
        self._inner = httpx.AsyncHTTPTransport(retries=0)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Returns an answer that is no error; raises `AnsweredError`."""
        try:
            answer = await self._inner.handle_async_request(request)
            # Read here, because an answer that breaks off would be tried again too.
            await answer.aread()
        except httpx.HTTPError as error:
            raise AnsweredError(0) from error
        if answer.status_code >= 400:
            raise AnsweredError(answer.status_code)
        return answer

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._inner.aclose()
