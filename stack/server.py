"""What every embedded server tells about itself, and the secrets it keeps beside its data."""

from __future__ import annotations

import contextlib
import http.client
import os
import secrets
from pathlib import Path
from typing import Protocol

from stack.process import Command

PROBE_TIMEOUT_S = 1.0
# What the servers' programs need of our environment: never its secrets, vendor keys or proxies.
INHERITED = ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "TZ")


class Server(Protocol):
    """One server: made ready on disk, run as a command, asked whether it answers."""

    @property
    def name(self) -> str:
        """The short name used for logs and on the command line."""

    @property
    def port(self) -> int:
        """The TCP port on 127.0.0.1."""

    def prepare(self) -> None:
        """Create what is missing on disk. Blocking; idempotent; raises RuntimeError with the reason."""

    def command(self) -> Command:
        """The command that runs the server in the foreground."""

    def ready(self, pid: int) -> bool:
        """Whether the process with this id answers now. Blocking, at most about a second; never raises."""

    def clean(self) -> None:
        """Remove what a killed server leaves behind outside its data. Called when it is not running."""


def server_env() -> dict[str, str]:
    """The small environment that the servers' programs get."""
    return {name: os.environ[name] for name in INHERITED if name in os.environ} | {"LC_ALL": "C.UTF-8"}


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, completely or not at all, also when the power goes right afterwards."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Bring a folder's names to the disk: a synced file under a name that is not there is lost all the same."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def secret_file(path: Path) -> str:
    """The secret in the file; a fresh random one (32 hexadecimal digits, safe in URLs) is made when there is none."""
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        write_private(fresh, secrets.token_hex(16))
        with contextlib.suppress(FileExistsError):  # of two that make it at the same time, both return the first's
            os.link(fresh, path)
        fresh.unlink()
        sync_folder(path.parent)
        return path.read_text().strip()


def http_status(port: int, method: str, path: str, headers: dict[str, str] | None = None) -> int | None:
    """The status of a request to 127.0.0.1, or None when there is no answer within a second."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PROBE_TIMEOUT_S)
    try:
        connection.request(method, path, headers=headers or {})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
