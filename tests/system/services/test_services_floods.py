"""Strangers at a service's own port, past the edge: whatever one connection does, the others are served and memory is bounded.

gRPC's core answers pings and reads endless headers for as long as they come; ending such a connection is the edge's part
(tests/system/edge). Times are printed and never asserted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress

import psutil
import pytest

from kit.testing.house import House
from tests.system.services import frames
from tests.system.services.calm import calm
from tests.system.services.frames import CONTINUATION, END_HEADERS, HEADERS, PING, RST_STREAM, SETTINGS, Peer, frame

pytestmark = pytest.mark.system

SECONDS = 2.0
METHOD = "/sfd.dramas.v1.DramaService/GetDrama"
CANCEL = b"\0\0\0\x08"
IDLE = 300


async def rapid_reset(peer: Peer) -> None:
    await _streams(peer, frame(RST_STREAM, 0, 0, CANCEL))


async def streams_without_end(peer: Peer) -> None:
    await _streams(peer, b"")


async def _streams(peer: Peer, after: bytes) -> None:
    stream = 1
    while True:
        raw = b""
        for _ in range(50):
            raw += frame(HEADERS, END_HEADERS, stream, frames.request(METHOD))
            raw += after[:5] + stream.to_bytes(4, "big") + after[9:] if after else b""
            stream += 2
        if not await peer.send(raw):
            return
        await asyncio.sleep(0)


async def endless_headers(peer: Peer) -> None:
    await peer.send(frame(HEADERS, 0, 1, frames.request(METHOD)))
    await peer.flood(frame(CONTINUATION, 0, 1, frames.field(b"x-a", b"y" * 100) * 100), SECONDS)


async def empty_headers(peer: Peer) -> None:
    await peer.send(frame(HEADERS, 0, 1, frames.request(METHOD)))
    await peer.flood(frame(CONTINUATION, 0, 1) * 100, SECONDS)


async def pings(peer: Peer) -> None:
    await peer.flood(frame(PING, 0, 0, b"12345678") * 1000, SECONDS)


async def settings(peer: Peer) -> None:
    await peer.flood(frame(SETTINGS, 0, 0, b"\0\x04\0\0\xff\xff") * 1000, SECONDS)


@pytest.mark.parametrize("flood", [rapid_reset, streams_without_end, endless_headers, empty_headers, pings, settings])
async def test_a_flood_harms_nobody_else(serving: House, flood: Callable[[Peer], Awaitable[None]]) -> None:
    storage = psutil.Process(serving.processes["storage"].pid)
    async with calm(serving.address("storage"), serving.signer) as met:
        quiet, used, held = len(met.seconds), sum(storage.cpu_times()[:2]), storage.memory_info().rss
        async with frames.connect(serving.ports["storage"]) as peer:
            with suppress(TimeoutError):
                async with asyncio.timeout(SECONDS):
                    await flood(peer)
            shut = peer.shut
        used, held = sum(storage.cpu_times()[:2]) - used, storage.memory_info().rss - held
    print(
        f"{flood.__name__}: {'ended' if shut else 'went on'}, {used:.2f} s of CPU, {held / 2**20:.0f} MiB more, {len(met.seconds)} "
        f"calls of another client answered, p99 {met.p99():.0f} ms in all, {met.p99(quiet):.0f} ms since the flood began"
    )
    assert met.failures == []
    assert held < 320 << 20


async def test_idle_connections_keep_nobody_out(serving: House) -> None:
    async with AsyncExitStack() as stack, calm(serving.address("storage"), serving.signer) as met:
        for _ in range(IDLE):
            await stack.enter_async_context(frames.connect(serving.ports["storage"], reads=False))
        await met.some()
    assert met.failures == []
