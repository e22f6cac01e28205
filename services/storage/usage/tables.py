"""usage_entries: one row per settled submission, written in the transaction that settles it; budgets and prices of accounts."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Double, Index, Integer, Table, Text, UniqueConstraint, Uuid

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
    # What is summed stays when the call itself is removed: the seconds of film it made, and those it took.
    Column("film_seconds", Double, nullable=False, server_default="0"),
    Column("work_seconds", Double, nullable=False, server_default="0"),
    moment("created_at", now=True),
    UniqueConstraint("submission_id"),
    Index("ix_usage_entries_account_created", "account_id", "created_at"),
)

budgets = Table(
    "budgets",
    metadata,
    key(),
    owner(),
    # Empty: the whole account.
    text("key_id", ""),
    Column("key_number", Integer, nullable=False, server_default="0"),
    # 0 means no limit.
    money("daily_nano_usd"),
    money("monthly_nano_usd"),
    money("job_nano_usd"),
    moment("created_at", now=True),
    moment("updated_at", now=True),
    UniqueConstraint("account_id", "key_id"),
)

own_prices = Table(
    "own_prices",
    metadata,
    Column("account_id", Uuid, primary_key=True),
    Column("vendor", Text, primary_key=True),
    Column("model", Text, primary_key=True),
    Column("unit", Text, primary_key=True),
    money("nano_usd"),
    moment("updated_at", now=True),
)
