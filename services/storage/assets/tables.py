"""assets: objects in the bucket; copies: friendly keys still to be made; friendly_keys: those that were asked for; garbage: keys still to be removed."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Double,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from services.storage.schema import key, metadata, moment, owner, text

assets = Table(
    "assets",
    metadata,
    key(),
    owner(),
    text("object_key"),
    text("capability"),
    text("content_type"),
    Column("bytes", BigInteger, nullable=False),
    text("sha256"),
    text("kind"),
    text("state", "pending"),
    Column("width", Integer, nullable=False, server_default="0"),
    Column("height", Integer, nullable=False, server_default="0"),
    Column("duration", Double, nullable=False, server_default="0"),
    text("metadata", "{}"),
    text("drama_id", ""),
    moment("created_at", now=True),
    moment("confirmed_at"),
    UniqueConstraint("object_key"),
    UniqueConstraint("capability"),
    CheckConstraint("state IN ('pending', 'live')", name="state"),
    Index("ix_assets_account_created", "account_id", "created_at", "id"),
    Index("ix_assets_account_drama", "account_id", "drama_id", "created_at", "id"),
    Index("ix_assets_pending", "created_at", postgresql_where=Column("state", Text) == "pending"),
)

copies = Table(
    "copies",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    text("source_key"),
    text("target_key"),
    text("content_type"),
    moment("run_after", now=True),
    Index("ix_copies_target", "target_key"),
)

friendly_keys = Table(
    "friendly_keys",
    metadata,
    owner(),
    text("drama_id"),
    text("target_key"),
    PrimaryKeyConstraint("account_id", "drama_id", "target_key"),
    Index("ix_friendly_keys_target", "target_key"),
)

garbage = Table(
    "garbage",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    text("object_key"),
    moment("run_after", now=True),
)
