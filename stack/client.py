"""Starting, asking and stopping the supervisor of a named stack. Blocking; used by the command line and by tests."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import cast

from stack import allocation, control, process, procs
from stack.__main__ import EXIT_ALREADY_RUNNING
from stack.control import Reply
from stack.environment import EXTERNAL
from stack.layout import PROJECT, Layout
from stack.options import Options

POLL_S = 0.1
UP_TIMEOUT_S = 180.0
DOWN_TIMEOUT_S = 45.0


class StackFailedError(RuntimeError):
    """The stack could not be started, or not be stopped; the message says why, with the end of the log at fault."""


class RunningError(RuntimeError):
    """The stack runs, and what was asked for needs it stopped."""


def status(layout: Layout) -> Reply | None:
    """The state of the stack (name, state, ports, processes), or None when it does not run."""
    return control.ask(layout, {"command": "status"})


def processes(reply: Reply) -> list[dict[str, object]]:
    """The rows of a status: name, pid, port, state, uptime_s, rss_mb, pss_mb, restarts."""
    return cast("list[dict[str, object]]", reply["processes"])


def has_services(reply: Reply) -> bool:
    """Whether the stack of this status runs services too, not its servers only."""
    return any(row["name"] not in (*EXTERNAL, "supervisor") for row in processes(reply))


def up(options: Options, progress: Callable[[Reply], None] = lambda reply: None) -> Reply:
    """Start the stack unless it runs, and return its status once everything is healthy.

    `progress` sees each status on the way. Raises StackFailedError when it gave up or took over three minutes, and
    RunningError when it runs already and `options` ask for another environment.
    """
    layout = Layout(options.home, options.name)
    layout.make()
    if is_locked(layout):
        if options.env or options.reload:
            raise RunningError(f"{layout.name} is running already: `sfd down` first to give it other settings")
        daemon = None
    else:
        daemon = _spawn(options, layout)
    deadline = time.monotonic() + UP_TIMEOUT_S
    while time.monotonic() < deadline:
        reply = status(layout)
        if reply is not None:
            progress(reply)
            if reply["state"] == "running":
                if not options.only_servers and options.programs and not has_services(reply):
                    raise RunningError(f"{layout.name} runs its servers only: `sfd down` first to start everything")
                return reply
        if daemon is not None and (code := daemon.poll()) not in (None, EXIT_ALREADY_RUNNING):
            raise StackFailedError(_reason(layout, code))
        if (daemon is None or daemon.poll() is not None) and not is_locked(layout):
            raise StackFailedError(_reason(layout, None))
        time.sleep(POLL_S)
    raise StackFailedError(f"{layout.name} is not healthy after {UP_TIMEOUT_S:.0f} s; see {layout.logs}")


def down(layout: Layout) -> bool:
    """Stop the stack and wait until nothing of it runs; returns whether it ran. Idempotent; cleans up after a killed one.

    A supervisor that does not answer is killed; the kernel and the guardian end what it ran. Raises StackFailedError.
    """
    if not layout.run.is_dir():
        return False
    ran = is_locked(layout)
    if ran:
        control.ask(layout, {"command": "stop"}, DOWN_TIMEOUT_S)
        if not _released(layout, 5.0):
            pid = allocation.supervisor_pid(layout)
            if pid:
                procs.signal_all([pid], signal.SIGKILL)
            if not _released(layout, 5.0):
                raise StackFailedError(f"the supervisor of {layout.name} does not stop; see {layout.log('supervisor')}")
    layout.socket.unlink(missing_ok=True)
    layout.record.unlink(missing_ok=True)
    return ran


def reset(layout: Layout) -> None:
    """Delete the data, logs and ports of a stopped stack; finished films in `out` stay. Raises RunningError."""
    if is_locked(layout):
        raise RunningError(f"{layout.name} is running: `sfd down` first")
    for folder in ("pg", "pg.new", "nats", "s3", "logs", "run", "work"):
        shutil.rmtree(layout.root / folder, ignore_errors=True)


def is_locked(layout: Layout) -> bool:
    """Whether a supervisor of this name lives."""
    try:
        with layout.lock.open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False


def _released(layout: Layout, timeout_s: float) -> bool:
    deadline = time.monotonic() + timeout_s
    while is_locked(layout):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S / 2)
    return True


def _spawn(options: Options, layout: Layout) -> subprocess.Popen[bytes]:
    layout.failure.unlink(missing_ok=True)
    with layout.log("supervisor").open("ab") as log:
        daemon = subprocess.Popen(
            [sys.executable, "-m", "stack"],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=PROJECT,
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
            start_new_session=True,
        )
    if daemon.stdin is not None:
        daemon.stdin.write(options.to_json().encode())
        daemon.stdin.close()
    return daemon


def _reason(layout: Layout, code: int | None) -> str:
    try:
        return layout.failure.read_text()
    except FileNotFoundError:
        ended = "ended" if code is None else f"ended with code {code}"
        return f"the supervisor {ended}:\n{process.tail(layout.log('supervisor'))}"
