"""Starting and ending one child: its own session, its log file, its life tied to ours."""

from __future__ import annotations

import contextlib
import functools
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

LAUNCHER = Path(__file__).with_name("launch.py")
POLL_S = 0.02


@dataclass(frozen=True)
class Command:
    """What to run. `env` is the whole environment (nothing is inherited beside it); `grace_s` bounds a polite stop."""

    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    identity: str = "self"
    death_signal: int = signal.SIGKILL
    stop_signal: int = signal.SIGTERM
    grace_s: float = 5.0


def launcher_argv(command: Command) -> list[str]:
    """The argument vector that runs the command through the launcher as a child of this process."""
    return [
        sys.executable,
        "-I",
        "-S",
        str(LAUNCHER),
        str(os.getpid()),
        str(int(command.death_signal)),
        command.identity,
        *command.argv,
    ]


def spawn(command: Command, log: Path) -> subprocess.Popen[bytes]:
    """Start the command in its own session with its output appended to `log`.

    The kernel ends the child when the *thread* that called this ends, so call it from a thread that lasts. Raises
    OSError when the launcher cannot be started; a command that cannot be run exits with 126 and says why in its log.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            launcher_argv(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(command.env),
            cwd=command.cwd,
            start_new_session=True,
        )


def signal_group(child: subprocess.Popen[bytes], signal_number: int) -> bool:
    """Signal the child's whole process group; returns whether anything was there to be signalled."""
    try:
        os.killpg(child.pid, signal_number)
    except ProcessLookupError:
        return False
    return True


def stop(child: subprocess.Popen[bytes], command: Command) -> None:
    """Ask the child to stop, wait at most its grace, then kill what is left of its group. Blocking; idempotent."""
    if child.poll() is None:
        child.send_signal(command.stop_signal)
        with contextlib.suppress(subprocess.TimeoutExpired):  # then the group is killed below
            child.wait(command.grace_s)
    signal_group(child, signal.SIGKILL)
    child.wait()


def tail(log: Path, lines: int = 20) -> str:
    """The last lines of a log as text; empty when there is no log."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 16_384))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
    except FileNotFoundError:
        return ""


def run_to_end(command: Command, log: Path, timeout_s: float) -> int:
    """Run the command to its end and return its exit code; it is killed and TimeoutError raised past the timeout."""
    child = spawn(command, log)
    deadline = time.monotonic() + timeout_s
    while child.poll() is None:
        if time.monotonic() > deadline:
            signal_group(child, signal.SIGKILL)
            child.wait()
            raise TimeoutError(f"{command.argv[0]} did not finish in {timeout_s:.0f} s; see {log}")
        time.sleep(POLL_S)
    return int(child.returncode)


@functools.cache
def postgres_identity() -> str:
    """The identity under which Postgres, which refuses root, can run here.

    `self` for an ordinary user. Root, and a user number without a name (common in containers), get a private user
    namespace; where namespaces are forbidden root becomes the account nobody.
    """
    if os.geteuid() != 0 and _has_name(os.geteuid()):
        return "self"
    probe = Command(("true",), env=os.environ, identity="userns")
    if subprocess.run(launcher_argv(probe), capture_output=True, check=False).returncode == 0:
        return "userns"
    return "user:nobody" if os.geteuid() == 0 else "self"


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True
