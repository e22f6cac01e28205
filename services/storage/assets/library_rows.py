"""Rows of the asset library: how one is written, with all that hangs on it, and how one is read."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kit.blobs import EXTENSIONS
from kit.jsonio import dumps
from services.storage.assets import library_rules as rules
from services.storage.db import Pg

SELECT = """SELECT l.id, l.account_id, l.stored_id, l.user_id, l.project_name, l.asset_type, l.tag, l.filename, l.r2_key, l.metadata,
  l.created_at, l.updated_at, a.bytes, a.content_type, a.sha256, a.capability, a.object_key
  FROM library_assets l JOIN assets a ON a.id = l.stored_id"""
_PROJECT = """
INSERT INTO library_projects (account_id, user_id, project_name, name) VALUES ($1, $2, $3, $4)
ON CONFLICT (account_id, user_id, project_name) DO UPDATE SET updated_at = now(), export_due = true
"""
_ASSET = """
INSERT INTO library_assets (id, account_id, stored_id, user_id, project_name, asset_type, tag, filename, r2_key, metadata, owned)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""
_KEPT_WITH_DRAMA = "INSERT INTO friendly_keys (account_id, drama_id, target_key) VALUES ($1, $2, $3), ($1, $2, $4) ON CONFLICT DO NOTHING"


@dataclass(frozen=True)
class Entry:
    """What is to be listed: labels as they were given, and the drama that the bytes go with (empty for none)."""

    user: str
    project: str
    asset_type: str
    tag: str
    filename: str
    labels: Mapping[str, Any]
    drama_id: str = ""


async def insert(pg: Pg, account: uuid.UUID, stored: Any, entry: Entry) -> uuid.UUID:
    """Lists stored bytes; returns the id. The copy under the friendly key and the two small objects are made after the commit."""
    asset_id = uuid.uuid4()
    user, project = rules.identifier(entry.user or rules.DEFAULT_USER), rules.identifier(entry.project)
    extension = EXTENSIONS[stored["content_type"]]
    key = rules.object_key(account, user, project, entry.asset_type, asset_id, extension)
    await pg.execute(_PROJECT, account, user, project, entry.project[:256])
    await pg.execute(
        _ASSET,
        asset_id,
        account,
        stored["id"],
        user,
        project,
        entry.asset_type,
        entry.tag,
        rules.file_name(entry.filename, f"{asset_id}.{extension}"),
        key,
        dumps(dict(entry.labels)),
        not entry.drama_id,
    )
    await pg.execute(
        "INSERT INTO copies (source_key, target_key, content_type) VALUES ($1, $2, $3)",
        stored["object_key"],
        key,
        stored["content_type"],
    )
    if entry.drama_id:
        about = rules.metadata_key(account, user, project, entry.asset_type, asset_id)
        await pg.execute(_KEPT_WITH_DRAMA, account, entry.drama_id, key, about)
    return asset_id


async def remove(pg: Pg, account: uuid.UUID, row: Any) -> None:
    """Removes what hangs on a row that was deleted: its objects, and the bytes when nobody else has them."""
    about = rules.metadata_key(account, row["user_id"], row["project_name"], row["asset_type"], row["id"])
    keys = [row["r2_key"], about]
    await pg.execute("DELETE FROM copies WHERE target_key = $1", row["r2_key"])
    await pg.execute("DELETE FROM friendly_keys WHERE account_id = $1 AND target_key = ANY($2)", account, keys)
    if row["owned"]:
        gone = await pg.fetch(
            """DELETE FROM assets WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM library_assets WHERE stored_id = $1)
               RETURNING object_key""",
            row["stored_id"],
        )
        keys += [one["object_key"] for one in gone]
    # Twice: a copy or an export that is under way at this moment may still write its object after the first time.
    await pg.execute(
        """INSERT INTO garbage (object_key, run_after)
           SELECT k, now() + wait FROM unnest($1::text[]) AS k, (VALUES (interval '0'), (interval '2 minutes')) AS w(wait)""",
        keys,
    )
