"""Takes: what jobs made for a slot. One of a slot is live and shown; the others stay, with their bytes, until their entity goes."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from kit.errors import InvalidInput, NotFound
from services.storage.db import Database, Pg
from services.storage.dramas.rules import drama_prefix
from services.storage.dramas.shown import Urls, keep_shown
from services.storage.dramas.slots import Product, Slot, read_slot, show, unshow
from services.storage.ids import as_uuid, page_size, page_token, read_page_token, uuid7
from services.storage.jobs.convert import stamp
from services.storage.jobs.rules import check_text
from services.storage.objects import LATE_CALLS
from services.storage.pages import fitting
from sfd.dramas.v1 import drama_pb2 as pb
from sfd.dramas.v1 import drama_service_pb2 as rpc

_TAKE = """
SELECT t.id, t.slot, t.asset_id, t.sha256, t.fingerprint, t.live, t.job_id, t.output, t.created_at, t.live_since,
  a.object_key, a.capability, a.content_type FROM takes t LEFT JOIN assets a ON a.id = t.asset_id
"""
_INSERT = """
INSERT INTO takes (id, drama_id, slot, asset_id, sha256, fingerprint, live, live_since, job_id, output)
VALUES ($1, $2, $3, $4, $5, $6, true, now(), $7, $8)
"""
_RETIRE = "UPDATE takes SET live = false, live_since = NULL WHERE drama_id = $1 AND slot = $2 AND live AND id <> $3"
_REVIVE = """
UPDATE takes SET live = true, live_since = CASE WHEN live THEN live_since ELSE now() END,
  fingerprint = CASE WHEN $2 = '' THEN fingerprint ELSE $2 END WHERE id = $1
"""
_FORGET = """
DELETE FROM takes WHERE drama_id = $1 AND EXISTS (SELECT 1 FROM unnest($2::text[]) AS p(prefix) WHERE (slot || ':') ^@ p.prefix)
RETURNING id, slot, asset_id, output, live
"""
# An object that a take which stays was made with is not removed.
_FORGOTTEN = """
SELECT a.id, a.object_key, a.capability, a.content_type FROM assets a WHERE a.account_id = $1 AND a.id = ANY($2)
  AND NOT EXISTS (SELECT 1 FROM takes t WHERE t.drama_id = $3 AND t.asset_id = a.id) ORDER BY a.id FOR UPDATE
"""
_OF_DRAMA = """
SELECT id, object_key, capability, content_type FROM assets WHERE account_id = $1 AND drama_id = $2 ORDER BY id FOR UPDATE
"""
_FORGET_FILES = f"""
WITH keys AS (DELETE FROM friendly_keys WHERE account_id = $1 AND drama_id = $2 AND target_key = ANY($3) RETURNING target_key),
  waiting AS (DELETE FROM copies WHERE target_key = ANY($3))
INSERT INTO garbage (object_key, run_after)
SELECT k.target_key, now() + t.wait FROM keys k, {LATE_CALLS} AS t(wait) UNION SELECT unnest($4::text[]), now()
"""


class TakeStore:
    """SQL of takes. `url` gives the URL of a row of `assets`, `urls` all that it is known by."""

    def __init__(self, database: Database, url: Callable[[Any], str], urls: Urls) -> None:
        self._db = database
        self._url = url
        self._urls = urls

    async def list(self, account: uuid.UUID, request: rpc.ListTakesRequest) -> rpc.ListTakesResponse:
        """Returns all live takes, or a page of the history, newest first within each slot; raises `NotFound` for the drama."""
        async with self._db.connection() as pg:
            key = await pg.fetchval(
                "SELECT id FROM dramas WHERE account_id = $1 AND public_id = $2",
                account,
                request.drama_id.replace("\x00", "\ufffd"),
            )
            if key is None:
                raise NotFound(f"Drama {request.drama_id[:128]} not found", reason="drama_not_found", field="drama_id")
            args, where = [key], ["t.drama_id = $1"]
            if request.slot:
                args.append(request.slot)
                where.append("t.slot = $2")
            if not request.history:
                rows = await pg.fetch(f"{_TAKE} WHERE {' AND '.join(where)} AND t.live ORDER BY t.slot", *args)
                return rpc.ListTakesResponse(takes=[self._message(row) for row in rows])
            size = page_size(request.page_size)
            if request.page_token:
                n = len(args)
                args += _history_key(request.page_token)
                where.append(
                    f"t.slot >= ${n + 1} AND (t.slot > ${n + 1} OR (t.created_at, t.id) < (${n + 2}, ${n + 3}))"
                )
            rows = await pg.fetch(
                f"{_TAKE} WHERE {' AND '.join(where)} ORDER BY t.slot, t.created_at DESC, t.id DESC LIMIT {size + 1}",
                *args,
            )
        takes = [self._message(row) for row in rows[:size]]
        count = fitting(takes)
        token = ""
        if len(rows) > count:
            last = rows[count - 1]
            token = page_token(last["slot"], last["created_at"].isoformat(), str(last["id"]))
        return rpc.ListTakesResponse(takes=takes[:count], next_page_token=token)

    async def add(self, pg: Pg, drama: Any, job_id: uuid.UUID, output: Any, output_json: str, stored: Any) -> None:
        """Adds a take that is live at once; `drama` is the locked row, `stored` the row of its object.

        Raises `InvalidInput` for an unknown slot and `NotFound` when the entity is gone.
        """
        slot = read_slot(output.slot)
        take = uuid7()
        await pg.execute(_RETIRE, drama["id"], output.slot, take)
        await pg.execute(
            _INSERT,
            take,
            drama["id"],
            output.slot,
            stored["id"],
            stored["sha256"],
            output.fingerprint,
            job_id,
            output_json,
        )
        product = Product(self._url(stored), output.prompt, output.generator, str(job_id))
        await self._show(pg, drama, slot, product, stored)

    async def set_live(self, pg: Pg, drama: Any, take_id: str, fingerprint: str) -> pb.Take:
        """Makes a take the live one of its slot and shows it; returns it. Raises `NotFound` for the take or its entity."""
        check_text(fingerprint, "fingerprint", 256)
        row = await self._take(pg, drama["id"], as_uuid(take_id))
        if row is None or row["object_key"] is None:
            raise NotFound(f"Take {take_id[:128]} not found", reason="take_not_found", field="take_id")
        await pg.execute(_RETIRE, drama["id"], row["slot"], row["id"])
        await pg.execute(_REVIVE, row["id"], fingerprint)
        prompt, generator = _said(row["output"])
        product = Product(self._url(row), prompt, generator, str(row["job_id"] or ""))
        await self._show(pg, drama, read_slot(row["slot"]), product, row)
        return self._message(await self._take(pg, drama["id"], row["id"]))

    async def _take(self, pg: Pg, key: uuid.UUID, take_id: uuid.UUID | None) -> Any:
        return await pg.fetchrow(f"{_TAKE} WHERE t.drama_id = $1 AND t.id = $2", key, take_id)

    async def _show(self, pg: Pg, drama: Any, slot: Slot, product: Product, stored: Any) -> None:
        account, public_id = drama["account_id"], drama["public_id"]
        await show(pg, drama["id"], public_id, slot, product)
        target = f"{drama_prefix(account, public_id)}/{slot.file_name(film=is_film(stored))}"
        await _queue_copy(pg, stored["object_key"], target, stored["content_type"])
        await pg.execute(
            "INSERT INTO friendly_keys (account_id, drama_id, target_key) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            account,
            public_id,
            target,
        )

    async def keep_shown(self, pg: Pg, drama: Any) -> None:
        """Labels what others show of a drama as theirs, before the rest goes; `drama` is the locked row."""
        assets = await pg.fetch(_OF_DRAMA, drama["account_id"], drama["public_id"])
        await keep_shown(pg, drama, assets, self._urls)

    async def forget(self, pg: Pg, drama: Any, prefixes: Sequence[str]) -> None:
        """Removes the takes of the slots that begin so, with their objects; `drama` is the locked row."""
        account, public_id, key = drama["account_id"], drama["public_id"], drama["id"]
        takes = await pg.fetch(_FORGET, key, list(prefixes))
        if not takes:
            return
        ids = [take["asset_id"] for take in takes] + [one for take in takes if (one := _timeline(take["output"]))]
        objects = {row["id"]: row for row in await pg.fetch(_FORGOTTEN, account, ids, key)}
        shown = await keep_shown(pg, drama, list(objects.values()), self._urls)
        await pg.execute("DELETE FROM assets WHERE id = ANY($1)", [one for one in objects if one not in shown])
        base = drama_prefix(account, public_id)
        left = await pg.fetch(f"{_TAKE} WHERE t.drama_id = $1 AND t.live", key)
        kept = {f"{base}/{name}" for row in left if (name := _file_name(row["slot"], row))}
        targets = set[str]()
        for take in takes:
            stored = objects.get(take["asset_id"])
            slot = _known_slot(take["slot"])
            if slot and stored is not None and take["live"]:
                await unshow(pg, key, slot, self._url(stored))
            if name := _file_name(take["slot"], stored):
                targets.add(f"{base}/{name}")
        gone = [row["object_key"] for row in objects.values() if row["id"] not in shown]
        await pg.execute(_FORGET_FILES, account, public_id, sorted(targets - kept), gone)

    def _message(self, row: Any) -> pb.Take:
        prompt, generator = _said(row["output"])
        return pb.Take(
            id=str(row["id"]),
            slot=row["slot"],
            asset_id=str(row["asset_id"]),
            sha256=row["sha256"],
            fingerprint=row["fingerprint"],
            live=row["live"],
            job_id=str(row["job_id"] or ""),
            output_json=row["output"],
            created_at=stamp(row["created_at"]),
            live_since=stamp(row["live_since"]) if row["live"] else None,
            url=self._url(row) if row["object_key"] else "",
            prompt=prompt,
            generator=generator,
        )


def is_film(stored: Any) -> bool:
    """Returns whether a row of `assets` is a film."""
    return str(stored["content_type"]).startswith("video/")


async def _queue_copy(pg: Pg, source: str, target: str, content_type: str) -> None:
    """Asks for a friendly copy. One that waits for the same name is changed, so that an older one never comes last."""
    waiting = await pg.fetchval(
        "UPDATE copies SET source_key = $1, content_type = $3 WHERE target_key = $2 RETURNING id",
        source,
        target,
        content_type,
    )
    if waiting is None:
        await pg.execute(
            "INSERT INTO copies (source_key, target_key, content_type) VALUES ($1, $2, $3)",
            source,
            target,
            content_type,
        )


def _known_slot(text: str) -> Slot | None:
    """Returns the slot, or None for one of another release."""
    try:
        return read_slot(text)
    except InvalidInput:
        return None


def _file_name(text: str, stored: Any) -> str:
    """Returns the name of a take's object below the drama's folder; empty for a slot of another release."""
    slot = _known_slot(text)
    return (
        slot.file_name(film=stored is not None and stored["content_type"] is not None and is_film(stored))
        if slot
        else ""
    )


def _said(output: str) -> tuple[str, str]:
    """Returns prompt and generator of a job's output."""
    said = json.loads(output or "{}")
    return str(said.get("prompt") or ""), str(said.get("generator") or "")


def _timeline(output: str) -> uuid.UUID | None:
    said = json.loads(output or "{}")
    return as_uuid(str(said.get("timelineAssetId") or said.get("timeline_asset_id") or ""))


def _history_key(token: str) -> list[Any]:
    slot, moment, last = read_page_token(token, 3)
    key = as_uuid(last)
    try:
        created = datetime.fromisoformat(moment)
    except ValueError as error:
        raise InvalidInput("The page token is not one of ours.", field="page_token", reason="bad_page_token") from error
    if key is None or created.tzinfo is None:
        raise InvalidInput("The page token is not one of ours.", field="page_token", reason="bad_page_token")
    return [slot, created, key]
