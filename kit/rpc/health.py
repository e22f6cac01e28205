"""`python -m kit.rpc.health ADDRESS [SERVICE]`: asks a gRPC server whether it can work, for container health checks."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import grpc
from grpc_health.v1 import health_pb2

CHECK = "/grpc.health.v1.Health/Check"
TIMEOUT_SECONDS = 3.0


def check(address: str, service: str = "", timeout: float = TIMEOUT_SECONDS) -> str:
    """Returns why the server at `host:port` cannot work, or an empty string when it says SERVING.

    `service` is a full name such as `sfd.jobs.v1.JobService`; empty asks about the whole server. Never raises for a bad answer.
    """
    # A health check asks its neighbour: a proxy for the outside world is not asked.
    with grpc.insecure_channel(address, options=[("grpc.enable_http_proxy", 0)]) as channel:
        ask = channel.unary_unary(
            CHECK,
            request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
            response_deserializer=health_pb2.HealthCheckResponse.FromString,
        )
        try:
            reply = ask(health_pb2.HealthCheckRequest(service=service), timeout=timeout)
        except grpc.RpcError as error:
            return str(error.code().name) if isinstance(error, grpc.Call) else "UNKNOWN"
    status = reply.status
    return (
        ""
        if status == health_pb2.HealthCheckResponse.SERVING
        else health_pb2.HealthCheckResponse.ServingStatus.Name(status)
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Returns 0 when the server can work, else 1 with the reason on standard error."""
    parser = argparse.ArgumentParser(prog="python -m kit.rpc.health", description=__doc__)
    parser.add_argument("address", help="host:port")
    parser.add_argument("service", nargs="?", default="", help="full name of one service; the whole server without it")
    arguments = parser.parse_args(argv)
    reason = check(arguments.address, arguments.service)
    if reason:
        sys.stderr.write(f"{arguments.address}: {reason}\n")
    return 1 if reason else 0


if __name__ == "__main__":
    sys.exit(main())
