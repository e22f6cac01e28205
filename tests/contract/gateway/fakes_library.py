"""The asset library behind the gateway, kept in memory: labels as they are given, bytes in the test's bucket."""

from __future__ import annotations

import uuid
from typing import Any

from kit import errors
from sfd.assets.v1 import library_pb2
from sfd.assets.v1 import library_service_pb2 as rpc
from sfd.assets.v1.library_service_pb2_grpc import LibraryServiceServicer
from tests.contract.gateway.fakes import House, page


class Library(LibraryServiceServicer):
    """Assets in a dict."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._answers: dict[str, rpc.AddLibraryAssetResponse] = {}

    async def AddLibraryAsset(self, request: rpc.AddLibraryAssetRequest, context: object) -> Any:
        self.house.take(request)
        if request.request_id and request.request_id in self._answers:
            return self._answers[request.request_id]
        stored = self.house.assets[request.stored_asset_id]
        now = self.house.now()
        asset = library_pb2.LibraryAsset(
            asset_id=str(uuid.uuid4()),
            user_id=request.user_id or "10000",
            project_name=request.project_name,
            asset_type=request.asset_type,
            tag=request.tag,
            filename=request.filename or "none",
            file_size=stored.bytes,
            content_type=stored.content_type,
            r2_key=f"10000/{request.project_name}/{request.asset_type}s/{stored.id}.png",
            public_url=stored.url,
            metadata_json=request.metadata_json,
            sha256=stored.sha256,
            stored_asset_id=stored.id,
            created_at=now,
            updated_at=now,
        )
        self.house.library[asset.asset_id] = asset
        reply = rpc.AddLibraryAssetResponse(asset=asset)
        self._answers[request.request_id] = reply
        return reply

    async def GetLibraryAsset(self, request: rpc.GetLibraryAssetRequest, context: object) -> Any:
        self.house.take(request)
        asset = self._find(request)
        url = f"{self.house.bucket}/{self.house.assets[asset.stored_asset_id].key}"
        return rpc.GetLibraryAssetResponse(asset=asset, internal_url=url)

    async def ListLibraryAssets(self, request: rpc.ListLibraryAssetsRequest, context: object) -> Any:
        self.house.take(request)
        rows = [
            one
            for one in reversed(self.house.library.values())
            if (one.user_id, one.project_name) == (request.user_id, request.project_name)
            and request.asset_type in ("", one.asset_type)
            and request.tag in ("", one.tag)
        ]
        picked = list(page(request.page_token, request.page_size, len(rows)))
        more = str(picked[-1] + 1) if picked and picked[-1] + 1 < len(rows) else ""
        return rpc.ListLibraryAssetsResponse(
            assets=[rows[i] for i in picked], next_page_token=more, total_size=len(rows)
        )

    async def DeleteLibraryAsset(self, request: rpc.DeleteLibraryAssetRequest, context: object) -> Any:
        self.house.take(request)
        del self.house.library[self._find(request).asset_id]
        return rpc.DeleteLibraryAssetResponse()

    def _find(self, request: rpc.GetLibraryAssetRequest | rpc.DeleteLibraryAssetRequest) -> library_pb2.LibraryAsset:
        asset = self.house.library.get(request.asset_id)
        asked = (request.user_id, request.project_name, request.asset_type)
        if asset is None or (asset.user_id, asset.project_name, asset.asset_type) != asked:
            raise errors.NotFound("no such row", reason="asset_not_found")
        return asset
