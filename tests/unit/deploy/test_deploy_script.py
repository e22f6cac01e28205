"""scripts/compose_test.py against a stand-in for docker and for the edge: what it asks for, believes and cleans up."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[3]
MP4 = b"\0\0\0\x18ftypisom" + b"0" * 100


@dataclass
class Edge:
    """A stand-in for the edge: what it answers with, and the port."""

    film: bytes = MP4
    outcome: str = "completed"
    port: int = 0
    polls: dict[str, int] = field(default_factory=dict)

    def answer(self, method: str, path: str, key: str) -> tuple[int, bytes]:
        """Returns status and body."""
        if path == "/metrics":
            return 404, b"{}"
        if path == "/health":
            return 200, b"{}"
        if path == "/media/film.mp4":
            return 200, self.film
        if key == "wrong":
            return 401, b"{}"
        if method == "POST":
            return 202, json.dumps({"dramaId": "drama_1", "jobId": "job_1", "parent_job_id": "job_2"}).encode()
        if "/jobs/" in path:
            self.polls[path] = self.polls.get(path, 0) + 1
            return 200, json.dumps({"status": self.outcome if self.polls[path] > 1 else "processing"}).encode()
        url = f"http://127.0.0.1:{self.port}/media/film.mp4"
        return 200, json.dumps({"episodes": [{"id": "ep01", "url": url}, {"id": "ep02", "url": None}]}).encode()


@pytest.fixture
def edge() -> Iterator[Edge]:
    """A running stand-in."""
    fake = Edge()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, body = fake.answer(self.command, self.path, self.headers.get("X-API-Key", ""))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _serve

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        fake.port = server.server_address[1]
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield fake
        server.shutdown()


@pytest.fixture
def script(edge: Edge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, with a docker on the PATH that writes down what it is asked to do."""
    spec = importlib.util.spec_from_file_location("compose_test_script", ROOT / "scripts/compose_test.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    docker = tmp_path / "docker"
    docker.write_text(f'#!/bin/sh\necho "$6 $7 $8" >>{tmp_path}/asked\n[ "$6" != exec ] || echo 1\n')
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(sys, "argv", ["compose_test.py"])
    monkeypatch.setattr(module, "_free_ports", lambda count: [edge.port] * count)
    monkeypatch.setattr(module, "POLL_SECONDS", 0.01)
    return module


def _asked(folder: Path) -> list[str]:
    return [line.split()[0] for line in (folder / "asked").read_text().splitlines()]


def test_a_stack_that_works_passes_and_is_removed(
    script: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert script.main() == 0
    assert _asked(tmp_path) == ["build", "up", "exec", "down"]
    assert "ep01 filmed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("broken", "why"), [({"film": b"<html>not a film</html>"}, "MP4"), ({"outcome": "failed"}, "job_1")]
)
def test_a_stack_that_does_not_work_fails_and_is_removed(
    script: ModuleType,
    edge: Edge,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    broken: dict[str, object],
    why: str,
) -> None:
    for name, value in broken.items():
        setattr(edge, name, value)
    assert script.main() == 1
    assert _asked(tmp_path) == ["build", "up", "logs", "down"]
    assert why in capsys.readouterr().err
