"""LibraryService: decode, one use case, encode."""

from __future__ import annotations

from typing import Any

from services.storage.access import account
from services.storage.assets.library_store import LibraryStore
from sfd.assets.v1 import library_service_pb2 as pb
from sfd.assets.v1 import library_service_pb2_grpc


class LibraryServicer(library_service_pb2_grpc.LibraryServiceServicer):
    """The asset library."""

    def __init__(self, store: LibraryStore) -> None:
        self._store = store

    async def AddLibraryAsset(self, request: pb.AddLibraryAssetRequest, context: Any) -> pb.AddLibraryAssetResponse:
        """Lists uploaded bytes."""
        return await self._store.add(account(), request)

    async def GetLibraryAsset(self, request: pb.GetLibraryAssetRequest, context: Any) -> pb.GetLibraryAssetResponse:
        """One asset."""
        return await self._store.get(account(), request)

    async def ListLibraryAssets(
        self, request: pb.ListLibraryAssetsRequest, context: Any
    ) -> pb.ListLibraryAssetsResponse:
        """A page of a project."""
        return await self._store.list(account(), request)

    async def DeleteLibraryAsset(
        self, request: pb.DeleteLibraryAssetRequest, context: Any
    ) -> pb.DeleteLibraryAssetResponse:
        """Takes an asset out."""
        return await self._store.delete(account(), request)
