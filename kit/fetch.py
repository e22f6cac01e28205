"""Fetching a picture that somebody named by its URL, without being sent into our own network."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Sequence
from urllib.parse import urlsplit

import httpx

from kit.errors import InvalidInput
from kit.jobs.handler import JobFailed

MAX_BYTES = 20 * 1024 * 1024
_SECONDS = 20.0


class Fetcher:
    """Reads pictures from the web. `trusted` are URL prefixes of our own media, which may be on an inner network."""

    def __init__(self, http: httpx.AsyncClient, trusted: Sequence[str] = ()) -> None:
        self._http = http
        self._trusted = tuple(prefix.rstrip("/") + "/" for prefix in trusted if prefix)

    async def picture(self, url: str, *, operator: bool = False) -> bytes:
        """Returns the bytes at `url`, at most 20 MiB; redirects are not followed.

        A URL that a user gave must lead to a public address, which is then the one that is connected to, so that a name cannot change
        its meaning between the check and the use; an operator's own URL is free. Raises `InvalidInput`, and `JobFailed` (retryable) when
        the host does not answer: somebody else's host may stay away for ever, so each try counts.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise InvalidInput("A reference picture needs an http or https URL.", field="reference_url")
        request = self._http.build_request("GET", url)
        if not operator and not url.startswith(self._trusted or ("\0",)):
            address = await _public_address(parts.hostname, parts.port or (443 if parts.scheme == "https" else 80))
            request = self._http.build_request(
                "GET",
                httpx.URL(url).copy_with(host=address),
                headers={"host": parts.netloc.rpartition("@")[2]},
                extensions={"sni_hostname": parts.hostname},
            )
        try:
            async with asyncio.timeout(_SECONDS):
                return await self._read(request)
        except (httpx.TransportError, TimeoutError) as error:
            raise JobFailed(
                "The reference picture cannot be read now.", reason="reference_away", retryable=True
            ) from error

    async def _read(self, request: httpx.Request) -> bytes:
        answer = await self._http.send(request, stream=True, follow_redirects=False)
        try:
            if answer.status_code != httpx.codes.OK:
                raise InvalidInput(f"The reference picture's URL answers {answer.status_code}.", field="reference_url")
            data = bytearray()
            async for chunk in answer.aiter_bytes():
                data += chunk
                if len(data) > MAX_BYTES:
                    raise InvalidInput("The reference picture is larger than 20 MiB.", field="reference_url")
            return bytes(data)
        finally:
            await answer.aclose()


async def _public_address(host: str, port: int) -> str:
    """Returns an address of `host`; raises `InvalidInput` unless all its addresses are public ones."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise InvalidInput("The reference picture's host is not known.", field="reference_url") from error
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(ipaddress.ip_address(a.split("%")[0]).is_global for a in addresses):
        raise InvalidInput("The reference picture's host is not a public one.", field="reference_url")
    return addresses[0]
