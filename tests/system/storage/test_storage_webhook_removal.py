"""A webhook with months of deliveries is removed in portions, and only under a request id that is its own."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Sequence
from typing import Any

import asyncpg
import pytest

from kit.errors import AlreadyExists, NotFound
from kit.identity import DEFAULT_ACCOUNT_ID
from kit.testing.house import House
from services.storage.db import Database
from services.storage.webhooks.endpoints import PORTION, Endpoints
from sfd.webhooks.v1 import webhook_pb2, webhook_service_pb2, webhook_service_pb2_grpc
from stack.servers import Servers

pytestmark = pytest.mark.system

MANY = 2 * PORTION + 7
_FILL = """
INSERT INTO webhook_deliveries (id, account_id, endpoint_id, message_id, pos, type)
SELECT gen_random_uuid(), account_id, id, 'm' || n, n, 'run.queued'
FROM webhook_endpoints, generate_series(1, $2) AS n WHERE public_id = $1
"""
_LEFT = (
    "SELECT count(*) FROM webhook_deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint_id WHERE e.public_id = $1"
)


class Counting(Database):
    """Remembers how many rows each statement touched."""

    def __init__(self, url: str) -> None:
        super().__init__(url, size=2)
        self.touched: list[int] = []

    async def fetch(self, sql: str, *args: object) -> Sequence[Any]:
        rows = await super().fetch(sql, *args)
        self.touched.append(len(rows))
        return rows


@pytest.fixture
async def sql(storage_house: House, servers: Servers) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(servers.postgres_dsn)
    yield connection
    await connection.close()


@pytest.fixture
async def stub(storage_house: House) -> AsyncIterator[Any]:
    async with storage_house.channel() as channel:
        yield webhook_service_pb2_grpc.WebhookServiceStub(channel)


async def made(stub: Any, sql: Any, deliveries: int) -> str:
    """Returns the id of a webhook that has so many deliveries."""
    wish = webhook_pb2.Webhook(id="wh_" + uuid.uuid4().hex[:12], url="https://example.com/hook", events=["run.queued"])
    name = (
        await stub.CreateWebhook(webhook_service_pb2.CreateWebhookRequest(webhook=wish, sealed_secret=b"sealed" * 20))
    ).webhook.id
    await sql.execute(_FILL, name, deliveries)
    return str(name)


async def test_no_statement_is_larger_than_a_portion(servers: Servers, stub: Any, sql: Any) -> None:
    name = await made(stub, sql, MANY)
    other = await made(stub, sql, 3)
    database = Counting(servers.postgres_dsn)
    await Endpoints(database).empty(uuid.UUID(DEFAULT_ACCOUNT_ID), name)
    assert database.touched == [PORTION, PORTION, 7]
    assert (await sql.fetchval(_LEFT, name), await sql.fetchval(_LEFT, other)) == (0, 3)
    await database.close()


async def test_a_removed_webhook_leaves_nothing(stub: Any, sql: Any) -> None:
    before = await sql.fetchval("SELECT count(*) FROM webhook_deliveries")
    name = await made(stub, sql, MANY)
    wish = webhook_service_pb2.DeleteWebhookRequest(id=name, request_id=uuid.uuid4().hex)
    assert await stub.DeleteWebhook(wish) == await stub.DeleteWebhook(wish)
    assert await sql.fetchval("SELECT count(*) FROM webhook_deliveries") == before
    with pytest.raises(NotFound):
        await stub.DeleteWebhook(webhook_service_pb2.DeleteWebhookRequest(id=name))


async def test_a_request_id_of_another_wish_removes_nothing(stub: Any, sql: Any) -> None:
    first, second = await made(stub, sql, 1), await made(stub, sql, 5)
    key = uuid.uuid4().hex
    await stub.DeleteWebhook(webhook_service_pb2.DeleteWebhookRequest(id=first, request_id=key))
    with pytest.raises(AlreadyExists):
        await stub.DeleteWebhook(webhook_service_pb2.DeleteWebhookRequest(id=second, request_id=key))
    assert await sql.fetchval(_LEFT, second) == 5
