"""Assets: rows that stand for objects in the bucket."""

from __future__ import annotations

import re
import secrets
import uuid
from typing import TYPE_CHECKING, Any

from google.protobuf.duration_pb2 import Duration

from kit.blobs import EXTENSIONS
from kit.errors import AlreadyExists, InvalidInput, NotFound, NotReady
from kit.jsonio import load_object
from services.storage.db import Database
from services.storage.ids import as_uuid, page_size, uuid7
from services.storage.jobs.convert import stamp
from services.storage.jobs.rules import check_json, check_text
from services.storage.jobs.runs import moment_key, next_token
from services.storage.objects import DOWNLOAD_SECONDS, UPLOAD_SECONDS, Objects
from sfd.assets.v1 import asset_pb2, asset_service_pb2

if TYPE_CHECKING:
    from services.storage.config import StorageSettings

COLUMNS = """id, account_id, object_key, capability, content_type, bytes, sha256, kind, state, width, height, duration, metadata,
  drama_id, created_at"""
MAX_BYTES = 2 * 1024**3
KINDS = frozenset({"image", "video", "audio", "text", "data"})
_SHA = re.compile(r"[0-9a-f]{64}")
_CAPABILITY = re.compile(r"[0-9a-f]{32}")
_INSERT = f"""
INSERT INTO assets (id, account_id, object_key, capability, content_type, bytes, sha256, kind, width, height, duration, metadata, drama_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (id) DO NOTHING RETURNING {COLUMNS}
"""
_STATES = {"pending": asset_pb2.ASSET_STATE_PENDING, "live": asset_pb2.ASSET_STATE_LIVE}


class AssetStore:
    """Rows of one account; the bytes are somebody else's to move."""

    def __init__(self, database: Database, objects: Objects, settings: StorageSettings) -> None:
        self._db = database
        self._objects = objects
        self._base = settings.r2_public_url.rstrip("/") or None
        self._media = settings.public_url.rstrip("/") + "/media"

    def url(self, row: Any) -> str:
        """Returns the URL of an asset that never expires."""
        if self._base:
            return f"{self._base}/{row['object_key']}"
        return f"{self._media}/{row['capability']}.{EXTENSIONS[row['content_type']]}"

    def urls(self, row: Any) -> list[str]:
        """Returns the URLs that an asset is known by: the one of now, and the house's own if that is another."""
        return list(
            dict.fromkeys((self.url(row), f"{self._media}/{row['capability']}.{EXTENSIONS[row['content_type']]}"))
        )

    async def create_upload(
        self, account: uuid.UUID, request: asset_service_pb2.CreateUploadRequest
    ) -> asset_service_pb2.CreateUploadResponse:
        """Signs a PUT. A repeat with the same asset id and the same bytes finds the first; other bytes raise `AlreadyExists`."""
        _check_upload(request)
        asset_id = as_uuid(request.asset_id) if request.asset_id else uuid7()
        if asset_id is None:
            raise InvalidInput("asset_id must be a UUID.", field="asset_id")
        labels = load_object(request.metadata_json, "metadata_json")
        key = f"objects/{account}/{asset_id}/{secrets.token_hex(6)}"
        row = await self._db.row(
            _INSERT,
            asset_id,
            account,
            key,
            secrets.token_hex(16),
            request.content_type,
            request.bytes,
            request.sha256,
            request.kind,
            request.width,
            request.height,
            request.duration,
            request.metadata_json or "{}",
            str(labels.get("drama_id", ""))[:128],
        )
        if row is None:
            row = await self._row(account, asset_id)
            if row["sha256"] != request.sha256:
                raise AlreadyExists("This asset id has other bytes.", field="asset_id", reason="asset_exists")
        url, headers = self._objects.sign_put(row["object_key"], row["content_type"], row["bytes"], row["sha256"])
        return asset_service_pb2.CreateUploadResponse(
            asset=self.message(row), upload_url=url, headers=headers, expires_in=Duration(seconds=UPLOAD_SECONDS)
        )

    async def confirm(self, account: uuid.UUID, asset_id: str) -> asset_pb2.Asset:
        """Marks an asset LIVE after a look at its object; raises `NotFound`, `NotReady` when the bytes are not there."""
        row = await self._row(account, as_uuid(asset_id))
        if row["state"] != "live":
            await check_object(self._objects, row)
            await self._db.fetch("UPDATE assets SET state = 'live', confirmed_at = now() WHERE id = $1", row["id"])
        return self.message({**dict(row), "state": "live"})

    async def get(self, account: uuid.UUID, asset_id: str) -> asset_pb2.Asset:
        """Returns an asset; raises `NotFound`."""
        return self.message(await self._row(account, as_uuid(asset_id)))

    async def sign_download(self, account: uuid.UUID, asset_id: str) -> asset_service_pb2.SignDownloadResponse:
        """Returns a short-lived URL; raises `NotFound`."""
        row = await self._row(account, as_uuid(asset_id))
        return asset_service_pb2.SignDownloadResponse(
            download_url=self._objects.sign_get(row["object_key"]),
            asset=self.message(row),
            expires_in=Duration(seconds=DOWNLOAD_SECONDS),
        )

    async def resolve(self, capability: str) -> asset_service_pb2.ResolveMediaResponse:
        """Returns what a media URL stands for; raises `NotFound`."""
        row = None
        if _CAPABILITY.fullmatch(capability):
            row = await self._db.row(
                f"SELECT {COLUMNS} FROM assets WHERE capability = $1 AND state = 'live'", capability
            )
        if row is None:
            raise NotFound("Media not found", reason="media_not_found", field="capability")
        return asset_service_pb2.ResolveMediaResponse(
            asset=self.message(row),
            internal_url=self._objects.sign_get(row["object_key"]),
            public_url=self._objects.sign_get(row["object_key"], public=True),
        )

    async def list(
        self, account: uuid.UUID, request: asset_service_pb2.ListAssetsRequest
    ) -> asset_service_pb2.ListAssetsResponse:
        """Returns a page of live assets, newest first."""
        size = page_size(request.page_size)
        where = ["account_id = $1", "state = 'live'"]
        args: list[Any] = [account]
        for column, value in (("drama_id", request.drama_id), ("kind", request.kind)):
            if value:
                args.append(value)
                where.append(f"{column} = ${len(args)}")
        if request.page_token:
            created, last = moment_key(request.page_token)
            args += [created, last]
            where.append(f"(created_at, id) < (${len(args) - 1}, ${len(args)})")
        rows = await self._db.fetch(
            f"SELECT {COLUMNS} FROM assets WHERE {' AND '.join(where)} ORDER BY created_at DESC, id DESC LIMIT {size + 1}",
            *args,
        )
        return asset_service_pb2.ListAssetsResponse(
            assets=[self.message(row) for row in rows[:size]], next_page_token=next_token(rows, size)
        )

    async def _row(self, account: uuid.UUID, asset_id: uuid.UUID | None) -> Any:
        row = None
        if asset_id is not None:
            row = await self._db.row(
                f"SELECT {COLUMNS} FROM assets WHERE id = $1 AND account_id = $2", asset_id, account
            )
        if row is None:
            raise NotFound("Asset not found", reason="asset_not_found", field="asset_id")
        return row

    def message(self, row: Any) -> asset_pb2.Asset:
        """Returns the message of a row of `assets`."""
        return asset_pb2.Asset(
            id=str(row["id"]),
            account_id=str(row["account_id"]),
            key=row["object_key"],
            content_type=row["content_type"],
            bytes=row["bytes"],
            sha256=row["sha256"],
            state=_STATES[row["state"]],
            url=self.url(row),
            kind=row["kind"],
            width=row["width"],
            height=row["height"],
            duration=row["duration"],
            metadata_json=row["metadata"],
            created_at=stamp(row["created_at"]),
        )


async def check_object(objects: Objects, row: Any) -> None:
    """Raises `NotReady` unless the object is there with the size and type that were signed (the bucket checked the SHA-256)."""
    head = await objects.head(row["object_key"])
    if head is None:
        raise NotReady("The bytes are not in the bucket.", reason="object_missing", field="asset_id")
    if head.bytes != row["bytes"] or head.content_type != row["content_type"]:
        raise NotReady("The object is not what was announced.", reason="object_differs", field="asset_id")


def _check_upload(request: asset_service_pb2.CreateUploadRequest) -> None:
    if request.content_type not in EXTENSIONS:
        raise InvalidInput(
            f"content_type must be one of {', '.join(sorted(EXTENSIONS))}.",
            field="content_type",
            reason="unknown_content_type",
        )
    if not 1 <= request.bytes <= MAX_BYTES:
        raise InvalidInput("bytes must be 1 to 2 GiB.", field="bytes")
    if not _SHA.fullmatch(request.sha256):
        raise InvalidInput("sha256 must be 64 lower-case hexadecimal digits.", field="sha256")
    if request.kind not in KINDS:
        raise InvalidInput(f"kind must be one of {', '.join(sorted(KINDS))}.", field="kind")
    if not (0 <= request.width <= 65_535 and 0 <= request.height <= 65_535 and 0 <= request.duration <= 86_400):
        raise InvalidInput("width, height or duration is out of range.", field="width")
    check_json(request.metadata_json, "metadata_json")
    check_text(request.metadata_json, "metadata_json", 64 * 1024)
