"""The worker of the queue `deliver`: leases what is due, sends it, reports. It may die at any line; a lost lease is due again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from google.protobuf.duration_pb2 import Duration

from kit.context import Role, acting_as, call_scope
from kit.errors import SfdError
from kit.log import redact
from kit.rpc.client import SYSTEM
from kit.telemetry import WEBHOOKS_SENT
from services.gateway.wakeups import DELIVER, Bell, Wakeups
from services.gateway.webhooks.sender import Result, Sender
from sfd.webhooks.v1 import webhook_pb2
from sfd.webhooks.v1 import webhook_service_pb2 as rpc
from sfd.webhooks.v1.webhook_service_pb2_grpc import WebhookServiceStub

log = structlog.get_logger("deliver")

_DRAIN_SECONDS = 6.0
_SPARE_SECONDS = 5.0
_RPC_SECONDS = 10.0
_REPORTS = 100
_REPORT_TRIES = 3


class Deliverer:
    """Sends at most `slots` deliveries at a time, of all accounts."""

    def __init__(
        self, webhooks: WebhookServiceStub, sender: Sender, wakeups: Wakeups, slots: int, seconds: float
    ) -> None:
        self._webhooks = webhooks
        self._sender = sender
        self._wakeups = wakeups
        self._slots = slots
        self._lease_seconds = seconds + _SPARE_SECONDS
        self._running: set[asyncio.Task[None]] = set()
        self._reports: list[rpc.DeliveryReport] = []
        self._reporting = asyncio.Lock()

    async def run(self) -> None:
        """Works until the process goes down, then drains: what is being sent gets a few seconds, the rest is given back."""
        with acting_as(SYSTEM.account_id, Role.WORKER), self._wakeups.bell(DELIVER) as bell:
            while not self._wakeups.stopping:
                free = self._slots - len(self._running)
                taken = await self._take(bell, free) if free else 0
                # A full hand means that more may be waiting. Whatever ends, and the end of the process, rings the bell.
                if taken < free or len(self._running) >= self._slots:
                    await bell.wait()
            await self._drain()

    async def _take(self, bell: Bell, free: int) -> int:
        request = rpc.LeaseDeliveriesRequest(max=min(free, 100))
        request.lease.FromMilliseconds(int(self._lease_seconds * 1000))
        try:
            reply = await self._webhooks.LeaseDeliveries(request, timeout=_RPC_SECONDS)
        except SfdError as error:
            log.info("lease_failed", reason=error.reason)
            return 0
        except Exception as error:
            # Nothing may end the worker but the end of the process: without it no webhook goes out and nobody is told.
            log.error("lease_broke", error=redact(type(error).__name__))
            return 0
        for lease in reply.leases:
            task = asyncio.create_task(self._deliver(lease, bell), name=f"deliver-{lease.delivery.id}")
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return len(reply.leases)

    async def _deliver(self, lease: webhook_pb2.DeliveryLease, bell: Bell) -> None:
        with call_scope(request=f"wh-{lease.delivery.id[-12:]}"):
            try:
                result = await self._sender.send(lease)
            except asyncio.CancelledError:
                self._note(lease, Result(rpc.DELIVERY_OUTCOME_GIVEN_BACK, error="shutting_down"))
                raise
            except Exception as error:
                # Not the receiver's doing; what went wrong is told without the values at hand.
                log.error("delivery_broke", delivery=lease.delivery.id, error=redact(type(error).__name__))
                result = Result(rpc.DELIVERY_OUTCOME_GIVEN_BACK, error="internal", wait=60.0)
            self._note(lease, result)
            await self._flush()
        # A slot is free, and the endpoint's next delivery may have waited for this one.
        bell.ring()

    def _note(self, lease: webhook_pb2.DeliveryLease, result: Result) -> None:
        word = rpc.DeliveryOutcome.Name(result.outcome).removeprefix("DELIVERY_OUTCOME_").lower()
        WEBHOOKS_SENT.labels(word).inc()
        log.info(
            "delivered" if word == "accepted" else "not_delivered",
            webhook=lease.delivery.webhook_id,
            delivery=lease.delivery.id,
            status=result.status,
            error=result.error,
        )
        wait = Duration()
        wait.FromMilliseconds(int(result.wait * 1000))
        self._reports.append(
            rpc.DeliveryReport(
                delivery_id=lease.delivery.id,
                lease_id=lease.lease_id,
                outcome=result.outcome,
                status=result.status,
                error=result.error,
                wait=wait,
            )
        )

    async def _flush(self) -> None:
        """Reports what is there. Whoever comes while a report is on its way goes with the next one."""
        async with self._reporting:
            for _ in range(_REPORT_TRIES):
                batch = self._reports[:_REPORTS]
                if not batch:
                    return
                try:
                    await self._webhooks.ReportDeliveries(
                        rpc.ReportDeliveriesRequest(reports=batch), timeout=_RPC_SECONDS
                    )
                except SfdError as error:
                    log.info("report_failed", reason=error.reason)
                    await asyncio.sleep(0.5)
                    continue
                del self._reports[: len(batch)]
            # Without a report the lease runs out and the event is sent again under the same id: late, not lost.
            del self._reports[: max(0, len(self._reports) - _REPORTS)]

    async def _drain(self) -> None:
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=_DRAIN_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._flush()


@asynccontextmanager
async def delivering(deliverer: Deliverer | None) -> AsyncIterator[None]:
    """Runs the worker for the block. Its end begins when the wake-ups stop; the block's end waits for it."""
    if deliverer is None:
        yield
        return
    task = asyncio.create_task(deliverer.run(), name="deliver")
    task.add_done_callback(_tell)
    try:
        yield
    finally:
        await asyncio.wait([task], timeout=_DRAIN_SECONDS + 3)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _tell(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        log.error("deliver_ended", error=repr(type(task.exception())))
