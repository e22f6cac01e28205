"""A worker's bytes on their way into the bucket."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import grpc
import httpx
import pytest

from kit.errors import Unavailable
from kit.jobs.store import Store
from sfd.assets.v1 import asset_pb2, asset_service_pb2

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 12_000


class Assets:
    """Signs one upload."""

    def __init__(self) -> None:
        self.asked: list[asset_service_pb2.CreateUploadRequest] = []

    async def CreateUpload(
        self, request: asset_service_pb2.CreateUploadRequest
    ) -> asset_service_pb2.CreateUploadResponse:
        self.asked.append(request)
        headers = {"content-type": request.content_type, "content-length": str(request.bytes)}
        return asset_service_pb2.CreateUploadResponse(
            asset=asset_pb2.Asset(id="a"), upload_url="http://bucket.test/a", headers=headers
        )


class Bucket(httpx.AsyncBaseTransport):
    """Fails as often as it is told to."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.bodies: list[bytes] = []
        self.parts: list[int] = []
        self.headers: list[httpx.Headers] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        parts = [part async for part in cast("AsyncIterator[bytes]", request.stream)]
        self.bodies.append(b"".join(parts))
        self.parts.append(max(map(len, parts)))
        self.headers.append(request.headers)
        self.failures -= 1
        return httpx.Response(503 if self.failures >= 0 else 200)


@pytest.fixture
async def channel() -> AsyncIterator[grpc.aio.Channel]:
    async with grpc.aio.insecure_channel("127.0.0.1:1") as opened:
        yield opened


@pytest.mark.parametrize("whole", [True, False])
async def test_a_file_goes_up_in_parts_and_again_from_its_start(
    channel: grpc.aio.Channel, tmp_path: Path, whole: bool
) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(PNG)
    bucket, assets = Bucket(2), Assets()
    async with httpx.AsyncClient(transport=bucket) as http:
        store = Store(channel, http)
        store.assets = cast("Any", assets)
        assert (await store.put(PNG if whole else path, "image")).id == "a"
    (asked,) = assets.asked
    assert (asked.content_type, asked.bytes, asked.sha256) == ("image/png", len(PNG), hashlib.sha256(PNG).hexdigest())
    assert bucket.bodies == [PNG] * 3
    assert all(headers.get_list("content-length") == [str(len(PNG))] for headers in bucket.headers)
    assert not any("transfer-encoding" in headers for headers in bucket.headers)
    if not whole:
        assert max(bucket.parts) <= 1 << 20


async def test_a_bucket_that_stays_away_is_told(
    channel: grpc.aio.Channel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def soon(_: float) -> None:
        return None

    monkeypatch.setattr("kit.jobs.store.asyncio.sleep", soon)
    path = tmp_path / "picture.png"
    path.write_bytes(PNG)
    async with httpx.AsyncClient(transport=Bucket(99)) as http:
        store = Store(channel, http)
        store.assets = cast("Any", Assets())
        with pytest.raises(Unavailable):
            await store.put(path, "image")
