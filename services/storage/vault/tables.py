"""vault_keys: ciphertext only. The master key never reaches this process; callers wrap and unwrap."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Integer, LargeBinary, Table, UniqueConstraint, Uuid

from services.storage.schema import key, metadata, moment, owner, text

data_keys = Table(
    "data_keys",
    metadata,
    key(),
    owner(),
    Column("master_version", Integer, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    moment("created_at", now=True),
    # The first writer wins: all that is sealed for an account can be opened with one key.
    UniqueConstraint("account_id"),
)

vault_keys = Table(
    "vault_keys",
    metadata,
    key(),
    owner(),
    text("vendor"),
    text("status", "active"),
    Column("data_key_id", Uuid, nullable=False),
    Column("ciphertext", LargeBinary, nullable=False),
    text("preview", ""),
    moment("last_validated"),
    moment("created_at", now=True),
    moment("updated_at", now=True),
    CheckConstraint("status IN ('active', 'invalid', 'quota_exceeded', 'revoked')", name="status"),
)
