"""What one connection, and all of them together, may take of a gRPC server."""

from __future__ import annotations

import asyncio

import pytest

from kit.identity import Signer
from kit.rpc import server
from kit.rpc.interceptors import STREAM_CAP
from kit.rpc.options import SERVER
from kit.rpc.server import serve

SECRET = "unit-" + "s" * 40
FEW = 4


async def first(port: int) -> tuple[bytes, asyncio.StreamWriter]:
    """Returns what a server says first on a new connection; nothing when it closes it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    return await asyncio.wait_for(reader.read(100), 20), writer


async def test_a_connection_is_told_how_many_streams_it_may_have() -> None:
    async with serve("127.0.0.1:0", [], Signer(SECRET)) as port:
        told, writer = await first(port)
        writer.close()
    assert b"\x00\x03" + dict(SERVER)["grpc.max_concurrent_streams"].to_bytes(4, "big") in told


async def test_a_connection_too_many_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    fewer = {**dict(SERVER), "grpc.max_allowed_incoming_connections": FEW}
    monkeypatch.setattr(server, "SERVER", tuple(fewer.items()))
    async with serve("127.0.0.1:0", [], Signer(SECRET)) as port:
        inside = [await first(port) for _ in range(FEW)]
        assert all(told for told, _ in inside)
        assert (await first(port))[0] == b""
        for _, writer in inside:
            writer.close()
        async with asyncio.timeout(20):
            while not (await first(port))[0]:
                await asyncio.sleep(0.05)


def test_the_end_of_a_connection_cuts_off_no_stream() -> None:
    assert dict(SERVER)["grpc.max_connection_age_grace_ms"] > STREAM_CAP * 1000
