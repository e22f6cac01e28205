"""When a delivery is tried again, and what an endpoint may look like."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kit.errors import InvalidInput
from services.storage.jobs.rules import check_text
from sfd.webhooks.v1 import webhook_pb2

# Standard Webhooks: ten tries over 75 h 35 min. The first is made at once; each number is the wait before the next one.
DELAYS = (0, 5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600)
JITTER = 0.1
MAX_WAIT = 24 * 3600.0
MAX_ENDPOINTS = 50
AT_ONCE = 4
"""Tries to one endpoint at the same time; a failing one gets one at a time."""
OLD_SECRET_HOURS = 24
FAILING_DAYS = 5
KEPT_DAYS = 90
MAX_TYPES = 50
MAX_SEALED = 4096

_TYPE = re.compile(r"\*|[a-z][a-z0-9_]{0,63}(?:\.[a-z0-9_]{1,64}){0,4}(?:\.\*)?")
_PUBLIC_ID = re.compile(r"wh_[a-z0-9]{12}")

STATES = {
    "queued": webhook_pb2.DELIVERY_STATE_QUEUED,
    "running": webhook_pb2.DELIVERY_STATE_RUNNING,
    "succeeded": webhook_pb2.DELIVERY_STATE_SUCCEEDED,
    "dead": webhook_pb2.DELIVERY_STATE_DEAD,
}
STATE_WORDS = {number: word for word, number in STATES.items()}


def next_delay(attempts: int, wait: float, chance: float) -> float | None:
    """Returns the seconds before the next try after `attempts` failed ones; None when that was the last.

    `wait` is the receiver's wish and only makes it later, a day at most. `chance` in [0, 1) spreads what failed together.
    """
    if attempts >= len(DELAYS):
        return None
    delay = DELAYS[attempts] * (1 + JITTER * (2 * chance - 1))
    return max(delay, min(max(wait, 0.0), MAX_WAIT))


def check_endpoint(webhook: webhook_pb2.Webhook) -> None:
    """Raises `InvalidInput` for what cannot be stored. Whether the URL leads to a public place is the gateway's to know."""
    if _PUBLIC_ID.fullmatch(webhook.id) is None:
        raise InvalidInput("webhook.id must be wh_ and 12 of [a-z0-9].", field="webhook.id")
    if not webhook.url:
        raise InvalidInput("url is missing.", field="url")
    check_text(webhook.url, "url", 2048)
    check_text(webhook.description, "description", 1000)
    check_text(webhook.drama_id, "drama_id", 128)
    check_types(webhook.events)


def check_types(types: Sequence[str]) -> None:
    """Raises `InvalidInput` unless there are 1 to 50 types or families of types."""
    if not 1 <= len(types) <= MAX_TYPES:
        raise InvalidInput(f"events must have 1 to {MAX_TYPES} types.", field="events")
    for place, name in enumerate(types):
        if len(name) > 128 or _TYPE.fullmatch(name) is None:
            raise InvalidInput(
                "An event type is a name such as run.succeeded, a family such as run.*, or *.", field=f"events[{place}]"
            )


def check_sealed(sealed: bytes) -> None:
    """Raises `InvalidInput` for a secret that is missing or too long."""
    if not 1 <= len(sealed) <= MAX_SEALED:
        raise InvalidInput("sealed_secret is missing or too long.", field="sealed_secret")
