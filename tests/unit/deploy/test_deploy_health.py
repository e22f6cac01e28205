"""The command behind the containers' health checks, against a real gRPC server."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from kit.rpc.health import check, main

SERVING, NOT_SERVING = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING


@pytest.fixture
def served() -> Iterator[tuple[str, health.HealthServicer]]:
    """The address of a server, and its health."""
    server = grpc.server(ThreadPoolExecutor(1))
    servicer = health.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield f"127.0.0.1:{port}", servicer
    server.stop(0).wait()


def test_a_server_that_serves_is_healthy(served: tuple[str, health.HealthServicer]) -> None:
    assert main([served[0]]) == 0


def test_a_server_that_drains_is_not(
    served: tuple[str, health.HealthServicer], capsys: pytest.CaptureFixture[str]
) -> None:
    served[1].enter_graceful_shutdown()
    assert main([served[0]]) == 1
    assert "NOT_SERVING" in capsys.readouterr().err


def test_one_service_can_be_asked_about(served: tuple[str, health.HealthServicer]) -> None:
    served[1].set("sfd.jobs.v1.JobService", NOT_SERVING)
    assert check(served[0], "sfd.jobs.v1.JobService") == "NOT_SERVING"
    assert check(served[0], "sfd.no.v1.Service") == "NOT_FOUND"
    assert check(served[0]) == ""


def test_nobody_there_is_not_healthy_and_not_waited_for() -> None:
    assert check("127.0.0.1:1", timeout=1.0) in ("UNAVAILABLE", "DEADLINE_EXCEEDED")
