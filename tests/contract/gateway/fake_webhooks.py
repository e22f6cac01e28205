"""Webhooks and data keys kept in memory, with real gRPC and real errors."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Any

from kit import errors
from kit.context import caller
from kit.rpc.server import Served
from sfd.vault.v1 import data_key_pb2, vault_service_pb2, vault_service_pb2_grpc
from sfd.webhooks.v1 import webhook_pb2, webhook_service_pb2_grpc
from sfd.webhooks.v1 import webhook_service_pb2 as rpc
from tests.contract.gateway.fakes import House, page


@dataclass
class Hooks:
    """What is remembered."""

    hooks: dict[str, webhook_pb2.Webhook] = field(default_factory=dict)
    sealed: dict[str, bytes] = field(default_factory=dict)
    keys: dict[str, data_key_pb2.DataKey] = field(default_factory=dict)
    deliveries: list[webhook_pb2.Delivery] = field(default_factory=list)
    due: list[webhook_pb2.DeliveryLease] = field(default_factory=list)
    reports: list[rpc.DeliveryReport] = field(default_factory=list)
    repeats: dict[str, Any] = field(default_factory=dict)

    def hook(self, name: str) -> webhook_pb2.Webhook:
        """Returns a webhook, or raises NotFound."""
        if name not in self.hooks:
            raise errors.NotFound(f"Webhook {name} not found", reason="webhook_not_found")
        return self.hooks[name]


class Vault(vault_service_pb2_grpc.VaultServiceServicer):
    """One key for each account; the first one wins."""

    def __init__(self, hooks: Hooks) -> None:
        self.hooks = hooks

    async def GetOrCreateDataKey(self, request: vault_service_pb2.GetOrCreateDataKeyRequest, context: object) -> Any:
        who = caller()
        key = self.hooks.keys.setdefault(who.account_id if who else "", request.proposed)
        return vault_service_pb2.GetOrCreateDataKeyResponse(data_key=key)

    async def GetDataKey(self, request: vault_service_pb2.GetDataKeyRequest, context: object) -> Any:
        for key in self.hooks.keys.values():
            if key.id == request.id:
                return vault_service_pb2.GetDataKeyResponse(data_key=key)
        raise errors.NotFound("The account has no such data key", reason="data_key_not_found")


class Webhooks(webhook_service_pb2_grpc.WebhookServiceServicer):
    """Webhooks in a dict. Every request is also in the house's `asked`."""

    def __init__(self, house: House, hooks: Hooks) -> None:
        self.house = house
        self.hooks = hooks

    async def CreateWebhook(self, request: rpc.CreateWebhookRequest, context: object) -> Any:
        self.house.take(request)
        known = self.hooks.repeats.get(request.request_id)
        if request.request_id and known is not None:
            return known
        made = webhook_pb2.Webhook()
        made.CopyFrom(request.webhook)
        made.enabled = True
        made.created_at.CopyFrom(self.house.now())
        self.hooks.hooks[made.id] = made
        self.hooks.sealed[made.id] = request.sealed_secret
        reply = rpc.CreateWebhookResponse(webhook=made, sealed_secret=request.sealed_secret)
        self.hooks.repeats[request.request_id] = reply
        return reply

    async def GetWebhook(self, request: rpc.GetWebhookRequest, context: object) -> Any:
        self.house.take(request)
        return rpc.GetWebhookResponse(webhook=self.hooks.hook(request.id))

    async def ListWebhooks(self, request: rpc.ListWebhooksRequest, context: object) -> Any:
        self.house.take(request)
        rows = list(self.hooks.hooks.values())
        at = list(page(request.page_token, request.page_size, len(rows)))
        more = str(at[-1] + 1) if at and at[-1] + 1 < len(rows) else ""
        return rpc.ListWebhooksResponse(webhooks=[rows[index] for index in at], next_page_token=more)

    async def UpdateWebhook(self, request: rpc.UpdateWebhookRequest, context: object) -> Any:
        self.house.take(request)
        hook = self.hooks.hook(request.id)
        if request.HasField("url"):
            hook.url = request.url
        if request.HasField("events"):
            hook.events[:] = request.events.types
        if request.HasField("drama_id"):
            hook.drama_id = request.drama_id
        if request.HasField("description"):
            hook.description = request.description
        if request.HasField("enabled"):
            hook.enabled = request.enabled
        return rpc.UpdateWebhookResponse(webhook=hook)

    async def DeleteWebhook(self, request: rpc.DeleteWebhookRequest, context: object) -> Any:
        self.house.take(request)
        self.hooks.hook(request.id)
        del self.hooks.hooks[request.id]
        return rpc.DeleteWebhookResponse()

    async def RotateWebhook(self, request: rpc.RotateWebhookRequest, context: object) -> Any:
        self.house.take(request)
        hook = self.hooks.hook(request.id)
        return rpc.RotateWebhookResponse(webhook=hook, sealed_secret=request.sealed_secret)

    async def TestWebhook(self, request: rpc.TestWebhookRequest, context: object) -> Any:
        self.house.take(request)
        hook = self.hooks.hook(request.id)
        if not hook.enabled:
            raise errors.NotReady("The webhook is disabled; enable it first.", reason="webhook_disabled")
        made = webhook_pb2.Delivery(
            id=f"d{len(self.hooks.deliveries)}",
            webhook_id=hook.id,
            message_id="msg_test_1",
            type="webhook.test",
            state=webhook_pb2.DELIVERY_STATE_QUEUED,
        )
        self.hooks.deliveries.append(made)
        return rpc.TestWebhookResponse(delivery=made)

    async def ListDeliveries(self, request: rpc.ListDeliveriesRequest, context: object) -> Any:
        self.house.take(request)
        self.hooks.hook(request.webhook_id)
        rows = [one for one in self.hooks.deliveries if request.state in (0, one.state)]
        at = list(page(request.page_token, request.page_size, len(rows)))
        more = str(at[-1] + 1) if at and at[-1] + 1 < len(rows) else ""
        return rpc.ListDeliveriesResponse(deliveries=[rows[index] for index in at], next_page_token=more)

    async def ReplayDelivery(self, request: rpc.ReplayDeliveryRequest, context: object) -> Any:
        self.house.take(request)
        self.hooks.hook(request.webhook_id)
        for one in self.hooks.deliveries:
            if one.id == request.delivery_id:
                return rpc.ReplayDeliveryResponse(delivery=one)
        raise errors.NotFound(f"Delivery {request.delivery_id} not found", reason="delivery_not_found")

    async def ReplayDeliveries(self, request: rpc.ReplayDeliveriesRequest, context: object) -> Any:
        self.house.take(request)
        self.hooks.hook(request.webhook_id)
        return rpc.ReplayDeliveriesResponse(replayed=len(self.hooks.deliveries))

    async def LeaseDeliveries(self, request: rpc.LeaseDeliveriesRequest, context: object) -> Any:
        leases, self.hooks.due[:] = self.hooks.due[: request.max], self.hooks.due[request.max :]
        return rpc.LeaseDeliveriesResponse(leases=leases)

    async def ReportDeliveries(self, request: rpc.ReportDeliveriesRequest, context: object) -> Any:
        self.hooks.reports.extend(request.reports)
        return rpc.ReportDeliveriesResponse(accepted=[True] * len(request.reports))


def served(house: House, hooks: Hooks) -> list[Served]:
    """Returns both, ready to be mounted."""
    return [
        Served(
            vault_service_pb2.DESCRIPTOR.services_by_name["VaultService"],
            partial(vault_service_pb2_grpc.add_VaultServiceServicer_to_server, Vault(hooks)),
        ),
        Served(
            rpc.DESCRIPTOR.services_by_name["WebhookService"],
            partial(webhook_service_pb2_grpc.add_WebhookServiceServicer_to_server, Webhooks(house, hooks)),
        ),
    ]
