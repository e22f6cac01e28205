"""DramaService: decode, one use case, encode."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import Any

from kit.errors import Conflict, InvalidInput, NotFound
from services.storage import idempotency
from services.storage.access import account
from services.storage.db import Database, Pg
from services.storage.dramas.rules import check_optional, drama_prefix
from services.storage.dramas.store import CONFLICT, DramaStore
from services.storage.ids import page_size, page_token
from services.storage.jobs.convert import stamp
from services.storage.jobs.rules import check_text
from services.storage.jobs.runs import Runs, moment_key
from sfd.dramas.v1 import drama_pb2 as pb
from sfd.dramas.v1 import drama_service_pb2 as rpc
from sfd.dramas.v1 import drama_service_pb2_grpc

Tell = Callable[[Iterable[str]], Awaitable[None]]
_PATCHABLE = {
    "title": "title",
    "description": "description",
    "premise": "premise",
    "metadata_json": "metadata",
    "url": "url",
}
_PEOPLE = frozenset({"title", "description", "premise", "metadata_json"})


class DramaServicer(drama_service_pb2_grpc.DramaServiceServicer):
    """Dramas of the caller's account."""

    def __init__(
        self, database: Database, store: DramaStore, runs: Runs, tell: Tell, export: Callable[[], None]
    ) -> None:
        self._db = database
        self._store = store
        self._runs = runs
        self._tell = tell
        self._export = export

    async def PutDrama(self, request: rpc.PutDramaRequest, context: Any) -> rpc.PutDramaResponse:
        """Stores a whole drama."""
        owner = account()

        async def work(pg: Pg) -> rpc.PutDramaResponse:
            created = await self._store.put(
                pg, owner, request.drama, if_etag=request.if_etag or None, create_only=request.create_only
            )
            return rpc.PutDramaResponse(drama=await self._store.get(owner, request.drama.id, pg), created=created)

        reply = await idempotency.once(
            self._db, owner, "PutDrama", request.request_id, request, rpc.PutDramaResponse, work
        )
        self._export()
        return reply

    async def GetDrama(self, request: rpc.GetDramaRequest, context: Any) -> rpc.GetDramaResponse:
        """One drama."""
        return rpc.GetDramaResponse(drama=await self._store.get(account(), request.drama_id))

    async def ListDramas(self, request: rpc.ListDramasRequest, context: Any) -> rpc.ListDramasResponse:
        """A page of summaries, by key and not by offset."""
        size = page_size(request.page_size)
        args: list[Any] = [account()]
        after = ""
        if request.page_token:
            args += moment_key(request.page_token)
            after = "AND (updated_at, id) < ($2, $3)"
        rows = await self._db.fetch(
            f"""SELECT id, public_id, title, description, premise, url, metadata, created_at, updated_at FROM dramas
                WHERE account_id = $1 {after} ORDER BY updated_at DESC, id DESC LIMIT {size + 1}""",
            *args,
        )
        token = (
            page_token(rows[size - 1]["updated_at"].isoformat(), str(rows[size - 1]["id"])) if len(rows) > size else ""
        )
        return rpc.ListDramasResponse(dramas=[_summary(row) for row in rows[:size]], next_page_token=token)

    async def UpdateDrama(self, request: rpc.UpdateDramaRequest, context: Any) -> rpc.UpdateDramaResponse:
        """Changes the masked fields."""
        owner = account()
        paths = list(dict.fromkeys(request.update_mask.paths))
        unknown = [path for path in paths if path not in _PATCHABLE]
        if unknown:
            raise InvalidInput(f"{unknown[0]} cannot be changed here.", field=f"update_mask.{unknown[0]}")
        for path in ("title", "description", "premise"):
            check_text(getattr(request.drama, path), f"drama.{path}")
        check_optional(request.drama, "drama", ("url",))

        async def work(pg: Pg) -> rpc.UpdateDramaResponse:
            row = await self._store.lock(pg, owner, request.drama.id)
            if row is None:
                raise NotFound(f"Drama {request.drama.id} not found", reason="drama_not_found", field="drama.id")
            if request.if_etag and request.if_etag != row["etag"]:
                raise Conflict(CONFLICT, reason="stale_etag")
            for path in paths:
                value = _value(request.drama, path)
                await pg.execute(f"UPDATE dramas SET {_PATCHABLE[path]} = $2 WHERE id = $1", row["id"], value)
            if paths:
                await self._store.touch(pg, row["id"], people=bool(_PEOPLE & set(paths)))
            return rpc.UpdateDramaResponse(drama=await self._store.get(owner, request.drama.id, pg))

        reply = await idempotency.once(
            self._db, owner, "UpdateDrama", request.request_id, request, rpc.UpdateDramaResponse, work
        )
        self._export()
        return reply

    async def DeleteDrama(self, request: rpc.DeleteDramaRequest, context: Any) -> rpc.DeleteDramaResponse:
        """Removes a drama, its objects and its open runs. One that is not there is gone already."""
        owner, queues = account(), set[str]()

        async def work(pg: Pg) -> rpc.DeleteDramaResponse:
            queues.clear()
            await self._runs.cancel_for_drama(pg, owner, request.drama_id, queues)
            await self._remove(pg, owner, request.drama_id)
            return rpc.DeleteDramaResponse()

        reply = await idempotency.once(
            self._db, owner, "DeleteDrama", request.request_id, request, rpc.DeleteDramaResponse, work
        )
        await self._tell(queues)
        self._export()
        return reply

    async def _remove(self, pg: Pg, owner: uuid.UUID, drama_id: str) -> None:
        row = await self._store.lock(pg, owner, drama_id)
        if row is None:
            return
        await pg.execute(
            """INSERT INTO garbage (object_key)
               SELECT object_key FROM assets WHERE account_id = $1 AND drama_id = $2
               UNION SELECT target_key FROM friendly_keys WHERE account_id = $1 AND drama_id = $2
               UNION SELECT $3""",
            owner,
            drama_id,
            f"{drama_prefix(owner, drama_id)}/drama.json",
        )
        await pg.execute("DELETE FROM friendly_keys WHERE account_id = $1 AND drama_id = $2", owner, drama_id)
        await pg.execute("DELETE FROM assets WHERE account_id = $1 AND drama_id = $2", owner, drama_id)
        await pg.execute("DELETE FROM dramas WHERE id = $1", row["id"])

    async def ListTakes(self, request: rpc.ListTakesRequest, context: Any) -> rpc.ListTakesResponse:
        """The live takes of a drama."""
        owner = account()
        rows = await self._db.fetch(
            """SELECT t.* FROM takes t JOIN dramas d ON d.id = t.drama_id
               WHERE d.account_id = $1 AND d.public_id = $2 AND t.live ORDER BY t.slot""",
            owner,
            request.drama_id.replace("\x00", "\ufffd"),
        )
        return rpc.ListTakesResponse(
            takes=[
                pb.Take(
                    id=str(row["id"]),
                    slot=row["slot"],
                    asset_id=str(row["asset_id"]),
                    sha256=row["sha256"],
                    fingerprint=row["fingerprint"],
                    live=row["live"],
                    job_id=str(row["job_id"] or ""),
                    output_json=row["output"],
                    created_at=stamp(row["created_at"]),
                )
                for row in rows
            ]
        )


def _value(drama: pb.Drama, path: str) -> str | None:
    """Returns what a masked field becomes: an optional field that is not set becomes null."""
    match path:
        case "url":
            return drama.url if drama.HasField("url") else None
        case "metadata_json":
            return drama.metadata_json if drama.HasField("metadata_json") else None
        case _:
            return str(getattr(drama, path))


def _summary(row: Any) -> pb.DramaSummary:
    created: datetime = row["created_at"]
    return pb.DramaSummary(
        id=row["public_id"],
        title=row["title"],
        description=row["description"],
        premise=row["premise"],
        url=row["url"],
        metadata_json=row["metadata"],
        created_at=stamp(created),
        updated_at=stamp(row["updated_at"]),
    )
