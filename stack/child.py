"""One supervised process: started, asked for its health, started again after a crash, stopped in the end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import subprocess
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from stack import process, procs
from stack.process import Command

POLL_S = 0.05
HEALTH_EVERY_S = 5.0
START_TIMEOUT_S = 60.0
CRASHES, WINDOW_S = 5, 60.0
FIRST_DELAY_S, MAX_DELAY_S = 0.2, 10.0
log = logging.getLogger("stack")


class ChildFailedError(RuntimeError):
    """A process cannot be kept running; the message ends with the last lines of its log."""


@dataclass(frozen=True)
class Job:
    """How to run one process: its command (asked again at each start), its health, its log and its place in the stop."""

    name: str
    command: Callable[[], Command]
    healthy: Callable[[int], Awaitable[bool]]
    log: Path
    port: int = 0
    stage: int = 0
    clean: Callable[[], None] = lambda: None


class Child:
    """Keeps one process running. `watch` (said once per group with True, then False) tells the guardian about it."""

    def __init__(self, job: Job, watch: Callable[[int, bool], None]) -> None:
        self.job = job
        self.state = "waiting"
        self.restarts = 0
        self.ready = asyncio.Event()
        self._watch = watch
        self._popen: subprocess.Popen[bytes] | None = None
        self._command: Command | None = None
        self._crashes: deque[float] = deque(maxlen=CRASHES)
        self._stopping = asyncio.Event()
        self._reload = asyncio.Event()

    @property
    def pid(self) -> int:
        """The process id, or 0 while it does not run."""
        return self._popen.pid if self._popen is not None else 0

    async def keep(self) -> None:
        """Run until stopped. Raises ChildFailedError after five crashes within a minute."""
        while not self._stopping.is_set():
            popen = self._start()
            await self._live(popen)
            self._end(popen)
            if self._stopping.is_set():
                break
            self.restarts += 1
            if self._reload.is_set():
                self._reload.clear()
                continue
            self.state = "restarting"
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), self._note_crash(popen.returncode))
        self.state = "stopped"

    async def run_once(self, timeout_s: float) -> None:
        """Run to the end. Raises ChildFailedError for another exit code than 0 or when it takes too long."""
        popen = self._start()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._live(popen, check=False)
        self._end(popen)
        if popen.returncode != 0:
            raise self._failed(f"ended with code {popen.returncode}")
        self.state = "done"
        self.ready.set()

    async def stop(self) -> None:
        """Stop the process: politely for its grace, then by force. Idempotent."""
        self._stopping.set()
        popen, command = self._popen, self._command
        if popen is not None and command is not None:
            self.state = "stopping"
            await asyncio.to_thread(process.stop, popen, command)
            self._end(popen)
        self.state = "stopped"

    async def reload(self) -> None:
        """Stop the process politely and let it start again at once with the newest code."""
        if self._popen is not None and self._command is not None:
            self._reload.set()
            await asyncio.to_thread(process.stop, self._popen, self._command)

    def _start(self) -> subprocess.Popen[bytes]:
        self.job.clean()
        self._command = self.job.command()
        popen = process.spawn(self._command, self.job.log)
        self._watch(popen.pid, True)
        self._popen = popen
        self.state = "starting"
        log.info("%s started, process %d", self.job.name, popen.pid)
        return popen

    async def _live(self, popen: subprocess.Popen[bytes], *, check: bool = True) -> None:
        """Follow the process until it ends; with `check`, ask for its health and kill one that never becomes healthy."""
        deadline = time.monotonic() + START_TIMEOUT_S
        next_check = 0.0
        while popen.poll() is None:
            now = time.monotonic()
            if check and now >= next_check:
                fit = await self.job.healthy(popen.pid)
                if fit:
                    if self.state != "running":
                        log.info("%s is healthy", self.job.name)
                    self.ready.set()
                    self.state = "running"
                elif self.state == "running":
                    log.warning("%s does not answer", self.job.name)
                    self.state = "unhealthy"
                elif self.state == "starting" and now > deadline:
                    process.signal_group(popen, signal.SIGKILL)
                next_check = time.monotonic() + (POLL_S if self.state == "starting" else HEALTH_EVERY_S)
            await asyncio.sleep(POLL_S)

    def _end(self, popen: subprocess.Popen[bytes]) -> None:
        process.signal_group(popen, signal.SIGKILL)  # what it had started and left
        popen.wait()
        self._watch(popen.pid, False)
        self._popen = None
        self.job.clean()

    def _note_crash(self, code: int) -> float:
        """Seconds to wait before the next start; raises ChildFailedError when there were too many crashes."""
        now = time.monotonic()
        self._crashes.append(now)
        log.warning("%s ended with code %d", self.job.name, code)
        if len(self._crashes) == CRASHES and now - self._crashes[0] < WINDOW_S:
            raise self._failed(f"crashed {CRASHES} times within a minute (last with code {code})")
        recent = sum(1 for at in self._crashes if now - at < WINDOW_S)
        return min(MAX_DELAY_S, float(FIRST_DELAY_S * 2 ** (recent - 1)))

    def _failed(self, what: str) -> ChildFailedError:
        self.state = "failed"
        return ChildFailedError(f"{self.job.name} {what}; the end of {self.job.log}:\n{process.tail(self.job.log)}")

    def describe(self) -> dict[str, object]:
        """One row of the status: name, pid, port, state, uptime_s, rss_mb (with its helpers), pss_mb, restarts."""
        pids = [self.pid, *procs.descendants(self.pid)] if self.pid else []
        return {
            "name": self.job.name,
            "pid": self.pid,
            "port": self.job.port,
            "state": self.state,
            "uptime_s": round(procs.uptime_s(self.pid), 1) if self.pid else 0.0,
            "rss_mb": round(procs.rss_mib(pids), 1),
            "pss_mb": round(procs.pss_mib(pids), 1),
            "restarts": self.restarts,
        }
