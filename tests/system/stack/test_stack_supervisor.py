"""The supervisor with real processes: small fake services, and the real servers where they matter."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from stack import allocation, client, procs
from stack.control import Reply
from stack.layout import PROJECT, Layout
from stack.options import Options
from stack.programs import Program

pytestmark = pytest.mark.system

# A service that answers /health on $PORT, writes down what it was given, and says when it is stopped.
SERVICE = """
import http.server, os, signal, subprocess, sys, time
from pathlib import Path
name = sys.argv[1]
Path(f"{name}.env").write_text("\\n".join(f"{k}={v}" for k, v in os.environ.items()))
helper = subprocess.Popen(["sleep", "600"])
Path(f"{name}.pids").write_text(f"{os.getpid()} {helper.pid}")
def stop(*_):
    with open("stops", "a") as file:
        file.write(name + "\\n")
    time.sleep(0.1)
    os._exit(0)
signal.signal(signal.SIGTERM, stop)
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/health" else 404)
        self.end_headers()
port = os.environ["PORT"] if name == "gateway" else os.environ["SFD_STORAGE_ADDR"].split(":")[1]
http.server.HTTPServer(("127.0.0.1", int(port)), Handler).serve_forever()
"""
STORAGE = Program("storage", ("-c", SERVICE, "storage"), "storage", "http", stage=1)
GATEWAY = Program("gateway", ("-c", SERVICE, "gateway"), "gateway", "http", after=("storage",), stage=2)
# Servers that the installation names itself are not started.
NO_SERVERS = {
    "DATABASE_URL": "postgresql://somewhere/db",
    "NATS_URL": "nats://somewhere",
    "R2_ENDPOINT_URL": "http://somewhere",
}


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Callable[..., Options]]:
    """Makes options in a folder of its own, and stops what the test left running."""

    def options(*programs: Program, name: str = "dev", servers: bool = False) -> Options:
        return Options(name, tmp_path / ".sfd", tmp_path, {} if servers else NO_SERVERS, programs=programs)

    yield options
    for name in ("dev", "two"):
        client.down(Layout(tmp_path / ".sfd", name))


def row(reply: Reply | None, name: str) -> dict[str, object]:
    assert reply is not None
    return next(each for each in client.processes(reply) if each["name"] == name)


def wait_until(condition: Callable[[], bool], timeout_s: float = 10.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def pids(folder: Path, name: str) -> list[int]:
    return [int(word) for word in (folder / f"{name}.pids").read_text().split()]


def alive(every: list[int]) -> list[int]:
    """Those that live; one that has just been killed may take a moment to be gone from the table."""
    left = every
    for _ in range(100):
        left = [pid for pid in every if procs.started_at(pid) is not None]
        if not left:
            break
        time.sleep(0.1)
    return left


def test_services_get_the_servers_and_stop_before_them(stack: Callable[..., Options], tmp_path: Path) -> None:
    migrate = Program("migrate", ("-c", "import time; time.sleep(0.3); open('migrated', 'w')"), once=True)
    look = "import os, sys; sys.exit(not os.path.exists('migrated'))"  # would crash if it ran too early
    check = Program("check", ("-c", look), once=True, after=("migrate",))
    options = stack(migrate, check, STORAGE, GATEWAY, servers=True)
    reply = client.up(options)
    env = dict(line.split("=", 1) for line in (tmp_path / "gateway.env").read_text().splitlines())
    ports = reply["ports"]
    assert isinstance(ports, dict)
    assert env["DATABASE_URL"].startswith("postgresql://sfd:")
    assert env["DATABASE_URL"].endswith(f"@127.0.0.1:{ports['postgres']}/sfd")
    assert env["NATS_URL"].startswith("nats://sfd:")
    assert env["R2_ENDPOINT_URL"] == f"http://127.0.0.1:{ports['s3']}"
    assert env["SFD_PUBLIC_URL"] == f"http://127.0.0.1:{ports['gateway']}"
    assert env["R2_BUCKET"] == "sfd-production"
    secret = dict(line.split("=", 1) for line in (tmp_path / ".env").read_text().splitlines() if "=" in line)
    assert len(secret["SFD_INTERNAL_SECRET"]) >= 32
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600
    states = {each["name"]: each["state"] for each in client.processes(reply)}
    assert states == {
        **dict.fromkeys(("postgres", "nats", "s3", "storage", "gateway", "supervisor"), "running"),
        **dict.fromkeys(("migrate", "check"), "done"),
    }
    running = [int(str(each["pid"])) for each in client.processes(reply) if each["pid"]]
    helpers = pids(tmp_path, "storage") + pids(tmp_path, "gateway")
    layout = Layout(options.home, "dev")
    assert client.down(layout)
    assert (tmp_path / "stops").read_text().split() == ["gateway", "storage"]
    assert alive(running + helpers) == []
    assert not client.down(layout)  # a second time there is nothing to do
    assert not layout.record.exists()
    assert client.up(options)["ports"] == ports


def test_a_service_that_keeps_crashing_stops_all_and_says_why(stack: Callable[..., Options], tmp_path: Path) -> None:
    broken = Program("video", ("-c", "import sys; print('no such model'); sys.exit(3)"), "video", "grpc", stage=2)
    with pytest.raises(client.StackFailedError) as caught:
        client.up(stack(STORAGE, broken))
    assert "video crashed 5 times within a minute (last with code 3)" in str(caught.value)
    assert "no such model" in str(caught.value)
    assert alive(pids(tmp_path, "storage")) == []
    assert client.status(Layout(tmp_path / ".sfd")) is None


def test_a_failed_migration_keeps_storage_from_starting(stack: Callable[..., Options], tmp_path: Path) -> None:
    migrate = Program("migrate", ("-c", "raise SystemExit('column exists')"), once=True)
    storage = Program("storage", STORAGE.argv, "storage", "http", after=("migrate",))
    with pytest.raises(client.StackFailedError, match=r"(?s)migrate ended with code 1.*column exists"):
        client.up(stack(migrate, storage))
    assert not (tmp_path / "storage.pids").exists()


def test_a_killed_service_comes_back(stack: Callable[..., Options], tmp_path: Path) -> None:
    options = stack(STORAGE)
    layout = Layout(options.home)
    before = int(str(row(client.up(options), "storage")["pid"]))
    first = pids(tmp_path, "storage")
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: row(client.status(layout), "storage")["restarts"] == 1)
    wait_until(lambda: row(client.status(layout), "storage")["state"] == "running")
    assert alive(first) == []  # neither the service nor its helper is left of the first
    assert row(client.status(layout), "storage")["pid"] != before


def test_a_killed_supervisor_leaves_nothing_and_the_next_one_starts(
    stack: Callable[..., Options], tmp_path: Path
) -> None:
    options = stack(STORAGE, servers=True)
    layout = Layout(options.home)
    reply = client.up(options)
    running = [int(str(each["pid"])) for each in client.processes(reply) if each["name"] != "supervisor"]
    helpers = pids(tmp_path, "storage")
    os.kill(allocation.supervisor_pid(layout), signal.SIGKILL)
    wait_until(lambda: alive(running + helpers) == [], 5.0)
    assert layout.record.exists()
    assert allocation.supervisor_pid(layout) == 0
    assert client.up(options)["ports"] == reply["ports"]


def test_a_record_of_another_process_is_not_believed(stack: Callable[..., Options]) -> None:
    layout = Layout(stack().home)
    layout.make()
    layout.socket.touch()
    layout.record.write_text(json.dumps({"pid": os.getpid(), "start": 1}))  # the number is alive, its owner is another
    assert allocation.supervisor_pid(layout) == 0
    assert not client.down(layout)
    assert not layout.record.exists()


def test_two_names_run_side_by_side(stack: Callable[..., Options]) -> None:
    one, two = (client.up(stack(GATEWAY_ALONE, name=name)) for name in ("dev", "two"))
    ports_one, ports_two = one["ports"], two["ports"]
    assert isinstance(ports_one, dict)
    assert isinstance(ports_two, dict)
    assert not set(ports_one.values()) & set(ports_two.values())


GATEWAY_ALONE = Program("gateway", GATEWAY.argv, "gateway", "http")


def test_two_ups_at_once_start_one_supervisor(stack: Callable[..., Options], tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in NO_SERVERS.items()))
    options = Options("dev", tmp_path / ".sfd", tmp_path, programs=(STORAGE,))
    with ThreadPoolExecutor(2) as pool:
        replies = list(pool.map(client.up, [options, options]))
    assert row(replies[0], "supervisor")["pid"] == row(replies[1], "supervisor")["pid"]


def test_other_settings_need_a_restart(stack: Callable[..., Options]) -> None:
    client.up(stack(STORAGE))
    with pytest.raises(client.RunningError, match="sfd down"):
        client.up(stack(STORAGE))
    with pytest.raises(client.RunningError):
        client.reset(Layout(stack().home))


def test_ctrl_c_in_the_foreground_leaves_nothing(tmp_path: Path) -> None:
    terminal = subprocess.Popen(
        [sys.executable, "-m", "cli.main", "up", "--foreground", "--only", "servers"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        stderr=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert terminal.stdout is not None
    assert "postgres 127.0.0.1:" in terminal.stdout.readline()
    reply = client.status(Layout(tmp_path / ".sfd"))
    assert reply is not None
    running = [int(str(each["pid"])) for each in client.processes(reply)]
    assert len(running) == 4
    terminal.send_signal(signal.SIGINT)
    assert terminal.wait(15) == 0
    terminal.stdout.close()
    assert alive(running) == []
