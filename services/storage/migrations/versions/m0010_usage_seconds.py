"""The ledger says how long a film is and how long it took: both are summed when the paid call is gone"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expands the schema, and fills it from the calls that are there."""
    for name in ("film_seconds", "work_seconds"):
        op.add_column("usage_entries", sa.Column(name, sa.Double(), nullable=False, server_default="0"))
    op.execute("""
        UPDATE usage_entries u SET work_seconds = greatest(0, extract(epoch FROM u.created_at - s.created_at)),
          film_seconds = coalesce(substring(s.request from '"seconds": ?"?([0-9]{1,6}([.][0-9]{1,6})?)')::float8, 0)
        FROM submissions s WHERE s.id = u.submission_id AND u.outcome = 'done'
    """)


def downgrade() -> None:
    """Contracts it again."""
    for name in ("film_seconds", "work_seconds"):
        op.drop_column("usage_entries", name)
