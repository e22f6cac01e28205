"""Dramas in rows: read whole, written whole or by entity."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from kit.errors import Conflict, NotFound
from services.storage.db import Database, Pg
from services.storage.dramas.rules import check_drama, etag_of
from services.storage.ids import uuid7
from services.storage.jobs.convert import stamp
from sfd.dramas.v1 import drama_pb2 as pb

CONFLICT = "Drama was modified by another process"
_DRAMA = "id, account_id, public_id, title, description, premise, url, metadata, revision, media_revision, etag, created_at, updated_at"
_KINDS = {pb.ASSET_KIND_IMAGE: "image", pb.ASSET_KIND_VIDEO: "video"}
_KIND_OF = {"image": pb.ASSET_KIND_IMAGE, "video": pb.ASSET_KIND_VIDEO}

_INSERT_CHARACTERS = """
INSERT INTO characters (drama_id, id, place, name, description, gender, voice_description, main, url, premise_url, metadata)
SELECT $1, * FROM unnest($2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bool[], $9::text[], $10::text[], $11::text[])
"""
_INSERT_EPISODES = """
INSERT INTO episodes (drama_id, id, place, title, description, premise, url, metadata)
SELECT $1, * FROM unnest($2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
"""
_INSERT_SCENES = """
INSERT INTO scenes (drama_id, id, episode_id, place, description, image_url, video_url, metadata)
SELECT $1, * FROM unnest($2::text[], $3::text[], $4::int[], $5::text[], $6::text[], $7::text[], $8::text[])
"""
_INSERT_ASSET = """
INSERT INTO drama_assets (drama_id, owner_kind, owner_id, id, place, kind, depends_on, prompt, duration, url, metadata, machine)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (drama_id, owner_kind, owner_id, id) DO UPDATE SET url = excluded.url, prompt = excluded.prompt, metadata = excluded.metadata
"""


class DramaStore:
    """All SQL of the aggregate."""

    def __init__(self, database: Database) -> None:
        self.db = database

    async def get(self, account: uuid.UUID, public_id: str, pg: Pg | None = None) -> pb.Drama:
        """Returns a drama, whole; raises `NotFound`."""
        if pg is None:
            async with self.db.connection() as own:
                return await self.get(account, public_id, own)
        row = await pg.fetchrow(
            f"SELECT {_DRAMA} FROM dramas WHERE account_id = $1 AND public_id = $2", account, _clean(public_id)
        )
        if row is None:
            raise NotFound(f"Drama {public_id[:128]} not found", reason="drama_not_found", field="drama_id")
        return (await self._read(pg, row))[0]

    async def by_key(self, pg: Pg, key: uuid.UUID) -> tuple[uuid.UUID, pb.Drama] | None:
        """Returns the account and the drama of a UUID, or None."""
        row = await pg.fetchrow(f"SELECT {_DRAMA} FROM dramas WHERE id = $1", key)
        return (row["account_id"], (await self._read(pg, row))[0]) if row else None

    async def _read(self, pg: Pg, row: Any) -> tuple[pb.Drama, frozenset[tuple[str, str, str]]]:
        key = row["id"]
        assets: dict[tuple[str, str], list[pb.EntityAsset]] = {}
        machine: set[tuple[str, str, str]] = set()
        for a in await pg.fetch("SELECT * FROM drama_assets WHERE drama_id = $1 ORDER BY place, id", key):
            assets.setdefault((a["owner_kind"], a["owner_id"]), []).append(_asset(a))
            if a["machine"]:
                machine.add((a["owner_kind"], a["owner_id"], a["id"]))
        scenes: dict[str, list[pb.Scene]] = {}
        for s in await pg.fetch("SELECT * FROM scenes WHERE drama_id = $1 ORDER BY place, id", key):
            scenes.setdefault(s["episode_id"], []).append(
                pb.Scene(
                    id=s["id"],
                    description=s["description"],
                    image_url=s["image_url"],
                    video_url=s["video_url"],
                    metadata_json=s["metadata"],
                    assets=assets.get(("scene", s["id"]), []),
                )
            )
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
            assets=assets.get(("drama", ""), []),
        )
        for c in await pg.fetch("SELECT * FROM characters WHERE drama_id = $1 ORDER BY place, id", key):
            drama.characters.add(
                id=c["id"],
                name=c["name"],
                description=c["description"],
                gender=c["gender"],
                voice_description=c["voice_description"],
                main=c["main"],
                url=c["url"],
                premise_url=c["premise_url"],
                metadata_json=c["metadata"],
                assets=assets.get(("character", c["id"]), []),
            )
        for e in await pg.fetch("SELECT * FROM episodes WHERE drama_id = $1 ORDER BY place, id", key):
            drama.episodes.add(
                id=e["id"],
                title=e["title"],
                description=e["description"],
                premise=e["premise"],
                url=e["url"],
                metadata_json=e["metadata"],
                scenes=scenes.get(e["id"], []),
                assets=assets.get(("episode", e["id"]), []),
            )
        return drama, frozenset(machine)

    async def lock(self, pg: Pg, account: uuid.UUID, public_id: str) -> Any | None:
        """Locks a drama's row and returns it, or None."""
        return await pg.fetchrow(
            f"SELECT {_DRAMA} FROM dramas WHERE account_id = $1 AND public_id = $2 FOR UPDATE", account, public_id
        )

    async def put(
        self, pg: Pg, account: uuid.UUID, drama: pb.Drama, *, if_etag: str | None = None, create_only: bool = False
    ) -> bool:
        """Writes a whole drama; returns whether its id was free. `if_etag` of None means whatever is there, empty that nothing may be.

        Raises `InvalidInput`, and `Conflict` with the contract's text when somebody else was first.
        """
        check_drama(drama)
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
        if not created:
            for table in ("characters", "episodes", "scenes", "drama_assets"):
                await pg.execute(f"DELETE FROM {table} WHERE drama_id = $1", key)
        await pg.execute(
            """UPDATE dramas SET title = $2, description = $3, premise = $4, url = $5, metadata = $6, etag = $7, updated_at = now(),
                 export_due = true, revision = revision + $8, media_revision = media_revision + $8 WHERE id = $1""",
            key,
            drama.title,
            drama.description,
            drama.premise,
            _opt(drama, "url"),
            _opt(drama, "metadata_json"),
            etag_of(drama),
            0 if created else 1,
        )
        await self._insert_entities(pg, key, drama)
        return created

    async def _insert_entities(self, pg: Pg, key: uuid.UUID, drama: pb.Drama) -> None:
        cs = drama.characters
        await pg.execute(
            _INSERT_CHARACTERS,
            key,
            [c.id for c in cs],
            list(range(len(cs))),
            [c.name for c in cs],
            [c.description for c in cs],
            [c.gender for c in cs],
            [c.voice_description for c in cs],
            [c.main for c in cs],
            [_opt(c, "url") for c in cs],
            [_opt(c, "premise_url") for c in cs],
            [_opt(c, "metadata_json") for c in cs],
        )
        es = drama.episodes
        await pg.execute(
            _INSERT_EPISODES,
            key,
            [e.id for e in es],
            list(range(len(es))),
            [e.title for e in es],
            [e.description for e in es],
            [_opt(e, "premise") for e in es],
            [_opt(e, "url") for e in es],
            [_opt(e, "metadata_json") for e in es],
        )
        for e in es:
            await self.insert_scenes(pg, key, e.id, e.scenes)
            await self.insert_assets(pg, key, "episode", e.id, e.assets)
        await self.insert_assets(pg, key, "drama", "", drama.assets)
        for c in cs:
            await self.insert_assets(pg, key, "character", c.id, c.assets)

    async def insert_scenes(self, pg: Pg, key: uuid.UUID, episode_id: str, scenes: Sequence[pb.Scene]) -> None:
        """Writes the scenes of an episode, with their assets."""
        if not scenes:
            return
        await pg.execute(
            _INSERT_SCENES,
            key,
            [s.id for s in scenes],
            [episode_id] * len(scenes),
            list(range(len(scenes))),
            [s.description for s in scenes],
            [_opt(s, "image_url") for s in scenes],
            [_opt(s, "video_url") for s in scenes],
            [_opt(s, "metadata_json") for s in scenes],
        )
        for s in scenes:
            await self.insert_assets(pg, key, "scene", s.id, s.assets)

    async def insert_assets(
        self,
        pg: Pg,
        key: uuid.UUID,
        kind: str,
        owner: str,
        assets: Iterable[pb.EntityAsset],
        *,
        machine: bool = False,
        first: int = 0,
    ) -> None:
        """Writes the assets of one owner; one that is there already gets the new url, prompt and metadata."""
        rows = [
            (
                key,
                kind,
                owner,
                a.id,
                first + n,
                _KINDS[a.kind],
                list(a.depends_on),
                a.prompt,
                a.duration if a.HasField("duration") else None,
                _opt(a, "url"),
                _opt(a, "metadata_json"),
                machine,
            )
            for n, a in enumerate(assets)
        ]
        if rows:
            await pg.executemany(_INSERT_ASSET, rows)

    async def touch(self, pg: Pg, key: uuid.UUID, *, people: bool) -> None:
        """Counts a change: of people's fields (then the ETag is made anew) or of media."""
        if not people:
            await pg.execute(
                "UPDATE dramas SET media_revision = media_revision + 1, updated_at = now(), export_due = true WHERE id = $1",
                key,
            )
            return
        row = await pg.fetchrow(f"SELECT {_DRAMA} FROM dramas WHERE id = $1", key)
        drama, machine = await self._read(pg, row)
        await pg.execute(
            "UPDATE dramas SET revision = revision + 1, etag = $2, updated_at = now(), export_due = true WHERE id = $1",
            key,
            etag_of(drama, machine),
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


def _asset(row: Any) -> pb.EntityAsset:
    return pb.EntityAsset(
        id=row["id"],
        kind=_KIND_OF[row["kind"]],
        depends_on=row["depends_on"],
        prompt=row["prompt"],
        duration=row["duration"],
        url=row["url"],
        metadata_json=row["metadata"],
    )


def _opt(message: Any, field: str) -> str | None:
    return getattr(message, field) if message.HasField(field) else None


def _clean(text: str) -> str:
    return text.replace("\x00", "\ufffd")
