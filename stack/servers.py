"""Real servers for tests, benches and tools: Postgres, NATS and S3 on free ports under one folder.

    async with Servers(tmp_path) as servers:
        connection = await asyncpg.connect(servers.postgres_dsn)

Nothing is left when the process that started them ends, even by kill -9. Start them from a thread that lasts (the main
thread, a test's loop): the kernel ends them when that thread ends.
"""

from __future__ import annotations

import asyncio
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType

from stack import ports, process, procs
from stack.nats import Nats
from stack.postgres import Postgres
from stack.s3 import DEFAULT_BUCKET, PORT_NAMES, S3, S3Access
from stack.server import Server

START_TIMEOUT_S = 60.0
POLL_S = 0.02


class ServerFailedError(RuntimeError):
    """A server ended or did not answer in time; the message ends with the last lines of its log."""


class Servers:
    """Any of the three servers. Data stays in `folder` (pg, nats, s3, logs) after `stop`, and a later `start` serves it
    again on the same ports. `durable=False` gives up surviving a power cut (not a kill) for quicker tests."""

    def __init__(
        self,
        folder: Path | str,
        *,
        postgres: bool = True,
        nats: bool = True,
        s3: bool = True,
        bucket: str = DEFAULT_BUCKET,
        durable: bool = True,
    ) -> None:
        self.folder = Path(folder).absolute()
        pg_port, nats_port, monitor_port, *s3_ports = ports.free_ports(3 + len(PORT_NAMES))
        self._postgres = Postgres(self.folder / "pg", pg_port, durable=durable)
        self._nats = Nats(self.folder / "nats", nats_port, monitor_port, durable=durable)
        self._s3 = S3(self.folder / "s3", dict(zip(PORT_NAMES, s3_ports, strict=True)), bucket=bucket)
        chosen: list[tuple[bool, Server]] = [(postgres, self._postgres), (nats, self._nats), (s3, self._s3)]
        self._servers: dict[str, Server] = {server.name: server for wanted, server in chosen if wanted}
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def postgres_dsn(self) -> str:
        """postgresql://sfd:password@127.0.0.1:port/sfd. Known once started."""
        return self._postgres.dsn

    @property
    def nats_url(self) -> str:
        """nats://sfd:password@127.0.0.1:port."""
        return self._nats.url

    @property
    def nats_monitor_url(self) -> str:
        """The base URL of NATS' monitoring pages (/healthz, /varz, /jsz)."""
        return f"http://127.0.0.1:{self._nats.monitor_port}"

    @property
    def s3(self) -> S3Access:
        """Endpoint, access_key, secret_key, bucket and region of the store."""
        return self._s3.access

    @property
    def jetstream_dir(self) -> Path:
        """The folder with NATS' streams, for tests that delete it."""
        return self._nats.jetstream_dir

    @property
    def postgres_dir(self) -> Path:
        """The data folder of the Postgres cluster."""
        return self._postgres.folder

    def log(self, name: str) -> Path:
        """The log file of the server with this name."""
        return self.folder / "logs" / f"{name}.log"

    def pid(self, name: str) -> int:
        """The process id of a running server. Raises KeyError when it was not started."""
        return self._children[name].pid

    def start(self) -> Servers:
        """Start all in parallel and return when each answers. Blocking. After a ServerFailedError nothing is left."""
        try:
            with ThreadPoolExecutor(
                max_workers=3
            ) as pool:  # making a cluster takes longest: the others start meanwhile
                prepared = {name: pool.submit(server.prepare) for name, server in self._servers.items()}
                for name in sorted(prepared, key=lambda each: each == "postgres"):
                    prepared[name].result()
                    self._spawn(name)
            self._await_ready(list(self._servers), START_TIMEOUT_S)
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop all. Blocking; idempotent."""
        with ThreadPoolExecutor(max_workers=3) as pool:
            list(pool.map(self.stop_process, list(self._children)))

    def stop_process(self, name: str) -> None:
        """Stop one server politely; idempotent."""
        child = self._children.pop(name, None)
        if child is not None:
            process.stop(child, self._servers[name].command())
            self._servers[name].clean()

    def kill9(self, name: str) -> None:
        """Kill one server and all its processes with SIGKILL; it stays down until `restart`."""
        child = self._children.pop(name)
        helpers = procs.descendants(child.pid)  # Postgres' helpers have sessions of their own
        procs.signal_all([child.pid, *helpers], signal.SIGKILL)
        child.wait()
        self._servers[name].clean()

    def pause(self, name: str) -> None:
        """Stop a server's processes with SIGSTOP: connections stay open and nothing answers."""
        self._signal(name, signal.SIGSTOP)

    def resume(self, name: str) -> None:
        """Let a paused server run on."""
        self._signal(name, signal.SIGCONT)

    def restart(self, name: str, timeout_s: float = START_TIMEOUT_S) -> None:
        """Start one server again, stopping it first if it runs; returns when it answers. Raises ServerFailedError."""
        self.stop_process(name)
        self._servers[name].prepare()
        self._spawn(name)
        self._await_ready([name], timeout_s)

    async def __aenter__(self) -> Servers:
        try:
            await asyncio.gather(*(asyncio.to_thread(server.prepare) for server in self._servers.values()))
            for name in self._servers:
                self._spawn(name)  # on the loop's own thread, which lasts
            await asyncio.to_thread(self._await_ready, list(self._servers), START_TIMEOUT_S)
        except BaseException:
            await asyncio.to_thread(self.stop)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.stop)

    def __enter__(self) -> Servers:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _signal(self, name: str, number: signal.Signals) -> None:
        pid = self._children[name].pid
        procs.signal_all([pid, *procs.descendants(pid)], number)

    def _spawn(self, name: str) -> None:
        self._children[name] = process.spawn(self._servers[name].command(), self.log(name))

    def _await_ready(self, names: list[str], timeout_s: float) -> None:
        deadline = time.monotonic() + timeout_s
        while names := [name for name in names if not self._servers[name].ready(self._children[name].pid)]:
            for name in names:
                code = self._children[name].poll()
                if code is not None:
                    raise ServerFailedError(f"{name} ended with code {code}:\n{process.tail(self.log(name))}")
                if time.monotonic() > deadline:
                    raise ServerFailedError(
                        f"{name} did not answer in {timeout_s:.0f} s:\n{process.tail(self.log(name))}"
                    )
            time.sleep(POLL_S)
