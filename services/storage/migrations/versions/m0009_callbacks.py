"""A vendor's callback finds its paid call and makes the job due"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expands the schema. A hash index takes an operation's id of any length, where a B-tree would refuse a long one."""
    op.add_column("jobs", sa.Column("woken", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("submissions", sa.Column("told_operation_id", sa.Text(), server_default="", nullable=False))
    op.add_column("submissions", sa.Column("callbacks", sa.Integer(), server_default="0", nullable=False))
    op.create_index(
        "ix_submissions_operation",
        "submissions",
        ["operation_id"],
        unique=False,
        postgresql_using="hash",
        postgresql_where=sa.text("state IN ('submitted', 'running', 'fetching')"),
    )


def downgrade() -> None:
    """Takes it back."""
    op.drop_index("ix_submissions_operation", table_name="submissions")
    op.drop_column("submissions", "callbacks")
    op.drop_column("submissions", "told_operation_id")
    op.drop_column("jobs", "woken")
