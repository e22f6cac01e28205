"""Entities in rows: reading one or all of a place with what is under them, adding, moving, changing and removing.

Every statement goes by key. Whoever changes rows holds the lock of the drama's row, and makes the hashes anew afterwards (`etags.py`).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kit.errors import NotFound
from services.storage.db import Pg
from services.storage.dramas.hashes import NO_MACHINE, Entity, Machine, seal
from services.storage.dramas.kinds import (
    ASSET,
    CHARACTER,
    EPISODE,
    SCENE,
    Kind,
    Place,
    assets_of,
    cast,
    scenes_of,
    season,
)
from sfd.dramas.v1 import drama_pb2 as pb

Assets = Mapping[tuple[str, str], list[pb.EntityAsset]]
_ALL_ASSETS = "SELECT * FROM drama_assets WHERE drama_id = $1 ORDER BY place, id"
_ASSETS = """
SELECT a.* FROM unnest($2::text[], $3::text[]) AS o(kind, id)
JOIN drama_assets a ON a.drama_id = $1 AND a.owner_kind = o.kind AND a.owner_id = o.id ORDER BY a.place, a.id
"""


async def check_above(pg: Pg, key: uuid.UUID, place: Place) -> None:
    """Raises `NotFound` unless the entities that a place is in are there, a scene in the episode that is named."""
    inside: dict[str, str] = {}
    for kind, entity_id in place.above:
        row = await pg.fetchrow(f"SELECT * FROM {kind.table} WHERE drama_id = $1 AND id = $2", key, entity_id)
        if row is None or any(row[column] != inside.get(column, row[column]) for column in kind.group):
            raise missing(kind, entity_id)
        inside = {f"{kind.word}_id": entity_id}


def missing(kind: Kind, entity_id: str) -> NotFound:
    """Returns the error for an entity that is not there."""
    return NotFound(
        f"{kind.title} {entity_id[:128]} not found", reason=f"{kind.word}_not_found", field=f"{kind.word}_id"
    )


async def read(pg: Pg, key: uuid.UUID, place: Place, entity_id: str | None = None) -> list[Any]:
    """Returns the entities of a place in order, or the one of an id, each whole and with its ETag."""
    args: list[Any] = [key, *place.group]
    where = _where(place)
    if entity_id is not None:
        args.append(entity_id)
        where += f" AND id = ${len(args)}"
    rows = await pg.fetch(f"SELECT * FROM {place.kind.table} WHERE {where} ORDER BY place, id", *args)
    entities = [place.kind.read(row) for row in rows]
    machine = NO_MACHINE
    if place.kind is not ASSET:
        owners = [(place.kind.word, entity.id) for entity in entities]
        if place.kind is EPISODE:
            scenes = await pg.fetch(
                "SELECT * FROM scenes WHERE drama_id = $1 AND episode_id = ANY($2) ORDER BY place, id",
                key,
                [entity.id for entity in entities],
            )
            _hang_scenes(entities, scenes)
            owners += [("scene", scene["id"]) for scene in scenes]
        found = await pg.fetch(_ASSETS, key, [kind for kind, _ in owners], [one for _, one in owners])
        assets, machine = _by_owner(found)
        for entity in entities:
            _hang_assets(place.kind, entity, assets)
    for entity in entities:
        seal(entity, machine)
    return entities


async def read_all(pg: Pg, key: uuid.UUID, drama: pb.Drama) -> Machine:
    """Hangs all entities on the message of a drama, without ETags; returns which assets are machine-made."""
    assets, machine = _by_owner(await pg.fetch(_ALL_ASSETS, key))
    rows = {
        kind: await pg.fetch(f"SELECT * FROM {kind.table} WHERE drama_id = $1 ORDER BY place, id", key)
        for kind in (CHARACTER, EPISODE, SCENE)
    }
    drama.assets.extend(assets.get(("drama", ""), ()))
    drama.characters.extend(CHARACTER.read(row) for row in rows[CHARACTER])
    drama.episodes.extend(EPISODE.read(row) for row in rows[EPISODE])
    _hang_scenes(drama.episodes, rows[SCENE])
    for character in drama.characters:
        _hang_assets(CHARACTER, character, assets)
    for episode in drama.episodes:
        _hang_assets(EPISODE, episode, assets)
    return machine


async def next_place(pg: Pg, key: uuid.UUID, place: Place) -> int:
    """Returns the number of the place after the last."""
    sql = f"SELECT coalesce(max(place) + 1, 0) FROM {place.kind.table} WHERE {_where(place)}"
    return int(await pg.fetchval(sql, key, *place.group))


async def make_room(pg: Pg, key: uuid.UUID, place: Place, position: int | None) -> int:
    """Returns the number for a new entity at `position`, after the siblings from there on have moved; unset or too large means last."""
    if position is None:
        return await next_place(pg, key, place)
    rows = await pg.fetch(
        f"SELECT id, place FROM {place.kind.table} WHERE {_where(place)} ORDER BY place, id", key, *place.group
    )
    if position >= len(rows):
        return int(rows[-1]["place"]) + 1 if rows else 0
    moved = [(row["id"], n + (n >= position)) for n, row in enumerate(rows) if row["place"] != n + (n >= position)]
    shift = len(place.group) + 2
    await pg.execute(
        f"""UPDATE {place.kind.table} AS e SET place = m.place FROM unnest(${shift}::text[], ${shift + 1}::int[]) AS m(moved, place)
            WHERE {_where(place, "e.")} AND e.id = m.moved""",
        key,
        *place.group,
        [entity_id for entity_id, _ in moved],
        [number for _, number in moved],
    )
    return position


async def insert(
    pg: Pg,
    key: uuid.UUID,
    place: Place,
    entities: Sequence[Entity],
    *,
    first: int = 0,
    machine: Machine = NO_MACHINE,
) -> None:
    """Writes entities whose ETags are set, with all that is under them. Raises asyncpg's UniqueViolationError for a taken id."""
    rows: dict[str, tuple[Kind, list[tuple[Any, ...]]]] = {}
    _collect(key, place, entities, first, machine, rows)
    for kind, values in rows.values():
        columns = ["drama_id", *kind.group, "id", "place", *kind.fields.values(), "etag"]
        if kind is ASSET:
            columns.append("machine")
        marks = ", ".join(f"${n + 1}" for n in range(len(columns)))
        await pg.executemany(f"INSERT INTO {kind.table} ({', '.join(columns)}) VALUES ({marks})", values)


def _collect(
    key: uuid.UUID,
    place: Place,
    entities: Iterable[Entity],
    first: int,
    machine: Machine,
    rows: dict[str, tuple[Kind, list[tuple[Any, ...]]]],
) -> None:
    kind = place.kind
    _, values = rows.setdefault(kind.word, (kind, []))
    for n, entity in enumerate(entities):
        made = isinstance(entity, pb.EntityAsset) and (*place.group, entity.id) in machine
        row = [key, *place.group, entity.id, first + n, *(kind.value(entity, field) for field in kind.fields)]
        values.append((*row, "" if made else entity.etag, *((made,) if kind is ASSET else ())))
        match entity:
            case pb.Character():
                _collect(key, assets_of(entity.id, "", ""), entity.assets, 0, machine, rows)
            case pb.Episode():
                _collect(key, scenes_of(entity.id), entity.scenes, 0, machine, rows)
                _collect(key, assets_of("", entity.id, ""), entity.assets, 0, machine, rows)
            case pb.Scene():
                _collect(key, assets_of("", "", entity.id), entity.assets, 0, machine, rows)


async def insert_all(pg: Pg, key: uuid.UUID, drama: pb.Drama, machine: Machine) -> None:
    """Writes all entities of a drama whose ETags are set."""
    await insert(pg, key, cast(), drama.characters, machine=machine)
    await insert(pg, key, season(), drama.episodes, machine=machine)
    await insert(pg, key, assets_of("", "", ""), drama.assets, machine=machine)


async def patch(pg: Pg, key: uuid.UUID, place: Place, entity_id: str, values: Mapping[str, Any]) -> None:
    """Sets columns of one entity."""
    shift = len(place.group) + 3
    sets = ", ".join(f"{column} = ${shift + n}" for n, column in enumerate(values))
    await pg.execute(
        f"UPDATE {place.kind.table} SET {sets} WHERE {_where(place)} AND id = ${shift - 1}",
        key,
        *place.group,
        entity_id,
        *values.values(),
    )


async def remove(pg: Pg, key: uuid.UUID, place: Place, entity: Any) -> None:
    """Removes one entity with all that is under it."""
    owners = [(place.kind.word, entity.id)]
    if place.kind is EPISODE:
        owners += [("scene", scene.id) for scene in entity.scenes]
        await pg.execute("DELETE FROM scenes WHERE drama_id = $1 AND episode_id = $2", key, entity.id)
    if place.kind is not ASSET:
        await pg.execute(
            """DELETE FROM drama_assets a USING unnest($2::text[], $3::text[]) AS o(kind, id)
               WHERE a.drama_id = $1 AND a.owner_kind = o.kind AND a.owner_id = o.id""",
            key,
            [kind for kind, _ in owners],
            [one for _, one in owners],
        )
    await pg.execute(
        f"DELETE FROM {place.kind.table} WHERE {_where(place)} AND id = ${len(place.group) + 2}",
        key,
        *place.group,
        entity.id,
    )


def _where(place: Place, alias: str = "") -> str:
    """Returns the condition for the rows of a place; its values are the drama's key and the group."""
    columns = ["drama_id", *place.kind.group]
    return " AND ".join(f"{alias}{column} = ${n + 1}" for n, column in enumerate(columns))


def _by_owner(rows: Iterable[Any]) -> tuple[dict[tuple[str, str], list[pb.EntityAsset]], Machine]:
    assets: dict[tuple[str, str], list[pb.EntityAsset]] = {}
    machine: set[tuple[str, str, str]] = set()
    for row in rows:
        owner = (row["owner_kind"], row["owner_id"])
        assets.setdefault(owner, []).append(ASSET.read(row))
        if row["machine"]:
            machine.add((*owner, row["id"]))
    return assets, frozenset(machine)


def _hang_scenes(episodes: Iterable[Any], rows: Iterable[Any]) -> None:
    by_id = {episode.id: episode for episode in episodes}
    for row in rows:
        if row["episode_id"] in by_id:
            by_id[row["episode_id"]].scenes.append(SCENE.read(row))


def _hang_assets(kind: Kind, entity: Any, assets: Assets) -> None:
    entity.assets.extend(assets.get((kind.word, entity.id), ()))
    if kind is EPISODE:
        for scene in entity.scenes:
            _hang_assets(SCENE, scene, assets)
