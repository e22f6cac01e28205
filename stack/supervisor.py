"""The long-lived process of one named stack: starts the servers and services, keeps them up and stops them in order."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import IO

from stack import allocation, control, env_file, environment, health, logs, procs, reloading
from stack.child import Child, Job
from stack.layout import Layout
from stack.options import Options
from stack.process import Command
from stack.programs import Program
from stack.server import Server, write_private

SERVICE_GRACE_S = 12.0
ONCE_TIMEOUT_S = 120.0
HOUSEKEEPING_S = 5.0
SERVERS_STAGE = 0
log = logging.getLogger("stack")


class AlreadyRunningError(RuntimeError):
    """Another supervisor holds this name."""


class Supervisor:
    """Runs one stack from `run()` until it is told to stop, or until something cannot be kept running."""

    def __init__(self, options: Options, on_running: Callable[[dict[str, int]], None] = lambda ports: None) -> None:
        self.options = options
        self._on_running = on_running
        self.layout = Layout(options.home, options.name)
        self.state = "starting"
        self.children: dict[str, Child] = {}
        self.ports: dict[str, int] = {}
        self._stop = asyncio.Event()
        self._stopped = asyncio.Event()
        self._reason = ""
        self._keepers: list[asyncio.Task[None]] = []
        self._guardian: subprocess.Popen[bytes] | None = None
        self._lock: IO[str] | None = None

    async def run(self) -> str:
        """Keep the stack up; returns "" after an ordered stop, else why it gave up. Nothing is left in either case.

        Raises AlreadyRunningError when a supervisor of this name lives, and OSError when there are no free ports.
        """
        self._take_name()
        try:
            self.ports = allocation.allocate(self.layout)
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                loop.add_signal_handler(number, self._stop.set)
            self._guardian = self._start_guardian()
            async with control.serve(self.layout, self._answer):
                await self._keep()
                self._stopped.set()
                await asyncio.sleep(0.01)  # a waiting `down` gets its answer
        finally:
            self._let_go()
        return self._reason

    async def _keep(self) -> None:
        """Start everything, wait until told to stop or until something gives up, and stop everything."""
        work = [asyncio.create_task(self._guarded(each)) for each in (self._start_all(), self._housekeeping())]
        try:
            await self._stop.wait()
        finally:
            self.state = "stopping"
            log.info("stopping%s", f" because {self._reason}" if self._reason else "")
            for task in work:
                task.cancel()
            await asyncio.gather(*work, return_exceptions=True)
            await self._stop_all()
            await asyncio.gather(*self._keepers)
        if self._reason:
            write_private(self.layout.failure, self._reason)
        self.state = "stopped"

    async def _guarded(self, work: Coroutine[object, object, None]) -> None:
        """Do the work; when it fails the whole stack stops, with the reason if it is one for the operator."""
        try:
            await work
        except (RuntimeError, OSError) as error:
            self._reason = self._reason or str(error)
            self._stop.set()
        except Exception:
            self._stop.set()
            raise

    async def _start_all(self) -> None:
        servers = environment.embedded_servers(self.options, self.layout, self.ports)
        theirs = environment.external(self.options)
        embedded = {server.name: server for server in servers if server.name not in theirs}
        programs = () if self.options.only_servers else self.options.programs
        if programs:
            with allocation.file_lock(self.layout.home / ".lock"):
                env_file.ensure(self.options.directory / ".env")
        jobs = [self._server_job(server) for server in embedded.values()]
        jobs += [
            self._service_job(each, lambda: environment.service_env(self.options, self.layout, self.ports, *servers))
            for each in programs
        ]
        self.children = {job.name: Child(job, self._watch) for job in jobs}
        await asyncio.gather(
            *(self._start_server(server) for server in embedded.values()),
            *(self._start_service(each, each.after or tuple(embedded)) for each in programs),
        )
        self.state = "running"
        log.info("everything is healthy")
        self._on_running(self.ports)

    def _server_job(self, server: Server) -> Job:
        async def ready(pid: int) -> bool:
            return await asyncio.to_thread(server.ready, pid)

        path = self.layout.log(server.name)
        return Job(server.name, server.command, ready, path, server.port, SERVERS_STAGE, server.clean)

    async def _start_server(self, server: Server) -> None:
        child = self.children[server.name]
        child.state = "preparing"
        await asyncio.to_thread(server.prepare)
        await self._keep_child(child)

    def _service_job(self, program: Program, env: Callable[[], dict[str, str]]) -> Job:
        port = self.ports[program.port] if program.port else 0

        def command() -> Command:  # made at each start, so that a restart reads a changed .env
            return Command(program.command_line, env=env(), cwd=self.options.directory, grace_s=SERVICE_GRACE_S)

        async def ready(pid: int) -> bool:
            del pid
            return await health.healthy(program.health, port)

        return Job(program.name, command, ready, self.layout.log(program.name), port, program.stage)

    async def _start_service(self, program: Program, after: tuple[str, ...]) -> None:
        for name in after:
            if name in self.children:  # a server that the installation names itself is not ours to wait for
                await self.children[name].ready.wait()
        child = self.children[program.name]
        if program.once:
            await child.run_once(ONCE_TIMEOUT_S)
        else:
            await self._keep_child(child)

    async def _keep_child(self, child: Child) -> None:
        self._keepers.append(asyncio.create_task(self._guarded(child.keep())))
        await child.ready.wait()

    async def _housekeeping(self) -> None:
        """Keep the logs small and, when asked to, restart services whose code changed."""
        watcher = reloading.Watcher() if self.options.reload else None
        every = reloading.EVERY_S if watcher else HOUSEKEEPING_S
        while True:
            await asyncio.sleep(every)
            for path in [self.layout.log("supervisor"), *(child.job.log for child in self.children.values())]:
                try:
                    logs.rotate(path)
                except OSError as error:  # a full disk must not stop the stack
                    log.warning("cannot rotate %s: %s", path, error)
            changed = watcher.changed_services() if watcher else set()
            await asyncio.gather(
                *(
                    child.reload()
                    for name, child in self.children.items()
                    if child.job.stage != SERVERS_STAGE and (name in changed or "*" in changed)
                )
            )

    async def _stop_all(self) -> None:
        """Workers first, then storage, then the servers: each can still report to the next."""
        for stage in sorted({child.job.stage for child in self.children.values()}, reverse=True):
            await asyncio.gather(*(child.stop() for child in self.children.values() if child.job.stage == stage))

    async def _answer(self, request: control.Reply) -> control.Reply:
        actions: dict[object, Callable[[], Awaitable[control.Reply]]] = {"status": self._status, "stop": self._ordered}
        action = actions.get(request.get("command"))
        return await action() if action else {"error": f"no such command: {request.get('command')}"}

    async def _ordered(self) -> control.Reply:
        self._stop.set()
        await self._stopped.wait()
        return {"state": self.state}

    async def _status(self) -> control.Reply:
        children = list(self.children.values())
        rows = await asyncio.to_thread(lambda: [child.describe() for child in children])
        own = [os.getpid()] + ([self._guardian.pid] if self._guardian else [])
        row: dict[str, object] = {
            "name": "supervisor",
            "pid": os.getpid(),
            "port": 0,
            "state": self.state,
            "restarts": 0,
        }
        uptime, rss, pss = procs.uptime_s(os.getpid()), procs.rss_mib(own), procs.pss_mib(own)
        rows.append(row | {"uptime_s": round(uptime, 1), "rss_mb": round(rss, 1), "pss_mb": round(pss, 1)})
        return {"name": self.layout.name, "state": self.state, "ports": self.ports, "processes": rows}

    def _take_name(self) -> None:
        self.layout.make()
        self._lock = self.layout.lock.open("a")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunningError(f"a stack named {self.layout.name} is running already") from None
        self.layout.failure.unlink(missing_ok=True)
        record = {"pid": os.getpid(), "start": procs.started_at(os.getpid())}
        write_private(self.layout.record, json.dumps(record))

    def _let_go(self) -> None:
        if self._guardian is not None and self._guardian.stdin is not None:
            self._guardian.stdin.close()
            self._guardian.wait()
        self.layout.record.unlink(missing_ok=True)
        if self._lock is not None:
            self._lock.close()

    def _start_guardian(self) -> subprocess.Popen[bytes]:
        script = str(Path(__file__).with_name("guardian.py"))
        return subprocess.Popen(
            [sys.executable, "-I", "-S", script], stdin=subprocess.PIPE, start_new_session=True, bufsize=0
        )

    def _watch(self, group: int, alive: bool) -> None:
        if self._guardian is not None and self._guardian.stdin is not None:
            with contextlib.suppress(
                BrokenPipeError
            ):  # the guardian is a second line; the kernel's signal is the first
                self._guardian.stdin.write(f"{'+' if alive else '-'}{group}\n".encode())
