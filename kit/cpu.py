"""CPU-heavy work in spawned processes, so that an event loop's heartbeats and health checks never wait for it.

Children are started at first use, run at a lower priority, die with their parent whatever ends it, and are replaced after a number of
tasks (by a fresh pool, because `max_tasks_per_child` can deadlock: CPython gh-115634).
"""

from __future__ import annotations

import asyncio
import ctypes
import multiprocessing
import os
import signal
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

import structlog

from kit.jobs.handler import JobFailed
from kit.telemetry import configure_tracing

log = structlog.get_logger("cpu")

P = ParamSpec("P")
R = TypeVar("R")
_PR_SET_PDEATHSIG = 1
_NICENESS = 5
_TASKS_PER_POOL = 500


def default_workers() -> int:
    """Returns max(1, cores / 2), by the cores this process may use."""
    return max(1, len(os.sched_getaffinity(0)) // 2)


class CpuPool:
    """An async context manager around a pool of spawned processes; `fn` and its arguments must be picklable."""

    def __init__(self, name: str = "cpu", *, workers: int = 0, trace_file: str = "") -> None:
        self._name = name
        self._workers = workers or default_workers()
        self._trace_file = trace_file
        self._slots = asyncio.Semaphore(self._workers)
        self._pool: ProcessPoolExecutor | None = None
        self._old: list[ProcessPoolExecutor] = []
        self._tasks = 0
        self._closed = False

    @property
    def workers(self) -> int:
        """How many tasks run at a time."""
        return self._workers

    async def __aenter__(self) -> CpuPool:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed = True
        pools = [*self._old, *([self._pool] if self._pool else [])]
        self._old, self._pool = [], None
        for pool in pools:
            for child in _children(pool):
                child.kill()
            await asyncio.to_thread(pool.shutdown, wait=True, cancel_futures=True)

    async def run(self, fn: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Returns what `fn` returns, or raises what it raises.

        Raises `JobFailed` (retryable) when a child process dies. A cancelled call that has begun runs to its end unseen, and keeps
        its slot until then.
        """
        if self._closed:
            raise JobFailed("The process is shutting down.", reason="shutting_down", retryable=True)
        await self._slots.acquire()
        try:
            future = self._submit(fn, *args, **kwargs)
        except BaseException:
            self._slots.release()
            raise
        loop = asyncio.get_running_loop()
        future.add_done_callback(lambda _: _release(loop, self._slots))
        pool = self._pool
        try:
            return await asyncio.wrap_future(future)
        except BrokenProcessPool as error:
            self._drop(pool)
            raise JobFailed("A working process died.", reason="worker_died", retryable=True) from error

    def _submit(self, fn: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        self._old = [pool for pool in self._old if _alive(pool)]
        if self._pool is not None and self._tasks >= _TASKS_PER_POOL:
            self._pool.shutdown(wait=False)
            self._old.append(self._pool)
            self._pool = None
        try:
            future = self._fresh().submit(fn, *args, **kwargs)
        except BrokenProcessPool:
            # A child died while nobody was waiting: nothing of ours is lost.
            self._drop(self._pool)
            future = self._fresh().submit(fn, *args, **kwargs)
        self._tasks += 1
        return future

    def _fresh(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._tasks = 0
            self._pool = ProcessPoolExecutor(
                self._workers,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_begin,
                initargs=(os.getpid(), self._name, self._trace_file),
            )
        return self._pool

    def _drop(self, pool: ProcessPoolExecutor | None) -> None:
        if pool is not None and pool is self._pool:
            log.warning("cpu_pool_broken", name=self._name)
            self._pool = None
            pool.shutdown(wait=False, cancel_futures=True)


def _begin(parent: int, name: str, trace_file: str) -> None:
    """Runs first in every child."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    # A terminal or a supervisor signals the whole group; the parent decides when its children end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.nice(_NICENESS)
    configure_tracing(name, trace_file)


def _release(loop: asyncio.AbstractEventLoop, slots: asyncio.Semaphore) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(slots.release)


def _children(pool: ProcessPoolExecutor) -> list[Any]:
    # No public name before Python 3.14, whose `kill_workers` reads the same attribute.
    return list((getattr(pool, "_processes", None) or {}).values())


def _alive(pool: ProcessPoolExecutor) -> bool:
    return any(child.is_alive() for child in _children(pool))
