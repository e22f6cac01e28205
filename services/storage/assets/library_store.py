"""The asset library of one account: add, read, list, take out."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from kit.errors import InvalidInput, NotFound, NotReady
from kit.jsonio import load_object
from kit.library_json import own_labels
from services.storage import idempotency
from services.storage.assets import library_rows as table
from services.storage.assets import library_rules as rules
from services.storage.assets.confirm import Confirmer
from services.storage.db import Database, Pg
from services.storage.ids import as_uuid, page_size
from services.storage.jobs.convert import stamp
from services.storage.jobs.rules import check_json, check_text
from services.storage.jobs.runs import moment_key, next_token
from services.storage.objects import Objects
from sfd.assets.v1 import library_pb2
from sfd.assets.v1 import library_service_pb2 as pb

MAX_METADATA = 16 * 1024
MAX_LABEL = 1024
_PAGE_BYTES = 8 << 20
_LIVE = """UPDATE assets SET state = 'live', confirmed_at = coalesce(confirmed_at, now()),
  drama_id = CASE WHEN drama_id = '' THEN $3 ELSE drama_id END WHERE id = $1 AND account_id = $2 RETURNING id"""
_ONE = "l.id = $1 AND l.account_id = $2 AND l.user_id = $3 AND l.project_name = $4 AND l.asset_type = $5"


class LibraryStore:
    """`url` gives the URL of a stored asset that never expires."""

    def __init__(
        self,
        database: Database,
        objects: Objects,
        confirm: Confirmer,
        url: Callable[[Any], str],
        wake: Callable[[], None],
    ) -> None:
        self._db = database
        self._objects = objects
        self._confirm = confirm
        self._url = url
        self._wake = wake

    async def add(self, account: uuid.UUID, request: pb.AddLibraryAssetRequest) -> pb.AddLibraryAssetResponse:
        """Lists uploaded bytes; raises `InvalidInput`, or `NotReady` when they are not in the bucket. A repeat finds the first answer."""
        entry = _entry(request)
        if request.request_id:
            idempotency.check_request_id(request.request_id)
            known = await idempotency.replay(
                self._db,
                account,
                "AddLibraryAsset",
                request.request_id,
                idempotency.request_hash(request),
                pb.AddLibraryAssetResponse,
            )
            if known is not None:
                return known
        (stored,) = await self._confirm.look(account, [request.stored_asset_id])
        rules.check_kind(entry.asset_type, stored["kind"])

        async def work(pg: Pg) -> pb.AddLibraryAssetResponse:
            if not await pg.fetch(_LIVE, stored["id"], account, entry.drama_id):
                raise NotReady("The bytes are gone.", reason="asset_not_found", field="stored_asset_id")
            asset_id = await table.insert(pg, account, stored, entry)
            row = await pg.fetchrow(f"{table.SELECT} WHERE l.id = $1", asset_id)
            return pb.AddLibraryAssetResponse(asset=self.message(row))

        reply = await idempotency.once(
            self._db, account, "AddLibraryAsset", request.request_id, request, pb.AddLibraryAssetResponse, work
        )
        self._wake()
        return reply

    async def get(self, account: uuid.UUID, request: pb.GetLibraryAssetRequest) -> pb.GetLibraryAssetResponse:
        """Returns an asset and where its bytes are; raises `NotFound`."""
        row = await self._db.row(f"{table.SELECT} WHERE {_ONE}", *_name(account, request))
        if row is None:
            raise _missing()
        return pb.GetLibraryAssetResponse(
            asset=self.message(row), internal_url=self._objects.sign_get(row["object_key"])
        )

    async def list(self, account: uuid.UUID, request: pb.ListLibraryAssetsRequest) -> pb.ListLibraryAssetsResponse:
        """Returns a page, newest first. It ends early when it would be too large for one message."""
        size = page_size(request.page_size, default=1000)
        user, project = _labels(request.user_id, request.project_name)
        where = ["l.account_id = $1", "l.user_id = $2", "l.project_name = $3"]
        args: list[Any] = [account, user, project]
        for column, value, check in (
            ("asset_type", request.asset_type, rules.check_type),
            ("tag", request.tag, rules.check_tag),
        ):
            if value:
                check(value)
                args.append(value)
                where.append(f"l.{column} = ${len(args)}")
        counted, among = " AND ".join(where), list(args)
        if request.page_token:
            created, last = moment_key(request.page_token)
            args += [created, last]
            where.append(f"(l.created_at, l.id) < (${len(args) - 1}, ${len(args)})")
        rows = await self._db.fetch(
            f"{table.SELECT} WHERE {' AND '.join(where)} ORDER BY l.created_at DESC, l.id DESC LIMIT {size + 1}", *args
        )
        total = len(rows)
        if request.page_token or total > size:
            found = await self._db.row(f"SELECT count(*) AS n FROM library_assets l WHERE {counted}", *among)
            total = found["n"] if found else 0
        reply = pb.ListLibraryAssetsResponse(total_size=total)
        room = _PAGE_BYTES
        for row in rows[:size]:
            room -= len(row["metadata"]) * 4 + 1024
            if room < 0 and reply.assets:
                break
            reply.assets.append(self.message(row))
        reply.next_page_token = next_token(rows, len(reply.assets)) if rows else ""
        return reply

    async def delete(self, account: uuid.UUID, request: pb.DeleteLibraryAssetRequest) -> pb.DeleteLibraryAssetResponse:
        """Takes an asset out; raises `NotFound`."""

        async def work(pg: Pg) -> pb.DeleteLibraryAssetResponse:
            row = await pg.fetchrow(
                f"""DELETE FROM library_assets l WHERE {_ONE}
                    RETURNING l.id, l.stored_id, l.user_id, l.project_name, l.asset_type, l.r2_key, l.owned""",
                *_name(account, request),
            )
            if row is None:
                raise _missing()
            await table.remove(pg, account, row)
            return pb.DeleteLibraryAssetResponse()

        reply = await idempotency.once(
            self._db, account, "DeleteLibraryAsset", request.request_id, request, pb.DeleteLibraryAssetResponse, work
        )
        self._wake()
        return reply

    def message(self, row: Any) -> library_pb2.LibraryAsset:
        """Returns a row as a message."""
        return library_pb2.LibraryAsset(
            asset_id=str(row["id"]),
            account_id=str(row["account_id"]),
            user_id=row["user_id"],
            project_name=row["project_name"],
            asset_type=row["asset_type"],
            tag=row["tag"],
            filename=row["filename"],
            file_size=row["bytes"],
            content_type=row["content_type"],
            r2_key=row["r2_key"],
            # The contract fixes the key of a public bucket's URL; the house's own URL has the capability instead.
            public_url=self._url({**dict(row), "object_key": row["r2_key"]}),
            metadata_json=row["metadata"],
            sha256=row["sha256"],
            stored_asset_id=str(row["stored_id"]),
            created_at=stamp(row["created_at"]),
            updated_at=stamp(row["updated_at"]),
        )


def _entry(request: pb.AddLibraryAssetRequest) -> table.Entry:
    rules.check_type(request.asset_type)
    rules.check_tag(request.tag)
    _labels(request.user_id, request.project_name)
    check_text(request.filename, "filename", MAX_LABEL)
    check_json(request.metadata_json, "metadata_json")
    check_text(request.metadata_json, "metadata_json", MAX_METADATA)
    labels = own_labels(load_object(request.metadata_json, "metadata_json"))
    return table.Entry(
        user=request.user_id,
        project=request.project_name,
        asset_type=request.asset_type,
        tag=request.tag,
        filename=request.filename,
        labels=labels,
        drama_id=request.project_name[:128] if request.shared else "",
    )


def _labels(user: str, project: str) -> tuple[str, str]:
    check_text(user, "user_id", MAX_LABEL)
    check_text(project, "project_name", MAX_LABEL)
    if not project.strip():
        raise InvalidInput("project_name is required", field="project_name")
    return rules.identifier(user or rules.DEFAULT_USER), rules.identifier(project)


def _name(
    account: uuid.UUID, request: pb.GetLibraryAssetRequest | pb.DeleteLibraryAssetRequest
) -> tuple[uuid.UUID, uuid.UUID, str, str, str]:
    rules.check_type(request.asset_type)
    user, project = _labels(request.user_id, request.project_name)
    asset_id = as_uuid(request.asset_id)
    if asset_id is None:
        raise _missing()
    return asset_id, account, user, project, request.asset_type


def _missing() -> NotFound:
    return NotFound("Asset not found", reason="asset_not_found", field="asset_id")
