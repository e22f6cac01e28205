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
# The name is written down before the object is: whoever deletes the drama then knows of it. Waits for a deletion under way.
_NAME_EXPORT = """
WITH there AS (SELECT account_id, public_id FROM dramas WHERE id = $1 FOR KEY SHARE)
INSERT INTO friendly_keys (account_id, drama_id, target_key) SELECT account_id, public_id, $2 FROM there
ON CONFLICT (account_id, drama_id, target_key) DO UPDATE SET target_key = excluded.target_key RETURNING target_key
"""
_EXPORTED = "UPDATE dramas SET export_due = false WHERE id = $1 AND revision = $2 AND media_revision = $3"
# Claimed by pushing them into the future: when this process dies in the middle, another finds them there.
_CLAIM_COPIES = """
UPDATE copies SET run_after = now() + interval '30 seconds' WHERE id IN (
  SELECT id FROM copies WHERE run_after <= now() ORDER BY run_after, id LIMIT 50 FOR UPDATE SKIP LOCKED)
RETURNING id, source_key, target_key, content_type
"""
_ORPHAN = (
    "INSERT INTO garbage (object_key) SELECT $1 WHERE NOT EXISTS (SELECT 1 FROM friendly_keys WHERE target_key = $1)"
)
_IN_USE = "SELECT DISTINCT target_key FROM friendly_keys WHERE target_key = ANY($1)"
_EXPORT_AGAIN = """
UPDATE dramas d SET export_due = true FROM friendly_keys f
WHERE f.target_key = ANY($1) AND d.account_id = f.account_id AND d.public_id = f.drama_id
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
                name = f"{drama_prefix(account, drama.id)}/drama.json"
                if not await pg.fetchval(_NAME_EXPORT, key, name):
                    return
                body = dumps(drama_json(drama)).encode()
                await self._objects.put(name, body, "application/json")
                await pg.execute(_EXPORTED, key, drama.revision, drama.media_revision)
                if not await pg.fetchval("SELECT 1 FROM dramas WHERE id = $1", key):
                    # It was deleted meanwhile. One that has its id now gets its own export over this one.
                    await pg.execute(_ORPHAN, name)
                    await pg.execute(_EXPORT_AGAIN, [name])
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
            await self._copied(row)

    async def _copied(self, row: Any) -> None:
        """Ends a copy: done, or once more when a newer take was chosen meanwhile, or removed when nobody has the name any more."""
        if await self._db.row(
            "DELETE FROM copies WHERE id = $1 AND source_key = $2 RETURNING id", row["id"], row["source_key"]
        ):
            return
        if not await self._db.row("UPDATE copies SET run_after = now() WHERE id = $1 RETURNING id", row["id"]):
            await self._db.fetch(_ORPHAN, row["target_key"])

    async def _garbage(self) -> None:
        """Removes objects, but not those whose name is in use again: a drama was made anew under the same id."""
        rows = await self._db.fetch(_CLAIM_GARBAGE)
        if not rows:
            return
        keys = {row["object_key"] for row in rows}
        unused = sorted(keys - {row["target_key"] for row in await self._db.fetch(_IN_USE, sorted(keys))})
        stay = set[str]()
        if unused:
            stay = await self._objects.remove(unused)
            await self._db.fetch(_EXPORT_AGAIN, unused)
        done = [row["id"] for row in rows if row["object_key"] not in stay]
        await self._db.fetch("DELETE FROM garbage WHERE id = ANY($1)", done)
