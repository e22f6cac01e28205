"""The demo's own instance: a name that no other demo uses, servers of its own whatever `.env` names, and a clean end."""

from __future__ import annotations

import fcntl
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from cli import common
from stack import allocation, client, env_file, environment, procs
from stack.layout import Layout
from stack.options import Options

NAMES = 9
# A demo never touches the installation's own database, bucket or keys, and is open to this machine only.
_NOT_OURS: tuple[str, ...] = (
    "DATABASE_URL",
    "NATS_URL",
    "R2_",
    "AWS_",
    "PORT",
    "SFD_PUBLIC_URL",
    "SFD_HOME",
    "SFD_WORK_DIR",
)
_NOT_OURS += ("SFD_INTERNAL_SECRET", "ENCRYPTION_KEY", "SECRET_KEY", "JWT_SECRET_KEY")
_DECIDED = {"ENVIRONMENT": "development", "HOST": "127.0.0.1", "API_KEYS": "", "R2_PUBLIC_URL": ""}
_ANSWERS_WITHIN_S, _ENDS_WITHIN_S = 8.0, 30.0


class BusyError(RuntimeError):
    """Another demo uses the name; the message says so."""


@dataclass(frozen=True)
class Instance:
    """A running instance: its gateway, its folders, and the environment of its services."""

    base: str
    layout: Layout
    env: dict[str, str]
    seconds: float

    @property
    def story(self) -> str:
        """`host:port` of the story service."""
        return self.env["SFD_STORY_ADDR"]


def settings(directory: Path) -> dict[str, str]:
    """The installation's settings: `.env`, and above it the caller's environment."""
    return {**env_file.read(directory / ".env"), **os.environ}


def reserve(name: str) -> tuple[Layout, IO[str]]:
    """Returns a layout that no other demo uses while the file stays open: `name`, else `name-2` and so on.

    Raises `BusyError` when nine demos run already.
    """
    for number in range(1, NAMES + 1):
        layout = common.layout(name if number == 1 else f"{name}-{number}")
        layout.make()
        lock = (layout.root / "demo.lock").open("a")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        return layout, lock
    raise BusyError(f"{NAMES} demos are running already")


@contextmanager
def instance(layout: Layout, directory: Path, *, keep: bool, fresh: bool) -> Iterator[Instance]:
    """Yields a running instance and stops it afterwards, whatever happens, unless `keep`.

    One that an earlier demo left running is used again, or restarted when `fresh`. Raises StackFailedError and RunningError.
    """
    own = {k: v for k, v in env_file.read(directory / ".env").items() if v and not k.startswith(_NOT_OURS)}
    passed = {k: v for k, v in os.environ.items() if k == "SFD_TRACE_FILE"}
    # Its `.env` lies in its own folder, with secrets of its own.
    options = Options(layout.name, layout.home, layout.root, {**own, **_DECIDED, **passed})
    started = time.monotonic()
    kept = False
    try:
        if fresh:
            client.down(layout)
        again = client.is_locked(layout)
        reply = client.up(Options(layout.name, layout.home, layout.root) if again else options)
        base = f"http://127.0.0.1:{common.ports(reply)['gateway']}"
        yield Instance(base, layout, environment.running_env(options, layout), time.monotonic() - started)
        kept = keep
    except Exception:
        kept = keep and client.status(layout) is not None
        raise
    finally:
        if not kept:
            stop(layout)


def stop(layout: Layout) -> None:
    """Stops the instance, also one that is just being started; Ctrl-C does not interrupt this."""
    before = {
        number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    try:
        deadline = time.monotonic() + _ANSWERS_WITHIN_S
        # A supervisor that was started a moment ago cannot be told to stop yet.
        while client.status(layout) is None and time.monotonic() < deadline:
            if not client.is_locked(layout) and time.monotonic() > deadline - _ANSWERS_WITHIN_S + 2:
                break
            time.sleep(0.1)
        pid = allocation.supervisor_pid(layout)
        client.down(layout)
        # One that was told to stop while it prepared a server lets go of its name first, and ends when that is prepared.
        while pid and procs.started_at(pid) is not None and time.monotonic() < deadline + _ENDS_WITHIN_S:
            time.sleep(0.05)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def interruptible() -> Iterator[None]:
    """Lets SIGTERM and SIGHUP end the block as Ctrl-C does, by KeyboardInterrupt."""

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
