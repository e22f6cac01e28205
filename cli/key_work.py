"""What `sfd keys` does: opens and seals in this process, and speaks to storage as an operator. Nothing here prints a secret."""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import grpc

from kit.context import Caller, Role, acting_as
from kit.errors import Conflict
from kit.identity import Signer
from kit.rpc.client import SYSTEM, channel
from kit.vault.envelope import CannotOpen, DataKey, Place, key_id_of, new_data_key, open_sealed, seal
from kit.vault.legacy import open_fernet
from kit.vault.master import MasterKeys, Wrapped, unwrap, wrap
from kit.vault.secrets import Secrets, stored_key
from sfd.vault.v1 import data_key_pb2, key_pb2, key_service_pb2, vault_service_pb2
from sfd.vault.v1 import rotation_service_pb2 as rpc
from sfd.vault.v1.key_service_pb2_grpc import KeyServiceStub
from sfd.vault.v1.rotation_service_pb2_grpc import RotationServiceStub
from sfd.vault.v1.vault_service_pb2_grpc import VaultServiceStub

PURPOSE = "vendor-key"
PAGE = 200
SECONDS = 20.0
_ROUNDS = 20
_STATUS = {
    # Nobody has asked the vendor since: it counts as active and as never validated.
    "active": key_pb2.KEY_STATUS_UNSPECIFIED,
    "invalid": key_pb2.KEY_STATUS_INVALID,
    "quota_exceeded": key_pb2.KEY_STATUS_QUOTA_EXCEEDED,
}
T = TypeVar("T")


@dataclass
class Found:
    """What `check` saw: how many data keys and secrets there are, and what cannot be opened, by place and id."""

    data_keys: int = 0
    secrets: Counter[str] = field(default_factory=Counter)
    stale: int = 0
    broken: list[str] = field(default_factory=list)


class Operator:
    """Storage as an operator sees it, with the master keys of this process."""

    def __init__(self, storage: grpc.aio.Channel, masters: MasterKeys) -> None:
        self._rotation = RotationServiceStub(storage)
        self._vault = VaultServiceStub(storage)
        self._keys = KeyServiceStub(storage)
        self._masters = masters

    async def rewrap(self) -> tuple[int, list[str]]:
        """Wraps every data key with the newest master key; returns how many were not, and which cannot be opened."""
        newest, _ = await self._masters.wrap(b"\0" * 32, ("which", "version"))
        done, broken = 0, []
        async for key in self._data_keys():
            if key.master_version == newest:
                continue
            try:
                opened = await unwrap(self._masters, stored_key(key, key.account_id))
            except CannotOpen as error:
                broken.append(f"data key {key.id}: {error}")
                continue
            try:
                await self._rotation.RewrapDataKey(
                    rpc.RewrapDataKeyRequest(
                        data_key=_message(await wrap(self._masters, opened)), expected=key.wrapped
                    ),
                    timeout=SECONDS,
                )
                done += 1
            except Conflict:
                # Another rotation was faster, with the same master keys.
                continue
        return done, broken

    async def replace_data_keys(self) -> tuple[int, int]:
        """Gives every account a new data key, then seals everything with it anew; returns (data keys, secrets).

        Readers and writers go on meanwhile: a secret names its data key, and retired ones still open.
        """
        replaced = 0
        opened = await self._opened()
        # A data key that this process cannot open stays: nobody could seal its secrets anew.
        current = [k async for k in self._data_keys() if not k.HasField("retired_at") and uuid.UUID(k.id) in opened]
        for key in current:
            fresh = _message(await wrap(self._masters, new_data_key(key.account_id)))
            try:
                await self._rotation.ReplaceDataKey(
                    rpc.ReplaceDataKeyRequest(data_key=fresh, expected_id=key.id), timeout=SECONDS
                )
                replaced += 1
            except Conflict:
                continue
        return replaced, await self.reseal()

    async def reseal(self) -> int:
        """Seals what names a retired data key with the account's current one; returns how many. Raises `CannotOpen`."""
        done = 0
        for _ in range(_ROUNDS):
            keys = await self._opened()
            stale = [one async for one in self._sealed() if not one.current and key_id_of(one.ciphertext) in keys]
            if not stale:
                return done
            for one in stale:
                old = keys[key_id_of(one.ciphertext)]
                new = await self._current(one.account_id)
                place = Place(one.account_id, one.purpose, one.thing)
                try:
                    await self._rotation.ReplaceSealed(
                        rpc.ReplaceSealedRequest(
                            place=one.place,
                            id=one.id,
                            expected=one.ciphertext,
                            ciphertext=seal(new, place, open_sealed(old, place, one.ciphertext)),
                        ),
                        timeout=SECONDS,
                    )
                    done += 1
                except Conflict:
                    # It was changed or removed meanwhile: the next round sees what is left.
                    continue
        return done

    async def check(self) -> Found:
        """Opens every data key and every secret; nothing is changed."""
        found = Found()
        keys: dict[uuid.UUID, DataKey] = {}
        async for key in self._data_keys():
            found.data_keys += 1
            try:
                keys[uuid.UUID(key.id)] = await unwrap(self._masters, stored_key(key, key.account_id))
            except CannotOpen as error:
                found.broken.append(f"data key {key.id}: {error}")
        async for one in self._sealed():
            found.secrets[one.purpose] += 1
            found.stale += not one.current
            try:
                known = keys.get(key_id_of(one.ciphertext))
                if known is None:
                    raise CannotOpen("its data key is not there or cannot be opened")
                open_sealed(known, Place(one.account_id, one.purpose, one.thing), one.ciphertext)
            except CannotOpen as error:
                found.broken.append(f"{one.purpose} {one.id}: {error}")
        return found

    async def take_over(
        self, account_id: str, rows: list[Mapping[str, Any]], encryption_key: str
    ) -> tuple[int, list[str]]:
        """Stores Fernet rows as keys of an account, sealed anew; returns how many, and why others were left out.

        The same row taken over twice is stored once.
        """
        secrets = Secrets(self._masters, self._vault, PURPOSE)
        done, left = 0, []
        for number, row in enumerate(rows, 1):
            vendor, token = str(row.get("provider", "")).lower(), row.get("encrypted_key")
            status = _STATUS.get(str(row.get("status") or "active").lower())
            if not vendor or not isinstance(token, str | bytes) or status is None:
                left.append(f"row {number}: it needs provider, encrypted_key and a status that is not revoked")
                continue
            raw = token.encode() if isinstance(token, str) else token
            try:
                secret = open_fernet(encryption_key, raw)
            except CannotOpen as error:
                left.append(f"row {number}: {error}")
                continue
            key_id = str(uuid.uuid4())
            with acting_as(account_id, Role.ACCOUNT):
                await self._keys.CreateKey(
                    key_service_pb2.CreateKeyRequest(
                        id=key_id,
                        vendor=vendor,
                        ciphertext=await secrets.seal(account_id, f"{vendor}/{key_id}", secret),
                        preview=_preview(secret),
                        status=status,
                        request_id=f"import {uuid.uuid5(uuid.NAMESPACE_OID, raw.decode('ascii', 'replace'))}",
                    ),
                    timeout=SECONDS,
                )
            done += 1
        return done, left

    async def _current(self, account_id: str) -> DataKey:
        with acting_as(account_id, Role.WORKER):
            reply = await self._vault.GetOrCreateDataKey(vault_service_pb2.GetOrCreateDataKeyRequest(), timeout=SECONDS)
        return await unwrap(self._masters, stored_key(reply.data_key, account_id))

    async def _opened(self) -> dict[uuid.UUID, DataKey]:
        found: dict[uuid.UUID, DataKey] = {}
        async for key in self._data_keys():
            with suppress(CannotOpen):
                found[uuid.UUID(key.id)] = await unwrap(self._masters, stored_key(key, key.account_id))
        return found

    async def _data_keys(self) -> AsyncIterator[data_key_pb2.DataKey]:
        token = ""
        while True:
            page = await self._rotation.ListDataKeys(
                rpc.ListDataKeysRequest(page_size=PAGE, page_token=token), timeout=SECONDS
            )
            for key in page.data_keys:
                yield key
            token = page.next_page_token
            if not token:
                return

    async def _sealed(self) -> AsyncIterator[rpc.Sealed]:
        token = ""
        while True:
            page = await self._rotation.ListSealed(
                rpc.ListSealedRequest(page_size=PAGE, page_token=token), timeout=SECONDS
            )
            for one in page.sealed:
                yield one
            token = page.next_page_token
            if not token:
                return


async def as_operator(address: str, secret: str, masters: MasterKeys, work: Callable[[Operator], Awaitable[T]]) -> T:
    """Returns what `work` returns, done on a channel to storage; raises the house's errors."""
    storage = channel(address, Signer(secret), default=Caller(SYSTEM.account_id, Role.OPERATOR))
    try:
        return await work(Operator(storage, masters))
    finally:
        await storage.close()


def read_rows(path: Path) -> list[Mapping[str, Any]]:
    """Returns rows with provider, encrypted_key and status: of the table `api_keys` of an SQLite file, of a JSON array, or of JSON lines.

    Raises ValueError for anything else, OSError when it cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(16)
    if head.startswith(b"SQLite format 3"):
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
            db.row_factory = sqlite3.Row
            try:
                return [dict(row) for row in db.execute("SELECT provider, encrypted_key, status FROM api_keys")]
            except sqlite3.Error as error:
                raise ValueError(f"the table api_keys cannot be read: {error}") from error
    text = path.read_text("utf-8").strip()
    rows = (
        json.loads(text) if text.startswith("[") else [json.loads(line) for line in text.splitlines() if line.strip()]
    )
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError("the file holds no rows")
    return rows


def _message(stored: Wrapped) -> data_key_pb2.DataKey:
    return data_key_pb2.DataKey(
        id=str(stored.id), account_id=stored.account_id, master_version=stored.version, wrapped=stored.wrapped
    )


def _preview(secret: bytes) -> str:
    tail = secret[-4:].decode("ascii", "replace")
    return f"...{tail}" if len(secret) >= 16 and all("!" <= one <= "~" for one in tail) else "..."
