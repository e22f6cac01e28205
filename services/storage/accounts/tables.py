"""accounts."""

from __future__ import annotations

from sqlalchemy import Table, UniqueConstraint

from services.storage.schema import key, metadata, moment, text

accounts = Table(
    "accounts",
    metadata,
    key(),
    text("public_id"),
    text("display_name", ""),
    moment("created_at", now=True),
    UniqueConstraint("public_id"),
)
