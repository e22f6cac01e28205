"""What follows a commit without being part of it: exports, friendly copies, removals, uploads that never came.

Every chore is found by looking at rows, so a crash only delays it; a claim is a row lock that is skipped by the others.
"""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import structlog

from kit.drama_json import drama_json
from kit.errors import Unavailable
from kit.jsonio import dumps
from services.storage.db import Database
from services.storage.dramas.rules import drama_prefix
from services.storage.dramas.store import DramaStore
from services.storage.objects import Objects

log = structlog.get_logger("chores")

_EVERY = 2.0
_PATIENCE = 3
_DUE_EXPORTS = "SELECT id, public_id FROM dramas WHERE export_due ORDER BY updated_at LIMIT 50"
_EXPORTED = "UPDATE dramas SET export_due = false WHERE id = $1 AND revision = $2 AND media_revision = $3"
# Claimed by pushing them into the future: when this process dies in the middle, another finds them there.
_CLAIM_COPIES = """
UPDATE copies SET run_after = now() + interval '30 seconds' WHERE id IN (
  SELECT id FROM copies WHERE run_after <= now() ORDER BY run_after, id LIMIT 50 FOR UPDATE SKIP LOCKED)
RETURNING id, source_key, target_key, content_type
"""
_CLAIM_GARBAGE = """
UPDATE garbage SET run_after = now() + interval '30 seconds' WHERE id IN (
  SELECT id FROM garbage WHERE run_after <= now() ORDER BY id LIMIT 200 FOR UPDATE SKIP LOCKED)
RETURNING id, object_key
"""
_EXPIRED_UPLOADS = """
WITH old AS (
  DELETE FROM assets WHERE id IN (
    SELECT id FROM assets WHERE state = 'pending' AND created_at < now() - interval '24 hours' LIMIT 200 FOR UPDATE SKIP LOCKED)
  RETURNING object_key)
INSERT INTO garbage (object_key) SELECT object_key FROM old
"""


class Chores:
    """Runs in every storage process."""

    def __init__(self, database: Database, objects: Objects, dramas: DramaStore) -> None:
        self._db = database
        self._objects = objects
        self._dramas = dramas
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Tells that something was committed that has chores."""
        self._wake.set()

    async def run(self) -> None:
        """Does chores for ever."""
        while True:
            try:
                await self._exports()
                await self._copies()
                await self._garbage()
                await self._db.fetch(_EXPIRED_UPLOADS)
            except Unavailable as error:
                log.info("chores_wait", reason=error.reason)
            except Exception:
                # A chore that cannot be done must not end the process that everybody needs: it is told, and tried again.
                log.exception("chores_failed")
            try:
                async with asyncio.timeout(_EVERY):
                    await self._wake.wait()
                await asyncio.sleep(0.5)
            except TimeoutError:
                pass
            self._wake.clear()

    async def _exports(self) -> None:
        for row in await self._db.fetch(_DUE_EXPORTS):
            await self._export(row["id"])

    async def _export(self, key: uuid.UUID) -> None:
        """Writes drama.json; never an older revision over a newer one.

        One process at a time exports a drama (an advisory lock for the session), and it reads the drama after it has the lock.
        """
        async with self._db.connection() as pg:
            number = key.int & ((1 << 63) - 1)
            if not await pg.fetchval("SELECT pg_try_advisory_lock($1)", number):
                return
            try:
                found = await self._dramas.by_key(pg, key)
                if found is None:
                    return
                account, drama = found
                body = dumps(drama_json(drama)).encode()
                await self._objects.put(f"{drama_prefix(account, drama.id)}/drama.json", body, "application/json")
                await pg.execute(_EXPORTED, key, drama.revision, drama.media_revision)
            finally:
                await pg.execute("SELECT pg_advisory_unlock($1)", number)

    async def _copies(self) -> None:
        rows: Any = await self._db.fetch(_CLAIM_COPIES)
        failed = 0
        for row in rows:
            try:
                await self._objects.copy(row["source_key"], row["target_key"], row["content_type"])
            except Unavailable:
                # One object that cannot be copied must not stand before all others for ever; a bucket that is away fails them all.
                failed += 1
                if failed == _PATIENCE:
                    raise
                log.warning("copy_failed", source=row["source_key"])
                continue
            await self._db.fetch("DELETE FROM copies WHERE id = $1", row["id"])

    async def _garbage(self) -> None:
        rows = await self._db.fetch(_CLAIM_GARBAGE)
        if rows:
            await self._objects.remove([row["object_key"] for row in rows])
            await self._db.fetch("DELETE FROM garbage WHERE id = ANY($1)", [row["id"] for row in rows])
