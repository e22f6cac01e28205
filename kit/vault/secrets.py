"""Sealing and opening secrets: the account's data key comes wrapped from storage and is opened here, in memory only."""

from __future__ import annotations

import uuid
from collections import OrderedDict

from kit.context import Role, acting_as
from kit.errors import NotFound
from kit.vault.envelope import CannotOpen, DataKey, Place, key_id_of, new_data_key, open_sealed, seal
from kit.vault.master import MasterKeys, Wrapped, unwrap, wrap
from sfd.vault.v1 import data_key_pb2, vault_service_pb2
from sfd.vault.v1.vault_service_pb2_grpc import VaultServiceStub

_KNOWN = 1000
_SECONDS = 10.0


class Secrets:
    """Secrets of things that belong to an account, under one purpose."""

    def __init__(self, masters: MasterKeys, vault: VaultServiceStub, purpose: str) -> None:
        self._masters = masters
        self._vault = vault
        self._purpose = purpose
        self._opened: OrderedDict[tuple[str, uuid.UUID], DataKey] = OrderedDict()

    async def seal(self, account_id: str, thing: str, secret: bytes) -> bytes:
        """Returns the secret sealed for its account and thing. Raises the house's errors, and `CannotOpen`."""
        return seal(await self._current(account_id), self._place(account_id, thing), secret)

    async def open(self, account_id: str, thing: str, sealed: bytes) -> bytes:
        """Returns a secret that is stored; raises the house's errors, and `CannotOpen`."""
        key = await self._named(account_id, key_id_of(sealed))
        return open_sealed(key, self._place(account_id, thing), sealed)

    async def open_with(self, stored: Wrapped, thing: str, sealed: bytes) -> bytes:
        """Returns a secret whose wrapped data key is likely at hand; raises as `open` does."""
        if key_id_of(sealed) != stored.id:
            # The account has a newer data key, and this secret is still to be sealed with it.
            return await self.open(stored.account_id, thing, sealed)
        return open_sealed(await self._unwrapped(stored), self._place(stored.account_id, thing), sealed)

    def _place(self, account_id: str, thing: str) -> Place:
        return Place(account_id, self._purpose, thing)

    async def _current(self, account_id: str) -> DataKey:
        """The key that seals; a new one when the account has none."""
        proposed = await wrap(self._masters, new_data_key(account_id))
        with acting_as(account_id, Role.WORKER):
            reply = await self._vault.GetOrCreateDataKey(
                vault_service_pb2.GetOrCreateDataKeyRequest(
                    proposed=data_key_pb2.DataKey(
                        id=str(proposed.id), master_version=proposed.version, wrapped=proposed.wrapped
                    )
                ),
                timeout=_SECONDS,
            )
        return await self._unwrapped(stored_key(reply.data_key, account_id))

    async def _named(self, account_id: str, key_id: uuid.UUID) -> DataKey:
        """The key that a sealed secret names, which may have retired."""
        known = self._opened.get((account_id, key_id))
        if known is not None:
            return known
        try:
            with acting_as(account_id, Role.WORKER):
                reply = await self._vault.GetDataKey(
                    vault_service_pb2.GetDataKeyRequest(id=str(key_id)), timeout=_SECONDS
                )
        except NotFound:
            raise CannotOpen("the account has no such data key") from None
        return await self._unwrapped(stored_key(reply.data_key, account_id))

    async def _unwrapped(self, stored: Wrapped) -> DataKey:
        place = (stored.account_id, stored.id)
        known = self._opened.get(place)
        if known is None:
            known = self._opened[place] = await unwrap(self._masters, stored)
            while len(self._opened) > _KNOWN:
                self._opened.popitem(last=False)
        return known


def stored_key(key: data_key_pb2.DataKey, account_id: str) -> Wrapped:
    """Returns a data key as it came from storage, of the account that it was asked for."""
    return Wrapped(uuid.UUID(key.id), account_id, key.master_version, key.wrapped)
