"""Entities of a drama: a hash per row, since when a take is live, paid calls by drama, friendly keys by name"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_HASHED = ("characters", "episodes", "scenes", "drama_assets")


def upgrade() -> None:
    """Expands the schema. Code of the release before goes on: what it writes has no hash, and its `hashed_revision` stays behind."""
    for table in _HASHED:
        op.add_column(table, sa.Column("etag", sa.Text(), server_default="", nullable=False))
    op.add_column("dramas", sa.Column("hashed_revision", sa.BigInteger(), server_default="0", nullable=False))
    op.create_index("ix_scenes_episode", "scenes", ["drama_id", "episode_id", "place"], unique=False)
    op.add_column("takes", sa.Column("live_since", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE takes SET live_since = created_at WHERE live")
    op.add_column("submissions", sa.Column("drama_id", sa.Text(), server_default="", nullable=False))
    op.execute(
        "UPDATE submissions s SET drama_id = r.drama_id FROM runs r WHERE r.id = s.run_id AND r.drama_id <> s.drama_id"
    )
    op.create_index("ix_submissions_drama", "submissions", ["account_id", "drama_id", "created_at", "id"], unique=False)
    op.create_index("ix_friendly_keys_target", "friendly_keys", ["target_key"], unique=False)
    op.create_index("ix_copies_target", "copies", ["target_key"], unique=False)


def downgrade() -> None:
    """Takes it back."""
    op.drop_index("ix_copies_target", table_name="copies")
    op.drop_index("ix_friendly_keys_target", table_name="friendly_keys")
    op.drop_index("ix_submissions_drama", table_name="submissions")
    op.drop_column("submissions", "drama_id")
    op.drop_column("takes", "live_since")
    op.drop_index("ix_scenes_episode", table_name="scenes")
    op.drop_column("dramas", "hashed_revision")
    for table in _HASHED:
        op.drop_column(table, "etag")
