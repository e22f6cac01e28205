"""Accounts' own prices, as storage has them."""

from __future__ import annotations

import grpc

from kit.context import Role, acting_as
from kit.providers.pricing import OwnPrices
from sfd.usage.v1 import usage_service_pb2, usage_service_pb2_grpc

_SECONDS = 10.0


class Prices:
    """Reads them, whoever the caller is: a worker buys for its job's account."""

    def __init__(self, storage: grpc.aio.Channel) -> None:
        self._usage = usage_service_pb2_grpc.UsageServiceStub(storage)

    async def of(self, account_id: str) -> OwnPrices:
        """Returns an account's own prices."""
        with acting_as(account_id, Role.ACCOUNT):
            reply = await self._usage.ListPrices(usage_service_pb2.ListPricesRequest(), timeout=_SECONDS)
        return OwnPrices(reply.prices)
