"""The asset library"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expands the schema."""
    op.create_table(
        "library_assets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("stored_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("project_name", sa.Text(), nullable=False),
        sa.Column("asset_type", sa.Text(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("r2_key", sa.Text(), nullable=False),
        sa.Column("metadata", sa.Text(), server_default="{}", nullable=False),
        sa.Column("owned", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("export_due", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("asset_type IN ('image', 'video', 'text')", name=op.f("ck_library_assets_asset_type")),
        sa.CheckConstraint("tag IN ('character', 'storyboard', 'clip')", name=op.f("ck_library_assets_tag")),
        sa.ForeignKeyConstraint(
            ["stored_id"], ["assets.id"], name=op.f("fk_library_assets_stored_id_assets"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_library_assets")),
        sa.UniqueConstraint("r2_key", name=op.f("uq_library_assets_r2_key")),
    )
    op.create_index(
        "ix_library_assets_project",
        "library_assets",
        ["account_id", "user_id", "project_name", "created_at", "id"],
        unique=False,
    )
    op.create_index("ix_library_assets_stored", "library_assets", ["stored_id"], unique=False)
    op.create_index(
        "ix_library_assets_due", "library_assets", ["created_at"], unique=False, postgresql_where=sa.text("export_due")
    )
    op.create_table(
        "library_projects",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("project_name", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("export_due", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "user_id", "project_name", name=op.f("pk_library_projects")),
    )
    op.create_index(
        "ix_library_projects_due",
        "library_projects",
        ["updated_at"],
        unique=False,
        postgresql_where=sa.text("export_due"),
    )


def downgrade() -> None:
    """Takes it back."""
    op.drop_table("library_projects")
    op.drop_table("library_assets")
