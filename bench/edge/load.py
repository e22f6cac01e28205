"""The load client, a process of its own: one request sent over and over on N connections, each with one request under way.

`python -m bench.edge.load PLAN` prints one line of JSON. It parses no more of an answer than its status and its length: the client must
not be what is measured.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass, field
from typing import cast
from urllib.parse import urlsplit

import uvloop

from bench.growth import percentile


@dataclass(frozen=True)
class Plan:
    """One request and how it is sent. `seconds` begin after `warm` seconds that are not counted."""

    url: str
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    connections: int = 32
    seconds: float = 3.0
    warm: float = 0.5

    def line(self) -> str:
        """Returns it as the client's argument."""
        return json.dumps(asdict(self))

    def request(self) -> bytes:
        """Returns the bytes of the request."""
        parts = urlsplit(self.url)
        head = [f"{self.method} {parts.path} HTTP/1.1", f"Host: {parts.netloc}"]
        head += [f"{name}: {value}" for name, value in self.headers.items()]
        if self.body:
            head += ["Content-Type: application/json", f"Content-Length: {len(self.body.encode())}"]
        return ("\r\n".join(head) + "\r\n\r\n").encode() + self.body.encode()


@dataclass(frozen=True)
class Heard:
    """What came of it: answers a second, milliseconds to the whole answer, and answers other than 2xx."""

    rate: float
    p50: float
    p99: float
    count: int
    bad: int

    @classmethod
    def of(cls, line: str) -> Heard:
        """Returns it from the client's line."""
        return cls(**json.loads(line))


class Connection(asyncio.Protocol):
    """One connection with one request under way."""

    def __init__(self, request: bytes, until: float) -> None:
        self._request = request
        self._until = until
        self._buffer = b""
        self._sent = 0.0
        self.taken: list[tuple[float, float]] = []
        self.bad = 0
        self.done = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Sends the first request."""
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        """An early end counts as a bad answer."""
        self.bad += not self.done.is_set()
        self.done.set()

    def data_received(self, data: bytes) -> None:
        """Takes an answer, and sends the next request when it is whole."""
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._buffer[:end].lower()
        place = head.find(b"content-length:")
        if place < 0:
            self.bad += 1
            self._transport.close()
            return
        length = int(head[place + 15 :].split(b"\r\n", 1)[0])
        if len(self._buffer) < end + 4 + length:
            return
        now = time.perf_counter()
        self.taken.append((now, now - self._sent))
        self.bad += head[9:10] != b"2"
        self._buffer = b""
        if now < self._until:
            self._send()
        else:
            self.done.set()
            self._transport.close()

    def _send(self) -> None:
        self._sent = time.perf_counter()
        self._transport.write(self._request)


async def measure(plan: Plan) -> Heard:
    """Returns what was heard between the end of the warming up and the end."""
    parts = urlsplit(plan.url)
    begins = time.perf_counter() + plan.warm
    ends = begins + plan.seconds
    loop = asyncio.get_running_loop()
    made = [
        await loop.create_connection(lambda: Connection(plan.request(), ends), parts.hostname or "", parts.port or 80)
        for _ in range(plan.connections)
    ]
    async with asyncio.timeout(plan.warm + plan.seconds + 60):
        await asyncio.gather(*(one.done.wait() for _, one in made))
    counted = [took * 1000 for _, one in made for at, took in one.taken if begins <= at <= ends] or [0.0, 0.0]
    bad = sum(one.bad for _, one in made)
    return Heard(len(counted) / plan.seconds, percentile(counted, 0.5), percentile(counted, 0.99), len(counted), bad)


def main() -> int:
    """Returns 0 when there was an answer at all."""
    heard = uvloop.run(measure(Plan(**json.loads(sys.argv[1]))))
    print(json.dumps(asdict(heard)), flush=True)
    return 0 if heard.count else 1


if __name__ == "__main__":
    sys.exit(main())
