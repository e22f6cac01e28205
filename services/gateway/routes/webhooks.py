"""Webhooks: where an account's events are sent, signed."""

from __future__ import annotations

import secrets
import string
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from google.protobuf.timestamp_pb2 import Timestamp

from kit.egress.rules import check_url
from kit.vault.envelope import CannotOpen
from kit.vault.secrets import Secrets
from services.gateway import body as bodies
from services.gateway import docs, headers, problems
from services.gateway.backends import RPC_SECONDS
from services.gateway.gateway import Gateway, account_id, gateway
from services.gateway.ids import checked, cursor_of, tagged
from services.gateway.problems import Json, Problem
from services.gateway.responses import JsonResponse
from services.gateway.views import replies
from services.gateway.views import webhooks as view
from services.gateway.webhooks import signing
from sfd.webhooks.v1 import webhook_pb2
from sfd.webhooks.v1 import webhook_service_pb2 as rpc

router = APIRouter(tags=["webhooks"])
_ALPHABET = string.ascii_lowercase + string.digits
_PRIVATE = {"Cache-Control": "no-store"}

Limit = Annotated[int, Query(ge=1, le=1000)]
Cursor = Annotated[str | None, Query()]
State = Annotated[Literal["queued", "running", "succeeded", "dead"] | None, Query()]


def _secrets(house: Gateway) -> Secrets:
    """Returns the vault; raises a 503 problem that names the setting when the house has no master key."""
    if house.webhook_secrets is None:
        raise Problem(
            503,
            "Webhooks are off",
            "Webhooks need a master key: set ENCRYPTION_KEY or SFD_MASTER_KEY_FILE.",
            reason="webhooks_off",
            field="ENCRYPTION_KEY",
        )
    return house.webhook_secrets


async def _shown(house: Gateway, webhook: webhook_pb2.Webhook, sealed: bytes) -> dict[str, Json]:
    """Returns a webhook with its secret: opened again, because a repeated request must see the secret of the first."""
    try:
        secret = await _secrets(house).open(account_id(), webhook.id, sealed)
    except CannotOpen:
        raise _unreadable() from None
    return {**view.webhook_json(webhook), "secret": signing.shown(secret)}


async def _sealed(house: Gateway, webhook_id: str) -> bytes:
    try:
        return await _secrets(house).seal(account_id(), webhook_id, signing.new_secret())
    except CannotOpen:
        raise _unreadable() from None


def _unreadable() -> Problem:
    return Problem(
        503,
        "Webhooks are off",
        "The account's key was made with another master key than ENCRYPTION_KEY or SFD_MASTER_KEY_FILE has.",
        reason="master_key_mismatch",
        field="ENCRYPTION_KEY",
    )


@router.post(
    "/webhooks",
    response_model=None,
    status_code=201,
    responses={201: {"model": view.WebhookSecretReply}, **docs.errors(400, 409, 413, 415, 422)},
    openapi_extra=docs.body(view.CreateWebhookBody),
)
async def create(request: Request) -> JsonResponse:
    """Makes a webhook. Its secret is shown in this answer only."""
    house = gateway(request)
    _secrets(house)
    parsed = await bodies.read(request, view.CreateWebhookBody)
    wanted = parsed.value
    check_url(wanted.url, house.webhook_rules)
    webhook_id = "wh_" + "".join(secrets.choice(_ALPHABET) for _ in range(12))
    reply = await house.backends.webhooks.CreateWebhook(
        rpc.CreateWebhookRequest(
            webhook=webhook_pb2.Webhook(
                id=webhook_id,
                url=wanted.url,
                events=wanted.events,
                drama_id=wanted.dramaId or "",
                description=wanted.description or "",
            ),
            sealed_secret=await _sealed(house, webhook_id),
            request_id=headers.request_key(request),
        ),
        timeout=RPC_SECONDS,
    )
    told = {**headers.ignored(parsed.ignored), "Location": f"/webhooks/{reply.webhook.id}", **_PRIVATE}
    return JsonResponse(await _shown(house, reply.webhook, reply.sealed_secret), 201, headers=told)


@router.get("/webhooks", response_model=None, responses={200: {"model": view.WebhookList}, **docs.errors(400, 422)})
async def list_webhooks(request: Request, limit: Limit = 100, cursor: Cursor = None) -> JsonResponse:
    """Webhooks of the account, newest first."""
    reply = await gateway(request).backends.webhooks.ListWebhooks(
        rpc.ListWebhooksRequest(page_size=limit, page_token=cursor_of(cursor, "webhooks")), timeout=RPC_SECONDS
    )
    rows: list[Json] = [view.webhook_json(one) for one in reply.webhooks]
    return JsonResponse({"webhooks": rows, "cursor": tagged("webhooks", "", reply.next_page_token)}, headers=_PRIVATE)


@router.get(
    "/webhooks/{webhook_id}",
    response_model=None,
    responses={200: {"model": view.WebhookReply}, **docs.errors(404)},
)
async def get_webhook(request: Request, webhook_id: str) -> JsonResponse:
    """One webhook, without its secret."""
    checked("Webhook", webhook_id)
    with problems.known_as("Webhook", webhook_id):
        reply = await gateway(request).backends.webhooks.GetWebhook(
            rpc.GetWebhookRequest(id=webhook_id), timeout=RPC_SECONDS
        )
    return JsonResponse(view.webhook_json(reply.webhook), headers=_PRIVATE)


@router.patch(
    "/webhooks/{webhook_id}",
    response_model=None,
    responses={200: {"model": view.WebhookReply}, **docs.errors(400, 404, 409, 413, 415, 422)},
    openapi_extra=docs.body(view.UpdateWebhookBody),
)
async def update(request: Request, webhook_id: str) -> JsonResponse:
    """Changes a webhook. `enabled: true` starts it again after it was disabled."""
    house = gateway(request)
    checked("Webhook", webhook_id)
    parsed = await bodies.read(request, view.UpdateWebhookBody)
    wanted, given = parsed.value, parsed.value.model_fields_set
    change = rpc.UpdateWebhookRequest(id=webhook_id, request_id=headers.request_key(request))
    for name in ("url", "events", "enabled"):
        if name in given and getattr(wanted, name) is None:
            raise problems.invalid([name], f"{name} cannot be cleared", "null")
    if wanted.url is not None:
        check_url(wanted.url, house.webhook_rules)
        change.url = wanted.url
    if wanted.events is not None:
        change.events.types.extend(wanted.events)
    if wanted.enabled is not None:
        change.enabled = wanted.enabled
    if "dramaId" in given:
        change.drama_id = wanted.dramaId or ""
    if "description" in given:
        change.description = wanted.description or ""
    with problems.known_as("Webhook", webhook_id):
        reply = await house.backends.webhooks.UpdateWebhook(change, timeout=RPC_SECONDS)
    return JsonResponse(view.webhook_json(reply.webhook), headers={**headers.ignored(parsed.ignored), **_PRIVATE})


@router.delete(
    "/webhooks/{webhook_id}", response_model=None, responses={200: {"model": replies.Deleted}, **docs.errors(404)}
)
async def delete(request: Request, webhook_id: str) -> JsonResponse:
    """Removes a webhook and what was on its way to it."""
    checked("Webhook", webhook_id)
    with problems.known_as("Webhook", webhook_id):
        await gateway(request).backends.webhooks.DeleteWebhook(
            rpc.DeleteWebhookRequest(id=webhook_id, request_id=headers.request_key(request)), timeout=RPC_SECONDS
        )
    return JsonResponse({"success": True})


@router.post(
    "/webhooks/{webhook_id}/rotate",
    response_model=None,
    responses={200: {"model": view.WebhookSecretReply}, **docs.errors(400, 404, 409)},
)
async def rotate(request: Request, webhook_id: str) -> JsonResponse:
    """Gives a webhook a new secret, shown in this answer only. The old one signs too for 24 hours."""
    house = gateway(request)
    checked("Webhook", webhook_id)
    sealed = await _sealed(house, webhook_id)
    with problems.known_as("Webhook", webhook_id):
        reply = await house.backends.webhooks.RotateWebhook(
            rpc.RotateWebhookRequest(id=webhook_id, sealed_secret=sealed, request_id=headers.request_key(request)),
            timeout=RPC_SECONDS,
        )
    return JsonResponse(await _shown(house, reply.webhook, reply.sealed_secret), headers=_PRIVATE)


@router.post(
    "/webhooks/{webhook_id}/test",
    response_model=None,
    status_code=202,
    responses={202: {"model": view.DeliveryReply}, **docs.errors(400, 404, 409)},
)
async def test(request: Request, webhook_id: str) -> JsonResponse:
    """Sends an event `webhook.test` to this webhook, whatever its filter."""
    house = gateway(request)
    _secrets(house)
    checked("Webhook", webhook_id)
    with problems.known_as("Webhook", webhook_id):
        reply = await house.backends.webhooks.TestWebhook(
            rpc.TestWebhookRequest(id=webhook_id, request_id=headers.request_key(request)), timeout=RPC_SECONDS
        )
    return JsonResponse(view.delivery_json(reply.delivery), 202)


@router.get(
    "/webhooks/{webhook_id}/deliveries",
    response_model=None,
    responses={200: {"model": view.DeliveryList}, **docs.errors(400, 404, 422)},
)
async def deliveries(
    request: Request, webhook_id: str, state: State = None, limit: Limit = 100, cursor: Cursor = None
) -> JsonResponse:
    """Deliveries to a webhook, newest first; `state` keeps those that are `queued`, `running`, `succeeded` or `dead`."""
    checked("Webhook", webhook_id)
    within = f"{webhook_id} {state or ''}"
    with problems.known_as("Webhook", webhook_id):
        reply = await gateway(request).backends.webhooks.ListDeliveries(
            rpc.ListDeliveriesRequest(
                webhook_id=webhook_id,
                state=webhook_pb2.DeliveryState.Value(f"DELIVERY_STATE_{(state or 'unspecified').upper()}"),
                page_size=limit,
                page_token=cursor_of(cursor, "deliveries", within),
            ),
            timeout=RPC_SECONDS,
        )
    rows: list[Json] = [view.delivery_json(one) for one in reply.deliveries]
    return JsonResponse(
        {"deliveries": rows, "cursor": tagged("deliveries", within, reply.next_page_token)}, headers=_PRIVATE
    )


@router.post(
    "/webhooks/{webhook_id}/deliveries/{delivery_id}/replay",
    response_model=None,
    status_code=202,
    responses={202: {"model": view.DeliveryReply}, **docs.errors(400, 404, 409)},
)
async def replay_one(request: Request, webhook_id: str, delivery_id: str) -> JsonResponse:
    """Sends a delivery that has ended again, under the same `webhook-id`."""
    house = gateway(request)
    _secrets(house)
    checked("Webhook", webhook_id)
    checked("Delivery", delivery_id)
    with problems.known_as("Webhook", webhook_id):
        reply = await house.backends.webhooks.ReplayDelivery(
            rpc.ReplayDeliveryRequest(
                webhook_id=webhook_id, delivery_id=delivery_id, request_id=headers.request_key(request)
            ),
            timeout=RPC_SECONDS,
        )
    return JsonResponse(view.delivery_json(reply.delivery), 202)


@router.post(
    "/webhooks/{webhook_id}/replay",
    response_model=None,
    status_code=202,
    responses={202: {"model": view.ReplayReply}, **docs.errors(400, 404, 409, 413, 415, 422)},
    openapi_extra=docs.body(view.ReplayBody),
)
async def replay_dead(request: Request, webhook_id: str) -> JsonResponse:
    """Sends all dead deliveries since a moment again."""
    house = gateway(request)
    _secrets(house)
    checked("Webhook", webhook_id)
    parsed = await bodies.read(request, view.ReplayBody)
    since = Timestamp()
    since.FromMilliseconds(parsed.value.since)
    with problems.known_as("Webhook", webhook_id):
        reply = await house.backends.webhooks.ReplayDeliveries(
            rpc.ReplayDeliveriesRequest(webhook_id=webhook_id, since=since, request_id=headers.request_key(request)),
            timeout=RPC_SECONDS,
        )
    return JsonResponse({"replayed": reply.replayed}, 202, headers=headers.ignored(parsed.ignored))
