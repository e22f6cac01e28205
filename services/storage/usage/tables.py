"""usage_entries: one row per settled submission, written in the transaction that settles it."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Table, UniqueConstraint, Uuid

from services.storage.schema import key, metadata, moment, money, owner, text

usage_entries = Table(
    "usage_entries",
    metadata,
    key(),
    owner(),
    Column("run_id", Uuid, nullable=False),
    Column("job_id", Uuid, nullable=False),
    Column("submission_id", Uuid, nullable=False),
    text("vendor"),
    text("model"),
    text("kind"),
    text("drama_id", ""),
    text("outcome"),
    money("cost_nano_usd"),
    Column("estimated", Boolean, nullable=False),
    text("units", "{}"),
    moment("created_at", now=True),
    UniqueConstraint("submission_id"),
    Index("ix_usage_entries_account_created", "account_id", "created_at"),
)
