"""`sfd migrate` and `sfd reset`."""

from __future__ import annotations

import subprocess
from typing import Annotated

import typer

from cli import common
from stack import client, environment
from stack.programs import PROGRAMS


def migrate(name: common.Name = "dev") -> None:
    """Bring the database to the newest schema. Starts the servers for it when they do not run."""
    options = common.options(name, only_servers=True)
    folder = common.layout(name)
    ran = client.is_locked(folder)
    try:
        client.up(options)
    except client.StackFailedError as error:
        common.fail(str(error))
    try:
        program = next(each for each in PROGRAMS if each.name == "migrate")
        env = environment.running_env(options, folder)
        code = subprocess.run(program.command_line, env=env, check=False).returncode
    finally:
        if not ran:
            client.down(folder)
    if code != 0:
        raise typer.Exit(code)
    typer.echo(f"the database of {name} has the newest schema")


def reset(
    name: common.Name = "dev",
    yes: Annotated[bool, typer.Option("--yes", "-y", envvar="SFD_YES", help="Do not ask.")] = False,
) -> None:
    """Stop the stack and delete its dramas, files, jobs and logs. Films exported to `out` stay."""
    folder = common.layout(name)
    if not folder.root.exists():
        typer.echo(f"{name} has no data")
        return
    if not yes and not typer.confirm(f"Delete everything that {name} has stored in {common.relative(folder.root)}?"):
        common.fail("nothing was deleted")
    try:
        client.down(folder)
        client.reset(folder)
    except (client.StackFailedError, client.RunningError) as error:
        common.fail(str(error))
    typer.echo(f"{name} is empty")
