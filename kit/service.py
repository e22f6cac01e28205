"""How a service that serves gRPC and works on a queue is put together: one composition for story, imaging and video.

A service's `__main__` names its settings and a `build` function; everything that all of them share is opened here, in order, and closed
in reverse. The server and the worker drain at the same time, within ten seconds of SIGTERM.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, TypeVar

import grpc
import httpx
import structlog
from prometheus_client import start_http_server

from kit.bus import Bus, connect
from kit.config import Settings, load
from kit.context import Caller, Role
from kit.cpu import CpuPool
from kit.identity import Signer
from kit.jobs.handler import Handler
from kit.jobs.store import Store
from kit.jobs.worker import Worker
from kit.log import configure_logging
from kit.memory import settle
from kit.rpc.client import SYSTEM, channel
from kit.rpc.server import Served, serve
from kit.telemetry import configure_tracing

log = structlog.get_logger("service")
ROLES = ("both", "serve", "work")
S = TypeVar("S", bound=Settings)


@dataclass(frozen=True)
class House:
    """What a service's parts are made of. `stack` closes what a service opens for itself, before all of this closes."""

    storage: grpc.aio.Channel
    store: Store
    bus: Bus
    cpu: CpuPool
    http: httpx.AsyncClient
    signer: Signer
    stack: AsyncExitStack


@dataclass(frozen=True)
class Parts:
    """What a service brings: its servicers, its handlers, and how many jobs it works on at a time."""

    served: Sequence[Served] = ()
    handlers: Sequence[Handler[Any]] = field(default_factory=tuple)
    slots: int = 4


async def run_service(
    settings: Settings,
    *,
    name: str,
    address: str,
    queue: str,
    build: Callable[[House], Awaitable[Parts]],
    role: str = "both",
    stop: asyncio.Event | None = None,
) -> None:
    """Runs until SIGTERM, SIGINT or `stop`, then drains; raises RuntimeError when the address is taken."""
    ending = stop or asyncio.Event()
    if stop is None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, ending.set)
    async with AsyncExitStack() as outer:
        house = await _open(settings, name, outer)
        inner = await outer.enter_async_context(house.stack)
        parts = await build(house)
        settle()
        async with asyncio.TaskGroup() as group:
            if role != "work":
                group.create_task(_serve(settings, address, parts, house, ending), name="serve")
            if role != "serve" and parts.handlers:
                group.create_task(_work(queue, parts, house, ending), name="work")
            group.create_task(ending.wait(), name="stop")
        await inner.aclose()
    log.info("ended", name=name)


def main(
    name: str,
    kind: type[S],
    *,
    address: Callable[[S], str],
    queue: str,
    build: Callable[[S, House], Awaitable[Parts]],
    argv: Sequence[str] | None = None,
) -> int:
    """Reads arguments and settings, runs the service and returns the exit code of the process."""
    parser = argparse.ArgumentParser(prog=f"python -m services.{name}")
    parser.add_argument("--role", choices=ROLES, default="both", help="serve RPCs, work on jobs, or both")
    role = parser.parse_args(argv).role
    settings = load(kind)
    configure_logging(name, settings.log_level)
    configure_tracing(name, settings.trace_file)
    if settings.metrics_port:
        start_http_server(settings.metrics_port, addr=address(settings).rsplit(":", 1)[0].strip("[]"))
    code = 0
    try:
        asyncio.run(
            run_service(
                settings,
                name=name,
                address=address(settings),
                queue=queue,
                build=lambda house: build(settings, house),
                role=role,
            )
        )
    except* (RuntimeError, OSError) as failed:
        reasons = "; ".join(str(error) for error in failed.exceptions)
        sys.stderr.write(f"{name} cannot run: {reasons}\n")
        code = 1
    return code


async def _open(settings: Settings, name: str, stack: AsyncExitStack) -> House:
    signer = Signer(settings.internal_secret.get_secret_value())
    storage = channel(settings.storage_addr, signer, default=Caller(SYSTEM.account_id, Role.WORKER))
    stack.push_async_callback(storage.close)
    # The bucket is a neighbour: a proxy for the outside world is not asked.
    http = await stack.enter_async_context(
        httpx.AsyncClient(timeout=httpx.Timeout(60.0, connect=5.0), trust_env=False, follow_redirects=True)
    )
    bus = await stack.enter_async_context(connect(settings.nats_url.get_secret_value(), name))
    cpu = await stack.enter_async_context(CpuPool(name, trace_file=settings.trace_file))
    return House(storage, Store(storage, http), bus, cpu, http, signer, AsyncExitStack())


async def _serve(settings: Settings, address: str, parts: Parts, house: House, stop: asyncio.Event) -> None:
    async with serve(address, parts.served, house.signer, with_reflection=settings.reflection):
        await stop.wait()


async def _work(queue: str, parts: Parts, house: House, stop: asyncio.Event) -> None:
    worker = Worker(queue, parts.handlers, house.store, parts.slots)
    await house.bus.on_wake(queue, worker.wake)
    await worker.run(stop)
