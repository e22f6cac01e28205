"""Standard Webhooks: the secret, the body, and the three headers."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Sequence

from services.gateway.feed import event_json
from sfd.jobs.v1 import job_pb2

PREFIX = "whsec_"
_SECRET_BYTES = 32


def new_secret() -> bytes:
    """Returns 32 random bytes."""
    return os.urandom(_SECRET_BYTES)


def shown(secret: bytes) -> str:
    """Returns the secret as its owner sees it, once: `whsec_` and base64."""
    return PREFIX + base64.b64encode(secret).decode()


def body_of(event: job_pb2.Event) -> bytes:
    """Returns the body: type, moment of the event, and under `data` the object that a stream shows for the same event.

    It depends on the event alone, so every try and replay sends the same bytes.
    """
    told = {"type": event.type, "timestamp": event.created_at.ToJsonString(), "data": event_json(event)}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def headers(message_id: str, timestamp: int, body: bytes, secrets: Sequence[bytes]) -> dict[str, str]:
    """Returns the headers of one try at a Unix second, with one signature for each secret."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    signatures = [base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode() for secret in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{one}" for one in signatures),
        "Content-Type": "application/json",
        "User-Agent": "sfd-webhooks/1",
    }
