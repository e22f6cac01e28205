"""`sfd.vault.v1.KeyService`: users' vendor keys as ciphertext, numbered per account."""

from __future__ import annotations

import re
import uuid
from typing import Any

from kit.errors import Exhausted, InvalidInput, NotFound
from kit.vault.envelope import CannotOpen, key_id_of
from services.storage import idempotency
from services.storage.access import account
from services.storage.db import Database, Pg
from services.storage.ids import as_uuid
from services.storage.jobs.convert import stamp
from services.storage.vault.servicer import DATA_KEY, data_key_message
from sfd.vault.v1 import key_pb2, key_service_pb2_grpc
from sfd.vault.v1 import key_service_pb2 as rpc

MAX_KEYS = 100
MAX_CIPHERTEXT = 70_000
_VENDOR = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
_PREVIEW = re.compile(r"(\.\.\.[!-~]{0,13})?")
_COLUMNS = "id, number, vendor, status, last_validated, preview, created_at"
_STATUS = {value: name.removeprefix("KEY_STATUS_").lower() for name, value in key_pb2.KeyStatus.items() if value}
_NUMBERS = {name: value for value, name in _STATUS.items()}
_INSERT = f"""
INSERT INTO vault_keys (id, account_id, number, vendor, status, data_key_id, ciphertext, preview, last_validated)
SELECT $1, $2, coalesce(max(number), 0) + 1, $3, $4, $5, $6, $7, CASE WHEN $8 THEN now() END FROM vault_keys WHERE account_id = $2
RETURNING {_COLUMNS}
"""
_GET = f"SELECT {_COLUMNS} FROM vault_keys WHERE account_id = $1 AND status <> 'revoked' AND (id = $2 OR number = $3)"
_LIST = f"""
SELECT {_COLUMNS} FROM vault_keys WHERE account_id = $1 AND status <> 'revoked' ORDER BY created_at DESC, number DESC LIMIT {MAX_KEYS}
"""
_SET = f"""
UPDATE vault_keys SET status = $3, last_validated = now(), updated_at = now()
WHERE account_id = $1 AND id = $2 AND status <> 'revoked' RETURNING {_COLUMNS}
"""
# What is revoked is not kept: its row stays for its number and for the budgets and calls that name it.
_REVOKE = """
UPDATE vault_keys SET status = 'revoked', ciphertext = '', updated_at = now()
WHERE account_id = $1 AND number = $2 AND status <> 'revoked' RETURNING id
"""
_OPEN = f"""
SELECT {_COLUMNS}, ciphertext, data_key_id FROM vault_keys WHERE account_id = $1 AND id = $2 AND status <> 'revoked'
"""
_DATA_KEY = f"SELECT {DATA_KEY} FROM data_keys WHERE account_id = $1 AND id = $2"


class KeyServicer(key_service_pb2_grpc.KeyServiceServicer):
    """The table `vault_keys`; another account's keys look as if they were not there."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def CreateKey(self, request: rpc.CreateKeyRequest, context: Any) -> rpc.CreateKeyResponse:
        """Stores a sealed key."""
        owner = account()
        key, data_key = _checked(request)
        status = _STATUS.get(request.status, "active")

        async def work(pg: Pg) -> rpc.CreateKeyResponse:
            # One at a time for an account: numbers are counted, and so is the limit.
            await pg.execute("SELECT pg_advisory_xact_lock($1)", owner.int & ((1 << 63) - 1))
            living = await pg.fetchval(
                "SELECT count(*) FROM vault_keys WHERE account_id = $1 AND status <> 'revoked'", owner
            )
            if living >= MAX_KEYS:
                raise Exhausted(f"There are {MAX_KEYS} keys already.", reason="key_limit", retryable=False)
            if await pg.fetchrow(_DATA_KEY, owner, data_key) is None:
                raise InvalidInput("The ciphertext names no data key of the account.", field="ciphertext")
            row = await pg.fetchrow(
                _INSERT,
                key,
                owner,
                request.vendor,
                status,
                data_key,
                request.ciphertext,
                request.preview,
                bool(request.status),
            )
            return rpc.CreateKeyResponse(key=key_message(row))

        # The ciphertext of the same key is another one each time: the fingerprint says whether it is the same key.
        asked = rpc.CreateKeyRequest(
            vendor=request.vendor,
            preview=request.preview,
            fingerprint=request.fingerprint,
            request_id=request.request_id,
        )
        return await idempotency.once(
            self._db, owner, "CreateKey", request.request_id, asked, rpc.CreateKeyResponse, work
        )

    async def GetKey(self, request: rpc.GetKeyRequest, context: Any) -> rpc.GetKeyResponse:
        """One key."""
        row = await self._db.row(_GET, account(), as_uuid(request.id), request.number)
        return rpc.GetKeyResponse(key=key_message(_there(row)))

    async def ListKeys(self, request: rpc.ListKeysRequest, context: Any) -> rpc.ListKeysResponse:
        """The keys that are not revoked."""
        return rpc.ListKeysResponse(keys=[key_message(row) for row in await self._db.fetch(_LIST, account())])

    async def SetKeyStatus(self, request: rpc.SetKeyStatusRequest, context: Any) -> rpc.SetKeyStatusResponse:
        """Writes a status down."""
        if request.status not in _STATUS or request.status == key_pb2.KEY_STATUS_REVOKED:
            raise InvalidInput("status must be active, invalid or quota_exceeded.", field="status")
        row = await self._db.row(_SET, account(), as_uuid(request.id), _STATUS[request.status])
        return rpc.SetKeyStatusResponse(key=key_message(_there(row)))

    async def RevokeKey(self, request: rpc.RevokeKeyRequest, context: Any) -> rpc.RevokeKeyResponse:
        """Ends a key."""
        _there(await self._db.row(_REVOKE, account(), request.number))
        return rpc.RevokeKeyResponse()

    async def OpenKey(self, request: rpc.OpenKeyRequest, context: Any) -> rpc.OpenKeyResponse:
        """Ciphertext and data key."""
        owner = account()
        row = _there(await self._db.row(_OPEN, owner, as_uuid(request.id)))
        data_key = await self._db.row(_DATA_KEY, owner, row["data_key_id"])
        return rpc.OpenKeyResponse(
            key=key_message(row),
            ciphertext=row["ciphertext"],
            data_key=data_key_message(data_key) if data_key else None,
        )


def key_message(row: Any) -> key_pb2.Key:
    """Returns a row as it travels, without its ciphertext."""
    return key_pb2.Key(
        id=str(row["id"]),
        number=row["number"],
        vendor=row["vendor"],
        status=_NUMBERS[row["status"]],
        last_validated=stamp(row["last_validated"]),
        preview=row["preview"],
        created_at=stamp(row["created_at"]),
    )


def _checked(request: rpc.CreateKeyRequest) -> tuple[uuid.UUID, uuid.UUID]:
    """Returns the ids of the key and of its data key; raises `InvalidInput`."""
    key = as_uuid(request.id)
    if key is None:
        raise InvalidInput("id must be a UUID.", field="id")
    if _VENDOR.fullmatch(request.vendor) is None:
        raise InvalidInput("vendor is no vendor's name.", field="vendor")
    if _PREVIEW.fullmatch(request.preview) is None:
        raise InvalidInput("preview is `...` and the end of the key.", field="preview")
    if request.status and (request.status not in _STATUS or request.status == key_pb2.KEY_STATUS_REVOKED):
        raise InvalidInput("status is no status of a new key.", field="status")
    if len(request.ciphertext) > MAX_CIPHERTEXT:
        raise InvalidInput("ciphertext is too long.", field="ciphertext")
    try:
        return key, key_id_of(request.ciphertext)
    except CannotOpen as error:
        raise InvalidInput("ciphertext is not a sealed secret.", field="ciphertext") from error


def _there(row: Any) -> Any:
    if row is None:
        raise NotFound("Key not found", reason="key_not_found", field="id")
    return row
