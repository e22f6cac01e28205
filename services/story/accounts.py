"""What an account brings to its dramas: keys of film vendors, and its own prices."""

from __future__ import annotations

from dataclasses import dataclass, field

import grpc

from kit.context import Role, acting_as, caller
from kit.providers.pricing import OwnPrices
from sfd.usage.v1 import usage_service_pb2, usage_service_pb2_grpc
from sfd.vault.v1 import key_pb2, key_service_pb2, key_service_pb2_grpc

_SECONDS = 10.0


@dataclass(frozen=True)
class Account:
    """The vendors of which it has a key that works as far as is known, and its own prices."""

    vendors: frozenset[str] = frozenset()
    own: OwnPrices = field(default_factory=lambda: OwnPrices(()))


NOBODY = Account()


class Accounts:
    """Accounts as storage knows them."""

    def __init__(self, storage: grpc.aio.Channel) -> None:
        self._keys = key_service_pb2_grpc.KeyServiceStub(storage)
        self._usage = usage_service_pb2_grpc.UsageServiceStub(storage)

    async def of(self, account_id: str = "") -> Account:
        """Returns what an account has; without an id the caller's."""
        who = caller()
        name = account_id or (who.account_id if who else "")
        if not name:
            return NOBODY
        with acting_as(name, Role.ACCOUNT):
            keys = await self._keys.ListKeys(key_service_pb2.ListKeysRequest(), timeout=_SECONDS)
            prices = await self._usage.ListPrices(usage_service_pb2.ListPricesRequest(), timeout=_SECONDS)
        living = frozenset(key.vendor for key in keys.keys if key.status == key_pb2.KEY_STATUS_ACTIVE)
        return Account(living, OwnPrices(prices.prices))
