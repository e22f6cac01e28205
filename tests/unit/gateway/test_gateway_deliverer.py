"""The worker of deliveries goes on whatever happens, and gives back what it cannot finish."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from kit.context import Role, caller
from services.gateway.wakeups import Wakeups
from services.gateway.webhooks import worker
from services.gateway.webhooks.sender import Result, Sender
from services.gateway.webhooks.worker import Deliverer, delivering
from sfd.webhooks.v1 import webhook_pb2
from sfd.webhooks.v1 import webhook_service_pb2 as rpc
from sfd.webhooks.v1.webhook_service_pb2_grpc import WebhookServiceStub


class Store:
    """Leases what is due, once each, and remembers the reports."""

    def __init__(self, due: int, broken: int = 0) -> None:
        self.due = [webhook_pb2.DeliveryLease(delivery=webhook_pb2.Delivery(id=f"d{n}")) for n in range(due)]
        self.broken = broken
        self.reports: list[rpc.DeliveryReport] = []

    async def LeaseDeliveries(self, request: rpc.LeaseDeliveriesRequest, **_: Any) -> rpc.LeaseDeliveriesResponse:
        who = caller()
        assert who is not None
        assert who.role == Role.WORKER
        if self.broken:
            self.broken -= 1
            raise RuntimeError("not an error of the house")
        taken, self.due = self.due[: request.max], self.due[request.max :]
        return rpc.LeaseDeliveriesResponse(leases=taken)

    async def ReportDeliveries(self, request: rpc.ReportDeliveriesRequest, **_: Any) -> rpc.ReportDeliveriesResponse:
        self.reports.extend(request.reports)
        return rpc.ReportDeliveriesResponse()


class Receivers:
    """Takes a delivery when `open` is set; until then the sender waits."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.waiting = 0

    async def send(self, lease: webhook_pb2.DeliveryLease) -> Result:
        self.waiting += 1
        await self.open.wait()
        return Result(rpc.DELIVERY_OUTCOME_ACCEPTED, 200)


def deliverer(store: Store, receivers: Receivers, wakeups: Wakeups, slots: int) -> Deliverer:
    return Deliverer(cast("WebhookServiceStub", store), cast("Sender", receivers), wakeups, slots, 15.0)


async def until(what: Any) -> None:
    async with asyncio.timeout(20):
        while not what():
            await asyncio.sleep(0.01)


async def test_a_bug_in_a_lease_does_not_end_the_worker() -> None:
    store, receivers, wakeups = Store(3, broken=1), Receivers(), Wakeups()
    receivers.open.set()
    async with delivering(deliverer(store, receivers, wakeups, 8)):
        await until(lambda: len(store.reports) == 3)
        wakeups.stop()
    assert {one.outcome for one in store.reports} == {rpc.DELIVERY_OUTCOME_ACCEPTED}


async def test_every_slot_is_used_again() -> None:
    store, receivers, wakeups = Store(9), Receivers(), Wakeups()
    receivers.open.set()
    async with delivering(deliverer(store, receivers, wakeups, 2)):
        await until(lambda: len(store.reports) == 9)
        wakeups.stop()
    assert len({one.delivery_id for one in store.reports}) == 9


async def test_at_the_end_what_slow_receivers_hold_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "_DRAIN_SECONDS", 0.2)
    store, receivers, wakeups = Store(4), Receivers(), Wakeups()
    async with delivering(deliverer(store, receivers, wakeups, 2)):
        await until(lambda: receivers.waiting == 2)
        wakeups.stop()
    assert sorted(one.delivery_id for one in store.reports) == ["d0", "d1"]
    assert {one.outcome for one in store.reports} == {rpc.DELIVERY_OUTCOME_GIVEN_BACK}
