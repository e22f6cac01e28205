"""Processes of the gateway bench: started with a log of their own, kept to one core where it is asked for, ended with the bench."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import psutil

from bench.edge.load import Heard, Plan
from kit.testing.processes import ROOT, base_env

PYTHON = [sys.executable]
MODULES = {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'gen'}"}


class Running:
    """One process and the port that it serves."""

    def __init__(self, child: subprocess.Popen[bytes], port: int) -> None:
        self.port = port
        self._child = child
        self._seen = psutil.Process(child.pid)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._child.pid

    def cpu(self) -> float:
        """Returns the seconds of a core that it has used."""
        return sum(self._seen.cpu_times()[:2])


@asynccontextmanager
async def running(
    folder: Path,
    name: str,
    command: Sequence[str],
    port: int,
    *,
    env: Mapping[str, str] | None = None,
    core: int | None = None,
    seconds: float = 120,
) -> AsyncIterator[Running]:
    """Yields the process once it accepts connections at `port`; raises RuntimeError with the end of its log when it does not."""
    log = folder / f"{name}.log"
    with log.open("wb") as out:
        child = subprocess.Popen(
            list(command), env={**base_env(), **MODULES, **(env or {})}, stdout=out, stderr=out, cwd=ROOT
        )
    if core is not None:
        os.sched_setaffinity(child.pid, {core})
    try:
        end = time.monotonic() + seconds
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                break
            except OSError:
                await asyncio.sleep(0.2)
            if child.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{name} does not serve:\n{log.read_text(errors='replace')[-3000:]}")
        yield Running(child, port)
    finally:
        child.kill()
        child.wait()


async def heard(plan: Plan, core: int | None = None) -> Heard:
    """Returns what the load client, a process of its own, has heard."""
    command = [*PYTHON, "-m", "bench.edge.load", plan.line()]
    child = await asyncio.create_subprocess_exec(
        *command, env={**base_env(), **MODULES}, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    if core is not None:
        os.sched_setaffinity(child.pid, {core})
    out, _ = await child.communicate()
    if child.returncode:
        raise RuntimeError(f"the load client failed at {plan.url}")
    return Heard.of(out.decode())
