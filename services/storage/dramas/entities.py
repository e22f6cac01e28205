"""Reading and changing one entity of a drama, the same way for every kind.

A write holds the lock of the drama's row, compares ETags under it, changes only what it was asked to, and counts one change.
"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

from google.protobuf.message import Message

from kit.errors import Conflict, InvalidInput
from services.storage import idempotency
from services.storage.access import account
from services.storage.db import Database, Pg
from services.storage.dramas import entity_rows
from services.storage.dramas.entity_rows import check_above, missing
from services.storage.dramas.hashes import Entity, seal
from services.storage.dramas.kinds import ASSET, EPISODE, SCENE, Kind, Place, clean
from services.storage.dramas.rules import check_acyclic, check_asset_count, check_count
from services.storage.dramas.sizes import check_stored
from services.storage.dramas.slots import slot_prefixes
from services.storage.dramas.store import DramaStore, missing_drama
from services.storage.dramas.takes import TakeStore
from sfd.dramas.v1 import drama_pb2 as pb

M = TypeVar("M", bound=Message)
_COUNT = """
SELECT (SELECT count(*) FROM characters WHERE drama_id = $1) + (SELECT count(*) FROM episodes WHERE drama_id = $1)
  + (SELECT count(*) FROM scenes WHERE drama_id = $1)
"""
_ASSETS = "SELECT id, depends_on FROM drama_assets WHERE drama_id = $1 AND owner_kind = $2 AND owner_id = $3"


class Entities:
    """Characters, episodes, scenes and assets of the caller's dramas."""

    def __init__(self, database: Database, dramas: DramaStore, takes: TakeStore, export: Callable[[], None]) -> None:
        self._db = database
        self._dramas = dramas
        self._takes = takes
        self._export = export

    async def get(self, drama_id: str, place: Place, entity_id: str) -> Any:
        """Returns an entity, whole and with its ETag; raises `NotFound` for the first that is not there, the drama before all."""
        return (await self._read(drama_id, place, clean(entity_id)))[0]

    async def list(self, drama_id: str, place: Place) -> Sequence[Any]:
        """Returns the entities of a place in order, each whole and with its ETag; raises `NotFound`."""
        return await self._read(drama_id, place, None)

    async def _read(self, drama_id: str, place: Place, entity_id: str | None) -> Sequence[Any]:
        owner = account()
        async with self._db.connection() as pg, pg.transaction(isolation="repeatable_read", readonly=True):
            key = await self._dramas.key(pg, owner, drama_id)
            await check_above(pg, key, place)
            found = await entity_rows.read(pg, key, place, entity_id)
            if entity_id is not None and not found:
                raise missing(place.kind, entity_id)
            return found

    async def create(
        self, request: Message, reply: type[M], drama_id: str, place: Place, entity: Entity, position: int | None
    ) -> M:
        """Adds an entity with all that is under it; returns the reply with the entity as stored.

        Raises `InvalidInput`, `NotFound`, and `Conflict` when an id is taken.
        """
        kind = place.kind
        kind.check(entity, kind.word)
        if position is not None and position < 0:
            raise InvalidInput("position must not be negative.", field="position")
        given: Any = kind.message()
        given.CopyFrom(entity)
        seal(given)

        async def work(pg: Pg, drama: Any) -> M:
            key = drama["id"]
            await check_above(pg, key, place)
            await _check_free(pg, key, place, given)
            await _check_fits(pg, key, place, given)
            first = await entity_rows.make_room(pg, key, place, position)
            await entity_rows.insert(pg, key, place, [given], first=first)
            await check_stored(pg, key, kind.word)
            await self._dramas.touch(pg, key, people=True, owner=place.owner)
            return _reply(reply, (await entity_rows.read(pg, key, place, given.id))[0])

        return await self._write(request, reply, drama_id, work)

    async def update(
        self, request: Message, reply: type[M], drama_id: str, place: Place, entity: Entity, paths: Sequence[str]
    ) -> M:
        """Changes the fields of a mask; an optional field that is not set becomes null. Returns the reply with the entity as stored.

        Raises `InvalidInput`, `NotFound`, and `Conflict` for another ETag than the request names.
        """
        kind, masked = place.kind, place.kind.mask(paths)

        async def work(pg: Pg, drama: Any) -> M:
            key = drama["id"]
            current = await self._current(pg, key, place, entity.id, request)
            wanted = _masked(current, entity, masked)
            kind.check(wanted, kind.word)
            people = [path for path in masked if path in kind.people]
            values = {kind.fields[path]: kind.value(wanted, path) for path in masked}
            if isinstance(wanted, pb.EntityAsset) and people:
                if "depends_on" in people:
                    needs = await _needs(pg, key, place, wanted)
                    check_acyclic(needs, "asset.depends_on")
                # What a person has written is a person's from now on, whoever made it first.
                values |= {"machine": False, "etag": seal(wanted)}
            if values:
                await entity_rows.patch(pg, key, place, current.id, values)
                await check_stored(pg, key, kind.word)
            if people:
                owner = place.owner if kind is ASSET else (kind.word, current.id)
                await self._dramas.touch(pg, key, people=True, owner=owner)
            if len(people) < len(masked):
                await self._dramas.touch(pg, key, people=False)
            return _reply(reply, (await entity_rows.read(pg, key, place, current.id))[0])

        return await self._write(request, reply, drama_id, work)

    async def delete(self, request: Message, reply: type[M], drama_id: str, place: Place, entity_id: str) -> M:
        """Removes an entity with all that is under it, its takes and their objects; returns the empty reply.

        Raises `NotFound`, and `Conflict` for another ETag than the request names.
        """

        async def work(pg: Pg, drama: Any) -> M:
            key, public_id = drama["id"], drama["public_id"]
            current = await self._current(pg, key, place, entity_id, request)
            machine = place.kind is ASSET and bool(await _is_machine(pg, key, place, current.id))
            await entity_rows.remove(pg, key, place, current)
            await self._takes.forget(pg, drama, slot_prefixes(place, current, public_id))
            await self._dramas.touch(pg, key, people=not machine, owner=place.owner)
            return reply()

        return await self._write(request, reply, drama_id, work)

    async def _current(self, pg: Pg, key: uuid.UUID, place: Place, entity_id: str, request: Any) -> Any:
        await check_above(pg, key, place)
        found = await entity_rows.read(pg, key, place, clean(entity_id))
        if not found:
            raise missing(place.kind, entity_id)
        if request.if_etag and request.if_etag != found[0].etag:
            raise Conflict(f"{place.kind.title} was modified by another process", reason="stale_etag")
        return found[0]

    async def _write(self, request: Any, reply: type[M], drama_id: str, work: Callable[[Pg, Any], Awaitable[M]]) -> M:
        owner = account()

        async def locked(pg: Pg) -> M:
            drama = await self._dramas.lock(pg, owner, drama_id)
            if drama is None:
                raise missing_drama(drama_id)
            return await work(pg, drama)

        method = type(request).DESCRIPTOR.name.removesuffix("Request")
        answer = await idempotency.once(self._db, owner, method, request.request_id, request, reply, locked)
        self._export()
        return answer


def _reply(reply: type[M], entity: Entity) -> M:
    """Returns the reply whose one field is the entity."""
    (field,) = reply.DESCRIPTOR.fields
    fields: Mapping[str, Any] = {field.name: entity}
    return reply(**fields)


def _masked(current: Any, wanted: Any, paths: Sequence[str]) -> Any:
    """Returns the entity's own fields after the change; what is under it is left out."""
    result = type(current)()
    result.CopyFrom(current)
    for under in ("assets", "scenes"):
        if under in type(current).DESCRIPTOR.fields_by_name:
            result.ClearField(under)
    for path in paths:
        descriptor = type(current).DESCRIPTOR.fields_by_name[path]
        result.ClearField(path)
        if descriptor.is_repeated:
            getattr(result, path).extend(getattr(wanted, path))
        elif not descriptor.has_presence or wanted.HasField(path):
            setattr(result, path, getattr(wanted, path))
    return result


async def _check_free(pg: Pg, key: uuid.UUID, place: Place, entity: Any) -> None:
    """Raises `Conflict` when the id of the entity, or of a scene under it, is taken."""
    kind = place.kind
    if kind is ASSET:
        if any(row["id"] == entity.id for row in await pg.fetch(_ASSETS, key, *place.group)):
            raise _taken(kind, entity.id, "asset.id")
        return
    if await pg.fetchval(f"SELECT 1 FROM {kind.table} WHERE drama_id = $1 AND id = $2", key, entity.id):
        raise _taken(kind, entity.id, f"{kind.word}.id")
    if kind is EPISODE and entity.scenes:
        ids = [scene.id for scene in entity.scenes]
        rows = await pg.fetch("SELECT id FROM scenes WHERE drama_id = $1 AND id = ANY($2)", key, ids)
        for row in rows:
            raise _taken(SCENE, row["id"], f"episode.scenes[{ids.index(row['id'])}].id")


def _taken(kind: Kind, entity_id: str, field: str) -> Conflict:
    return Conflict(f"{kind.title} {entity_id} exists already.", reason=f"{kind.word}_exists", field=field)


async def _check_fits(pg: Pg, key: uuid.UUID, place: Place, entity: Any) -> None:
    """Raises `InvalidInput` when a limit is reached, or assets would wait for each other."""
    if place.kind is ASSET:
        needs = await _needs(pg, key, place, entity)
        check_asset_count(len(needs), "asset")
        check_acyclic(needs, "asset.depends_on")
        return
    new = 1 + (len(entity.scenes) if place.kind is EPISODE else 0)
    check_count(await pg.fetchval(_COUNT, key) + new, place.kind.word)
    owned = [(place.kind.word, entity)]
    if place.kind is EPISODE:
        owned += [(f"episode.scenes[{n}]", scene) for n, scene in enumerate(entity.scenes)]
    for where, owner in owned:
        check_acyclic({asset.id: asset.depends_on for asset in owner.assets}, f"{where}.assets")


async def _needs(pg: Pg, key: uuid.UUID, place: Place, asset: Any) -> dict[str, Sequence[str]]:
    """Returns what each asset of an owner depends on, `asset` as it will be."""
    rows = await pg.fetch(_ASSETS, key, *place.group)
    return {**{row["id"]: row["depends_on"] for row in rows}, asset.id: asset.depends_on}


async def _is_machine(pg: Pg, key: uuid.UUID, place: Place, asset_id: str) -> Any:
    return await pg.fetchval(
        "SELECT machine FROM drama_assets WHERE drama_id = $1 AND owner_kind = $2 AND owner_id = $3 AND id = $4",
        key,
        *place.group,
        asset_id,
    )
