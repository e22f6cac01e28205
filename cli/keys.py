"""`sfd keys`: users' vendor keys and the keys that seal them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from cli import common
from cli.key_work import Operator, as_operator, read_rows
from kit.errors import SfdError
from kit.identity import DEFAULT_ACCOUNT_ID
from kit.vault.envelope import CannotOpen
from kit.vault.master import load_master_keys
from stack import client, env_file

app = typer.Typer(help="Users' vendor keys: take them over, rotate what seals them, check that all can be opened.")
DEFAULT_STORAGE = "127.0.0.1:50051"
T = TypeVar("T")


@app.command("import")
def take_over(
    file: Annotated[
        Path, typer.Argument(help="SQLite file with a table api_keys, JSON array or JSON lines.", exists=True)
    ],
    account: Annotated[str, typer.Option(help="UUID of the account that gets them.")] = DEFAULT_ACCOUNT_ID,
    name: common.Name = "dev",
) -> None:
    """Take over keys that were encrypted with Fernet under ENCRYPTION_KEY (SFD_OLD_ENCRYPTION_KEY when that was another one)."""
    try:
        rows = read_rows(file)
    except (OSError, ValueError) as error:
        common.fail(f"{file} cannot be read: {error}")
    old = os.environ.get("SFD_OLD_ENCRYPTION_KEY") or _setting("ENCRYPTION_KEY")
    done, left = _run(name, lambda operator: operator.take_over(account, rows, old))
    for line in left:
        common.say(line)
    typer.echo(f"{done} of {len(rows)} keys were taken over")
    if left:
        raise typer.Exit(1)


@app.command()
def rotate(
    data_keys: Annotated[
        bool, typer.Option("--data-keys", help="Also make new data keys and seal every secret anew.")
    ] = False,
    name: common.Name = "dev",
) -> None:
    """Wrap every data key with the newest master key. The house goes on meanwhile; its processes need the new master key first."""
    wrapped, broken = _run(name, lambda operator: operator.rewrap())
    for line in broken:
        common.say(line)
    typer.echo(f"{wrapped} data keys were wrapped anew")
    if data_keys:
        replaced, secrets = _run(name, lambda operator: operator.replace_data_keys())
        typer.echo(f"{replaced} data keys were replaced, {secrets} secrets were sealed anew")
    if broken:
        raise typer.Exit(1)


@app.command()
def check(name: common.Name = "dev") -> None:
    """Open every data key and every secret, and say which cannot be opened. Ends with code 1 when there are some."""
    found = _run(name, lambda operator: operator.check())
    for line in found.broken:
        common.say(line)
    secrets = ", ".join(f"{count} {purpose}" for purpose, count in sorted(found.secrets.items())) or "no secrets"
    typer.echo(
        f"{found.data_keys} data keys; {secrets}; {found.stale} sealed with a retired key; {len(found.broken)} broken"
    )
    if found.broken:
        raise typer.Exit(1)


def _run(name: str, work: Callable[[Operator], Awaitable[T]]) -> T:
    """Returns what `work` returns; ends the command with the reason when that is not possible."""

    async def run() -> T:
        file = _setting("SFD_MASTER_KEY_FILE")
        masters = await load_master_keys(_setting("ENCRYPTION_KEY"), Path(file) if file else None)
        if masters is None:
            common.fail("there is no master key: set ENCRYPTION_KEY or SFD_MASTER_KEY_FILE")
        return await as_operator(_storage(name), _setting("SFD_INTERNAL_SECRET"), masters, work)

    try:
        return asyncio.run(run())
    except SfdError as error:
        common.fail(f"storage says: {error.message}")
    except (CannotOpen, OSError, ValueError) as error:
        common.fail(str(error))


def _storage(name: str) -> str:
    """Where storage listens: as the environment says, else in the stack of this name."""
    if address := os.environ.get("SFD_STORAGE_ADDR", ""):
        return address
    reply = client.status(common.layout(name))
    port = common.ports(reply).get("storage") if reply else None
    return f"127.0.0.1:{port}" if port else _setting("SFD_STORAGE_ADDR") or DEFAULT_STORAGE


def _setting(variable: str) -> str:
    return os.environ.get(variable) or env_file.read(Path(".env")).get(variable, "")
