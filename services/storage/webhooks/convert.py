"""Rows of endpoints and deliveries as messages."""

from __future__ import annotations

from typing import Any

from services.storage.jobs.convert import stamp
from services.storage.webhooks.rules import STATES
from sfd.jobs.v1 import job_pb2
from sfd.webhooks.v1 import webhook_pb2


def webhook_message(row: Any) -> webhook_pb2.Webhook:
    """Returns the message of a row of `webhook_endpoints`; secrets are not in it."""
    return webhook_pb2.Webhook(
        id=row["public_id"],
        url=row["url"],
        events=row["events"],
        drama_id=row["drama_id"],
        description=row["description"],
        enabled=row["enabled"],
        disabled_reason=row["disabled_reason"],
        disabled_at=stamp(row["disabled_at"]),
        failing_since=stamp(row["failing_since"]),
        old_secret_until=stamp(row["old_secret_until"]),
        created_at=stamp(row["created_at"]),
        updated_at=stamp(row["updated_at"]),
    )


def delivery_message(row: Any, webhook_id: str) -> webhook_pb2.Delivery:
    """Returns the message of a row of `webhook_deliveries`."""
    return webhook_pb2.Delivery(
        id=str(row["id"]),
        webhook_id=webhook_id,
        message_id=row["message_id"],
        type=row["type"],
        state=STATES[row["state"]],
        attempts=row["attempts"],
        next_attempt_at=stamp(row["run_after"]) if row["state"] == "queued" else None,
        last_status=row["last_status"],
        last_error=row["last_error"],
        last_attempt_at=stamp(row["last_attempt_at"]),
        created_at=stamp(row["created_at"]),
        ended_at=stamp(row["ended_at"]),
        event_pos=row["pos"],
    )


def lease_message(row: Any) -> webhook_pb2.DeliveryLease:
    """Returns the message of a leased row, with the event, the sealed secrets and the wrapped key."""
    return webhook_pb2.DeliveryLease(
        delivery=delivery_message(row, row["webhook_id"]),
        lease_id=str(row["lease_id"]),
        account_id=str(row["account_id"]),
        url=row["url"],
        event=job_pb2.Event(
            pos=row["pos"],
            account_id=str(row["account_id"]),
            run_id=str(row["run_id"]) if row["run_id"] else "",
            run_public_id=row["run_public_id"],
            job_id=str(row["job_id"]) if row["job_id"] else "",
            seq=row["seq"],
            type=row["type"],
            data_json=row["data"],
            created_at=stamp(row["event_at"]),
            drama_id=row["drama_id"],
        ),
        sealed_secret=row["secret"],
        old_sealed_secret=row["old_secret"] or b"",
        data_key_id=str(row["key_id"]),
        master_version=row["master_version"],
        wrapped_data_key=row["wrapped"],
    )
