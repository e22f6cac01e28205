"""A folder for one job's files, and signals between the service and the subprocess that works in it.

A subprocess cannot be interrupted from outside without losing the pool; so it writes its progress into the folder, and finds there, or in
the folder's absence, that nobody wants its film any more.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from kit.jobs.handler import JobCancelled, JobContext

R = TypeVar("R")
_STOP, _PROGRESS = "stop", "progress"
_LOOK = 0.5
_STALE = 1800.0


class Stopped(Exception):
    """Raised in the subprocess: the job was cancelled, or somebody else has it."""


def teller(folder: Path) -> Callable[[float], None]:
    """Returns, for the subprocess, the function that notes progress (0 to 1); it raises `Stopped` when the work should end."""

    def tell(fraction: float) -> None:
        if (folder / _STOP).exists():
            raise Stopped
        try:
            (folder / _PROGRESS).write_text(f"{fraction:.4f}", encoding="ascii")
        except FileNotFoundError:
            raise Stopped from None

    return tell


@asynccontextmanager
async def work_folder(root: Path, job_id: str) -> AsyncIterator[Path]:
    """Yields a fresh folder under `root`; it is gone afterwards, whatever happens."""
    folder = root / f"{job_id[-12:]}-{uuid.uuid4().hex[:8]}"
    await asyncio.to_thread(folder.mkdir, parents=True)
    try:
        yield folder
    finally:
        # Shielded: a lease that is lost while cleaning must not leave the files.
        await asyncio.shield(asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True))


def sweep(root: Path) -> int:
    """Removes folders that a killed process left, in which nothing was written for half an hour; returns how many."""
    now = time.time()
    stale = [one for one in root.glob("*-*") if one.is_dir() and now - _last_written(one) > _STALE]
    for one in stale:
        shutil.rmtree(one, ignore_errors=True)
    return len(stale)


def _last_written(folder: Path) -> float:
    times = [folder.stat().st_mtime]
    for one in folder.rglob("*"):
        # Another process may be at work in there.
        with contextlib.suppress(FileNotFoundError):
            times.append(one.stat().st_mtime)
    return max(times)


async def watched(context: JobContext, folder: Path, work: Awaitable[R], message: str) -> R:
    """Returns what `work` returns, passing on the progress that its subprocess notes.

    Raises `JobCancelled` within a second of a person's cancelling; then, and when the lease is lost, the subprocess is told to stop.
    """
    doing = asyncio.ensure_future(work)
    cancelled = asyncio.ensure_future(context.cancel.wait())
    try:
        while True:
            done, _ = await asyncio.wait({doing, cancelled}, timeout=_LOOK, return_when=asyncio.FIRST_COMPLETED)
            if doing in done:
                return doing.result()
            if cancelled in done:
                raise JobCancelled
            context.report(_fraction(folder), message)
    finally:
        cancelled.cancel()
        if not doing.done():
            doing.cancel()
            with contextlib.suppress(FileNotFoundError):
                (folder / _STOP).touch()


def _fraction(folder: Path) -> float:
    """What the subprocess has noted, as 5 to 90 % of the job: the rest is fetching and storing."""
    try:
        noted = float((folder / _PROGRESS).read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        return 0.05
    return 0.05 + 0.85 * noted
