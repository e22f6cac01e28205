"""The pool of spawned processes: results, errors, death of a child, no orphans."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from kit.cpu import CpuPool
from kit.errors import InvalidInput
from kit.jobs.handler import JobFailed


def _refuse() -> None:
    raise InvalidInput("No.", reason="said_no", field="x")


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def test_it_runs_elsewhere_hands_errors_on_and_survives_a_death() -> None:
    async with CpuPool(workers=1) as pool:
        child = await pool.run(os.getpid)
        assert child != os.getpid()
        assert await pool.run(os.getpriority, os.PRIO_PROCESS, 0) >= 5
        with pytest.raises(InvalidInput) as refused:
            await pool.run(_refuse)
        assert (refused.value.reason, refused.value.field) == ("said_no", "x")
        with pytest.raises(JobFailed) as died:
            await pool.run(_die)
        assert died.value.retryable
        assert await pool.run(os.getpid) != child
        # A child that dies while idle costs nobody anything.
        idle = await pool.run(os.getpid)
        os.kill(idle, signal.SIGKILL)
        await asyncio.sleep(0.2)
        last = await pool.run(os.getpid)
        running = asyncio.create_task(pool.run(time.sleep, 60.0))
        await asyncio.sleep(0.2)
        running.cancel()
        begun = time.monotonic()
    assert time.monotonic() - begun < 5
    assert not psutil.pid_exists(last)


_PARENT = """
import asyncio, os, time
from kit.cpu import CpuPool
async def main():
    async with CpuPool(workers=1) as pool:
        print(await pool.run(os.getpid), flush=True)
        await pool.run(time.sleep, 60.0)
asyncio.run(main())
"""


def test_a_child_dies_with_its_parent() -> None:
    with subprocess.Popen([sys.executable, "-c", _PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    _, alive = psutil.wait_procs([child], timeout=5)
    assert not alive
