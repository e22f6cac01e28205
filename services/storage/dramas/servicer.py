"""DramaService: decode, one use case, encode."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from kit.errors import Conflict, InvalidInput
from services.storage import idempotency
from services.storage.access import account
from services.storage.assets.confirm import Confirmer
from services.storage.db import Database, Pg
from services.storage.dramas.rules import check_optional, drama_prefix, references
from services.storage.dramas.sizes import check_stored
from services.storage.dramas.store import CONFLICT, DramaStore, missing_drama
from services.storage.dramas.takes import TakeStore
from services.storage.jobs.rules import check_text
from services.storage.jobs.runs import Runs
from services.storage.objects import LATE_CALLS, UPLOAD_SECONDS
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
# What may be on its way into the bucket at this moment is removed a second time, when it must have arrived: an upload while its
# permission lasts, a friendly copy or an export while one call of the bucket does.
_REMOVE_OBJECTS = f"""
INSERT INTO garbage (object_key, run_after)
SELECT object_key, now() FROM assets WHERE account_id = $1 AND drama_id = $2
UNION SELECT object_key, now() + interval '{UPLOAD_SECONDS + 300} seconds' FROM assets
  WHERE account_id = $1 AND drama_id = $2 AND state = 'pending'
UNION SELECT f.target_key, now() + t.wait
  FROM (SELECT target_key FROM friendly_keys WHERE account_id = $1 AND drama_id = $2 UNION SELECT $3) f, {LATE_CALLS} AS t(wait)
"""
_REMOVE_COPIES = """
DELETE FROM copies WHERE target_key IN (SELECT target_key FROM friendly_keys WHERE account_id = $1 AND drama_id = $2)
"""


class DramaServicer(drama_service_pb2_grpc.DramaServiceServicer):
    """Dramas of the caller's account."""

    def __init__(
        self,
        database: Database,
        store: DramaStore,
        takes: TakeStore,
        confirm: Confirmer,
        runs: Runs,
        tell: Tell,
        export: Callable[[], None],
    ) -> None:
        self._db = database
        self._store = store
        self._takes = takes
        self._confirm = confirm
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
            await self._confirm.adopt(pg, owner, request.drama.id, references(request.drama))
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
        return await self._store.page(account(), request)

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
                raise missing_drama(request.drama.id, "drama.id")
            if request.if_etag and request.if_etag != row["etag"]:
                raise Conflict(CONFLICT, reason="stale_etag")
            for path in paths:
                value = _value(request.drama, path)
                await pg.execute(f"UPDATE dramas SET {_PATCHABLE[path]} = $2 WHERE id = $1", row["id"], value)
            if paths:
                await check_stored(pg, row["id"], "drama")
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
            await self._remove(pg, owner, request.drama_id, request.if_etag)
            return rpc.DeleteDramaResponse()

        reply = await idempotency.once(
            self._db, owner, "DeleteDrama", request.request_id, request, rpc.DeleteDramaResponse, work
        )
        await self._tell(queues)
        self._export()
        return reply

    async def _remove(self, pg: Pg, owner: uuid.UUID, drama_id: str, if_etag: str) -> None:
        # Jobs are locked before their drama, here as everywhere; a refusal takes back what was cancelled.
        row = await self._store.lock(pg, owner, drama_id)
        if row is None:
            if if_etag:
                raise missing_drama(drama_id, "drama_id")
            return
        if if_etag and row["etag"] != if_etag:
            raise Conflict(CONFLICT, reason="stale_etag")
        await self._runs.check_all_cancelled(pg, owner, drama_id)
        names = [owner, drama_id]
        export = f"{drama_prefix(owner, drama_id)}/drama.json"
        await self._takes.keep_shown(pg, row)
        await pg.execute(_REMOVE_OBJECTS, *names, export)
        await pg.execute(_REMOVE_COPIES, *names)
        await pg.execute("DELETE FROM friendly_keys WHERE account_id = $1 AND drama_id = $2", *names)
        await pg.execute("DELETE FROM assets WHERE account_id = $1 AND drama_id = $2", *names)
        await pg.execute("DELETE FROM dramas WHERE id = $1", row["id"])

    async def ListTakes(self, request: rpc.ListTakesRequest, context: Any) -> rpc.ListTakesResponse:
        """The live takes of a drama, or a page of their history."""
        return await self._takes.list(account(), request)

    async def SetLiveTake(self, request: rpc.SetLiveTakeRequest, context: Any) -> rpc.SetLiveTakeResponse:
        """Makes another take of a slot the one that is shown."""
        owner = account()

        async def work(pg: Pg) -> rpc.SetLiveTakeResponse:
            drama = await self._store.lock(pg, owner, request.drama_id)
            if drama is None:
                raise missing_drama(request.drama_id)
            take = await self._takes.set_live(pg, drama, request.take_id, request.fingerprint)
            await self._store.touch(pg, drama["id"], people=False)
            return rpc.SetLiveTakeResponse(take=take)

        reply = await idempotency.once(
            self._db, owner, "SetLiveTake", request.request_id, request, rpc.SetLiveTakeResponse, work
        )
        self._export()
        return reply


def _value(drama: pb.Drama, path: str) -> str | None:
    """Returns what a masked field becomes: an optional field that is not set becomes null."""
    match path:
        case "url":
            return drama.url if drama.HasField("url") else None
        case "metadata_json":
            return drama.metadata_json if drama.HasField("metadata_json") else None
        case _:
            return str(getattr(drama, path))
