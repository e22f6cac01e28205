"""Webhooks as the contract shows them: bodies, answers, and the functions that make them."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from services.gateway.body import Body
from services.gateway.problems import Json
from services.gateway.views.models import Id
from sfd.webhooks.v1 import webhook_pb2 as pb

EVENT_PATTERN = r"^(\*|[a-z][a-z0-9_]*(\.[a-z0-9_]+)*(\.\*)?)$"
DEFAULT_EVENTS = ("run.*",)

Url = Annotated[str, StringConstraints(min_length=1, max_length=2048)]
EventType = Annotated[str, StringConstraints(pattern=EVENT_PATTERN, max_length=128)]
Events = Annotated[list[EventType], Field(min_length=1, max_length=50)]
Description = Annotated[str, StringConstraints(max_length=1000)]


class CreateWebhookBody(Body):
    """A new webhook. Without `events` the ends and beginnings of jobs are sent (`run.*`), not every step's progress."""

    url: Url
    events: Events = Field(default_factory=lambda: list(DEFAULT_EVENTS))
    dramaId: Id | None = None
    description: Description | None = None


class UpdateWebhookBody(Body):
    """Changes of a webhook: what is absent stays, null clears."""

    url: Url | None = None
    events: Events | None = None
    dramaId: Id | None = None
    description: Description | None = None
    enabled: bool | None = None


class ReplayBody(Body):
    """Which dead deliveries are sent again: those first queued since this moment, in milliseconds since 1970."""

    since: int = Field(ge=0, le=253_402_300_799_000)


class WebhookReply(BaseModel):
    """A webhook; `disabledReason` is `person`, `gone` (it answered 410) or `failing` (five days of nothing but failures)."""

    id: str
    url: str
    events: list[str]
    dramaId: str | None = None
    description: str
    enabled: bool
    disabledReason: str | None = None
    disabledAt: int | None = None
    failingSince: int | None = None
    oldSecretUntil: int | None = None
    createdAt: int | None = None
    updatedAt: int | None = None


class WebhookSecretReply(WebhookReply):
    """A webhook with its secret, which is shown this once."""

    secret: str


class WebhookList(BaseModel):
    """A page of webhooks."""

    webhooks: list[WebhookReply]
    cursor: str | None = None


class DeliveryReply(BaseModel):
    """One event on its way to one webhook; `messageId` is the header `webhook-id`."""

    id: str
    webhookId: str
    messageId: str
    type: str
    pos: int
    state: str
    attempts: int
    nextAttemptAt: int | None = None
    lastStatus: int | None = None
    lastError: str | None = None
    lastAttemptAt: int | None = None
    createdAt: int | None = None
    endedAt: int | None = None


class DeliveryList(BaseModel):
    """A page of deliveries."""

    deliveries: list[DeliveryReply]
    cursor: str | None = None


class ReplayReply(BaseModel):
    """How many deliveries are sent again."""

    replayed: int


def webhook_json(webhook: pb.Webhook) -> dict[str, Json]:
    """Returns a webhook; never its secret."""
    return {
        "id": webhook.id,
        "url": webhook.url,
        "events": [*webhook.events],
        "dramaId": webhook.drama_id or None,
        "description": webhook.description,
        "enabled": webhook.enabled,
        "disabledReason": webhook.disabled_reason or None,
        "disabledAt": webhook.disabled_at.ToMilliseconds() if webhook.HasField("disabled_at") else None,
        "failingSince": webhook.failing_since.ToMilliseconds() if webhook.HasField("failing_since") else None,
        "oldSecretUntil": webhook.old_secret_until.ToMilliseconds() if webhook.HasField("old_secret_until") else None,
        "createdAt": webhook.created_at.ToMilliseconds() if webhook.HasField("created_at") else None,
        "updatedAt": webhook.updated_at.ToMilliseconds() if webhook.HasField("updated_at") else None,
    }


def delivery_json(delivery: pb.Delivery) -> dict[str, Json]:
    """Returns a delivery."""
    return {
        "id": delivery.id,
        "webhookId": delivery.webhook_id,
        "messageId": delivery.message_id,
        "type": delivery.type,
        "pos": delivery.event_pos,
        "state": pb.DeliveryState.Name(delivery.state).removeprefix("DELIVERY_STATE_").lower(),
        "attempts": delivery.attempts,
        "nextAttemptAt": delivery.next_attempt_at.ToMilliseconds() if delivery.HasField("next_attempt_at") else None,
        "lastStatus": delivery.last_status or None,
        "lastError": delivery.last_error or None,
        "lastAttemptAt": delivery.last_attempt_at.ToMilliseconds() if delivery.HasField("last_attempt_at") else None,
        "createdAt": delivery.created_at.ToMilliseconds() if delivery.HasField("created_at") else None,
        "endedAt": delivery.ended_at.ToMilliseconds() if delivery.HasField("ended_at") else None,
    }
