"""library_assets: what the asset library lists; library_projects: the projects that these are in."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    Uuid,
    false,
    true,
)

from services.storage.schema import key, metadata, moment, owner, text

library_assets = Table(
    "library_assets",
    metadata,
    key(),
    owner(),
    Column("stored_id", Uuid, ForeignKey("assets.id", ondelete="CASCADE"), nullable=False),
    text("user_id"),
    text("project_name"),
    text("asset_type"),
    text("tag"),
    text("filename"),
    text("r2_key"),
    text("metadata", "{}"),
    Column("owned", Boolean, nullable=False, server_default=false()),
    Column("export_due", Boolean, nullable=False, server_default=true()),
    moment("created_at", now=True),
    moment("updated_at", now=True),
    UniqueConstraint("r2_key"),
    CheckConstraint("asset_type IN ('image', 'video', 'text')", name="asset_type"),
    CheckConstraint("tag IN ('character', 'storyboard', 'clip')", name="tag"),
    Index("ix_library_assets_project", "account_id", "user_id", "project_name", "created_at", "id"),
    Index("ix_library_assets_stored", "stored_id"),
    Index("ix_library_assets_due", "created_at", postgresql_where=Column("export_due", Boolean)),
)

library_projects = Table(
    "library_projects",
    metadata,
    owner(),
    text("user_id"),
    text("project_name"),
    text("name"),
    Column("export_due", Boolean, nullable=False, server_default=true()),
    moment("created_at", now=True),
    moment("updated_at", now=True),
    PrimaryKeyConstraint("account_id", "user_id", "project_name"),
    Index("ix_library_projects_due", "updated_at", postgresql_where=Column("export_due", Boolean)),
)
