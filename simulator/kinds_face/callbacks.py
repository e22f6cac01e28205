"""Calling back: a signed note to the URL that the caller gave, tried a few times, to this machine only."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from urllib.parse import urlsplit

import httpx

from simulator.faults import Fault
from simulator.jobs import VideoJob
from simulator.jsons import Json, compact

SIGNATURE = "x-kinds-signature"
_TRIES = 5
_PAUSE = 0.3


def loopback(url: str) -> bool:
    """Return whether `url` names this machine: the simulator never leaves it."""
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname == "127.0.0.1"


def sign(secret: str, body: bytes) -> str:
    """Return the signature of a note: `sha256=` and the HMAC under the caller's key."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


class Callbacks:
    """Sends notes in the background; keeps their tasks alive until they are done."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    async def accepted(self, job: VideoJob, secret: str, fault: Fault | None) -> None:
        """Note an accepted job: as a rule when it is done; `early_webhook` before the answer; `duplicate_webhook` three times."""
        kind = fault.type if fault else ""
        if kind == "early_webhook":
            await self._send(job, secret)
        for _ in range(3 if kind == "duplicate_webhook" else 1):
            task = asyncio.get_running_loop().create_task(self._when_done(job, secret))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _when_done(self, job: VideoJob, secret: str) -> None:
        await asyncio.sleep(max(0.0, job.ready - time.time()))
        await self._send(job, secret)

    async def _send(self, job: VideoJob, secret: str) -> None:
        note: Json = {"id": job.id, "status": job.status(time.time()), "reference": job.reference}
        body = compact(note)
        headers = {"content-type": "application/json", SIGNATURE: sign(secret, body)}
        async with httpx.AsyncClient(timeout=5.0, trust_env=False) as client:
            for turn in range(_TRIES):
                try:
                    answer = await client.post(job.callback, content=body, headers=headers)
                    if answer.status_code < 500:
                        return
                except httpx.HTTPError:
                    pass
                await asyncio.sleep(_PAUSE * 2**turn)
