"""A worker's side of storage: leases, reports and bytes."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import httpx

from kit.blobs import sniff
from kit.errors import InvalidInput, NotFound, Unavailable
from kit.jsonio import dumps
from sfd.assets.v1 import asset_pb2, asset_service_pb2, asset_service_pb2_grpc
from sfd.dramas.v1 import drama_service_pb2_grpc
from sfd.jobs.v1 import job_service_pb2_grpc

_MAX_FETCH = 512 * 1024 * 1024
_TRIES = 4
_HEAD = 4096
_PART = 1 << 20


@dataclass(frozen=True)
class Facts:
    """What is known of bytes beside themselves: pixels, seconds and labels."""

    width: int = 0
    height: int = 0
    duration: float = 0.0
    metadata: Mapping[str, Any] | None = None


class Store:
    """Stubs of storage on one channel, and the bytes' way in and out of the bucket."""

    def __init__(self, channel: grpc.aio.Channel, http: httpx.AsyncClient) -> None:
        self.jobs = job_service_pb2_grpc.JobServiceStub(channel)
        self.dramas = drama_service_pb2_grpc.DramaServiceStub(channel)
        self.assets = asset_service_pb2_grpc.AssetServiceStub(channel)
        self._http = http

    async def put(
        self, source: bytes | Path, kind: str, facts: Facts | None = None, asset_id: str = ""
    ) -> asset_pb2.Asset:
        """Uploads bytes or a file and returns its asset, still to be committed by the job's completion.

        A file is never in memory as a whole. The content type is sniffed. A repeat with the same `asset_id` and bytes finds the first
        upload. Raises `InvalidInput` for bytes of no known type and `Unavailable` when the bucket does not answer.
        """
        head, size, digest = await asyncio.to_thread(_looked_at, source)
        content_type = sniff(head)
        if content_type is None:
            raise InvalidInput("The bytes are of no type this house stores.", reason="unknown_content_type")
        known = facts or Facts()
        reply = await self.assets.CreateUpload(
            asset_service_pb2.CreateUploadRequest(
                content_type=content_type,
                bytes=size,
                sha256=digest,
                kind=kind,
                width=known.width,
                height=known.height,
                duration=known.duration,
                metadata_json=dumps(known.metadata) if known.metadata else "",
                asset_id=asset_id,
            )
        )
        if reply.asset.state == asset_pb2.ASSET_STATE_LIVE:
            return reply.asset
        for attempt in range(_TRIES):
            try:
                content = source if isinstance(source, bytes) else _parts(source)
                # The length is among the headers: without it a stream would be sent in chunks, which S3 refuses.
                answer = await self._http.put(reply.upload_url, content=content, headers=dict(reply.headers))
                answer.raise_for_status()
                return reply.asset
            except (httpx.TransportError, httpx.HTTPStatusError):
                await asyncio.sleep(0.2 * 2**attempt)
        raise Unavailable("The bucket does not take the bytes now.", reason="bucket_away")

    async def get(self, asset_id: str) -> bytes:
        """Returns an asset's bytes; raises `NotFound` or `Unavailable`, and `InvalidInput` for more than 512 MiB."""
        reply = await self.assets.SignDownload(asset_service_pb2.SignDownloadRequest(asset_id=asset_id))
        if reply.asset.bytes > _MAX_FETCH:
            raise InvalidInput("The object is too large to be worked on.", reason="too_large")
        for attempt in range(_TRIES):
            try:
                answer = await self._http.get(reply.download_url)
                if answer.status_code == httpx.codes.NOT_FOUND:
                    raise NotFound("The object is not in the bucket.")
                answer.raise_for_status()
                return answer.content
            except (httpx.TransportError, httpx.HTTPStatusError):
                await asyncio.sleep(0.2 * 2**attempt)
        raise Unavailable("The bucket does not answer now.", reason="bucket_away")

    async def save(self, asset_id: str, path: Path) -> Path:
        """Writes an asset's bytes to `path` and returns it; raises as `get` does."""
        data = await self.get(asset_id)
        await asyncio.to_thread(path.write_bytes, data)
        return path


def _looked_at(source: bytes | Path) -> tuple[bytes, int, str]:
    """Returns the first bytes, the size and the SHA-256 of bytes or of a file."""
    if isinstance(source, bytes):
        return source[:_HEAD], len(source), hashlib.sha256(source).hexdigest()
    with source.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        size = file.tell()
        file.seek(0)
        return file.read(_HEAD), size, digest


async def _parts(path: Path) -> AsyncIterator[bytes]:
    file = await asyncio.to_thread(path.open, "rb")
    try:
        while part := await asyncio.to_thread(file.read, _PART):
            yield part
    finally:
        file.close()
