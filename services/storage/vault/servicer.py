"""VaultService: wrapped keys, first writer wins."""

from __future__ import annotations

from typing import Any

from kit.errors import InvalidInput, NotFound
from services.storage.access import account
from services.storage.db import Database
from services.storage.ids import as_uuid
from services.storage.jobs.convert import stamp
from sfd.vault.v1 import data_key_pb2, vault_service_pb2, vault_service_pb2_grpc

_MAX_WRAPPED = 4096
_GET = "SELECT id, account_id, master_version, wrapped, created_at FROM data_keys WHERE account_id = $1"
_PUT = """
INSERT INTO data_keys (id, account_id, master_version, wrapped) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
"""


class VaultServicer(vault_service_pb2_grpc.VaultServiceServicer):
    """Data keys of the caller's account."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def GetOrCreateDataKey(
        self, request: vault_service_pb2.GetOrCreateDataKeyRequest, context: Any
    ) -> vault_service_pb2.GetOrCreateDataKeyResponse:
        """The account's key; the proposed one when it had none."""
        owner = account()
        if request.HasField("proposed"):
            key, wrapped = as_uuid(request.proposed.id), request.proposed.wrapped
            if key is None:
                raise InvalidInput("proposed.id must be a UUID.", field="proposed.id")
            if request.proposed.master_version < 1:
                raise InvalidInput("proposed.master_version must be 1 or more.", field="proposed.master_version")
            if not 1 <= len(wrapped) <= _MAX_WRAPPED:
                raise InvalidInput("proposed.wrapped is missing or too long.", field="proposed.wrapped")
            await self._db.fetch(_PUT, key, owner, request.proposed.master_version, wrapped)
        row = await self._db.row(_GET, owner)
        if row is None:
            raise NotFound("The account has no data key", reason="data_key_not_found")
        return vault_service_pb2.GetOrCreateDataKeyResponse(
            data_key=data_key_pb2.DataKey(
                id=str(row["id"]),
                account_id=str(row["account_id"]),
                master_version=row["master_version"],
                wrapped=row["wrapped"],
                created_at=stamp(row["created_at"]),
            )
        )
