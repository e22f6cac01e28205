"""AssetService: decode, one use case, encode."""

from __future__ import annotations

from typing import Any

from services.storage.access import account
from services.storage.assets.store import AssetStore
from sfd.assets.v1 import asset_service_pb2 as pb
from sfd.assets.v1 import asset_service_pb2_grpc


class AssetServicer(asset_service_pb2_grpc.AssetServiceServicer):
    """Permission to put and to get bytes."""

    def __init__(self, store: AssetStore) -> None:
        self._store = store

    async def CreateUpload(self, request: pb.CreateUploadRequest, context: Any) -> pb.CreateUploadResponse:
        """Signs a PUT."""
        return await self._store.create_upload(account(), request)

    async def ConfirmUpload(self, request: pb.ConfirmUploadRequest, context: Any) -> pb.ConfirmUploadResponse:
        """Confirms by a look at the object."""
        return pb.ConfirmUploadResponse(asset=await self._store.confirm(account(), request.asset_id))

    async def GetAsset(self, request: pb.GetAssetRequest, context: Any) -> pb.GetAssetResponse:
        """One asset."""
        return pb.GetAssetResponse(asset=await self._store.get(account(), request.asset_id))

    async def ListAssets(self, request: pb.ListAssetsRequest, context: Any) -> pb.ListAssetsResponse:
        """A page of assets."""
        return await self._store.list(account(), request)

    async def SignDownload(self, request: pb.SignDownloadRequest, context: Any) -> pb.SignDownloadResponse:
        """A short-lived URL."""
        return await self._store.sign_download(account(), request.asset_id)

    async def ResolveMedia(self, request: pb.ResolveMediaRequest, context: Any) -> pb.ResolveMediaResponse:
        """What a media URL stands for."""
        return await self._store.resolve(request.capability)
