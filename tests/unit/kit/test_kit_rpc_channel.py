"""Channels of the house: streams, and what they do not do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

import grpc
import pytest

from kit import errors
from kit.context import Caller, Role, caller, request_id
from kit.identity import Signer
from kit.rpc.client import HouseChannel, channel
from kit.rpc.server import Served, serve
from sfd.jobs.v1 import job_pb2, job_service_pb2_grpc
from sfd.jobs.v1 import job_service_pb2 as pb

SECRET = "unit-" + "s" * 40
WHO = Caller("00000000-0000-7000-8000-000000000001", Role.ACCOUNT)


def told(type_: str) -> pb.WatchEventsResponse:
    return pb.WatchEventsResponse(events=[job_pb2.Event(type=type_)])


class Jobs(job_service_pb2_grpc.JobServiceServicer):
    """Tells two events, then refuses or waits for ever, as the run's id says."""

    def __init__(self) -> None:
        self.left = asyncio.Event()

    async def WatchEvents(self, request: pb.WatchEventsRequest, context: Any) -> AsyncIterator[pb.WatchEventsResponse]:
        who = caller()
        assert who == WHO
        try:
            for number in range(2):
                yield told(f"{request.run_id}.{number}.{request_id()}")
            if request.run_id == "refuse":
                raise errors.NotFound("Gone.", reason="gone")
            await asyncio.sleep(60)
        finally:
            self.left.set()


@pytest.fixture
async def jobs() -> AsyncIterator[tuple[Jobs, HouseChannel]]:
    servicer = cast("Any", type("Whole", (Jobs,), {}))
    servicer.__abstractmethods__ = frozenset()
    made = servicer()
    served = Served(
        pb.DESCRIPTOR.services_by_name["JobService"],
        lambda server: job_service_pb2_grpc.add_JobServiceServicer_to_server(made, server),
    )
    async with (
        serve("127.0.0.1:0", [served], Signer(SECRET)) as port,
        channel(f"127.0.0.1:{port}", Signer(SECRET), default=WHO) as opened,
    ):
        yield made, opened


def watch(opened: grpc.aio.Channel, run: str, **more: Any) -> AsyncIterator[pb.WatchEventsResponse]:
    stub = job_service_pb2_grpc.JobServiceStub(opened)
    return cast("AsyncIterator[pb.WatchEventsResponse]", stub.WatchEvents(pb.WatchEventsRequest(run_id=run), **more))


async def test_leaving_a_stream_ends_it_at_the_other_end(jobs: tuple[Jobs, HouseChannel]) -> None:
    servicer, opened = jobs
    replies = watch(opened, "r")
    first = await anext(replies)
    assert first.events[0].type.startswith("r.0.")
    assert len(first.events[0].type) > len("r.0."), "the request's id came along"
    await cast("Any", replies).aclose()
    await asyncio.wait_for(servicer.left.wait(), 10)


async def test_an_error_in_a_stream_is_the_domains_own(jobs: tuple[Jobs, HouseChannel]) -> None:
    replies = watch(jobs[1], "refuse")
    assert [(await anext(replies)).events[0].type[:9] for _ in range(2)] == ["refuse.0.", "refuse.1."]
    with pytest.raises(errors.NotFound) as caught:
        await anext(replies)
    assert caught.value.reason == "gone"


async def test_a_stream_has_a_deadline(jobs: tuple[Jobs, HouseChannel]) -> None:
    replies = watch(jobs[1], "r", timeout=0.5)
    for _ in range(2):
        await anext(replies)
    with pytest.raises(errors.DeadlineExceeded):
        await anext(replies)


async def test_requests_are_never_streamed(jobs: tuple[Jobs, HouseChannel]) -> None:
    for streamed in (jobs[1].stream_unary, jobs[1].stream_stream):
        with pytest.raises(NotImplementedError):
            streamed("/x/y")


async def test_nobody_calls_as_nobody(jobs: tuple[Jobs, HouseChannel]) -> None:
    async with channel("127.0.0.1:1", Signer(SECRET)) as opened:
        stub = job_service_pb2_grpc.JobServiceStub(opened)
        with pytest.raises(errors.Unauthenticated):
            await stub.GetRun(pb.GetRunRequest(id="x"))
        with pytest.raises(errors.Unauthenticated):
            await anext(watch(opened, "r"))
        with pytest.raises(errors.Unavailable):
            async with channel("127.0.0.1:1", Signer(SECRET), default=WHO) as away:
                await job_service_pb2_grpc.JobServiceStub(away).GetRun(pb.GetRunRequest(id="x"), timeout=5)
