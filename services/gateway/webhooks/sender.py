"""One try of one delivery."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from kit.egress.client import Answer, Egress, Unreachable
from kit.egress.rules import Blocked
from kit.failpoints import failpoint
from kit.vault.envelope import CannotOpen
from kit.vault.master import Wrapped
from kit.vault.secrets import Secrets
from services.gateway.webhooks import signing
from sfd.webhooks.v1 import webhook_pb2
from sfd.webhooks.v1 import webhook_service_pb2 as rpc

_MAX_ANSWER = 16 * 1024
_UNOPENED_SECONDS = 60.0
_MAX_WAIT = 24 * 3600.0


@dataclass(frozen=True)
class Result:
    """How it went; `wait` is the least number of seconds before the next try."""

    outcome: rpc.DeliveryOutcome.ValueType
    status: int = 0
    error: str = ""
    wait: float = 0.0


class Sender:
    """Signs and sends. Neither body nor secret nor the URL's query is ever logged."""

    def __init__(self, secrets: Secrets, egress: Egress, seconds: float) -> None:
        self._secrets = secrets
        self._egress = egress
        self._seconds = seconds

    async def send(self, lease: webhook_pb2.DeliveryLease) -> Result:
        """Returns how one try went; whatever the receiver does is a result, not an error."""
        try:
            secrets = await self._open(lease)
        except CannotOpen:
            # It is the house that lacks its key: that must not use up the receiver's tries.
            return Result(rpc.DELIVERY_OUTCOME_GIVEN_BACK, error="secret_unreadable", wait=_UNOPENED_SECONDS)
        body = signing.body_of(lease.event)
        headers = signing.headers(lease.delivery.message_id, int(time.time()), body, secrets)
        failpoint("webhook.before_send")
        try:
            answer = await self._egress.send(
                "POST", lease.url, seconds=self._seconds, max_bytes=_MAX_ANSWER, headers=headers, content=body
            )
        except Blocked:
            return Result(rpc.DELIVERY_OUTCOME_FAILED, error="url_blocked")
        except Unreachable as error:
            return Result(rpc.DELIVERY_OUTCOME_FAILED, error=error.word)
        failpoint("webhook.after_send")
        return judge(answer)

    async def _open(self, lease: webhook_pb2.DeliveryLease) -> list[bytes]:
        stored = Wrapped(uuid.UUID(lease.data_key_id), lease.account_id, lease.master_version, lease.wrapped_data_key)
        sealed = [one for one in (lease.sealed_secret, lease.old_sealed_secret) if one]
        return [await self._secrets.open_with(stored, lease.delivery.webhook_id, one) for one in sealed]


def judge(answer: Answer) -> Result:
    """Returns what an answer means: 2xx is accepted, 410 ends the endpoint, all else failed, 429 and 503 may ask for patience."""
    status = answer.status
    if 200 <= status < 300:
        return Result(rpc.DELIVERY_OUTCOME_ACCEPTED, status)
    if status == httpx.codes.GONE:
        return Result(rpc.DELIVERY_OUTCOME_GONE, status, "gone")
    wait = retry_after(answer.headers.get("retry-after", "")) if status in (429, 503) else 0.0
    return Result(rpc.DELIVERY_OUTCOME_FAILED, status, "redirect" if 300 <= status < 400 else "status", wait)


def retry_after(header: str) -> float:
    """Returns the seconds of a Retry-After header, a day at most; 0 for what cannot be read."""
    text = header.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), _MAX_WAIT)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        # A receiver may write any number of digits.
        return 0.0
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, min((moment - datetime.now(UTC)).total_seconds(), _MAX_WAIT))
