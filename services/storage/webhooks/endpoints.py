"""Endpoints of one account; another account's look as if they were not there."""

from __future__ import annotations

import uuid
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from kit.errors import Exhausted, InvalidInput, NotFound, NotReady
from services.storage.db import Database, Pg
from services.storage.ids import as_uuid, page_size, uuid7
from services.storage.jobs.rules import check_text
from services.storage.jobs.runs import moment_key, next_token
from services.storage.webhooks import rules, sql
from services.storage.webhooks.convert import delivery_message, webhook_message
from sfd.webhooks.v1 import webhook_pb2, webhook_service_pb2

PORTION = 5000
_EMPTY = f"""
DELETE FROM webhook_deliveries WHERE id IN (
  SELECT d.id FROM webhook_deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint_id
  WHERE e.account_id = $1 AND e.public_id = $2 LIMIT {PORTION}) RETURNING 1
"""
_ONE = f"SELECT {sql.ENDPOINT} FROM webhook_endpoints WHERE account_id = $1 AND public_id = $2"
_INSERT = f"""
INSERT INTO webhook_endpoints (id, account_id, public_id, url, events, drama_id, description, secret)
SELECT $1, $2, $3, $4, $5, $6, $7, $8 RETURNING {sql.ENDPOINT}
"""
_ROTATE = f"""
UPDATE webhook_endpoints SET old_secret = secret, old_secret_until = now() + interval '{rules.OLD_SECRET_HOURS} hours', secret = $3,
  updated_at = now() WHERE account_id = $1 AND public_id = $2 RETURNING {sql.ENDPOINT}
"""
_TEST = f"""
INSERT INTO webhook_deliveries AS d (id, account_id, endpoint_id, message_id, pos, type, data)
VALUES ($1, $2, $3, 'msg_test_' || $4, 0, 'webhook.test', '{{"message": "This is a test."}}') RETURNING {sql.DELIVERY}
"""


class Endpoints:
    """The table `webhook_endpoints`, and what people do with deliveries."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def get(self, account: uuid.UUID, name: str) -> Any:
        """Returns the row of an endpoint; raises `NotFound`."""
        return _there(await self._db.row(_ONE, account, name), name)

    async def list(
        self, account: uuid.UUID, request: webhook_service_pb2.ListWebhooksRequest
    ) -> webhook_service_pb2.ListWebhooksResponse:
        """Returns a page of endpoints, newest first."""
        size = page_size(request.page_size)
        where = "account_id = $1"
        args: list[Any] = [account]
        if request.page_token:
            args += moment_key(request.page_token)
            where += " AND (created_at, id) < ($2, $3)"
        rows = await self._db.fetch(
            f"SELECT {sql.ENDPOINT} FROM webhook_endpoints WHERE {where} ORDER BY created_at DESC, id DESC LIMIT {size + 1}",
            *args,
        )
        return webhook_service_pb2.ListWebhooksResponse(
            webhooks=[webhook_message(row) for row in rows[:size]], next_page_token=next_token(rows, size)
        )

    async def create(self, pg: Pg, account: uuid.UUID, webhook: webhook_pb2.Webhook, sealed: bytes) -> Any:
        """Stores an endpoint and returns its row; raises `Exhausted` when the account has its 50."""
        # One at a time for an account, so that two requests cannot both be the last one that fits.
        await pg.execute("SELECT pg_advisory_xact_lock($1)", account.int & ((1 << 63) - 1))
        count = await pg.fetchval("SELECT count(*) FROM webhook_endpoints WHERE account_id = $1", account)
        if count >= rules.MAX_ENDPOINTS:
            raise Exhausted(
                f"There are {rules.MAX_ENDPOINTS} webhooks already.", reason="webhook_limit", retryable=False
            )
        return await pg.fetchrow(
            _INSERT,
            uuid7(),
            account,
            webhook.id,
            webhook.url,
            list(webhook.events),
            webhook.drama_id,
            webhook.description,
            sealed,
        )

    async def update(self, pg: Pg, account: uuid.UUID, request: webhook_service_pb2.UpdateWebhookRequest) -> Any:
        """Changes what is given and returns the row; raises `NotFound`, `InvalidInput`."""
        args: list[Any] = [account, request.id]
        sets = ["updated_at = now()"]

        def put(column: str, value: object) -> None:
            args.append(value)
            sets.append(f"{column} = ${len(args)}")

        for name, limit, given, value in (
            ("url", 2048, request.HasField("url"), request.url),
            ("description", 1000, request.HasField("description"), request.description),
            ("drama_id", 128, request.HasField("drama_id"), request.drama_id),
        ):
            if given:
                check_text(value, name, limit)
                put(name, value)
        if request.HasField("url") and not request.url:
            raise InvalidInput("url is missing.", field="url")
        if request.HasField("events"):
            rules.check_types(request.events.types)
            put("events", list(request.events.types))
        if request.HasField("enabled"):
            put("enabled", request.enabled)
            if request.enabled:
                sets += ["disabled_reason = ''", "disabled_at = NULL", "failing_since = NULL"]
            else:
                # Who disables what is disabled already leaves the reason alone.
                sets += ["disabled_reason = CASE WHEN enabled THEN 'person' ELSE disabled_reason END"]
                sets += ["disabled_at = CASE WHEN enabled THEN now() ELSE disabled_at END"]
        row = await pg.fetchrow(
            f"UPDATE webhook_endpoints SET {', '.join(sets)} WHERE account_id = $1 AND public_id = $2"
            f" RETURNING {sql.ENDPOINT}",
            *args,
        )
        return _there(row, request.id)

    async def empty(self, account: uuid.UUID, name: str) -> None:
        """Removes the deliveries of an endpoint in portions, each by itself: three months of them would be one statement of minutes.

        Whoever is stopped in the middle leaves an endpoint with fewer deliveries, and the wish can be sent again.
        """
        full = True
        while full:
            full = len(await self._db.fetch(_EMPTY, account, name)) == PORTION

    async def delete(self, pg: Pg, account: uuid.UUID, name: str) -> None:
        """Removes an endpoint and what `empty` has left of its deliveries; raises `NotFound`."""
        row = await pg.fetchrow(
            "DELETE FROM webhook_endpoints WHERE account_id = $1 AND public_id = $2 RETURNING id", account, name
        )
        await pg.execute("DELETE FROM webhook_deliveries WHERE endpoint_id = $1", _there(row, name)["id"])

    async def rotate(self, pg: Pg, account: uuid.UUID, name: str, sealed: bytes) -> Any:
        """Puts a new secret before the old one and returns the row; raises `NotFound`."""
        return _there(await pg.fetchrow(_ROTATE, account, name, sealed), name)

    async def test(self, pg: Pg, account: uuid.UUID, name: str) -> webhook_pb2.Delivery:
        """Queues a test; raises `NotFound`, and `NotReady` for a disabled endpoint."""
        endpoint = _there(await pg.fetchrow(_ONE, account, name), name)
        _enabled(endpoint)
        made = uuid7()
        return delivery_message(await pg.fetchrow(_TEST, made, account, endpoint["id"], made.hex), name)

    async def deliveries(
        self, account: uuid.UUID, request: webhook_service_pb2.ListDeliveriesRequest
    ) -> webhook_service_pb2.ListDeliveriesResponse:
        """Returns a page of deliveries, newest first; raises `NotFound`, `InvalidInput`."""
        endpoint = await self.get(account, request.webhook_id)
        size = page_size(request.page_size)
        where = ["d.account_id = $1", "d.endpoint_id = $2"]
        args: list[Any] = [account, endpoint["id"]]
        if request.state:
            if request.state not in rules.STATE_WORDS:
                raise InvalidInput("state is no state.", field="state")
            args.append(rules.STATE_WORDS[request.state])
            where.append(f"d.state = ${len(args)}")
        if request.page_token:
            args += moment_key(request.page_token)
            where.append(f"(d.created_at, d.id) < (${len(args) - 1}, ${len(args)})")
        rows = await self._db.fetch(
            f"SELECT {sql.DELIVERY} FROM webhook_deliveries d WHERE {' AND '.join(where)}"
            f" ORDER BY d.created_at DESC, d.id DESC LIMIT {size + 1}",
            *args,
        )
        return webhook_service_pb2.ListDeliveriesResponse(
            deliveries=[delivery_message(row, request.webhook_id) for row in rows[:size]],
            next_page_token=next_token(rows, size),
        )

    async def replay(self, pg: Pg, account: uuid.UUID, name: str, delivery: str) -> webhook_pb2.Delivery:
        """Queues a delivery that has ended again, with all its tries; raises `NotFound`, `NotReady`."""
        endpoint = _there(await pg.fetchrow(_ONE, account, name), name)
        key = as_uuid(delivery)
        row = await pg.fetchrow(
            f"SELECT {sql.DELIVERY} FROM webhook_deliveries d WHERE d.id = $1 AND d.endpoint_id = $2 FOR UPDATE",
            key,
            endpoint["id"],
        )
        if row is None:
            raise NotFound(f"Delivery {delivery[:128]} not found", reason="delivery_not_found", field="delivery_id")
        _enabled(endpoint)
        if row["state"] in ("queued", "running"):
            raise NotReady("The delivery is on its way already.", reason="not_ended")
        done = await pg.fetchrow(
            f"UPDATE webhook_deliveries d {sql.REPLAY} WHERE d.id = $1 RETURNING {sql.DELIVERY}", key
        )
        return delivery_message(done, name)

    async def replay_dead(self, pg: Pg, account: uuid.UUID, name: str, since: Timestamp) -> int:
        """Queues the dead deliveries since a moment again and returns how many; raises `NotFound`, `NotReady`."""
        endpoint = _there(await pg.fetchrow(_ONE, account, name), name)
        _enabled(endpoint)
        done = await pg.fetch(
            f"UPDATE webhook_deliveries d {sql.REPLAY} WHERE d.endpoint_id = $1 AND d.state = 'dead'"
            " AND d.created_at >= to_timestamp($2) RETURNING 1",
            endpoint["id"],
            since.ToMicroseconds() / 1e6,
        )
        return len(done)


def _there(row: Any, name: str) -> Any:
    if row is None:
        raise NotFound(f"Webhook {name[:128]} not found", reason="webhook_not_found", field="id")
    return row


def _enabled(endpoint: Any) -> None:
    if not endpoint["enabled"]:
        raise NotReady("The webhook is disabled; enable it first.", reason="webhook_disabled")
