"""One request to a user's URL: resolved once, checked, and connected to the very address that was checked.

No redirect is followed, no proxy or cookie used, nothing unpacked; time and size are limited.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from typing import Protocol

import httpx

from kit.egress.rules import Blocked, Rules, Target, check_url

_MAX_ADDRESSES = 16
_TRIED = 3
_LOOKUPS = 32


class Unreachable(Exception):
    """No whole answer came. `word` is one of dns, tls, connect, timeout, protocol; `sent` says that the request may have arrived."""

    def __init__(self, word: str, *, sent: bool = False) -> None:
        super().__init__(f"the host cannot be reached: {word}")
        self.word = word
        self.sent = sent


@dataclass(frozen=True)
class Answer:
    """What came back; `body` has the first `max_bytes` of it, and `whole` says whether that was all."""

    status: int
    headers: httpx.Headers
    body: bytes = field(repr=False)
    whole: bool


class Resolver(Protocol):
    """Finds the addresses of a host."""

    async def __call__(self, host: str, port: int) -> list[str]:
        """Returns every address; raises OSError when there is none."""
        ...


class SystemResolver:
    """This machine's resolver, in threads of its own: a user's slow name server must not hold up anybody else's lookups and files."""

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="resolve")

    async def __call__(self, host: str, port: int) -> list[str]:
        """Returns the addresses of a host, IPv4 and IPv6; raises OSError when there is none."""
        look_up = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        found = await asyncio.get_running_loop().run_in_executor(self._pool, look_up)
        return list(dict.fromkeys(str(entry[4][0]) for entry in found))

    def close(self) -> None:
        """Starts no more lookups; those that are under way end by themselves."""
        self._pool.shutdown(wait=False, cancel_futures=True)


class Egress:
    """Sends requests under one set of rules; close it when done."""

    def __init__(
        self,
        rules: Rules,
        *,
        resolver: Resolver | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        connections: int = 100,
        verify: ssl.SSLContext | bool = True,
    ) -> None:
        self._rules = rules
        self._system = SystemResolver(min(connections, _LOOKUPS))
        self._resolver = resolver or self._system
        # A transport alone has no cookies, redirects and proxies. Connections are not kept: two hosts may share an address.
        self._transport = transport or httpx.AsyncHTTPTransport(
            verify=verify,
            trust_env=False,
            retries=0,
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=0),
        )

    async def __aenter__(self) -> Egress:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._system.close()
        await self._transport.aclose()

    async def send(
        self,
        method: str,
        url: str,
        *,
        seconds: float,
        max_bytes: int,
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
        name: str = "url",
    ) -> Answer:
        """Returns the answer, whatever its status.

        Raises `Blocked` (its field is `name`) when URL or addresses are refused, and `Unreachable` when no whole answer came in time.
        """
        target = check_url(url, self._rules, name)
        sent = False
        try:
            async with asyncio.timeout(seconds):
                addresses = await self._addresses(target, name)
                for place, address in enumerate(addresses, 1):
                    # No address may use up the time of the next one.
                    limits = httpx.Timeout(seconds, connect=seconds / len(addresses))
                    request = _request(method, target, address, headers or {}, content, limits)
                    try:
                        sent = False
                        answer = await self._transport.handle_async_request(request)
                    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                        if place == len(addresses):
                            raise Unreachable(_why(error)) from None
                        continue
                    sent = True
                    return await _read(answer, max_bytes)
        except TimeoutError:
            raise Unreachable("timeout", sent=sent) from None
        except httpx.TimeoutException:
            raise Unreachable("timeout", sent=True) from None
        except (httpx.TransportError, httpx.InvalidURL):
            raise Unreachable("protocol", sent=True) from None
        raise Unreachable("dns")

    async def _addresses(self, target: Target, name: str) -> list[str]:
        try:
            found = await self._resolver(target.host, target.port)
        except (OSError, UnicodeError):
            raise Unreachable("dns") from None
        if not found:
            raise Unreachable("dns")
        # Every one is looked at, also those that would not be used: a host that points inside with one of them is not to be trusted.
        for address in found[:_MAX_ADDRESSES]:
            why = self._rules.refuse_address(target.host, address)
            if why:
                raise Blocked(f"The URL cannot be used: {why}.", field=name)
        return found[: min(_TRIED, _MAX_ADDRESSES)]


def _request(
    method: str, target: Target, address: str, headers: Mapping[str, str], content: bytes, limits: httpx.Timeout
) -> httpx.Request:
    host = f"[{address}]" if ":" in address else address
    return httpx.Request(
        method,
        httpx.URL(f"{target.scheme}://{host}:{target.port}").copy_with(raw_path=target.path.encode("ascii")),
        headers={"Host": target.authority, "Accept-Encoding": "identity", **headers},
        content=content,
        # The certificate is checked against the name that was asked for, not the address.
        extensions={"sni_hostname": target.host, "timeout": limits.as_dict()},
    )


async def _read(answer: httpx.Response, max_bytes: int) -> Answer:
    data = bytearray()
    whole = True
    try:
        async for chunk in answer.aiter_raw():
            data += chunk[: max_bytes + 1 - len(data)]
            if len(data) > max_bytes:
                whole = False
                break
    finally:
        await answer.aclose()
    return Answer(answer.status_code, answer.headers, bytes(data[:max_bytes]), whole)


def _why(error: httpx.TransportError) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return "tls"
        cause = cause.__cause__ or cause.__context__
    return "timeout" if isinstance(error, httpx.TimeoutException) else "connect"
