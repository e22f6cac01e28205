"""How a finished film is read from where a vendor says it lies: once asked, in a few tries, and with the key for its own host alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urljoin, urlsplit

import httpx2

from kit.blobs import sniff
from kit.providers.base import Answer, NotAccepted, VendorAway

MAX_FILM = 512 * 1024 * 1024
_TRIES = 3
_PAUSE = 0.3
_HOPS = 3
_READ_SECONDS = 600.0
_EXPIRED = (403, 404, 410)


class _Expired(Exception):
    """The URL no longer leads to the film."""


def origin(url: str) -> tuple[str, str, int]:
    """Returns scheme, host and port of a URL; raises `ValueError` for what is no http or https URL."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("no http or https URL")
    return parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)


class Results:
    """Reads finished films from the URLs that vendors give. No key is ever sent there: such a URL is its own permission."""

    def __init__(self, http: httpx2.AsyncClient | None = None) -> None:
        self._http = http or httpx2.AsyncClient(timeout=httpx2.Timeout(30.0, connect=10.0), trust_env=False)

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def film(self, ask: Callable[[], Awaitable[str]]) -> Answer:
        """As `film`, without a key."""
        return await film(self._http, ask)


async def film(
    http: httpx2.AsyncClient,
    ask: Callable[[], Awaitable[str]],
    *,
    own: str = "",
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Returns the bytes at the URL that `ask` gives, at most 512 MiB; `headers` (the key) go to the host of the URL `own` alone.

    `ask` is called before each of the three tries, because URLs expire. Raises `VendorAway` when the film cannot be read now, and
    `NotAccepted` (`product_gone`) when the newest URL that the vendor gives has expired too; never submits anything.
    """
    expired = False
    for turn in range(_TRIES):
        url = await ask()
        try:
            async with asyncio.timeout(_READ_SECONDS):
                body = await _read(http, url, own, headers or {})
        except _Expired:
            expired = True
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, ValueError):
            expired = False
        else:
            expired = False
            if body:
                return Answer(body, sniff(body[:4096]) or "application/octet-stream", {"bytes": len(body)})
        if turn + 1 < _TRIES:
            await asyncio.sleep(_PAUSE * 2**turn)
    if expired:
        raise NotAccepted("The vendor no longer has this film.", reason="product_gone")
    raise VendorAway("The film cannot be read now.")


async def _read(http: httpx2.AsyncClient, url: str, own: str, headers: Mapping[str, str]) -> bytes:
    for _ in range(_HOPS + 1):
        home = bool(own) and origin(url) == origin(own)
        if urlsplit(own).scheme == "https" and urlsplit(url).scheme != "https":
            raise ValueError("a film in the clear")
        origin(url)
        # Redirects are followed here and not by the client: it would carry our headers along to somebody else's host.
        async with http.stream("GET", url, headers=dict(headers) if home else {}, follow_redirects=False) as answer:
            if answer.is_redirect:
                url = urljoin(url, answer.headers["location"])
                continue
            if answer.status_code in _EXPIRED:
                raise _Expired
            answer.raise_for_status()
            data = bytearray()
            async for chunk in answer.aiter_bytes():
                data += chunk
                if len(data) > MAX_FILM:
                    raise NotAccepted("The film is larger than 512 MiB.", reason="too_large")
            return bytes(data)
    raise ValueError("too many redirects")
