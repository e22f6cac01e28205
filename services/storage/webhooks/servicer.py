"""WebhookService: decode, one use case, encode."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from kit.errors import InvalidInput
from services.storage import idempotency
from services.storage.access import account
from services.storage.db import Database, Pg
from services.storage.webhooks import rules
from services.storage.webhooks.convert import webhook_message
from services.storage.webhooks.deliveries import Deliveries
from services.storage.webhooks.endpoints import Endpoints
from sfd.webhooks.v1 import webhook_service_pb2 as rpc
from sfd.webhooks.v1 import webhook_service_pb2_grpc

QUEUE = "deliver"
"""The workers' queue: what their wake-ups are called."""


class WebhookServicer(webhook_service_pb2_grpc.WebhookServiceServicer):
    """Endpoints and deliveries. After a commit that made a delivery due the workers are woken."""

    def __init__(self, database: Database, wake: Callable[[str], Awaitable[None]]) -> None:
        self._db = database
        self._endpoints = Endpoints(database)
        self._deliveries = Deliveries(database)
        self._wake = wake

    async def CreateWebhook(self, request: rpc.CreateWebhookRequest, context: Any) -> rpc.CreateWebhookResponse:
        """Stores an endpoint."""
        owner = account()
        rules.check_endpoint(request.webhook)
        rules.check_sealed(request.sealed_secret)

        async def work(pg: Pg) -> rpc.CreateWebhookResponse:
            row = await self._endpoints.create(pg, owner, request.webhook, request.sealed_secret)
            return rpc.CreateWebhookResponse(webhook=webhook_message(row), sealed_secret=request.sealed_secret)

        asked = rpc.CreateWebhookRequest()
        asked.CopyFrom(request)
        # A repeat comes with a new id and a new secret, because only the first ones were stored.
        asked.webhook.id = ""
        asked.sealed_secret = b""
        return await idempotency.once(
            self._db, owner, "CreateWebhook", request.request_id, asked, rpc.CreateWebhookResponse, work
        )

    async def GetWebhook(self, request: rpc.GetWebhookRequest, context: Any) -> rpc.GetWebhookResponse:
        """One endpoint."""
        return rpc.GetWebhookResponse(webhook=webhook_message(await self._endpoints.get(account(), request.id)))

    async def ListWebhooks(self, request: rpc.ListWebhooksRequest, context: Any) -> rpc.ListWebhooksResponse:
        """A page of endpoints."""
        return await self._endpoints.list(account(), request)

    async def UpdateWebhook(self, request: rpc.UpdateWebhookRequest, context: Any) -> rpc.UpdateWebhookResponse:
        """Changes an endpoint."""
        owner = account()

        async def work(pg: Pg) -> rpc.UpdateWebhookResponse:
            return rpc.UpdateWebhookResponse(webhook=webhook_message(await self._endpoints.update(pg, owner, request)))

        reply = await idempotency.once(
            self._db, owner, "UpdateWebhook", request.request_id, request, rpc.UpdateWebhookResponse, work
        )
        await self._wake(QUEUE)
        return reply

    async def DeleteWebhook(self, request: rpc.DeleteWebhookRequest, context: Any) -> rpc.DeleteWebhookResponse:
        """Removes an endpoint."""
        owner = account()
        idempotency.check_request_id(request.request_id)
        if request.request_id:
            # Before anything is removed: the id may belong to another wish.
            digest, reply = idempotency.request_hash(request), rpc.DeleteWebhookResponse
            known = await idempotency.replay(self._db, owner, "DeleteWebhook", request.request_id, digest, reply)
            if known is not None:
                return known
        await self._endpoints.empty(owner, request.id)

        async def work(pg: Pg) -> rpc.DeleteWebhookResponse:
            await self._endpoints.delete(pg, owner, request.id)
            return rpc.DeleteWebhookResponse()

        return await idempotency.once(
            self._db, owner, "DeleteWebhook", request.request_id, request, rpc.DeleteWebhookResponse, work
        )

    async def RotateWebhook(self, request: rpc.RotateWebhookRequest, context: Any) -> rpc.RotateWebhookResponse:
        """Gives an endpoint a new secret."""
        owner = account()
        rules.check_sealed(request.sealed_secret)

        async def work(pg: Pg) -> rpc.RotateWebhookResponse:
            row = await self._endpoints.rotate(pg, owner, request.id, request.sealed_secret)
            return rpc.RotateWebhookResponse(webhook=webhook_message(row), sealed_secret=request.sealed_secret)

        asked = rpc.RotateWebhookRequest(id=request.id, request_id=request.request_id)
        return await idempotency.once(
            self._db, owner, "RotateWebhook", request.request_id, asked, rpc.RotateWebhookResponse, work
        )

    async def TestWebhook(self, request: rpc.TestWebhookRequest, context: Any) -> rpc.TestWebhookResponse:
        """Queues a test."""
        owner = account()

        async def work(pg: Pg) -> rpc.TestWebhookResponse:
            return rpc.TestWebhookResponse(delivery=await self._endpoints.test(pg, owner, request.id))

        reply = await idempotency.once(
            self._db, owner, "TestWebhook", request.request_id, request, rpc.TestWebhookResponse, work
        )
        await self._wake(QUEUE)
        return reply

    async def ListDeliveries(self, request: rpc.ListDeliveriesRequest, context: Any) -> rpc.ListDeliveriesResponse:
        """A page of deliveries."""
        return await self._endpoints.deliveries(account(), request)

    async def ReplayDelivery(self, request: rpc.ReplayDeliveryRequest, context: Any) -> rpc.ReplayDeliveryResponse:
        """Queues a delivery again."""
        owner = account()

        async def work(pg: Pg) -> rpc.ReplayDeliveryResponse:
            return rpc.ReplayDeliveryResponse(
                delivery=await self._endpoints.replay(pg, owner, request.webhook_id, request.delivery_id)
            )

        reply = await idempotency.once(
            self._db, owner, "ReplayDelivery", request.request_id, request, rpc.ReplayDeliveryResponse, work
        )
        await self._wake(QUEUE)
        return reply

    async def ReplayDeliveries(
        self, request: rpc.ReplayDeliveriesRequest, context: Any
    ) -> rpc.ReplayDeliveriesResponse:
        """Queues dead deliveries again."""
        owner = account()

        async def work(pg: Pg) -> rpc.ReplayDeliveriesResponse:
            return rpc.ReplayDeliveriesResponse(
                replayed=await self._endpoints.replay_dead(pg, owner, request.webhook_id, request.since)
            )

        reply = await idempotency.once(
            self._db, owner, "ReplayDeliveries", request.request_id, request, rpc.ReplayDeliveriesResponse, work
        )
        await self._wake(QUEUE)
        return reply

    async def LeaseDeliveries(self, request: rpc.LeaseDeliveriesRequest, context: Any) -> rpc.LeaseDeliveriesResponse:
        """Takes due deliveries."""
        seconds = request.lease.ToMilliseconds() / 1000
        if not 1 <= request.max <= 100:
            raise InvalidInput("max must be 1 to 100.", field="max")
        if not 1 <= seconds <= 60:
            raise InvalidInput("lease must be 1 to 60 s.", field="lease")
        return rpc.LeaseDeliveriesResponse(leases=await self._deliveries.lease(request.max, seconds))

    async def ReportDeliveries(
        self, request: rpc.ReportDeliveriesRequest, context: Any
    ) -> rpc.ReportDeliveriesResponse:
        """Takes reports."""
        if len(request.reports) > 100:
            raise InvalidInput("reports has more than 100 items.", field="reports", reason="too_many")
        for place, report in enumerate(request.reports):
            if not report.outcome or report.outcome not in rpc.DeliveryOutcome.values():
                raise InvalidInput("outcome is no outcome.", field=f"reports[{place}].outcome")
        return rpc.ReportDeliveriesResponse(accepted=await self._deliveries.report(request.reports))
