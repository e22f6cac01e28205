"""A service as a process: it answers although everything else is away, and ends in an orderly way."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2

ROOT = Path(__file__).resolve().parents[3]


def environment(port: int, **more: str) -> dict[str, str]:
    away = {"SFD_STORAGE_ADDR": "127.0.0.1:9", "NATS_URL": "nats://127.0.0.1:9"}
    own = {"SFD_INTERNAL_SECRET": "y" * 32, "SFD_STORY_ADDR": f"127.0.0.1:{port}", "PYTHONPATH": f"{ROOT}:{ROOT}/gen"}
    return {**os.environ, **away, **own, **more}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def serving(port: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    request = health_pb2.HealthCheckRequest(service="sfd.story.v1.StoryService")
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        check = channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            health_pb2.HealthCheckRequest.SerializeToString,
            health_pb2.HealthCheckResponse.FromString,
        )
        while time.monotonic() < deadline:
            try:
                answer = check(request, timeout=1)
                return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)
            except grpc.RpcError:
                time.sleep(0.1)
    return False


def start(port: int, folder: Path, log: str) -> subprocess.Popen[bytes]:
    with (folder / log).open("wb") as out:
        return subprocess.Popen(
            [sys.executable, "-m", "services.story"], env=environment(port), cwd=folder, stderr=out, stdout=out
        )


def test_it_serves_while_storage_and_bus_are_away_alone_at_its_port_and_ends_at_sigterm(tmp_path: Path) -> None:
    port = free_port()
    twins = {name: start(port, tmp_path, name) for name in ("a.log", "b.log")}
    try:
        assert serving(port, 30)
        deadline = time.monotonic() + 30
        while all(twin.poll() is None for twin in twins.values()) and time.monotonic() < deadline:
            time.sleep(0.05)
        lost = next(name for name, twin in twins.items() if twin.poll() is not None)
        assert twins[lost].returncode == 1
        assert "story cannot run" in (tmp_path / lost).read_text()
        won = twins[next(name for name in twins if name != lost)]
        begun = time.monotonic()
        won.send_signal(signal.SIGTERM)
        assert won.wait(12) == 0
        assert time.monotonic() - begun < 10
    finally:
        for twin in twins.values():
            twin.kill()
            twin.wait()


@pytest.mark.parametrize(
    ("name", "value"), [("SFD_INTERNAL_SECRET", "short"), ("SFD_WRITER", "acme"), ("OPENAI_API_BASE", "ftp://x")]
)
def test_a_bad_setting_stops_the_start_with_its_name(tmp_path: Path, name: str, value: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "services.story"],
        env=environment(free_port(), **{name: value}),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 2
    assert name in ended.stderr
    assert "Traceback" not in ended.stderr
