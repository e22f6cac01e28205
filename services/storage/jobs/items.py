"""Items of lists that workers report: read so that one bad item never costs the others their leases."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import TypeVar

from kit.errors import InvalidInput
from services.storage.ids import as_uuid
from sfd.jobs.v1 import job_service_pb2

T = TypeVar("T")


def uuid_of(text: str) -> uuid.UUID:
    """Returns the id; for what is none an id that nothing has."""
    return as_uuid(text) or uuid.UUID(int=0)


def at_most(items: Sequence[T], limit: int, field: str) -> list[T]:
    """Returns the items; raises `InvalidInput` for too many: what is cut off in silence would never be answered."""
    if len(items) > limit:
        raise InvalidInput(f"{field} has more than {limit} items.", field=field, reason="too_many")
    return list(items)


def fraction(item: job_service_pb2.Heartbeat | job_service_pb2.Snooze) -> float | None:
    """Returns the progress, 0 to 1, or None when it is unset or no number."""
    return max(0.0, min(1.0, item.progress)) if item.HasField("progress") and item.progress == item.progress else None


def clean(text: str) -> str:
    """Returns a text that can be stored: at most 1000 characters, without NUL."""
    return text[:1000].replace("\x00", "\ufffd")
