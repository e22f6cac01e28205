"""VaultService: wrapped keys, first writer wins."""

from __future__ import annotations

import uuid
from typing import Any

from kit.errors import InvalidInput, NotFound
from services.storage.access import account
from services.storage.db import Database
from services.storage.ids import as_uuid
from services.storage.jobs.convert import stamp
from sfd.vault.v1 import data_key_pb2, vault_service_pb2, vault_service_pb2_grpc

_MAX_WRAPPED = 4096
DATA_KEY = "id, account_id, master_version, wrapped, created_at, retired_at"
_GET = f"SELECT {DATA_KEY} FROM data_keys WHERE account_id = $1 AND retired_at IS NULL"
_ONE = f"SELECT {DATA_KEY} FROM data_keys WHERE account_id = $1 AND id = $2"
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
            key = check_data_key(request.proposed, "proposed")
            await self._db.fetch(_PUT, key, owner, request.proposed.master_version, request.proposed.wrapped)
        row = await self._db.row(_GET, owner)
        if row is None:
            raise NotFound("The account has no data key", reason="data_key_not_found")
        return vault_service_pb2.GetOrCreateDataKeyResponse(data_key=data_key_message(row))

    async def GetDataKey(
        self, request: vault_service_pb2.GetDataKeyRequest, context: Any
    ) -> vault_service_pb2.GetDataKeyResponse:
        """One of the account's keys, retired or not."""
        key = as_uuid(request.id)
        row = await self._db.row(_ONE, account(), key) if key else None
        if row is None:
            raise NotFound("The account has no such data key", reason="data_key_not_found", field="id")
        return vault_service_pb2.GetDataKeyResponse(data_key=data_key_message(row))


def check_data_key(key: data_key_pb2.DataKey, field: str) -> uuid.UUID:
    """Returns the id of a data key to be stored; raises `InvalidInput`."""
    found = as_uuid(key.id)
    if found is None:
        raise InvalidInput(f"{field}.id must be a UUID.", field=f"{field}.id")
    if key.master_version < 1:
        raise InvalidInput(f"{field}.master_version must be 1 or more.", field=f"{field}.master_version")
    if not 1 <= len(key.wrapped) <= _MAX_WRAPPED:
        raise InvalidInput(f"{field}.wrapped is missing or too long.", field=f"{field}.wrapped")
    return found


def data_key_message(row: Any) -> data_key_pb2.DataKey:
    """Returns a row as it travels."""
    return data_key_pb2.DataKey(
        id=str(row["id"]),
        account_id=str(row["account_id"]),
        master_version=row["master_version"],
        wrapped=row["wrapped"],
        created_at=stamp(row["created_at"]),
        retired_at=stamp(row["retired_at"]),
    )
