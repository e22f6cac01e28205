"""Dead letters remember the run that they were sent in again as"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expands the schema."""
    op.add_column("dead_letters", sa.Column("redriven_run_id", sa.Uuid(), nullable=True))
    op.create_index(
        "ix_dead_letters_account_created", "dead_letters", ["account_id", "created_at", "job_id"], unique=False
    )


def downgrade() -> None:
    """Contracts it again."""
    op.drop_index("ix_dead_letters_account_created", table_name="dead_letters")
    op.drop_column("dead_letters", "redriven_run_id")
