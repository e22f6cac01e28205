"""Dramas in rows: read whole, written whole, listed by key."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from kit.errors import Conflict, NotFound
from services.storage.db import Database, Pg
from services.storage.dramas import entity_rows, etags
from services.storage.dramas.hashes import NO_MACHINE, Machine, seal, seal_drama
from services.storage.dramas.kinds import clean, scenes_of
from services.storage.dramas.rules import check_drama
from services.storage.dramas.sizes import check_stored, check_whole
from services.storage.ids import page_size, page_token, uuid7
from services.storage.jobs.convert import stamp
from services.storage.jobs.runs import moment_key
from services.storage.pages import fitting
from sfd.dramas.v1 import drama_pb2 as pb
from sfd.dramas.v1 import drama_service_pb2 as rpc

CONFLICT = "Drama was modified by another process"
_DRAMA = "id, account_id, public_id, title, description, premise, url, metadata, revision, media_revision, etag, created_at, updated_at"
_TABLES = ("characters", "episodes", "scenes", "drama_assets")


class DramaStore:
    """SQL of whole dramas."""

    def __init__(self, database: Database) -> None:
        self.db = database

    async def get(self, account: uuid.UUID, public_id: str, pg: Pg | None = None) -> pb.Drama:
        """Returns a drama, whole; raises `NotFound`."""
        if pg is None:
            async with self.db.connection() as own, own.transaction(isolation="repeatable_read", readonly=True):
                return await self.get(account, public_id, own)
        row = await pg.fetchrow(
            f"SELECT {_DRAMA} FROM dramas WHERE account_id = $1 AND public_id = $2", account, clean(public_id)
        )
        if row is None:
            raise missing_drama(public_id)
        return await self._read(pg, row)

    async def by_key(self, pg: Pg, key: uuid.UUID) -> tuple[uuid.UUID, pb.Drama] | None:
        """Returns the account and the drama of a UUID, or None."""
        async with pg.transaction(isolation="repeatable_read", readonly=True):
            row = await pg.fetchrow(f"SELECT {_DRAMA} FROM dramas WHERE id = $1", key)
            return (row["account_id"], await self._read(pg, row)) if row else None

    async def _read(self, pg: Pg, row: Any) -> pb.Drama:
        drama = pb.Drama(
            id=row["public_id"],
            title=row["title"],
            description=row["description"],
            premise=row["premise"],
            url=row["url"],
            metadata_json=row["metadata"],
            revision=row["revision"],
            media_revision=row["media_revision"],
            etag=row["etag"],
            created_at=stamp(row["created_at"]),
            updated_at=stamp(row["updated_at"]),
        )
        await entity_rows.read_all(pg, row["id"], drama)
        return drama

    async def page(self, account: uuid.UUID, request: rpc.ListDramasRequest) -> rpc.ListDramasResponse:
        """Returns a page of summaries, last changed first, by key and not by offset. It ends early when it gets too large for one message."""
        size = page_size(request.page_size)
        args: list[Any] = [account]
        after = ""
        if request.page_token:
            args += moment_key(request.page_token)
            after = "AND (updated_at, id) < ($2, $3)"
        rows = await self.db.fetch(
            f"""SELECT id, public_id, title, description, premise, url, metadata, created_at, updated_at FROM dramas
                WHERE account_id = $1 {after} ORDER BY updated_at DESC, id DESC LIMIT {size + 1}""",
            *args,
        )
        summaries = [_summary(row) for row in rows[:size]]
        count = fitting(summaries)
        token = ""
        if len(rows) > count:
            token = page_token(rows[count - 1]["updated_at"].isoformat(), str(rows[count - 1]["id"]))
        return rpc.ListDramasResponse(dramas=summaries[:count], next_page_token=token)

    async def key(self, pg: Pg, account: uuid.UUID, public_id: str) -> uuid.UUID:
        """Returns the UUID of a drama; raises `NotFound`."""
        key: uuid.UUID | None = await pg.fetchval(
            "SELECT id FROM dramas WHERE account_id = $1 AND public_id = $2", account, clean(public_id)
        )
        if key is None:
            raise missing_drama(public_id)
        return key

    async def lock(self, pg: Pg, account: uuid.UUID, public_id: str) -> Any | None:
        """Locks a drama's row and returns it, or None."""
        return await pg.fetchrow(
            f"SELECT {_DRAMA} FROM dramas WHERE account_id = $1 AND public_id = $2 FOR UPDATE",
            account,
            clean(public_id),
        )

    async def put(
        self, pg: Pg, account: uuid.UUID, drama: pb.Drama, *, if_etag: str | None = None, create_only: bool = False
    ) -> bool:
        """Writes a whole drama; returns whether its id was free. `if_etag` of None means whatever is there, empty that nothing may be.

        Assets that are machine-made stay so. Raises `InvalidInput`, and `Conflict` with the contract's text when somebody else was first.
        """
        check_drama(drama)
        check_whole(drama)
        row = await pg.fetchrow(
            """INSERT INTO dramas (id, account_id, public_id, title, description, premise, etag) VALUES ($1, $2, $3, '', '', '', '')
               ON CONFLICT (account_id, public_id) DO NOTHING RETURNING id""",
            uuid7(),
            account,
            drama.id,
        )
        created = row is not None
        if row is None:
            row = await self.lock(pg, account, drama.id)
            if row is None:
                raise Conflict(CONFLICT, reason="drama_modified")
            if create_only:
                raise Conflict(f"Drama {drama.id} exists already.", reason="drama_exists", field="drama.id")
            if if_etag is not None and row["etag"] != if_etag:
                raise Conflict(CONFLICT, reason="drama_modified")
        elif if_etag:
            raise Conflict(CONFLICT, reason="drama_modified")
        key = row["id"]
        machine = NO_MACHINE if created else await self._clear(pg, key)
        sealed = pb.Drama()
        sealed.CopyFrom(drama)
        seal_drama(sealed, machine)
        await pg.execute(
            """UPDATE dramas SET title = $2, description = $3, premise = $4, url = $5, metadata = $6, etag = $7, updated_at = now(),
                 export_due = true, revision = revision + $8, media_revision = media_revision + $8, hashed_revision = revision + $8
               WHERE id = $1""",
            key,
            drama.title,
            drama.description,
            drama.premise,
            drama.url if drama.HasField("url") else None,
            drama.metadata_json if drama.HasField("metadata_json") else None,
            sealed.etag,
            0 if created else 1,
        )
        await entity_rows.insert_all(pg, key, sealed, machine)
        return created

    async def _clear(self, pg: Pg, key: uuid.UUID) -> Machine:
        """Removes the rows of all entities; returns which assets were machine-made."""
        machine = await pg.fetch(
            "SELECT owner_kind, owner_id, id FROM drama_assets WHERE drama_id = $1 AND machine", key
        )
        for table in _TABLES:
            await pg.execute(f"DELETE FROM {table} WHERE drama_id = $1", key)
        return frozenset((row["owner_kind"], row["owner_id"], row["id"]) for row in machine)

    async def insert_scenes(self, pg: Pg, key: uuid.UUID, episode_id: str, scenes: Sequence[pb.Scene]) -> None:
        """Writes the scenes of an episode that has none, with their assets; raises `InvalidInput` when the drama gets too large."""
        for scene in scenes:
            seal(scene)
        await entity_rows.insert(pg, key, scenes_of(episode_id), scenes)
        await check_stored(pg, key, "scenes")

    async def touch(self, pg: Pg, key: uuid.UUID, *, people: bool, owner: tuple[str, str] = ("drama", "")) -> None:
        """Counts a change: of people's fields (then the ETags are made anew from `owner`, as (kind, id), upwards) or of media."""
        if people:
            await etags.count_change(pg, key, owner)
            return
        await pg.execute(
            "UPDATE dramas SET media_revision = media_revision + 1, updated_at = now(), export_due = true WHERE id = $1",
            key,
        )


async def check_revision(pg: Pg, account: uuid.UUID, drama_id: str, revision: int) -> None:
    """Raises `Conflict` unless the drama still has the revision a plan was made on; holds it so until the commit.

    The lock also lets one plan of a drama in at a time, so that a second one sees what the first has begun.
    """
    row = await pg.fetchrow(
        "SELECT revision FROM dramas WHERE account_id = $1 AND public_id = $2 FOR UPDATE", account, drama_id
    )
    if row is None:
        raise NotFound(f"Drama {drama_id} not found", reason="drama_not_found", field="drama_id")
    if row["revision"] != revision:
        raise Conflict(CONFLICT, reason="stale_revision")


def missing_drama(public_id: str, field: str = "drama_id") -> NotFound:
    """Returns the error for a drama that is not there, or is another account's."""
    return NotFound(f"Drama {public_id[:128]} not found", reason="drama_not_found", field=field)


def _summary(row: Any) -> pb.DramaSummary:
    return pb.DramaSummary(
        id=row["public_id"],
        title=row["title"],
        description=row["description"],
        premise=row["premise"],
        url=row["url"],
        metadata_json=row["metadata"],
        created_at=stamp(row["created_at"]),
        updated_at=stamp(row["updated_at"]),
    )
