"""Slots: what a take belongs to. A slot names an entity and what of it, `scene:ep01_s01:clip`, or an asset, `asset:scene:ep01_s01:close`.

Ids have no colon, so a slot comes apart at its colons.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kit.errors import InvalidInput, NotFound
from kit.jsonio import dumps
from services.storage.db import Pg
from services.storage.dramas.entity_rows import next_place
from services.storage.dramas.kinds import ASSET, EPISODE, OWNERS, Place, assets_of
from services.storage.jobs.rules import check_public_id

_MACHINE_ASSET = """
INSERT INTO drama_assets (drama_id, owner_kind, owner_id, id, place, kind, depends_on, prompt, duration, url, metadata, machine)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, true)
ON CONFLICT (drama_id, owner_kind, owner_id, id) DO UPDATE SET url = excluded.url,
  -- What a person wrote stays a person's.
  prompt = CASE WHEN drama_assets.machine THEN excluded.prompt ELSE drama_assets.prompt END,
  metadata = CASE WHEN drama_assets.machine THEN excluded.metadata ELSE drama_assets.metadata END
"""
_FILE_NAMES = {
    ("character", "portrait"): ("characters/{}", "png"),
    ("character", "audition"): ("characters/{}_audition", "mp4"),
    ("scene", "storyboard"): ("scenes/{}_storyboard", "png"),
    ("scene", "clip"): ("scenes/{}_clip", "mp4"),
    ("episode", "film"): ("episodes/{}", "mp4"),
}
_COLUMNS = {
    ("character", "portrait"): ("characters", "url"),
    ("scene", "storyboard"): ("scenes", "image_url"),
    ("scene", "clip"): ("scenes", "video_url"),
    ("episode", "film"): ("episodes", "url"),
}


@dataclass(frozen=True)
class Slot:
    """A slot that can be shown: `owner` is a kind's word, `entity` its id (empty for the drama), `what` a word or, if `asset`, an asset's id."""

    owner: str
    entity: str
    what: str
    asset: bool = False

    def file_name(self, *, film: bool) -> str:
        """Returns the name of its object below the folder of the drama."""
        if self.asset:
            return f"{self.owner}s/{self.entity}_{self.what}.{'mp4' if film else 'png'}"
        if self.owner == "drama":
            return "cover.png"
        name, extension = _FILE_NAMES[(self.owner, self.what)]
        return f"{name.format(self.entity)}.{extension}"


@dataclass(frozen=True)
class Product:
    """What is shown in a slot: its URL, and how it came to be."""

    url: str
    prompt: str
    generator: str
    job_id: str


def read_slot(text: str) -> Slot:
    """Returns the slot that `text` spells; raises `InvalidInput` for one that nothing can show."""
    match text.split(":"):
        case ["drama", "cover"]:
            return Slot("drama", "", "cover")
        case ["asset", "character" | "scene" as owner, entity, asset]:
            check_public_id(entity, "slot")
            check_public_id(asset, "slot")
            return Slot(owner, entity, asset, asset=True)
        case [owner, entity, what] if (owner, what) in _FILE_NAMES:
            check_public_id(entity, "slot")
            return Slot(owner, entity, what)
    raise InvalidInput(f"Unknown slot {text[:300]}.", field="slot")


def slot_prefixes(place: Place, entity: Any, drama_id: str) -> list[str]:
    """Returns the beginnings, each up to a colon, of the slots that go when an entity goes."""
    if place.kind is ASSET:
        word, owner = place.group
        machine = {
            ("character", f"{owner}_portrait_front_halfbody"): f"character:{owner}:portrait:",
            ("character", f"{owner}_audition_video"): f"character:{owner}:audition:",
            ("drama", f"{drama_id}_cover"): "drama:cover:",
        }.get((word, entity.id))
        return [f"asset:{word}:{owner}:{entity.id}:", *([machine] if machine else ())]
    names = [f"{place.kind.word}:{entity.id}:"]
    if place.kind is EPISODE:
        names += [f"scene:{scene.id}:" for scene in entity.scenes]
    return [*names, *(f"asset:{name}" for name in names)]


async def show(pg: Pg, key: uuid.UUID, drama_id: str, slot: Slot, product: Product) -> None:
    """Sets the URL where the slot says; raises `NotFound` when its entity is gone."""
    if slot.asset:
        await _show_asset(pg, key, slot, product.url)
        return
    labels: dict[str, Any] = {"job_id": product.job_id, "generator": product.generator}
    match slot.owner, slot.what:
        case "drama", _:
            await pg.execute("UPDATE dramas SET url = $2 WHERE id = $1", key, product.url)
            rows = await pg.fetch("SELECT id FROM characters WHERE drama_id = $1 AND main ORDER BY place", key)
            mains = [row["id"] for row in rows]
            labels = {"type": "drama_cover", "main_characters": mains, **labels}
            await _machine_asset(pg, key, slot, f"{drama_id}_cover", product, labels, depends_on=mains)
        case "character", "portrait":
            await _show_entity(pg, key, slot, product.url)
            labels = {"type": "character_portrait", "view": "front", "framing": "half_body", **labels}
            await _machine_asset(pg, key, slot, f"{slot.entity}_portrait_front_halfbody", product, labels)
        case "character", _:
            await _check_owner(pg, key, slot)
            labels = {"type": "character_audition", "duration_seconds": 10, **labels}
            await _machine_asset(pg, key, slot, f"{slot.entity}_audition_video", product, labels, duration=10)
        case "scene", what:
            await _show_entity(pg, key, slot, product.url)
            await _show_first(pg, key, slot.entity, "image" if what == "storyboard" else "video", product.url)
        case _:
            await _show_entity(pg, key, slot, product.url)


async def _show_entity(pg: Pg, key: uuid.UUID, slot: Slot, url: str) -> None:
    table, column = _COLUMNS[(slot.owner, slot.what)]
    done = await pg.fetchval(
        f"UPDATE {table} SET {column} = $3 WHERE drama_id = $1 AND id = $2 RETURNING id", key, slot.entity, url
    )
    if done is None:
        raise _gone(slot.owner)


async def unshow(pg: Pg, key: uuid.UUID, slot: Slot, url: str) -> None:
    """Takes a URL away from the entity that shows it; another one stays."""
    if slot.owner == "drama":
        await pg.execute("UPDATE dramas SET url = NULL WHERE id = $1 AND url = $2", key, url)
    elif (slot.owner, slot.what) in _COLUMNS:
        table, column = _COLUMNS[(slot.owner, slot.what)]
        sql = f"UPDATE {table} SET {column} = NULL WHERE drama_id = $1 AND id = $2 AND {column} = $3"
        await pg.execute(sql, key, slot.entity, url)


async def _check_owner(pg: Pg, key: uuid.UUID, slot: Slot) -> None:
    table = OWNERS[slot.owner].table
    if not await pg.fetchval(f"SELECT 1 FROM {table} WHERE drama_id = $1 AND id = $2", key, slot.entity):
        raise _gone(slot.owner)


async def _show_asset(pg: Pg, key: uuid.UUID, slot: Slot, url: str) -> None:
    done = await pg.fetchval(
        """UPDATE drama_assets SET url = $5 WHERE drama_id = $1 AND owner_kind = $2 AND owner_id = $3 AND id = $4
           RETURNING id""",
        key,
        slot.owner,
        slot.entity,
        slot.what,
        url,
    )
    if done is None:
        raise _gone("asset")


async def _show_first(pg: Pg, key: uuid.UUID, scene: str, kind: str, url: str) -> None:
    """Sets the URL of the scene's first asset of a kind."""
    await pg.execute(
        """UPDATE drama_assets SET url = $4 WHERE drama_id = $1 AND owner_kind = 'scene' AND owner_id = $2 AND id = (
             SELECT id FROM drama_assets WHERE drama_id = $1 AND owner_kind = 'scene' AND owner_id = $2 AND kind = $3 ORDER BY place, id LIMIT 1)""",
        key,
        scene,
        kind,
        url,
    )


async def _machine_asset(
    pg: Pg,
    key: uuid.UUID,
    slot: Slot,
    asset_id: str,
    product: Product,
    labels: Mapping[str, Any],
    *,
    duration: int | None = None,
    depends_on: list[str] | None = None,
) -> None:
    place = assets_of(slot.entity if slot.owner == "character" else "", "", "")
    if depends_on is None and duration is not None:
        image = await pg.fetchval(
            """SELECT min(id) FROM drama_assets
               WHERE drama_id = $1 AND owner_kind = $2 AND owner_id = $3 AND kind = 'image'""",
            key,
            *place.group,
        )
        depends_on = [image] if image else []
    await pg.execute(
        _MACHINE_ASSET,
        key,
        *place.group,
        asset_id,
        await next_place(pg, key, place),
        "image" if duration is None else "video",
        depends_on or [],
        product.prompt,
        duration,
        product.url,
        dumps(labels),
    )


def _gone(word: str) -> NotFound:
    return NotFound(f"The {word} is gone.", reason=f"{word}_not_found")
