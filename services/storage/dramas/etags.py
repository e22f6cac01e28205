"""ETags in rows: after a change those on the way up are made anew, from the rows that are side by side there.

A drama whose `hashed_revision` is behind its `revision` was written by a release that knew no hashes of rows: then all are made anew.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from services.storage.db import Pg
from services.storage.dramas import entity_rows
from services.storage.dramas.hashes import character_etag, drama_etag, episode_etag, scene_etag, seal_drama
from services.storage.dramas.kinds import ASSET, CHARACTER, EPISODE, OWNERS, SCENE, Kind
from sfd.dramas.v1 import drama_pb2 as pb

_DRAMA = """
UPDATE dramas SET revision = revision + 1, hashed_revision = revision + 1, etag = $2, updated_at = now(), export_due = true WHERE id = $1
"""
_ASSETS = """
SELECT etag FROM drama_assets WHERE drama_id = $1 AND owner_kind = $2 AND owner_id = $3 AND NOT machine ORDER BY place, id
"""


async def count_change(pg: Pg, key: uuid.UUID, owner: tuple[str, str]) -> None:
    """Counts a change of people's fields and makes the ETags anew from `owner`, as (kind word, id), up to the drama's."""
    row = await pg.fetchrow(
        "SELECT title, description, premise, metadata, revision, hashed_revision FROM dramas WHERE id = $1", key
    )
    drama = pb.Drama(
        title=row["title"], description=row["description"], premise=row["premise"], metadata_json=row["metadata"]
    )
    if row["hashed_revision"] == row["revision"]:
        await _rise(pg, key, owner)
        drama.etag = drama_etag(
            drama,
            await _assets(pg, key, "drama", ""),
            await _column(pg, "SELECT etag FROM characters WHERE drama_id = $1 ORDER BY place, id", key),
            await _column(pg, "SELECT etag FROM episodes WHERE drama_id = $1 ORDER BY place, id", key),
        )
    else:
        seal_drama(drama, await entity_rows.read_all(pg, key, drama))
        await _write_all(pg, key, drama)
    await pg.execute(_DRAMA, key, drama.etag)


async def _rise(pg: Pg, key: uuid.UUID, owner: tuple[str, str]) -> None:
    word, entity_id = owner
    while word != "drama":
        kind = OWNERS[word]
        row = await pg.fetchrow(f"SELECT * FROM {kind.table} WHERE drama_id = $1 AND id = $2", key, entity_id)
        entity, assets = kind.read(row), await _assets(pg, key, word, entity_id)
        above = ("drama", "")
        if kind is CHARACTER:
            etag = character_etag(entity, assets)
        elif kind is EPISODE:
            scenes = await _column(
                pg,
                "SELECT etag FROM scenes WHERE drama_id = $1 AND episode_id = $2 ORDER BY place, id",
                key,
                entity_id,
            )
            etag = episode_etag(entity, assets, scenes)
        else:
            etag, above = scene_etag(entity, assets), ("episode", row["episode_id"])
        await pg.execute(f"UPDATE {kind.table} SET etag = $3 WHERE drama_id = $1 AND id = $2", key, entity_id, etag)
        word, entity_id = above


async def _write_all(pg: Pg, key: uuid.UUID, drama: pb.Drama) -> None:
    scenes = [scene for episode in drama.episodes for scene in episode.scenes]
    for kind, entities in ((CHARACTER, drama.characters), (EPISODE, drama.episodes), (SCENE, scenes)):
        await _write(pg, key, kind, entities)
    owned: list[tuple[str, str, Any]] = [("drama", "", asset) for asset in drama.assets]
    for word, entities in (("character", drama.characters), ("episode", drama.episodes), ("scene", scenes)):
        owned += [(word, entity.id, asset) for entity in entities for asset in entity.assets]
    await pg.execute(
        f"""UPDATE {ASSET.table} AS a SET etag = t.etag FROM unnest($2::text[], $3::text[], $4::text[], $5::text[]) AS t(kind, owner, id, etag)
            WHERE a.drama_id = $1 AND a.owner_kind = t.kind AND a.owner_id = t.owner AND a.id = t.id AND NOT a.machine""",
        key,
        [word for word, _, _ in owned],
        [owner for _, owner, _ in owned],
        [asset.id for _, _, asset in owned],
        [asset.etag for _, _, asset in owned],
    )


async def _write(pg: Pg, key: uuid.UUID, kind: Kind, entities: Sequence[Any]) -> None:
    await pg.execute(
        f"""UPDATE {kind.table} AS e SET etag = t.etag FROM unnest($2::text[], $3::text[]) AS t(id, etag)
            WHERE e.drama_id = $1 AND e.id = t.id""",
        key,
        [entity.id for entity in entities],
        [entity.etag for entity in entities],
    )


async def _assets(pg: Pg, key: uuid.UUID, word: str, owner: str) -> list[str]:
    return await _column(pg, _ASSETS, key, word, owner)


async def _column(pg: Pg, sql: str, *args: Any) -> list[str]:
    return [row["etag"] for row in await pg.fetch(sql, *args)]
