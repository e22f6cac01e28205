"""`sfd.vault.v1.RotationService`: keys are changed under what is sealed, row by row, each by compare-and-set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import asyncpg

from kit.errors import AlreadyExists, Conflict, InvalidInput
from kit.vault.envelope import CannotOpen, key_id_of
from services.storage.db import Database, Pg
from services.storage.ids import as_uuid, page_size, page_token, read_page_token
from services.storage.vault.keys import MAX_CIPHERTEXT
from services.storage.vault.servicer import DATA_KEY, check_data_key, data_key_message
from sfd.vault.v1 import rotation_service_pb2 as rpc
from sfd.vault.v1 import rotation_service_pb2_grpc

_DATA_KEYS = f"SELECT {DATA_KEY} FROM data_keys WHERE id > $1 ORDER BY id LIMIT $2"
_FIRST = "00000000-0000-0000-0000-000000000000"
_REWRAP = "UPDATE data_keys SET master_version = $2, wrapped = $3 WHERE id = $1 AND wrapped = $4 RETURNING id"
_RETIRE = (
    "UPDATE data_keys SET retired_at = now() WHERE id = $1 AND account_id = $2 AND retired_at IS NULL RETURNING id"
)
_PUT = "INSERT INTO data_keys (id, account_id, master_version, wrapped) VALUES ($1, $2, $3, $4)"


@dataclass(frozen=True)
class _Place:
    """Where secrets of one kind are, and what they are bound to."""

    purpose: str
    table: str
    column: str
    thing: str
    where: str
    also: str = ""


_PLACES: Mapping[rpc.SealedPlace.ValueType, _Place] = {
    rpc.SEALED_PLACE_VENDOR_KEY: _Place(
        "vendor-key",
        "vault_keys",
        "ciphertext",
        "vendor || '/' || id",
        "status <> 'revoked'",
        ", data_key_id = encode(substring($3::bytea from 2 for 16), 'hex')::uuid",
    ),
    rpc.SEALED_PLACE_WEBHOOK: _Place("webhook", "webhook_endpoints", "secret", "public_id", "true"),
    rpc.SEALED_PLACE_WEBHOOK_OLD: _Place(
        "webhook", "webhook_endpoints", "old_secret", "public_id", "octet_length(old_secret) > 0"
    ),
}


class RotationServicer(rotation_service_pb2_grpc.RotationServiceServicer):
    """For operators: rows of every account."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def ListDataKeys(self, request: rpc.ListDataKeysRequest, context: Any) -> rpc.ListDataKeysResponse:
        """A page of data keys."""
        size = page_size(request.page_size)
        after = as_uuid(read_page_token(request.page_token, 1)[0] if request.page_token else _FIRST)
        if after is None:
            raise InvalidInput("The page token is not one of ours.", field="page_token", reason="bad_page_token")
        rows = await self._db.fetch(_DATA_KEYS, after, size + 1)
        token = page_token(str(rows[size - 1]["id"])) if len(rows) > size else ""
        return rpc.ListDataKeysResponse(data_keys=[data_key_message(row) for row in rows[:size]], next_page_token=token)

    async def RewrapDataKey(self, request: rpc.RewrapDataKeyRequest, context: Any) -> rpc.RewrapDataKeyResponse:
        """Stores another wrapping."""
        key = check_data_key(request.data_key, "data_key")
        row = await self._db.row(
            _REWRAP, key, request.data_key.master_version, request.data_key.wrapped, request.expected
        )
        if row is None:
            raise Conflict("The data key was changed meanwhile.", reason="data_key_moved", field="expected")
        return rpc.RewrapDataKeyResponse()

    async def ReplaceDataKey(self, request: rpc.ReplaceDataKeyRequest, context: Any) -> rpc.ReplaceDataKeyResponse:
        """Retires the old one and stores the new one."""
        key = check_data_key(request.data_key, "data_key")
        owner, old = as_uuid(request.data_key.account_id), as_uuid(request.expected_id)
        if owner is None or old is None:
            raise InvalidInput("data_key.account_id and expected_id must be UUIDs.", field="expected_id")

        async def work(pg: Pg) -> None:
            if await pg.fetchrow(_RETIRE, old, owner) is None:
                raise Conflict("Another data key seals by now.", reason="data_key_moved", field="expected_id")
            await pg.execute(_PUT, key, owner, request.data_key.master_version, request.data_key.wrapped)

        try:
            await self._db.unit(work)
        except asyncpg.UniqueViolationError as error:
            raise AlreadyExists("The data key's id is taken.", field="data_key.id") from error
        return rpc.ReplaceDataKeyResponse()

    async def ListSealed(self, request: rpc.ListSealedRequest, context: Any) -> rpc.ListSealedResponse:
        """A page of sealed secrets: each place to its end, then the next."""
        size = page_size(request.page_size)
        number, last = read_page_token(request.page_token, 2) if request.page_token else ("1", _FIRST)
        after = as_uuid(last)
        place = next((one for one in _PLACES if str(int(one)) == number), None)
        if after is None or place is None:
            raise InvalidInput("The page token is not one of ours.", field="page_token", reason="bad_page_token")
        one = _PLACES[place]
        rows = await self._db.fetch(
            f"SELECT t.*, k.id IS NOT NULL AS current FROM (SELECT id, account_id, {one.thing} AS thing, {one.column} AS ciphertext"
            f" FROM {one.table} WHERE id > $1 AND {one.where} ORDER BY id LIMIT $2) t"
            " LEFT JOIN data_keys k ON k.account_id = t.account_id AND k.retired_at IS NULL"
            " AND k.id = CASE WHEN octet_length(t.ciphertext) > 16 THEN encode(substring(t.ciphertext from 2 for 16), 'hex')::uuid END"
            " ORDER BY t.id",
            after,
            size + 1,
        )
        token = ""
        if len(rows) > size:
            token = page_token(str(int(place)), str(rows[size - 1]["id"]))
        elif (following := next((one for one in _PLACES if one > place), None)) is not None:
            token = page_token(str(int(following)), _FIRST)
        return rpc.ListSealedResponse(
            sealed=[
                rpc.Sealed(
                    place=place,
                    id=str(row["id"]),
                    account_id=str(row["account_id"]),
                    purpose=one.purpose,
                    thing=row["thing"],
                    ciphertext=row["ciphertext"],
                    current=row["current"],
                )
                for row in rows[:size]
            ],
            next_page_token=token,
        )

    async def ReplaceSealed(self, request: rpc.ReplaceSealedRequest, context: Any) -> rpc.ReplaceSealedResponse:
        """Puts a ciphertext in the place of another."""
        one, key = _PLACES.get(request.place), as_uuid(request.id)
        if one is None or key is None:
            raise InvalidInput("place and id must name a row.", field="place" if one is None else "id")
        if len(request.ciphertext) > MAX_CIPHERTEXT:
            raise InvalidInput("ciphertext is too long.", field="ciphertext")
        try:
            data_key = key_id_of(request.ciphertext)
        except CannotOpen as error:
            raise InvalidInput("ciphertext is not a sealed secret.", field="ciphertext") from error
        # A data key of another account, or of none, would make the row unreadable for ever.
        row = await self._db.row(
            f"UPDATE {one.table} SET {one.column} = $3, updated_at = now(){one.also} WHERE id = $1 AND {one.column} = $2 AND {one.where}"
            f" AND EXISTS (SELECT 1 FROM data_keys k WHERE k.id = $4 AND k.account_id = {one.table}.account_id) RETURNING id",
            key,
            request.expected,
            request.ciphertext,
            data_key,
        )
        if row is None:
            raise Conflict("The secret was changed meanwhile.", reason="sealed_moved", field="expected")
        return rpc.ReplaceSealedResponse()
