"""Committing uploads with the job that made them: a look at the object before the transaction, the row in it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from typing import Any

from kit.errors import NotReady
from services.storage.assets.store import COLUMNS, check_object
from services.storage.db import Database, Pg
from services.storage.ids import as_uuid
from services.storage.objects import Objects

_CAPABILITY = re.compile(r"/media/([0-9a-f]{32})\.[a-z0-9]+$")
_OBJECT_KEY = re.compile(r"/(objects/[0-9a-f-]{36}/[0-9a-f-]{36}/[0-9a-f]+)$")


class Confirmer:
    """What effects use of the assets aggregate."""

    def __init__(self, database: Database, objects: Objects) -> None:
        self._db = database
        self._objects = objects

    async def look(self, account: uuid.UUID, asset_ids: list[str]) -> list[Any]:
        """Returns the rows of the assets after a look at their objects; raises `NotReady` when one is missing."""
        ids = [as_uuid(asset_id) for asset_id in asset_ids]
        rows = await self._db.fetch(
            f"SELECT {COLUMNS} FROM assets WHERE id = ANY($1) AND account_id = $2", [i for i in ids if i], account
        )
        by_id = {row["id"]: row for row in rows}
        if any(asset_id not in by_id for asset_id in ids):
            raise NotReady("A product was reported that was never uploaded.", reason="asset_not_found")
        for row in rows:
            if row["state"] != "live":
                await check_object(self._objects, row)
        return [by_id[asset_id] for asset_id in ids]

    async def commit(self, pg: Pg, rows: list[Any], drama_id: str) -> None:
        """Marks the assets LIVE and labels them with their drama; raises `NotReady` when one was removed since the look at it."""
        done = await pg.fetch(
            """UPDATE assets SET state = 'live', confirmed_at = coalesce(confirmed_at, now()), drama_id = $2
               WHERE id = ANY($1) RETURNING id""",
            [row["id"] for row in rows],
            drama_id,
        )
        if len(done) < len({row["id"] for row in rows}):
            raise NotReady("A product is gone.", reason="asset_not_found")

    async def adopt(self, pg: Pg, account: uuid.UUID, drama_id: str, urls: Sequence[str]) -> None:
        """Labels assets of the account that belong to no drama yet and have one of these URLs: they go when the drama goes.

        What a person has put into the asset library stays the library's.
        """
        capabilities = [found[1] for url in urls if (found := _CAPABILITY.search(url))]
        keys = [found[1] for url in urls if (found := _OBJECT_KEY.search(url))]
        if capabilities or keys:
            await pg.execute(
                """UPDATE assets a SET drama_id = $2 WHERE account_id = $1 AND drama_id = ''
                   AND id IN (SELECT id FROM assets WHERE capability = ANY($3) UNION SELECT id FROM assets WHERE object_key = ANY($4))
                   AND NOT EXISTS (SELECT 1 FROM library_assets l WHERE l.stored_id = a.id)""",
                account,
                drama_id,
                capabilities,
                keys,
            )
