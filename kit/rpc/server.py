"""A gRPC server as every service runs it: health, reflection, the house's interceptor, an orderly end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import grpc
import structlog
from google.protobuf.descriptor import ServiceDescriptor
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from kit.identity import Signer
from kit.rpc.interceptors import WRITE_SECONDS, HouseInterceptor, rules_of
from kit.rpc.options import SERVER

log = structlog.get_logger("rpc")
GRACE = 8.0
_QUIET = 3
"""Looks in a row, 50 ms apart, without a call before the rest of the grace is skipped."""


@dataclass(frozen=True)
class Served:
    """One service to mount: its descriptor and the function that registers its servicer at a server."""

    descriptor: ServiceDescriptor
    register: Callable[[grpc.aio.Server], None]


@asynccontextmanager
async def serve(
    address: str,
    services: Sequence[Served],
    signer: Signer,
    *,
    with_reflection: bool = True,
    write_seconds: float = WRITE_SECONDS,
) -> AsyncIterator[int]:
    """Serves until the block ends; yields the port. Readiness goes first, then calls get `GRACE` seconds to finish.

    A stream whose reader takes nothing for `write_seconds` ends with DEADLINE_EXCEEDED.

    Raises RuntimeError when the address is taken (ports are never shared) and ValueError for a method without an access rule.
    """
    house = HouseInterceptor(signer, rules_of([s.descriptor for s in services]), write_seconds=write_seconds)
    server = grpc.aio.server(interceptors=[house], options=list(SERVER))
    for served in services:
        served.register(server)
    ready = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(ready, server)
    names = [s.descriptor.full_name for s in services]
    if with_reflection:
        reflection.enable_server_reflection((*names, health.SERVICE_NAME, reflection.SERVICE_NAME), server)
    port = server.add_insecure_port(address)
    await server.start()
    for name in ("", *names):
        await ready.set(name, health_pb2.HealthCheckResponse.SERVING)
    log.info("serving", port=port, services=names)
    try:
        yield port
    finally:
        await ready.enter_graceful_shutdown()
        await asyncio.shield(_stop(server, house))


async def _stop(server: grpc.aio.Server, house: HouseInterceptor) -> None:
    """Refuses new calls and ends when the last one has its answer, after `GRACE` seconds at the latest.

    gRPC alone would wait the whole grace for a socket on which nobody ever spoke, such as a port probe's.
    """
    stopping = asyncio.ensure_future(server.stop(GRACE))
    quiet = 0
    while quiet < _QUIET and not stopping.done():
        await asyncio.wait({stopping}, timeout=0.05)
        quiet = 0 if house.active else quiet + 1
    if not stopping.done():
        stopping.cancel()
        await asyncio.wait({stopping})
    await server.stop(None)
