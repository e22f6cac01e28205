"""The small parts of the stack."""

from __future__ import annotations

import socket
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health as grpc_health
from grpc_health.v1 import health_pb2, health_pb2_grpc

from stack import env_file, health, logs, ports
from stack.allocation import allocate, read_ports
from stack.environment import external, service_env
from stack.layout import Layout, short_path
from stack.nats import Nats
from stack.options import Options
from stack.postgres import Postgres
from stack.programs import DEFAULT_PORTS, PROGRAMS
from stack.reloading import Watcher
from stack.s3 import PORT_NAMES, S3


def test_a_taken_port_moves_to_the_next_free_one() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", ports.free_ports(1)[0]))
        taken.listen()
        first = taken.getsockname()[1]
        chosen = ports.choose({"a": first, "b": first}, [first + 1])
    assert first + 1 < chosen["a"] < chosen["b"]


def test_free_ports_are_distinct_and_outside_the_range_of_clients() -> None:
    found = ports.free_ports(50)
    assert len(set(found)) == 50
    assert max(found) < 32_768


def test_a_name_keeps_its_ports_and_two_names_share_none(tmp_path: Path) -> None:
    layout = Layout(tmp_path, "dev")
    layout.make()
    first = allocate(layout)
    assert first.keys() >= DEFAULT_PORTS.keys()
    assert len(set(first.values())) == len(first)
    assert allocate(layout) == first == read_ports(layout)


@pytest.mark.parametrize("name", ["", "../x", "A", "a b", "-a", "x" * 33, ".lock"])
def test_a_name_cannot_leave_its_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        Layout(tmp_path, name)


def test_a_deep_socket_path_gets_a_short_spelling(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 90) / "control.sock"
    deep.parent.mkdir()
    path, descriptor = short_path(deep)
    assert descriptor is not None
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
    assert deep.is_socket()


def test_secrets_are_made_once_and_are_private(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("# mine\nexport SECRET_KEY='kept #1'\nOPENAI_API_KEY=sk")
    path.chmod(0o644)
    assert env_file.ensure(path) == ["SFD_INTERNAL_SECRET", "ENCRYPTION_KEY", "JWT_SECRET_KEY"]
    assert path.stat().st_mode & 0o777 == 0o600
    values = env_file.read(path)
    assert values["SECRET_KEY"] == "kept #1"
    assert values["OPENAI_API_KEY"] == "sk"
    assert len(values["SFD_INTERNAL_SECRET"]) >= 32
    text = path.read_text()
    assert env_file.ensure(path) == []
    assert path.read_text() == text


def test_a_log_over_its_size_moves_while_its_writer_goes_on(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    with log.open("ab", buffering=0) as writer:
        for number in range(1, 6):
            writer.write(b"%d" % number * 10)
            assert logs.rotate(log, max_bytes=10)
            assert log.stat().st_size == 0
        writer.write(b"last")
    assert log.read_bytes() == b"last"
    assert not logs.rotate(log, max_bytes=10)
    kept = sorted(path.name for path in tmp_path.iterdir())
    assert kept == ["a.log", "a.log.1", "a.log.2", "a.log.3"]
    assert (tmp_path / "a.log.1").read_bytes() == b"5" * 10


def test_a_change_restarts_its_service_and_shared_code_restarts_all(tmp_path: Path) -> None:
    for name in ("services/story/server.py", "kit/log.py"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("")
    watcher = Watcher(tmp_path)
    assert watcher.changed_services() == set()
    (tmp_path / "services/story/new.py").write_text("")
    assert watcher.changed_services() == {"story"}
    (tmp_path / "kit/log.py").unlink()
    assert watcher.changed_services() == {"*"}
    assert watcher.changed_services() == set()


def test_options_survive_the_way_to_the_supervisor(tmp_path: Path) -> None:
    options = Options("dev", tmp_path, tmp_path, {"A": "b 金"}, only_servers=True, programs=PROGRAMS)
    assert Options.from_json(options.to_json()) == options


def test_the_callers_database_is_never_used_but_the_installations_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://another/project")
    monkeypatch.setenv("OPENAI_API_KEY", "from-the-shell")
    (tmp_path / ".env").write_text("OPENAI_API_KEY=from-the-file\nNATS_URL=nats://ours\n")
    (tmp_path / "dev" / "pg").mkdir(parents=True)
    (tmp_path / "dev" / "pg" / "sfd.password").write_text("pw")
    options = Options("dev", tmp_path, tmp_path)
    assert external(options) == {"nats": "nats://ours"}
    table = dict(DEFAULT_PORTS)
    servers = (
        Postgres(tmp_path / "dev" / "pg", 5432),
        Nats(tmp_path / "nats", 1, 2),
        S3(tmp_path / "s3", dict.fromkeys(PORT_NAMES, 9)),
    )
    env = service_env(options, Layout(tmp_path), table, *servers)
    assert env["DATABASE_URL"] == "postgresql://sfd:pw@127.0.0.1:5432/sfd"
    assert env["NATS_URL"] == "nats://ours"
    assert env["OPENAI_API_KEY"] == "from-the-shell"
    assert env["SFD_STORAGE_ADDR"] == "127.0.0.1:50051"


@pytest.mark.parametrize(("state", "expected"), [("SERVING", True), ("NOT_SERVING", False)])
async def test_grpc_health_is_asked_not_guessed(state: str, expected: bool) -> None:
    server = grpc.aio.server()
    servicer = grpc_health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await servicer.set("", health_pb2.HealthCheckResponse.ServingStatus.Value(state))
    await server.start()
    try:
        assert await health.healthy("grpc", port) is expected
    finally:
        await server.stop(None)
    assert not await health.healthy("grpc", port)
