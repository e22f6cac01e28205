"""The same request id at the same moment, over real Postgres: one is at work, the other is told so, nobody does it twice."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from kit.errors import AlreadyExists, Conflict
from kit.identity import DEFAULT_ACCOUNT_ID
from kit.testing.house import House
from services.storage import idempotency
from services.storage.db import Database
from sfd.dramas.v1 import drama_pb2 as pb
from sfd.dramas.v1 import drama_service_pb2 as rpc
from sfd.dramas.v1 import drama_service_pb2_grpc

pytestmark = pytest.mark.system
ACCOUNT = uuid.UUID(DEFAULT_ACCOUNT_ID)


@pytest.fixture
async def databases(storage_house: House) -> AsyncIterator[tuple[Database, Database]]:
    """Two pools, as two processes have them."""
    url = storage_house.env["DATABASE_URL"]
    async with AsyncExitStack() as stack:
        one, two = Database(url, size=2), Database(url, size=2)
        stack.push_async_callback(one.close)
        stack.push_async_callback(two.close)
        yield one, two


async def test_a_second_call_is_told_that_the_first_is_at_work(databases: tuple[Database, Database]) -> None:
    one, two = databases
    key, began, go = uuid.uuid4().hex, asyncio.Event(), asyncio.Event()
    done: list[str] = []

    async def call(database: Database, drama_id: str, *, wait: bool = False) -> str:
        async def work(_: Any) -> rpc.PutDramaResponse:
            began.set()
            if wait:
                await go.wait()
            done.append(drama_id)
            return rpc.PutDramaResponse(drama=pb.Drama(id=drama_id))

        request = rpc.GetDramaRequest(drama_id=drama_id)
        reply = await idempotency.once(database, ACCOUNT, "Test", key, request, rpc.PutDramaResponse, work)
        return reply.drama.id

    first = asyncio.create_task(call(one, "a", wait=True))
    await began.wait()
    for again in (one, two):
        with pytest.raises(Conflict) as caught:
            await call(again, "a")
        assert (caught.value.reason, caught.value.retryable) == ("idempotency_in_flight", True)
    go.set()
    assert await first == "a"
    assert [await call(one, "a"), await call(two, "a")] == ["a", "a"]
    assert done == ["a"]
    with pytest.raises(AlreadyExists) as reused:
        await call(two, "b")
    assert reused.value.reason == "idempotency_key_reused"


async def test_work_that_failed_lets_the_key_go(databases: tuple[Database, Database]) -> None:
    one, two = databases
    key = uuid.uuid4().hex

    async def fails(_: Any) -> rpc.PutDramaResponse:
        raise Conflict("Somebody changed it.", reason="stale_revision")

    async def works(_: Any) -> rpc.PutDramaResponse:
        return rpc.PutDramaResponse(created=True)

    request = rpc.GetDramaRequest(drama_id="a")
    with pytest.raises(Conflict) as caught:
        await idempotency.once(one, ACCOUNT, "Test", key, request, rpc.PutDramaResponse, fails)
    assert caught.value.reason == "stale_revision"
    reply = await idempotency.once(two, ACCOUNT, "Test", key, request, rpc.PutDramaResponse, works)
    assert reply.created


async def test_many_at_once_write_once(storage_house: House) -> None:
    dramas = drama_service_pb2_grpc.DramaServiceStub(storage_house.channel())
    value = pb.Drama(id=f"drama_{uuid.uuid4().hex[:12]}", title="T", description="D", premise="P")
    request = rpc.PutDramaRequest(drama=value, request_id=uuid.uuid4().hex)

    outcomes = await asyncio.gather(*(dramas.PutDrama(request) for _ in range(12)), return_exceptions=True)
    answers = [one for one in outcomes if isinstance(one, rpc.PutDramaResponse)]
    refused = [one.reason for one in outcomes if isinstance(one, Conflict)]
    assert answers
    assert len(answers) + len(refused) == 12
    assert set(refused) <= {"idempotency_in_flight"}
    assert all(one == answers[0] for one in answers)
    assert answers[0].drama.revision == 1
    assert await dramas.PutDrama(request) == answers[0]
