"""HTTP/2 as bytes: what no library would send."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, CONTINUATION = 0, 1, 3, 4, 6, 7, 9
END_STREAM, ACK, END_HEADERS = 1, 1, 4


def frame(kind: int, flags: int = 0, stream: int = 0, payload: bytes = b"") -> bytes:
    """Returns one frame."""
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload


def field(name: bytes, value: bytes) -> bytes:
    """Returns a header as HPACK writes one that is in no table and never to be put into one; each part under 127 bytes."""
    return b"\x10" + bytes((len(name),)) + name + bytes((len(value),)) + value


def request(path: str, *more: tuple[bytes, bytes]) -> bytes:
    """Returns the header block of a gRPC call."""
    block = b"\x83\x86" + field(b":path", path.encode()) + field(b":authority", b"x")
    block += field(b"content-type", b"application/grpc") + field(b"te", b"trailers")
    return block + b"".join(field(*each) for each in more)


@dataclass
class Peer:
    """A connection that has said its preface. `told` is what came back, `shut` that the other side has had enough."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    told: int = 0
    shut: bool = False
    goaway: bytes = b""

    async def send(self, raw: bytes) -> bool:
        """Sends bytes and waits until they are taken; returns False once nobody takes them any more."""
        if self.shut or self.writer.is_closing():
            return False
        try:
            self.writer.write(raw)
            await self.writer.drain()
        except OSError:
            self.shut = True
        return not self.shut

    async def flood(self, raw: bytes, seconds: float) -> float:
        """Sends the same bytes again and again; returns after how many seconds the other side had enough, else `seconds`."""
        began = time.monotonic()
        while time.monotonic() - began < seconds and await self.send(raw):
            await asyncio.sleep(0)
        return time.monotonic() - began

    async def read(self) -> None:
        """Takes what comes until the other side ends."""
        rest = b""
        with suppress(OSError):
            while some := await self.reader.read(1 << 16):
                self.told += len(some)
                rest = (rest + some)[-(1 << 16) :]
                at = rest.find(b"\x07\x00\x00\x00\x00\x00")
                if at >= 3:
                    self.goaway = rest[at + 14 :][:80]
        self.shut = True


@asynccontextmanager
async def connect(port: int, *, reads: bool = True) -> AsyncIterator[Peer]:
    """Yields a peer that has said its preface and empty settings; it reads whatever comes, unless told not to."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    peer = Peer(reader, writer)
    reading = asyncio.create_task(peer.read()) if reads else None
    try:
        await peer.send(PREFACE + frame(SETTINGS) + frame(SETTINGS, ACK))
        yield peer
    finally:
        if reading:
            reading.cancel()
        writer.transport.abort()
