"""A long quiet stream through the edge lives on heartbeats; without them it is ended."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import httpx
import pytest

from kit.context import Caller, Role
from kit.errors import SfdError
from kit.identity import DEFAULT_ACCOUNT_ID
from kit.rpc.client import channel
from kit.testing.house import House
from sfd.dramas.v1 import drama_pb2, drama_service_pb2, drama_service_pb2_grpc
from sfd.jobs.v1 import job_service_pb2, job_service_pb2_grpc
from tests.system.edge.conftest import IDLE_SECONDS, Edge, edge, impatient
from tests.system.services import frames

pytestmark = pytest.mark.system

LONG = 3 * IDLE_SECONDS
DRAMA = "quiet"


@pytest.fixture(scope="module")
async def short(behind: House) -> AsyncIterator[Edge]:
    """Envoy as it is deployed, with less patience."""
    drama = drama_pb2.Drama(id=DRAMA, title="t")
    async with behind.channel() as storage:
        await drama_service_pb2_grpc.DramaServiceStub(storage).PutDrama(drama_service_pb2.PutDramaRequest(drama=drama))
    async with edge(behind, "impatient", impatient) as made:
        yield made


async def test_a_watch_outlives_the_idle_timeout(behind: House, short: Edge) -> None:
    signs, began = 0, time.monotonic()
    async with channel(
        f"127.0.0.1:{short.grpc}", behind.signer, default=Caller(DEFAULT_ACCOUNT_ID, Role.ACCOUNT)
    ) as made:
        stub = job_service_pb2_grpc.JobServiceStub(made)
        async for reply in stub.WatchEvents(job_service_pb2.WatchEventsRequest(drama_id=DRAMA)):
            assert not reply.events
            signs += 1
            if time.monotonic() - began > LONG:
                break
    assert signs > LONG / IDLE_SECONDS


async def test_an_event_stream_outlives_the_idle_timeout(short: Edge) -> None:
    signs, began = 0, time.monotonic()
    async with (
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{short.rest}", trust_env=False, timeout=30) as client,
        client.stream("GET", f"/dramas/{DRAMA}/events") as stream,
    ):
        assert stream.status_code == 200
        async for line in stream.aiter_lines():
            signs += line.startswith(":")
            if time.monotonic() - began > LONG:
                break
    assert signs > LONG / IDLE_SECONDS


async def test_without_a_heartbeat_it_is_ended(behind: House, short: Edge) -> None:
    """So the two above live because of the heartbeat, and for no other reason."""
    storage = behind.processes["storage"]
    async with channel(
        f"127.0.0.1:{short.grpc}", behind.signer, default=Caller(DEFAULT_ACCOUNT_ID, Role.ACCOUNT)
    ) as made:
        stub = job_service_pb2_grpc.JobServiceStub(made)
        call = stub.WatchEvents(job_service_pb2.WatchEventsRequest(drama_id=DRAMA))
        await anext(aiter(call))
        storage.pause()
        try:
            async with asyncio.timeout(60):
                with pytest.raises(SfdError):
                    async for _ in call:
                        pass
        finally:
            storage.resume()
    assert (await short.counted("grpc.downstream_rq_idle_timeout"))["grpc.downstream_rq_idle_timeout"] == 1


@pytest.mark.parametrize("drip", [b"", b"\0", b"tiny"], ids=["nothing", "a byte at a time", "message after message"])
async def test_a_request_that_never_ends_is_ended(short: Edge, drip: bytes) -> None:
    """One message is all that a method takes: neither one that drips in nor many small ones keep a stream open."""
    message = b"\0\0\0\0\0" * 50 if drip == b"tiny" else drip
    headers = frames.request("/sfd.dramas.v1.DramaService/GetDrama")
    before = await short.counted("grpc.downstream_rq_active", "grpc.downstream_rq_total")
    async with frames.connect(short.grpc) as peer:
        await peer.send(frames.frame(frames.HEADERS, frames.END_HEADERS, 1, headers))
        async with asyncio.timeout(60):
            while (await short.counted("grpc.downstream_rq_total"))["grpc.downstream_rq_total"] == before[
                "grpc.downstream_rq_total"
            ]:
                await asyncio.sleep(0.05)
            while not peer.shut:
                if (await short.counted("grpc.downstream_rq_active"))["grpc.downstream_rq_active"] == before[
                    "grpc.downstream_rq_active"
                ]:
                    break
                if message:
                    await peer.send(frames.frame(frames.DATA, 0, 1, message))
                await asyncio.sleep(0.2)
