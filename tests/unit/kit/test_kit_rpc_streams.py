"""A stream whose reader does not read: one message waits, and then the server has had enough."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest

from kit import errors
from kit.context import Caller, Role
from kit.identity import Signer
from kit.rpc.client import channel
from kit.rpc.server import Served, serve
from sfd.jobs.v1 import job_pb2, job_service_pb2, job_service_pb2_grpc

SECRET = "unit-" + "s" * 40
WHO = Caller("00000000-0000-7000-8000-000000000001", Role.ACCOUNT)
MESSAGES = 200


class Jobs(job_service_pb2_grpc.JobServiceServicer):
    """Tells more than any window holds, and counts how much of it was asked for."""

    def __init__(self) -> None:
        self.told = 0
        self.over = asyncio.Event()

    async def WatchEvents(
        self, request: job_service_pb2.WatchEventsRequest, context: Any
    ) -> AsyncIterator[job_service_pb2.WatchEventsResponse]:
        try:
            for _ in range(MESSAGES):
                self.told += 1
                event = job_pb2.Event(type="x" * (1 << 20))
                yield job_service_pb2.WatchEventsResponse(events=[event])
        finally:
            self.over.set()


@pytest.fixture
async def watched() -> AsyncIterator[tuple[Jobs, Any]]:
    jobs = cast("Any", Jobs)()
    served = Served(
        job_service_pb2.DESCRIPTOR.services_by_name["JobService"],
        lambda server: job_service_pb2_grpc.add_JobServiceServicer_to_server(jobs, server),
    )
    async with (
        serve("127.0.0.1:0", [served], Signer(SECRET), write_seconds=1.0) as port,
        channel(f"127.0.0.1:{port}", Signer(SECRET), default=WHO) as opened,
    ):
        yield jobs, job_service_pb2_grpc.JobServiceStub(opened)


async def test_who_does_not_read_is_left(watched: tuple[Jobs, Any]) -> None:
    jobs, stub = watched
    call = stub.WatchEvents(job_service_pb2.WatchEventsRequest())
    async with asyncio.timeout(30):
        await call.__aiter__().__anext__()
        await jobs.over.wait()
    assert jobs.told < MESSAGES / 10
    # Who comes back after all gets what was on its way, and is told.
    with pytest.raises(errors.DeadlineExceeded) as caught:
        async for _ in call:
            pass
    assert caught.value.reason == "unread"


async def test_who_reads_slowly_gets_everything(watched: tuple[Jobs, Any]) -> None:
    jobs, stub = watched
    got = 0
    async for _ in stub.WatchEvents(job_service_pb2.WatchEventsRequest()):
        got += 1
        await asyncio.sleep(0.01)
    assert (got, jobs.told) == (MESSAGES, MESSAGES)
