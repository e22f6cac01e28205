"""The embedded NATS server: wake-ups and events. Never the record: deleting its folder costs latency, not work."""

from __future__ import annotations

import json
from pathlib import Path

from stack import binaries
from stack.process import Command
from stack.server import http_status, secret_file, server_env, write_private

USER = "sfd"
MIB = 1 << 20


class Nats:
    """One JetStream server in `folder`. `durable=False` (tests only) lets it sync to disk when it likes."""

    name = "nats"

    def __init__(self, folder: Path, port: int, monitor_port: int, *, durable: bool = True) -> None:
        self.folder = folder.absolute()
        self.port = port
        self.monitor_port = monitor_port
        self.durable = durable

    @property
    def url(self) -> str:
        """The client URL with its credentials."""
        return f"nats://{USER}:{secret_file(self.folder / 'password')}@127.0.0.1:{self.port}"

    @property
    def jetstream_dir(self) -> Path:
        """The folder that holds the streams."""
        return self.folder / "jetstream"

    def prepare(self) -> None:
        """Write the configuration (JSON is a subset of the server's format)."""
        self.folder.mkdir(parents=True, exist_ok=True)
        jetstream: dict[str, object] = {
            "store_dir": str(self.folder),
            "max_memory_store": 64 * MIB,
            "max_file_store": 2048 * MIB,
        }
        if self.durable:
            # By default it syncs every two minutes, and a power cut takes all that was acknowledged since.
            jetstream["sync_interval"] = "always"
        config = {
            "server_name": "sfd",
            "listen": f"127.0.0.1:{self.port}",
            "http": f"127.0.0.1:{self.monitor_port}",
            "authorization": {"user": USER, "password": secret_file(self.folder / "password")},
            "jetstream": jetstream,
            "max_payload": MIB,
            "max_connections": 1024,
        }
        write_private(self.folder / "nats.conf", json.dumps(config, indent=1))

    def command(self) -> Command:
        """The server in the foreground."""
        return Command(
            (str(binaries.nats_server()), "-c", str(self.folder / "nats.conf")), env=server_env(), grace_s=5.0
        )

    def ready(self, pid: int) -> bool:
        """Whether the server and its JetStream say that they are healthy."""
        del pid
        return http_status(self.monitor_port, "GET", "/healthz") == 200

    def clean(self) -> None:
        """Nothing is left outside the folder."""
