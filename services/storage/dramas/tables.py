"""dramas, characters, episodes, scenes, drama_assets, takes.

`revision` counts edits of people's fields, `media_revision` changes of urls, takes and machine-made assets. A drama whose export is
behind has `export_due`. The `etag` of a row hashes the people's fields of the entity and of all that is under it; the rows of a drama
have the right ones while its `hashed_revision` is its `revision`.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY

from services.storage.schema import key, metadata, moment, owner, text


def _shown(name: str, column: str) -> Index:
    """Finds who shows a URL; by its hash, because a URL can be longer than a B-tree takes."""
    return Index(name, column, postgresql_using="hash", postgresql_where=sql(f"{column} IS NOT NULL"))


dramas = Table(
    "dramas",
    metadata,
    key(),
    owner(),
    text("public_id"),
    text("title"),
    text("description"),
    text("premise"),
    text("url", nullable=True),
    text("metadata", nullable=True),
    Column("revision", BigInteger, nullable=False, server_default="1"),
    Column("media_revision", BigInteger, nullable=False, server_default="1"),
    text("etag"),
    Column("hashed_revision", BigInteger, nullable=False, server_default="0"),
    moment("created_at", now=True),
    moment("updated_at", now=True),
    Column("export_due", Boolean, nullable=False, server_default="true"),
    UniqueConstraint("account_id", "public_id"),
    Index("ix_dramas_account_updated", "account_id", "updated_at", "id"),
    Index("ix_dramas_export_due", "updated_at", postgresql_where=Column("export_due", Boolean)),
    _shown("ix_dramas_url", "url"),
)


def _drama() -> Column[object]:
    return Column("drama_id", Uuid, ForeignKey("dramas.id", ondelete="CASCADE"), nullable=False)


def _place() -> Column[object]:
    return Column("place", Integer, nullable=False)


characters = Table(
    "characters",
    metadata,
    _drama(),
    text("id"),
    _place(),
    text("name"),
    text("description"),
    text("gender"),
    text("voice_description"),
    Column("main", Boolean, nullable=False, server_default="false"),
    text("url", nullable=True),
    text("premise_url", nullable=True),
    text("metadata", nullable=True),
    text("etag", ""),
    PrimaryKeyConstraint("drama_id", "id"),
    _shown("ix_characters_url", "url"),
    _shown("ix_characters_premise_url", "premise_url"),
)

episodes = Table(
    "episodes",
    metadata,
    _drama(),
    text("id"),
    _place(),
    text("title"),
    text("description"),
    text("premise", nullable=True),
    text("url", nullable=True),
    text("metadata", nullable=True),
    text("etag", ""),
    PrimaryKeyConstraint("drama_id", "id"),
    _shown("ix_episodes_url", "url"),
)

scenes = Table(
    "scenes",
    metadata,
    _drama(),
    text("id"),
    text("episode_id"),
    _place(),
    text("description"),
    text("image_url", nullable=True),
    text("video_url", nullable=True),
    text("metadata", nullable=True),
    text("etag", ""),
    PrimaryKeyConstraint("drama_id", "id"),
    Index("ix_scenes_episode", "drama_id", "episode_id", "place"),
    _shown("ix_scenes_image_url", "image_url"),
    _shown("ix_scenes_video_url", "video_url"),
)

drama_assets = Table(
    "drama_assets",
    metadata,
    _drama(),
    text("owner_kind"),
    text("owner_id", ""),
    text("id"),
    _place(),
    text("kind"),
    Column("depends_on", ARRAY(Text), nullable=False, server_default="{}"),
    text("prompt"),
    Column("duration", Integer, nullable=True),
    text("url", nullable=True),
    text("metadata", nullable=True),
    Column("machine", Boolean, nullable=False, server_default="false"),
    text("etag", ""),
    PrimaryKeyConstraint("drama_id", "owner_kind", "owner_id", "id"),
    CheckConstraint("owner_kind IN ('drama', 'character', 'episode', 'scene')", name="owner_kind"),
    CheckConstraint("kind IN ('image', 'video')", name="kind"),
    _shown("ix_drama_assets_url", "url"),
)

takes = Table(
    "takes",
    metadata,
    key(),
    _drama(),
    text("slot"),
    Column("asset_id", Uuid, nullable=False),
    text("sha256"),
    text("fingerprint", ""),
    Column("live", Boolean, nullable=False),
    Column("job_id", Uuid, nullable=True),
    text("output", "{}"),
    moment("created_at", now=True),
    moment("live_since"),
    Index("uq_takes_live", "drama_id", "slot", unique=True, postgresql_where=Column("live", Boolean)),
    Index("ix_takes_drama_slot", "drama_id", "slot", "created_at"),
)
