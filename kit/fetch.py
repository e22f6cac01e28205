"""Fetching a picture that somebody named by its URL, without being sent into our own network."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import httpx

from kit.egress.client import Egress, Unreachable
from kit.egress.rules import Allowed, Rules
from kit.errors import InvalidInput
from kit.jobs.handler import JobFailed

MAX_BYTES = 20 * 1024 * 1024
_SECONDS = 20.0


def picture_rules(allowed: Allowed) -> Rules:
    """Returns what the URL of a picture may be: public, http too, on the ports that pictures are served from."""
    return Rules(frozenset({"http", "https"}), frozenset({80, 443, 8080, 8443}), allowed)


class Fetcher:
    """Reads pictures from the web. `trusted` are URL prefixes of our own media, which may be on an inner network."""

    def __init__(self, http: httpx.AsyncClient, egress: Egress, trusted: Sequence[str] = ()) -> None:
        self._http = http
        self._egress = egress
        self._trusted = tuple(prefix.rstrip("/") + "/" for prefix in trusted if prefix)

    async def picture(self, url: str, *, operator: bool = False) -> bytes:
        """Returns the bytes at `url`, at most 20 MiB; redirects are not followed.

        A URL that a user gave must lead to a public address; an operator's own URL is free. Raises `InvalidInput`, and `JobFailed`
        (retryable) when the host does not answer: somebody else's host may stay away for ever, so each try counts.
        """
        if not operator and not url.startswith(self._trusted or ("\0",)):
            return await self._strangers(url)
        try:
            async with asyncio.timeout(_SECONDS):
                return await self._ours(self._http.build_request("GET", url))
        except (httpx.TransportError, TimeoutError) as error:
            raise _away() from error

    async def _strangers(self, url: str) -> bytes:
        try:
            answer = await self._egress.send("GET", url, seconds=_SECONDS, max_bytes=MAX_BYTES, name="reference_url")
        except Unreachable as error:
            if error.word == "dns":
                raise InvalidInput("The reference picture's host is not known.", field="reference_url") from error
            raise _away() from error
        _check(answer.status, whole=answer.whole)
        return answer.body

    async def _ours(self, request: httpx.Request) -> bytes:
        answer = await self._http.send(request, stream=True, follow_redirects=False)
        try:
            _check(answer.status_code)
            data = bytearray()
            async for chunk in answer.aiter_bytes():
                data += chunk
                _check(answer.status_code, whole=len(data) <= MAX_BYTES)
            return bytes(data)
        finally:
            await answer.aclose()


def _check(status: int, *, whole: bool = True) -> None:
    if status != httpx.codes.OK:
        raise InvalidInput(f"The reference picture's URL answers {status}.", field="reference_url")
    if not whole:
        raise InvalidInput("The reference picture is larger than 20 MiB.", field="reference_url")


def _away() -> JobFailed:
    return JobFailed("The reference picture cannot be read now.", reason="reference_away", retryable=True)
