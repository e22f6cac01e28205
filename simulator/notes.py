"""Calling back: signed notes to the URL that a caller gave, tried a few times, to this machine only, with faults of their own."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import time
from collections import Counter
from collections.abc import Callable
from typing import Protocol
from urllib.parse import urlsplit

import httpx

from simulator.faults import Fault

Note = Callable[[], tuple[bytes, dict[str, str]]]
"""Makes a note's body and headers, as things stand when it is called."""
_TRIES = 4
_PAUSE = 0.3
_TIMEOUT = 5.0


class Noted(Protocol):
    """A job that somebody wants to hear of."""

    ready: float
    callback: str


class Notes:
    """One vendor's callbacks, sent in the background; `answers` counts what they were answered, by vendor and status.

    Faults: `late_webhook` (`seconds` later), `duplicate_webhook` (three times), `early_webhook` (one more before the answer to the submit
    leaves), `out_of_order_webhook` (one more at the end, of how it stood at the beginning), `forged_webhook` (a changed body under the old
    signature; at vendors that sign nothing, or with the variant `token`, to a changed URL), `no_webhook`.
    """

    def __init__(self, vendor: str, answers: Counter[str]) -> None:
        self._vendor = vendor
        self._answers = answers
        # Tasks live as long as somebody keeps them.
        self._tasks: set[asyncio.Task[None]] = set()

    async def when_done(self, job: Noted, make: Note, fault: Fault | None = None) -> None:
        """Send what `make` returns to the job's callback once the job has ended."""
        kind = fault.type if fault else ""
        if kind == "no_webhook":
            return
        if kind == "early_webhook":
            await self._send(job, *make())
        stale = make() if kind == "out_of_order_webhook" else None
        for _ in range(3 if kind == "duplicate_webhook" else 1):
            task = asyncio.get_running_loop().create_task(self._later(job, make, fault, stale))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _later(
        self, job: Noted, make: Note, fault: Fault | None, stale: tuple[bytes, dict[str, str]] | None
    ) -> None:
        late = fault.seconds if fault and fault.type == "late_webhook" else 0.0
        # A sleep may end a moment early; what is told must be true by our clock.
        await asyncio.sleep(max(0.0, job.ready - time.time()) + 0.02 + late)
        body, headers = make()
        if fault and fault.type == "forged_webhook":
            await self._forged(job, body, headers, by_token=fault.variant == "token")
            return
        await self._send(job, body, headers)
        if stale is not None:
            await self._send(job, *stale)

    async def _forged(self, job: Noted, body: bytes, headers: dict[str, str], *, by_token: bool) -> None:
        if by_token or not any("signature" in name for name in headers):
            await self._send(job, body, headers, job.callback[:-1] + ("0" if job.callback[-1] != "0" else "1"))
        else:
            # Still the same JSON; only its bytes are others.
            await self._send(job, body[:-1] + b" " + body[-1:], headers)

    async def _send(self, job: Noted, body: bytes, headers: dict[str, str], url: str = "") -> None:
        async with httpx.AsyncClient(timeout=_TIMEOUT, trust_env=False) as client:
            for turn in range(_TRIES):
                try:
                    status = (await client.post(url or job.callback, content=body, headers=headers)).status_code
                    self._answers[f"{self._vendor}.{status}"] += 1
                    if status < 500:
                        return
                except httpx.HTTPError:
                    self._answers[f"{self._vendor}.none"] += 1
                await asyncio.sleep(_PAUSE * 2**turn)


def loopback(url: str) -> bool:
    """Return whether `url` names this machine: the simulator never leaves it."""
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost")


def standard(secret: str, identity: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the three headers of Standard Webhooks for a body; `secret` is `whsec_` and base64."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.new(key, f"{identity}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": identity,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{base64.b64encode(mac).decode()}",
    }
