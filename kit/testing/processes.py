"""Service processes for tests and benches: started, waited for by their health check, ended by id."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from kit.rpc.health import check

_PR_SET_PDEATHSIG = 1
ROOT = Path(__file__).resolve().parent.parent.parent


class Process:
    """One child process with its log in a file."""

    def __init__(self, name: str, arguments: list[str], env: Mapping[str, str], log: Path) -> None:
        self.name = name
        self.log = log
        self._arguments = arguments
        self._env = {**base_env(), **env}
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process id; raises RuntimeError before `start`."""
        if self._child is None:
            raise RuntimeError(f"{self.name} is not started")
        return self._child.pid

    def start(self) -> None:
        """Starts it."""
        with self.log.open("ab") as out:
            self._child = subprocess.Popen(  # noqa: S603
                [sys.executable, *self._arguments],
                env=self._env,
                cwd=ROOT,
                stdout=out,
                stderr=out,
                start_new_session=True,
                preexec_fn=_die_with(os.getpid()),
            )

    def kill9(self) -> None:
        """Ends it at once, with what it started."""
        self._signal(signal.SIGKILL)

    def stop(self, seconds: float = 15.0) -> int:
        """Asks it to end and returns its exit code; raises TimeoutError when it does not."""
        if self._child is None or self._child.poll() is not None:
            return self._child.returncode if self._child else 0
        self._child.send_signal(signal.SIGTERM)
        try:
            return self._child.wait(seconds)
        except subprocess.TimeoutExpired as error:
            self.kill9()
            raise TimeoutError(f"{self.name} did not end in {seconds} s") from error

    def pause(self) -> None:
        """Stops it in mid-step, as a machine that sleeps does: its connections stay open and nothing answers."""
        self._tell(signal.SIGSTOP)

    def resume(self) -> None:
        """Lets it run on."""
        self._tell(signal.SIGCONT)

    def _tell(self, number: int) -> None:
        if self._child is not None and self._child.poll() is None:
            os.killpg(self._child.pid, number)

    def running(self) -> bool:
        """True while it runs."""
        return self._child is not None and self._child.poll() is None

    def _signal(self, number: int) -> None:
        if self._child is not None and self._child.poll() is None:
            os.killpg(self._child.pid, number)
            self._child.wait(10)

    def tail(self, lines: int = 40) -> str:
        """Returns the end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) if self.log.exists() else ""


def _die_with(parent: int) -> Callable[[], None]:
    """Returns what makes a child end with its parent, also when that is killed: Linux only, elsewhere it does nothing.

    The kernel watches the thread that started the child, so `start` belongs on the main thread. Everything is looked up before the
    fork: after it, other threads may hold locks for ever.
    """
    if not sys.platform.startswith("linux"):
        return lambda: None
    prctl = ctypes.CDLL(None).prctl

    def tie() -> None:
        prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return tie


def base_env() -> dict[str, str]:
    """Returns the environment without anything that names a vendor: tests never leave this machine."""
    vendors = (
        "OPENAI",
        "GEMINI",
        "SORA",
        "NANO_BANANA",
        "GOOGLE",
        "RUNWAY",
        "LUMA",
        "FAL_",
        "REPLICATE_",
        "KLING",
        "MINIMAX_",
        "ARK_",
        "VEO_",
        "R2_",
        "DATABASE_URL",
        "NATS_URL",
        "API_KEYS",
    )
    kept = {k: v for k, v in os.environ.items() if not k.startswith(vendors) and not k.startswith("SFD_")}
    return {**kept, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'gen'}", "PYTHONUNBUFFERED": "1"}


async def healthy(address: str, seconds: float = 30.0) -> None:
    """Returns when the gRPC service at `address` says SERVING; raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while await asyncio.to_thread(check, address, "", 1.0):
        if time.monotonic() > deadline:
            raise TimeoutError(f"nothing serves at {address}")
        await asyncio.sleep(0.1)
