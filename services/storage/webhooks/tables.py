"""webhook_endpoints and webhook_deliveries.

States of a delivery:
  queued  -> running             a worker leases it
  running -> queued              another try later, given back, lost lease: with `run_after`
  running -> succeeded | dead    2xx; the last try failed, or the endpoint was disabled
  succeeded | dead -> queued     a replay: the same row, so the same `webhook-id`
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY

from services.storage.schema import key, metadata, moment, owner, text

webhook_endpoints = Table(
    "webhook_endpoints",
    metadata,
    key(),
    owner(),
    text("public_id"),
    text("url"),
    Column("events", ARRAY(Text), nullable=False),
    text("drama_id", ""),
    text("description", ""),
    Column("enabled", Boolean, nullable=False, server_default="true"),
    text("disabled_reason", ""),
    moment("disabled_at"),
    moment("failing_since"),
    Column("secret", LargeBinary, nullable=False),
    Column("old_secret", LargeBinary, nullable=True),
    moment("old_secret_until"),
    moment("created_at", now=True),
    moment("updated_at", now=True),
    UniqueConstraint("public_id"),
    Index("ix_webhook_endpoints_account_created", "account_id", "created_at", "id"),
    Index("ix_webhook_endpoints_enabled", "account_id", postgresql_where=sql("enabled")),
)

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    key(),
    owner(),
    Column("endpoint_id", Uuid, nullable=False),
    text("message_id"),
    text("state", "queued"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    moment("run_after", now=True),
    Column("lease_id", Uuid, nullable=True),
    moment("lease_until"),
    Column("last_status", Integer, nullable=False, server_default="0"),
    text("last_error", ""),
    moment("last_attempt_at"),
    moment("ended_at"),
    Column("pos", BigInteger, nullable=False),
    Column("run_id", Uuid, nullable=True),
    Column("job_id", Uuid, nullable=True),
    text("run_public_id", ""),
    text("drama_id", ""),
    Column("seq", Integer, nullable=False, server_default="0"),
    text("type"),
    text("data", "{}"),
    moment("event_at", now=True),
    moment("created_at", now=True),
    UniqueConstraint("endpoint_id", "message_id"),
    CheckConstraint("state IN ('queued', 'running', 'succeeded', 'dead')", name="state"),
    Index("ix_webhook_deliveries_waiting", "endpoint_id", "run_after", "id", postgresql_where=sql("state = 'queued'")),
    Index("ix_webhook_deliveries_leased", "lease_until", postgresql_where=sql("state = 'running'")),
    Index("ix_webhook_deliveries_endpoint_created", "endpoint_id", "created_at", "id"),
    Index("ix_webhook_deliveries_created", "created_at"),
)
