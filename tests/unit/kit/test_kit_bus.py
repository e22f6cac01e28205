"""The bus when it is away: no start waits for it."""

from __future__ import annotations

import socket
import time

from kit.bus import connect


async def test_a_start_does_not_wait_for_a_bus_that_refuses() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    began = time.monotonic()
    async with connect(f"nats://127.0.0.1:{port}", "test") as bus:
        assert time.monotonic() - began < 0.5
        assert not bus.connected
        await bus.on_wake("q", lambda: None)
        await bus.wake("q")
    assert time.monotonic() - began < 1.5
