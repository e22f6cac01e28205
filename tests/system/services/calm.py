"""A client that behaves, while others do not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import grpc

from kit.context import Caller, Role
from kit.errors import NotFound, SfdError
from kit.identity import DEFAULT_ACCOUNT_ID, Signer
from kit.rpc.client import channel
from sfd.dramas.v1 import drama_service_pb2, drama_service_pb2_grpc

PAUSE = 0.02


@dataclass
class Calm:
    """What one client has met: how many calls were answered, in which times, and which were not."""

    seconds: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    async def some(self, more: int = 10) -> None:
        """Returns when so many more calls were answered, or one was not."""
        enough = len(self.seconds) + more
        while len(self.seconds) < enough and not self.failures:
            await asyncio.sleep(PAUSE)

    def p99(self, since: int = 0) -> float:
        """Returns the 99th percentile in milliseconds of the calls from number `since` on; for a print, not for an assertion."""
        times = sorted(self.seconds[since:])
        return times[int(len(times) * 0.99)] * 1000 if times else 0.0


@asynccontextmanager
async def calm(address: str, signer: Signer) -> AsyncIterator[Calm]:
    """Asks for a drama that is not there, again and again, each time over a connection of its own or the last; yields what it meets."""
    met = Calm()
    asking = asyncio.create_task(_ask(address, signer, met))
    try:
        async with asyncio.timeout(60):
            await met.some()
        yield met
        async with asyncio.timeout(60):
            await met.some()
    finally:
        asking.cancel()
        await asyncio.wait([asking])


async def _ask(address: str, signer: Signer, met: Calm) -> None:
    while True:
        # Now and then as a newcomer: whoever is inside already is not the only one to be served.
        async with channel(address, signer, default=Caller(DEFAULT_ACCOUNT_ID, Role.ACCOUNT)) as opened:
            stub = drama_service_pb2_grpc.DramaServiceStub(opened)
            for _ in range(10):
                began = time.monotonic()
                try:
                    await stub.GetDrama(drama_service_pb2.GetDramaRequest(drama_id="none"), timeout=20)
                except NotFound:
                    met.seconds.append(time.monotonic() - began)
                except (SfdError, grpc.RpcError) as error:
                    met.failures.append(repr(error))
                await asyncio.sleep(PAUSE)
