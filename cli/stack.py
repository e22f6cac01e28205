"""`sfd up`, `sfd down` and `sfd dev`."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

import typer

from cli import common
from stack import client
from stack.control import Reply
from stack.options import Options
from stack.supervisor import AlreadyRunningError, Supervisor


class Only(StrEnum):
    """What `--only` can name."""

    servers = "servers"


EnvOption = Annotated[
    list[str] | None, typer.Option("--env", help="A setting NAME=VALUE for the services; repeatable.")
]


def up(
    name: common.Name = "dev",
    foreground: Annotated[bool, typer.Option("--foreground", help="Stay here; Ctrl-C stops everything.")] = False,
    only: Annotated[Only | None, typer.Option(help="Start only Postgres, NATS and S3.")] = None,
    env: EnvOption = None,
) -> None:
    """Start the servers and all services; returns when everything is healthy."""
    options = common.options(name, env=env, only_servers=only is Only.servers)
    if foreground:
        run_here(options)
        return
    started, progress = time.monotonic(), Progress()
    try:
        reply = client.up(options, progress)
    except (client.StackFailedError, client.RunningError) as error:
        common.fail(str(error))
    typer.echo(f"SFD is up ({name}, {time.monotonic() - started:.1f} s)")
    _print_addresses(options, common.ports(reply))
    typer.echo(f"  logs      {common.relative(common.layout(name).logs)}   (`sfd status`, `sfd logs`, `sfd down`)")


def down(name: common.Name = "dev") -> None:
    """Stop everything; the data stays. Does nothing when nothing runs."""
    try:
        ran = client.down(common.layout(name))
    except client.StackFailedError as error:
        common.fail(str(error))
    typer.echo(f"{name} is down" if ran else f"{name} was not running")


def dev(name: common.Name = "dev", env: EnvOption = None) -> None:
    """Like `up --foreground`, and services restart when their code changes."""
    run_here(common.options(name, env=env, reload=True))


def run_here(options: Options) -> None:
    """Be the supervisor in this terminal until Ctrl-C; ends the command with code 1 when the stack gives up."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    try:
        reason = asyncio.run(_run_here(options))
    except AlreadyRunningError as error:
        common.fail(str(error))
    if reason:
        common.fail(reason)


async def _run_here(options: Options) -> str:
    supervisor = Supervisor(options, on_running=lambda table: _print_addresses(options, table))
    return await supervisor.run()


def _print_addresses(options: Options, table: Mapping[str, int]) -> None:
    if options.only_servers:
        typer.echo("  " + "  ".join(f"{server} 127.0.0.1:{table[server]}" for server in ("postgres", "nats", "s3")))
        return
    for line in common.addresses(table):
        typer.echo(line)


class Progress:
    """Says once for each process that it is healthy."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def __call__(self, reply: Reply) -> None:
        """Look at one status."""
        for row in client.processes(reply):
            name = str(row["name"])
            if row["state"] in ("running", "done") and name not in self._seen and name != "supervisor":
                self._seen.add(name)
                common.say(f"  {name} {'done' if row['state'] == 'done' else 'healthy'}")
