"""The small objects of the asset library, written after the commit: the metadata of each asset, and each project's own."""

from __future__ import annotations

import asyncio
from typing import Any

import structlog

from kit.errors import Unavailable
from kit.jsonio import dumps
from kit.library_json import iso_z, library_json
from services.storage.assets import library_rows as table
from services.storage.assets import library_rules as rules
from services.storage.assets.library_store import LibraryStore
from services.storage.db import Database, Pg
from services.storage.objects import Objects

log = structlog.get_logger("chores")

_EVERY = 2.0
_BATCH = 100
_LOCK = 0x5FD_11B_0001
_DUE_ASSETS = f"{table.SELECT} WHERE l.export_due ORDER BY l.created_at LIMIT {_BATCH}"
_DUE_PROJECTS = f"""SELECT account_id, user_id, project_name, name, created_at, updated_at FROM library_projects
  WHERE export_due ORDER BY updated_at LIMIT {_BATCH}"""
_PROJECT_DONE = """UPDATE library_projects SET export_due = false
  WHERE account_id = $1 AND user_id = $2 AND project_name = $3 AND updated_at = $4"""


class LibraryChores:
    """Runs in every storage process; one at a time exports."""

    def __init__(self, database: Database, objects: Objects, store: LibraryStore) -> None:
        self._db = database
        self._objects = objects
        self._store = store

    async def run(self) -> None:
        """Exports for ever."""
        while True:
            try:
                busy = await self._round()
            except Unavailable as error:
                log.info("library_chores_wait", reason=error.reason)
                busy = False
            except Exception:
                # A chore that cannot be done must not end the process that everybody needs: it is told, and tried again.
                log.exception("library_chores_failed")
                busy = False
            await asyncio.sleep(0.1 if busy else _EVERY)

    async def _round(self) -> bool:
        """Exports what is due, at most a batch of each; returns whether more may be due."""
        # One process at a time, so that an older project file never replaces a newer one.
        async with self._db.connection() as pg:
            if not await pg.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):
                return False
            try:
                assets = await self._assets(pg)
                return max(assets, await self._projects(pg)) == _BATCH
            finally:
                await pg.execute("SELECT pg_advisory_unlock($1)", _LOCK)

    async def _assets(self, pg: Pg) -> int:
        rows: list[Any] = await pg.fetch(_DUE_ASSETS)
        for row in rows:
            key = rules.metadata_key(
                row["account_id"], row["user_id"], row["project_name"], row["asset_type"], row["id"]
            )
            await self._objects.put(key, dumps(library_json(self._store.message(row))).encode(), "application/json")
            await pg.execute("UPDATE library_assets SET export_due = false WHERE id = $1", row["id"])
        return len(rows)

    async def _projects(self, pg: Pg) -> int:
        rows: list[Any] = await pg.fetch(_DUE_PROJECTS)
        for row in rows:
            account, user, project = row["account_id"], row["user_id"], row["project_name"]
            body = {
                "user_id": user,
                "project_name": project,
                "name": row["name"],
                "created_at": iso_z(row["created_at"]),
                "updated_at": iso_z(row["updated_at"]),
            }
            await self._objects.put(rules.project_key(account, user, project), dumps(body).encode(), "application/json")
            await pg.execute(_PROJECT_DONE, account, user, project, row["updated_at"])
        return len(rows)
