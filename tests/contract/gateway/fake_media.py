"""Keys, usage, budgets and prices kept in memory, with real gRPC and real errors."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from kit import errors
from kit.rpc.server import Served
from sfd.usage.v1 import usage_pb2, usage_service_pb2, usage_service_pb2_grpc
from sfd.vault.v1 import key_pb2
from sfd.vault.v1 import key_service_pb2 as vault
from sfd.vault.v1 import key_service_pb2_grpc as vault_grpc
from sfd.video.v1 import key_service_pb2 as video
from sfd.video.v1 import key_service_pb2_grpc as video_grpc
from tests.contract.gateway.fakes import House, page

VENDORS = ("openai", "runway")


@dataclass
class Media:
    """What is remembered. `said` is what the vendors say of a key: empty means they take it."""

    keys: dict[int, key_pb2.Key] = field(default_factory=dict)
    said: str = ""
    reason: str = "invalid_key"
    sums: usage_service_pb2.SumUsageResponse = field(default_factory=usage_service_pb2.SumUsageResponse)
    films: usage_service_pb2.SumGenerationsResponse = field(default_factory=usage_service_pb2.SumGenerationsResponse)
    entries: list[usage_pb2.Entry] = field(default_factory=list)
    budgets: dict[str, usage_pb2.Budget] = field(default_factory=dict)
    prices: list[usage_pb2.Price] = field(default_factory=list)

    def reset(self) -> None:
        """Forgets everything."""
        self.keys.clear()
        self.entries.clear()
        self.budgets.clear()
        self.prices.clear()
        self.said, self.reason = "", "invalid_key"
        self.sums = usage_service_pb2.SumUsageResponse()
        self.films = usage_service_pb2.SumGenerationsResponse()

    def key(self, number: int) -> key_pb2.Key:
        """Returns a key, or raises NotFound."""
        if number not in self.keys:
            raise errors.NotFound("Key not found", reason="key_not_found", field="id")
        return self.keys[number]

    def budget(self, name: str) -> usage_pb2.Budget:
        """Returns a budget, or raises NotFound."""
        if name not in self.budgets:
            raise errors.NotFound("Budget not found", reason="budget_not_found", field="id")
        return self.budgets[name]


class VideoKeys(video_grpc.KeyServiceServicer):
    """Says of every key what `said` says."""

    def __init__(self, house: House, media: Media) -> None:
        self.house = house
        self.media = media

    async def CreateKey(self, request: video.CreateKeyRequest, context: object) -> Any:
        self.house.take(request)
        if request.vendor not in VENDORS:
            raise errors.InvalidInput(f"Unknown provider: {request.vendor}", reason="unknown_vendor", field="vendor")
        if self.media.reason == "vendor_away":
            raise errors.Unavailable("The vendor cannot be asked now.", reason="vendor_away", field="secret")
        if self.media.said:
            raise errors.InvalidInput(self.media.said, reason=self.media.reason, field="secret")
        number = len(self.media.keys) + 1
        key = key_pb2.Key(
            id=str(uuid.uuid4()),
            number=number,
            vendor=request.vendor,
            status=key_pb2.KEY_STATUS_ACTIVE,
            last_validated=self.house.now(),
            preview=f"...{request.secret[-4:]}",
            created_at=self.house.now(),
        )
        self.media.keys[number] = key
        return video.CreateKeyResponse(key=key)

    async def ValidateKey(self, request: video.ValidateKeyRequest, context: object) -> Any:
        self.house.take(request)
        key = self.media.key(request.number)
        key.status = key_pb2.KEY_STATUS_INVALID if self.media.said else key_pb2.KEY_STATUS_ACTIVE
        return video.ValidateKeyResponse(valid=not self.media.said, error=self.media.said, key=key)


class VaultKeys(vault_grpc.KeyServiceServicer):
    """The same keys without their secrets."""

    def __init__(self, house: House, media: Media) -> None:
        self.house = house
        self.media = media

    async def ListKeys(self, request: vault.ListKeysRequest, context: object) -> Any:
        self.house.take(request)
        return vault.ListKeysResponse(keys=[self.media.keys[number] for number in sorted(self.media.keys)[::-1]])

    async def RevokeKey(self, request: vault.RevokeKeyRequest, context: object) -> Any:
        self.house.take(request)
        self.media.key(request.number)
        del self.media.keys[request.number]
        return vault.RevokeKeyResponse()

    async def GetKey(self, request: vault.GetKeyRequest, context: object) -> Any:
        self.house.take(request)
        return vault.GetKeyResponse(key=self.media.key(request.number))

    async def CreateKey(self, request: vault.CreateKeyRequest, context: object) -> Any:
        raise AssertionError("the gateway never stores a key by itself")

    async def SetKeyStatus(self, request: vault.SetKeyStatusRequest, context: object) -> Any:
        raise AssertionError("the gateway never judges a key by itself")

    async def OpenKey(self, request: vault.OpenKeyRequest, context: object) -> Any:
        raise AssertionError("the gateway never opens a key")


class Usage(usage_service_pb2_grpc.UsageServiceServicer):
    """Sums as they were set; budgets and prices in dicts."""

    def __init__(self, house: House, media: Media) -> None:
        self.house = house
        self.media = media

    async def SumUsage(self, request: usage_service_pb2.SumUsageRequest, context: object) -> Any:
        self.house.take(request)
        return self.media.sums

    async def SumGenerations(self, request: usage_service_pb2.SumGenerationsRequest, context: object) -> Any:
        self.house.take(request)
        return self.media.films

    async def ListEntries(self, request: usage_service_pb2.ListEntriesRequest, context: object) -> Any:
        self.house.take(request)
        rows = self.media.entries
        at = list(page(request.page_token, min(request.page_size, 2), len(rows)))
        more = str(at[-1] + 1) if at and at[-1] + 1 < len(rows) else ""
        return usage_service_pb2.ListEntriesResponse(entries=[rows[one] for one in at], next_page_token=more)

    async def CreateBudget(self, request: usage_service_pb2.CreateBudgetRequest, context: object) -> Any:
        self.house.take(request)
        if any(one.key_number == request.budget.key_number for one in self.media.budgets.values()):
            raise errors.AlreadyExists("There is a budget for it already.", reason="budget_exists")
        if request.budget.key_number:
            self.media.key(request.budget.key_number)
        made = usage_pb2.Budget()
        made.CopyFrom(request.budget)
        made.id = str(uuid.uuid4())
        made.created_at.CopyFrom(self.house.now())
        made.updated_at.CopyFrom(self.house.now())
        self.media.budgets[made.id] = made
        return usage_service_pb2.CreateBudgetResponse(budget=made)

    async def GetBudget(self, request: usage_service_pb2.GetBudgetRequest, context: object) -> Any:
        self.house.take(request)
        return usage_service_pb2.GetBudgetResponse(budget=self.media.budget(request.id))

    async def ListBudgets(self, request: usage_service_pb2.ListBudgetsRequest, context: object) -> Any:
        self.house.take(request)
        return usage_service_pb2.ListBudgetsResponse(budgets=list(self.media.budgets.values()))

    async def UpdateBudget(self, request: usage_service_pb2.UpdateBudgetRequest, context: object) -> Any:
        self.house.take(request)
        budget = self.media.budget(request.id)
        if request.HasField("daily_nano_usd"):
            budget.daily_nano_usd = request.daily_nano_usd
        if request.HasField("monthly_nano_usd"):
            budget.monthly_nano_usd = request.monthly_nano_usd
        if request.HasField("job_nano_usd"):
            budget.job_nano_usd = request.job_nano_usd
        return usage_service_pb2.UpdateBudgetResponse(budget=budget)

    async def DeleteBudget(self, request: usage_service_pb2.DeleteBudgetRequest, context: object) -> Any:
        self.house.take(request)
        self.media.budget(request.id)
        del self.media.budgets[request.id]
        return usage_service_pb2.DeleteBudgetResponse()

    async def ListPrices(self, request: usage_service_pb2.ListPricesRequest, context: object) -> Any:
        self.house.take(request)
        return usage_service_pb2.ListPricesResponse(prices=self.media.prices)

    async def SetPrices(self, request: usage_service_pb2.SetPricesRequest, context: object) -> Any:
        self.house.take(request)
        self.media.prices[:] = list(request.prices)
        for one in self.media.prices:
            one.updated_at.CopyFrom(self.house.now())
        return usage_service_pb2.SetPricesResponse(prices=self.media.prices)


def served(house: House, media: Media) -> list[Served]:
    """Returns all of them, ready to be mounted."""
    return [
        Served(
            video.DESCRIPTOR.services_by_name["KeyService"],
            partial(video_grpc.add_KeyServiceServicer_to_server, VideoKeys(house, media)),
        ),
        Served(
            vault.DESCRIPTOR.services_by_name["KeyService"],
            partial(vault_grpc.add_KeyServiceServicer_to_server, VaultKeys(house, media)),
        ),
        Served(
            usage_service_pb2.DESCRIPTOR.services_by_name["UsageService"],
            partial(usage_service_pb2_grpc.add_UsageServiceServicer_to_server, Usage(house, media)),
        ),
    ]
