"""Asking a process whether it can work."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from stack.programs import Health
from stack.server import PROBE_TIMEOUT_S, http_status

if TYPE_CHECKING:
    from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

HOST = "127.0.0.1"


async def healthy(kind: Health, port: int) -> bool:
    """Whether the process behind the loopback port says that it can work; at most about a second, never raises.

    `tcp` is content with an open port, `http` wants 200 from /health, `grpc` wants SERVING from the standard health
    service, and `none` is always content.
    """
    if kind == "none":
        return True
    if kind == "tcp":
        return await _tcp(port)
    if kind == "http":
        return await asyncio.to_thread(http_status, port, "GET", "/health") == 200
    return await _tcp(port) and await _grpc(port)


async def _tcp(port: int) -> bool:
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(HOST, port), PROBE_TIMEOUT_S)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


async def _grpc(port: int) -> bool:
    import grpc  # imported while the servers start, not before
    from grpc_health.v1 import health_pb2

    async with grpc.aio.insecure_channel(f"{HOST}:{port}") as channel:
        check: grpc.aio.UnaryUnaryMultiCallable[HealthCheckRequest, HealthCheckResponse] = channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
            response_deserializer=health_pb2.HealthCheckResponse.FromString,
        )
        try:
            reply = await check(health_pb2.HealthCheckRequest(service=""), timeout=PROBE_TIMEOUT_S)
        except grpc.aio.AioRpcError:
            return False
    return reply.status == health_pb2.HealthCheckResponse.SERVING
