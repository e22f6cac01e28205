"""`sfd.usage.v1.UsageService`."""

from __future__ import annotations

from typing import Any

from services.storage import idempotency
from services.storage.access import account
from services.storage.db import Database, Pg
from services.storage.usage.budgets import Budgets
from services.storage.usage.generations import sum_generations
from services.storage.usage.prices import Prices
from services.storage.usage.sums import Sums
from sfd.usage.v1 import usage_service_pb2 as rpc
from sfd.usage.v1 import usage_service_pb2_grpc


class UsageServicer(usage_service_pb2_grpc.UsageServiceServicer):
    """Usage, budgets and prices of the caller's account."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._sums = Sums(database)
        self._budgets = Budgets(database)
        self._prices = Prices(database)

    async def SumUsage(self, request: rpc.SumUsageRequest, context: Any) -> rpc.SumUsageResponse:
        """Sums."""
        return await self._sums.sum(account(), request)

    async def SumGenerations(self, request: rpc.SumGenerationsRequest, context: Any) -> rpc.SumGenerationsResponse:
        """Sums of films of no drama."""
        return await sum_generations(self._db, account())

    async def ListEntries(self, request: rpc.ListEntriesRequest, context: Any) -> rpc.ListEntriesResponse:
        """A page of entries."""
        return await self._sums.entries(account(), request)

    async def CreateBudget(self, request: rpc.CreateBudgetRequest, context: Any) -> rpc.CreateBudgetResponse:
        """Makes a budget."""
        owner = account()

        async def work(pg: Pg) -> rpc.CreateBudgetResponse:
            return rpc.CreateBudgetResponse(budget=await self._budgets.create(pg, owner, request.budget))

        return await idempotency.once(
            self._db, owner, "CreateBudget", request.request_id, request, rpc.CreateBudgetResponse, work
        )

    async def GetBudget(self, request: rpc.GetBudgetRequest, context: Any) -> rpc.GetBudgetResponse:
        """One budget."""
        return rpc.GetBudgetResponse(budget=await self._budgets.get(account(), request.id))

    async def ListBudgets(self, request: rpc.ListBudgetsRequest, context: Any) -> rpc.ListBudgetsResponse:
        """All budgets."""
        return rpc.ListBudgetsResponse(budgets=await self._budgets.list(account()))

    async def UpdateBudget(self, request: rpc.UpdateBudgetRequest, context: Any) -> rpc.UpdateBudgetResponse:
        """Changes a budget."""
        owner = account()

        async def work(pg: Pg) -> rpc.UpdateBudgetResponse:
            return rpc.UpdateBudgetResponse(budget=await self._budgets.update(pg, owner, request))

        return await idempotency.once(
            self._db, owner, "UpdateBudget", request.request_id, request, rpc.UpdateBudgetResponse, work
        )

    async def DeleteBudget(self, request: rpc.DeleteBudgetRequest, context: Any) -> rpc.DeleteBudgetResponse:
        """Removes a budget."""
        owner = account()

        async def work(pg: Pg) -> rpc.DeleteBudgetResponse:
            await self._budgets.delete(pg, owner, request.id)
            return rpc.DeleteBudgetResponse()

        return await idempotency.once(
            self._db, owner, "DeleteBudget", request.request_id, request, rpc.DeleteBudgetResponse, work
        )

    async def ListPrices(self, request: rpc.ListPricesRequest, context: Any) -> rpc.ListPricesResponse:
        """The account's own prices."""
        return rpc.ListPricesResponse(prices=await self._prices.list(account()))

    async def SetPrices(self, request: rpc.SetPricesRequest, context: Any) -> rpc.SetPricesResponse:
        """Replaces the account's own prices."""
        owner = account()

        async def work(pg: Pg) -> rpc.SetPricesResponse:
            return rpc.SetPricesResponse(prices=await self._prices.set(pg, owner, request.prices))

        return await idempotency.once(
            self._db, owner, "SetPrices", request.request_id, request, rpc.SetPricesResponse, work
        )
