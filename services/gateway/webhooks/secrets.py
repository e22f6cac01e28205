"""Sealing and opening secrets: the account's data key comes wrapped from storage and is opened here, in memory only."""

from __future__ import annotations

import uuid
from collections import OrderedDict

from kit.context import Role, acting_as
from kit.vault.envelope import DataKey, Place, new_data_key, open_sealed, seal
from kit.vault.master import MasterKeys, Wrapped, unwrap, wrap
from services.gateway.backends import RPC_SECONDS
from sfd.vault.v1 import data_key_pb2, vault_service_pb2
from sfd.vault.v1.vault_service_pb2_grpc import VaultServiceStub

_KNOWN = 1000


class Secrets:
    """Secrets of things that belong to an account, under one purpose."""

    def __init__(self, masters: MasterKeys, vault: VaultServiceStub, purpose: str) -> None:
        self._masters = masters
        self._vault = vault
        self._purpose = purpose
        self._opened: OrderedDict[Wrapped, DataKey] = OrderedDict()

    async def seal(self, account_id: str, thing: str, secret: bytes) -> bytes:
        """Returns the secret sealed for its account and thing. Raises the house's errors, and `CannotOpen`."""
        return seal(await self._key_of(account_id), self._place(account_id, thing), secret)

    async def open(self, account_id: str, thing: str, sealed: bytes) -> bytes:
        """Returns a secret that is stored; raises the house's errors, and `CannotOpen`."""
        return open_sealed(await self._key_of(account_id), self._place(account_id, thing), sealed)

    async def open_with(self, stored: Wrapped, thing: str, sealed: bytes) -> bytes:
        """Returns a secret whose wrapped data key is at hand; raises `CannotOpen`."""
        return open_sealed(await self._unwrapped(stored), self._place(stored.account_id, thing), sealed)

    def _place(self, account_id: str, thing: str) -> Place:
        return Place(account_id, self._purpose, thing)

    async def _key_of(self, account_id: str) -> DataKey:
        fresh = new_data_key(account_id)
        proposed = await wrap(self._masters, fresh)
        with acting_as(account_id, Role.WORKER):
            reply = await self._vault.GetOrCreateDataKey(
                vault_service_pb2.GetOrCreateDataKeyRequest(
                    proposed=data_key_pb2.DataKey(
                        id=str(proposed.id), master_version=proposed.version, wrapped=proposed.wrapped
                    )
                ),
                timeout=RPC_SECONDS,
            )
        got = reply.data_key
        return await self._unwrapped(Wrapped(uuid.UUID(got.id), account_id, got.master_version, got.wrapped))

    async def _unwrapped(self, stored: Wrapped) -> DataKey:
        known = self._opened.get(stored)
        if known is None:
            known = self._opened[stored] = await unwrap(self._masters, stored)
            while len(self._opened) > _KNOWN:
                self._opened.popitem(last=False)
        return known
