"""Readers of the event stream who do not read: the record keeps one message for each, then has had enough of them."""

from __future__ import annotations

import asyncio
import json
import uuid
from contextlib import AsyncExitStack
from typing import Any

import asyncpg
import psutil
import pytest

from kit.context import Caller, Role
from kit.errors import DeadlineExceeded
from kit.rpc.client import channel
from kit.rpc.interceptors import WRITE_SECONDS
from kit.testing.house import House
from sfd.jobs.v1 import job_service_pb2, job_service_pb2_grpc
from stack.servers import Servers
from tests.system.services.calm import calm

pytestmark = [pytest.mark.system, pytest.mark.slow]

READERS = 20
EVENTS = 10_000
DATA = json.dumps({"message": "x" * 2000})
"""Each event's data, so that a page of them is far larger than any window."""
MOST = 160 << 20
_FILL = """
INSERT INTO events (account_id, run_id, run_public_id, drama_id, seq, type, data)
SELECT $1, $2, 'job_of_nobody', 'flood', n, 'job.progress', $4 FROM generate_series(1, $3) AS n
"""


async def test_readers_who_do_not_read_are_left(serving: House, servers: Servers) -> None:
    account = str(uuid.uuid4())
    storage = psutil.Process(serving.processes["storage"].pid)
    async with AsyncExitStack() as stack, calm(serving.address("storage"), serving.signer) as met:

        async def opened() -> Any:
            made = channel(serving.address("storage"), serving.signer, default=Caller(account, Role.ACCOUNT))
            return job_service_pb2_grpc.JobServiceStub(await stack.enter_async_context(made))

        pg = await asyncpg.connect(servers.postgres_dsn)
        await pg.execute(_FILL, uuid.UUID(account), uuid.uuid4(), EVENTS, DATA)
        async with asyncio.timeout(60):
            while await pg.fetchval(
                "SELECT count(*) FROM events WHERE account_id = $1 AND pos IS NULL", uuid.UUID(account)
            ):
                await asyncio.sleep(0.2)
        await pg.close()
        held = storage.memory_info().rss
        watches = [(await opened()).WatchEvents(job_service_pb2.WatchEventsRequest()) for _ in range(READERS)]
        first = [await anext(aiter(watch)) for watch in watches]
        size = sum(reply.ByteSize() for reply in first)
        most = 0
        for _ in range(int(WRITE_SECONDS) + 5):
            most = max(most, storage.memory_info().rss - held)
            await asyncio.sleep(1)
        print(
            f"{READERS} readers, first messages of {size / 2**20:.1f} MiB in all, at most {most / 2**20:.0f} MiB more"
        )
        ends = 0
        for watch in watches:
            with pytest.raises(DeadlineExceeded) as caught:
                async for _ in watch:
                    pass
            ends += caught.value.reason == "unread"
        assert ends == READERS
    assert met.failures == []
    assert most < MOST
