"""A house for tests and benches: real servers, storage as a process, any other services on demand."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import grpc

from kit.context import Caller, Role
from kit.identity import DEFAULT_ACCOUNT_ID, Signer
from kit.rpc.client import channel
from kit.testing.processes import ROOT, Process, healthy

SECRET = "test-" + secrets.token_hex(24)


class AnyServers(Protocol):
    """What this module uses of `stack.servers.Servers`."""

    @property
    def postgres_dsn(self) -> str: ...
    @property
    def nats_url(self) -> str: ...
    @property
    def s3(self) -> Any: ...


def free_port() -> int:
    """Returns a port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class House:
    """Addresses, environment and processes of one house."""

    folder: Path
    env: dict[str, str]
    ports: dict[str, int]
    processes: dict[str, Process] = field(default_factory=dict)
    signer: Signer = field(default_factory=lambda: Signer(SECRET))

    def address(self, service: str) -> str:
        """Returns `host:port` of a service."""
        return f"127.0.0.1:{self.ports[service]}"

    @property
    def url(self) -> str:
        """The gateway's base URL."""
        return f"http://127.0.0.1:{self.ports['gateway']}"

    def channel(
        self, service: str = "storage", role: Role = Role.ACCOUNT, account: str = DEFAULT_ACCOUNT_ID
    ) -> grpc.aio.Channel:
        """Returns a channel to a service as a caller of `role`."""
        return channel(self.address(service), self.signer, default=Caller(account, role))

    async def start(
        self, service: str, *arguments: str, env: Mapping[str, str] | None = None, name: str = ""
    ) -> Process:
        """Starts a service as a process and waits until it is healthy; raises RuntimeError with its log when it ends."""
        label = name or service
        process = Process(
            label, ["-m", f"services.{service}", *arguments], {**self.env, **(env or {})}, self.folder / f"{label}.log"
        )
        self.processes[label] = process
        process.start()
        await self.wait(service, process)
        return process

    async def start_again(self, label: str) -> Process:
        """Starts a process of before once more, with the same arguments and environment, and waits until it is healthy."""
        process = self.processes[label]
        process.start()
        await self.wait(label, process)
        return process

    async def wait(self, service: str, process: Process, seconds: float = 40.0) -> None:
        """Waits until a service is healthy; raises RuntimeError with its log when it ends or does not come."""
        probe = asyncio.create_task(self._probe(service, seconds))
        while not probe.done():
            await asyncio.sleep(0.05)
            if not process.running():
                probe.cancel()
                raise RuntimeError(f"{service} ended:\n{process.tail()}")
        try:
            await probe
        except TimeoutError as error:
            raise RuntimeError(f"{service} is not healthy:\n{process.tail()}") from error

    async def _probe(self, service: str, seconds: float) -> None:
        if service != "gateway":
            await healthy(self.address(service), seconds)
            return
        async with asyncio.timeout(seconds):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", self.ports["gateway"])
                    writer.close()
                    return
                except OSError:
                    await asyncio.sleep(0.05)

    def stop(self) -> None:
        """Ends every process, services before storage."""
        for process in reversed(self.processes.values()):
            try:
                process.stop()
            except TimeoutError:
                process.kill9()


async def migrate(env: Mapping[str, str]) -> None:
    """Brings the house's database to the newest schema; raises RuntimeError with the output when that fails."""
    full = {**os.environ, **env, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'gen'}"}
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.storage",
        "migrate",
        env=full,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await child.communicate()
    if child.returncode:
        raise RuntimeError(out.decode(errors="replace"))


@asynccontextmanager
async def house(
    servers: AnyServers, folder: Path, env: Mapping[str, str] | None = None, *, storage: bool = True
) -> AsyncIterator[House]:
    """Yields a house over running servers: migrated, with storage up unless told otherwise; ends its processes afterwards."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    ports = {name: free_port() for name in ("storage", "story", "imaging", "video", "gateway")}
    s3 = servers.s3
    settings = {
        "ENVIRONMENT": "development",
        "SFD_INTERNAL_SECRET": SECRET,
        "DATABASE_URL": servers.postgres_dsn,
        "NATS_URL": servers.nats_url,
        "R2_ENDPOINT_URL": s3.endpoint,
        "R2_ACCESS_KEY_ID": s3.access_key,
        "R2_SECRET_ACCESS_KEY": s3.secret_key,
        "R2_BUCKET": s3.bucket,
        "PORT": str(ports["gateway"]),
        "SFD_MEDIA_PORT": "0",
        "SFD_CAPTIONS_PORT": "0",
        "SFD_PUBLIC_URL": f"http://127.0.0.1:{ports['gateway']}",
        "SFD_WORK_DIR": str(folder / "work"),
        "SFD_HOME": str(folder),
        **{f"SFD_{name.upper()}_ADDR": f"127.0.0.1:{ports[name]}" for name in ("storage", "story", "imaging", "video")},
        **(env or {}),
    }
    made = House(folder, settings, ports)
    await migrate(settings)
    try:
        if storage:
            await made.start("storage")
        yield made
    finally:
        await asyncio.to_thread(made.stop)
