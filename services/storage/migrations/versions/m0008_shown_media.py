"""Whoever removes an object finds the dramas that show it by its URL"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_SHOWN = (
    ("ix_dramas_url", "dramas", "url"),
    ("ix_characters_url", "characters", "url"),
    ("ix_characters_premise_url", "characters", "premise_url"),
    ("ix_episodes_url", "episodes", "url"),
    ("ix_scenes_image_url", "scenes", "image_url"),
    ("ix_scenes_video_url", "scenes", "video_url"),
    ("ix_drama_assets_url", "drama_assets", "url"),
)


def upgrade() -> None:
    """Expands the schema. A hash index takes a URL of any length, where a B-tree would refuse a long one."""
    for name, table, column in _SHOWN:
        where = sa.text(f"{column} IS NOT NULL")
        op.create_index(name, table, [column], unique=False, postgresql_using="hash", postgresql_where=where)


def downgrade() -> None:
    """Takes it back."""
    for name, table, _ in reversed(_SHOWN):
        op.drop_index(name, table_name=table)
