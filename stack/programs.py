"""What the supervisor runs, as data: the services, their commands, their health checks and their order."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Literal

Health = Literal["grpc", "http", "tcp", "none"]


@dataclass(frozen=True)
class Program:
    """One process of ours.

    `argv` is run with this Python when it begins with `-`. `port` names an entry of the ports table, and `health` says how
    that port is asked. `after` names programs and servers to wait for (nothing named: all servers). `once`: it must end with
    code 0 before those `after` it start. `stage` orders the stop: the highest
    stops first, so that workers can still hand their work back to storage.
    """

    name: str
    argv: tuple[str, ...]
    port: str = ""
    health: Health = "none"
    after: tuple[str, ...] = ()
    once: bool = False
    stage: int = 1

    @property
    def command_line(self) -> tuple[str, ...]:
        """The argument vector with the interpreter in front where it is a Python module or program."""
        return (sys.executable, *self.argv) if self.argv[0].startswith("-") else self.argv


STORAGE, OTHERS = 1, 2  # stages; the servers' stage is 0

PROGRAMS = (
    Program("migrate", ("-m", "services.storage", "migrate"), after=("postgres",), once=True),
    Program("storage", ("-m", "services.storage"), "storage", "grpc", after=("migrate", "nats", "s3"), stage=STORAGE),
    # Each of these bears storage's absence, but a channel that finds nobody waits up to two seconds before it tries again:
    # started after storage, the stack is ready when `sfd up` says so.
    Program("story", ("-m", "services.story"), "story", "grpc", after=("storage",), stage=OTHERS),
    Program("imaging", ("-m", "services.imaging"), "imaging", "grpc", after=("storage",), stage=OTHERS),
    Program("video", ("-m", "services.video"), "video", "grpc", after=("storage",), stage=OTHERS),
    Program("gateway", ("-m", "services.gateway"), "gateway", "http", after=("storage",), stage=OTHERS),
)

# The ports that people and other machines' tools know; the next free one is taken when another program has it.
DEFAULT_PORTS = {
    "gateway": 8000,
    "media": 3001,
    "captions": 8001,
    "storage": 50051,
    "story": 50052,
    "imaging": 50053,
    "video": 50054,
    "postgres": 5432,
    "nats": 4222,
    "nats.monitor": 8222,
    "s3": 9000,
}
