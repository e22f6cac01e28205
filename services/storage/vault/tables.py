"""vault_keys: ciphertext only. The master key never reaches this process; callers wrap and unwrap."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, Integer, LargeBinary, Table, UniqueConstraint, Uuid
from sqlalchemy import text as sql

from services.storage.schema import key, metadata, moment, owner, text

data_keys = Table(
    "data_keys",
    metadata,
    key(),
    owner(),
    Column("master_version", Integer, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    moment("created_at", now=True),
    moment("retired_at"),
    # The first writer wins: an account has one key that seals. Retired ones stay, because they still open what they sealed.
    Index("uq_data_keys_current", "account_id", unique=True, postgresql_where=sql("retired_at IS NULL")),
)

vault_keys = Table(
    "vault_keys",
    metadata,
    key(),
    owner(),
    Column("number", Integer, nullable=False),
    text("vendor"),
    text("status", "active"),
    Column("data_key_id", Uuid, nullable=False),
    Column("ciphertext", LargeBinary, nullable=False),
    text("preview", ""),
    moment("last_validated"),
    moment("created_at", now=True),
    moment("updated_at", now=True),
    UniqueConstraint("account_id", "number"),
    CheckConstraint("status IN ('active', 'invalid', 'quota_exceeded', 'revoked')", name="status"),
)
