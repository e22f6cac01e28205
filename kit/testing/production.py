"""A drama made through REST, as a client would: create, wait, execute, wait, look."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import httpx

Json = dict[str, Any]
SERVICES = ("story", "imaging", "video", "gateway")


class Client:
    """A patient REST client: a part of the house that is away is asked again until `seconds` are over."""

    def __init__(self, base: str) -> None:
        self._http = httpx.AsyncClient(base_url=base, timeout=30)

    async def close(self) -> None:
        """Closes its connections."""
        await self._http.aclose()

    async def call(self, method: str, path: str, *, patience: float = 30.0, **options: Any) -> Json:
        """Returns the JSON answer; raises httpx.HTTPStatusError for a 4xx, and for a 5xx that lasts longer than `patience`."""
        deadline = time.monotonic() + patience
        while True:
            try:
                answer = await self._http.request(method, path, **options)
                if answer.status_code < 500 or time.monotonic() > deadline:
                    answer.raise_for_status()
                    found: Json = answer.json()
                    return found
            except httpx.TransportError:
                if time.monotonic() > deadline:
                    raise
            await asyncio.sleep(0.2)

    async def get_bytes(self, url: str) -> bytes:
        """Returns the bytes behind a media URL."""
        answer = await self._http.get(url)
        answer.raise_for_status()
        return answer.content

    async def create(self, premise: str, **more: Any) -> tuple[str, str]:
        """Returns the drama's id and the job's."""
        reply = await self.call(
            "POST", "/dramas", json={"premise": premise, **more}, headers={"Idempotency-Key": premise[:200]}
        )
        return reply["dramaId"], reply["jobId"]

    async def execute(self, drama: str, **more: Any) -> str:
        """Returns the id of the production's job."""
        reply = await self.call("POST", f"/dramas/{drama}/execute", json=more)
        return str(reply["parent_job_id"])

    async def finished(self, drama: str, job: str, seconds: float) -> Json:
        """Returns the job's record once it has ended; raises TimeoutError with the record otherwise."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            record = await self.call("GET", f"/dramas/{drama}/jobs/{job}", headers={"Prefer": "wait=5"})
            if record["status"] in ("completed", "failed"):
                return record
            await asyncio.sleep(0.1)
        raise TimeoutError(str(record)[:4000])

    async def events(self, drama: str) -> list[Json]:
        """Returns what the event stream has told of a drama so far, by its ids."""
        import json

        found: list[Json] = []
        async with self._http.stream(
            "GET", f"/dramas/{drama}/events", headers={"Accept": "text/event-stream", "Last-Event-ID": "0"}
        ) as stream:
            event: Json = {}
            try:
                async with asyncio.timeout(3):
                    async for line in stream.aiter_lines():
                        if not line and event:
                            found.append(event)
                            event = {}
                        elif ":" in line and not line.startswith(":"):
                            field, _, value = line.partition(":")
                            event[field] = json.loads(value) if field == "data" else value.strip()
            except TimeoutError:
                pass
        return found
