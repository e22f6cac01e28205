"""Runs are found by kind and label"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expands the schema."""
    op.add_column("runs", sa.Column("label", sa.Text(), server_default="", nullable=False))
    op.create_index("ix_runs_account_kind", "runs", ["account_id", "kind", "created_at", "id"], unique=False)
    op.create_index("ix_runs_account_label", "runs", ["account_id", "kind", "label", "created_at", "id"], unique=False)


def downgrade() -> None:
    """Contracts it again."""
    op.drop_index("ix_runs_account_label", table_name="runs")
    op.drop_index("ix_runs_account_kind", table_name="runs")
    op.drop_column("runs", "label")
