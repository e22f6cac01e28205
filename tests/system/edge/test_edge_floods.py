"""Floods of HTTP/2 frames at the edge: the connection is closed, and nobody else notices.

Times are printed for comparison and never asserted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import psutil
import pytest

from kit.testing.house import House
from tests.system.edge.conftest import Edge
from tests.system.services import frames
from tests.system.services.calm import calm
from tests.system.services.frames import CONTINUATION, END_HEADERS, HEADERS, PING, RST_STREAM, SETTINGS, Peer, frame

pytestmark = pytest.mark.system

SECONDS = 10.0
"""After this time a flood stops by itself."""
METHOD = "/sfd.dramas.v1.DramaService/GetDrama"
CANCEL = b"\0\0\0\x08"


async def rapid_reset(peer: Peer) -> None:
    stream = 1
    while stream < 400_000:
        raw = b""
        for _ in range(50):
            raw += frame(HEADERS, END_HEADERS, stream, frames.request(METHOD)) + frame(RST_STREAM, 0, stream, CANCEL)
            stream += 2
        if not await peer.send(raw):
            return


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


COUNTERS = ("too_many_premature_resets", "header_overflow", "flood", "cx_destroy_local", "rx_messaging_error")


@pytest.mark.parametrize("reads", [True, False], ids=["reads", "does not read"])
@pytest.mark.parametrize(
    ("flood", "reason"),
    [
        (rapid_reset, "too_many_premature_resets"),
        (endless_headers, "header_overflow"),
        (empty_headers, "flood"),
        (pings, "flood"),
        (settings, "flood"),
    ],
)
async def test_a_flood_is_ended(
    behind: House, front: Edge, flood: Callable[[Peer], Awaitable[None]], reason: str, reads: bool
) -> None:
    envoy = psutil.Process(front.pid)
    before = await front.counted(*COUNTERS)
    async with calm(f"127.0.0.1:{front.grpc}", behind.signer) as met:
        quiet, used, held = len(met.seconds), sum(envoy.cpu_times()[:2]), envoy.memory_info().rss
        async with frames.connect(front.grpc, reads=reads) as peer:
            with suppress(TimeoutError):
                async with asyncio.timeout(SECONDS):
                    await flood(peer)
            assert peer.shut
        used, held = sum(envoy.cpu_times()[:2]) - used, envoy.memory_info().rss - held
    assert met.failures == []
    assert used < SECONDS / 4
    assert held < 32 << 20
    after = await front.counted(*COUNTERS)
    grown = {name: after[name] - before[name] for name in COUNTERS if after[name] != before[name]}
    print(
        f"{flood.__name__}: ended, {used:.2f} s of CPU, {held / 2**20:.0f} MiB more, {len(met.seconds)} calls of another client "
        f"answered, p99 {met.p99():.0f} ms in all, {met.p99(quiet):.0f} ms since the flood began; {grown}"
    )
    assert reason in grown
