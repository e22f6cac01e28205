"""What the commands share: the name of the stack, messages, and the addresses of a running one."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from stack.control import Reply
from stack.layout import Layout
from stack.options import Options
from stack.programs import DEFAULT_PORTS

Name = Annotated[str, typer.Option("--name", envvar="SFD_NAME", help="Which stack: several can run side by side.")]
FACES = {"gateway": "drama", "media": "media", "captions": "captions"}


def say(text: str) -> None:
    """Print a line of progress; it goes to standard error, so that standard output stays for results."""
    typer.echo(text, err=True)


def fail(text: str) -> NoReturn:
    """Print why on standard error and end with code 1."""
    say(text)
    raise typer.Exit(1)


def layout(name: str) -> Layout:
    """The layout of a name; ends the command when the name is not allowed."""
    try:
        return Layout.find(name)
    except ValueError as error:
        fail(str(error))


def options(name: str, *, env: list[str] | None = None, only_servers: bool = False, reload: bool = False) -> Options:
    """Options for the stack of this name, with the services running in the working directory."""
    settings = {}
    for word in env or []:
        key, sign, value = word.partition("=")
        if not sign or not key.isidentifier():
            fail(f"--env takes NAME=VALUE, not {word!r}")
        settings[key] = value
    return Options(name, layout(name).home, Path.cwd(), settings, only_servers, reload)


def ports(reply: Reply) -> Mapping[str, int]:
    """The table of ports in a status."""
    table = reply["ports"]
    return table if isinstance(table, dict) else {}


def addresses(table: Mapping[str, int]) -> Iterator[str]:
    """One line per REST face with its URL; says so when the usual port was taken."""
    for port, face in FACES.items():
        moved = "" if table[port] == DEFAULT_PORTS[port] else f"   (port {DEFAULT_PORTS[port]} was taken)"
        yield f"  {face:<9} http://127.0.0.1:{table[port]}{moved}"


def relative(path: Path) -> str:
    """The path as a person would type it from here."""
    with contextlib.suppress(ValueError):
        return str(path.relative_to(Path.cwd()))
    return os.fspath(path)
