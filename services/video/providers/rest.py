"""JSON over HTTP for vendors whose API needs no SDK: each request is sent once, and every wait and every body has a limit."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2

from kit.providers.base import OutcomeUnknown, VendorAway
from kit.providers.http import broken
from services.video.providers.shared import READ_SECONDS

_MAX_BODY = 8 * 1024 * 1024
_OK = range(200, 300)


@dataclass(frozen=True)
class Reply:
    """An answer: `body` is None when it is no JSON object."""

    status: int
    body: Mapping[str, Any] | None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether it is a 2xx with a JSON object."""
        return self.status in _OK and self.body is not None

    def at(self, *path: str) -> Any:
        """Returns the value at a path of objects, or None where there is none."""
        value: Any = self.body
        for name in path:
            value = value.get(name) if isinstance(value, Mapping) else None
        return value

    def text(self, *path: str) -> str:
        """Returns the text or whole number at a path as a text, or an empty one: vendors give the same id as either."""
        return text_of(self.at(*path))

    def whole(self, *path: str) -> int | None:
        """Returns the whole number at a path, or None."""
        value = self.at(*path)
        return value if isinstance(value, int) and not isinstance(value, bool) else None


class Rest:
    """A client of one vendor; `seconds` is how long a submit may take."""

    def __init__(self, base_url: str, seconds: float, http: httpx2.AsyncClient | None = None) -> None:
        self._base_url = base_url.rstrip("/")
        self._seconds = seconds
        # A redirect would take the key elsewhere; none of these vendors answers with one.
        self._http = http or httpx2.AsyncClient(
            timeout=httpx2.Timeout(seconds, connect=10.0), trust_env=False, follow_redirects=False
        )

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def submit(self, path: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> Reply:
        """Returns the answer to a POST, whatever it says; raises `NotAccepted` or `OutcomeUnknown` when none came."""
        try:
            return await self._send("POST", path, headers, self._seconds, body=body)
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, TimeoutError, ValueError) as error:
            raise broken(error) from error

    async def read(
        self, path: str, headers: Mapping[str, str], params: Mapping[str, str] | None = None, *, method: str = "GET"
    ) -> Reply:
        """Returns the answer to a free request, whatever it says; raises `VendorAway` when none came."""
        try:
            return await self._send(method, path, headers, READ_SECONDS, params=params)
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, TimeoutError, ValueError) as error:
            raise VendorAway("The vendor cannot be asked now.") from error

    async def _send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        seconds: float,
        *,
        body: Mapping[str, Any] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Reply:
        data = bytearray()
        async with (
            asyncio.timeout(seconds),
            self._http.stream(
                method, f"{self._base_url}{path}", headers=dict(headers), json=body, params=dict(params or {})
            ) as answer,
        ):
            async for chunk in answer.aiter_bytes():
                data += chunk
                if len(data) > _MAX_BODY:
                    raise ValueError("the answer is too large")
        return Reply(answer.status_code, _object(bytes(data)), answer.headers)


def text_of(value: Any) -> str:
    """Returns a text or whole number as a text, anything else as an empty one; half characters, which no record takes, as `?`."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value).encode("utf-8", "replace").decode()


def no_id() -> OutcomeUnknown:
    """Returns what an answer to a submit means that is no refusal and names no work: nothing is proved."""
    return OutcomeUnknown("The vendor's answer names no work.", charged=True)


def _object(data: bytes) -> Mapping[str, Any] | None:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
