"""The `sfd` command. Each command lives in its own module and only the one that was asked for is imported.

A module `cli.<name>` of EXTENSIONS takes part as soon as it exists: with a Typer `app` it becomes a group of commands,
else its function `<name>` becomes the command.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Sequence

import typer

# Command -> module with a function of that name.
COMMANDS = {
    "up": "cli.stack",
    "down": "cli.stack",
    "dev": "cli.stack",
    "status": "cli.inspect",
    "logs": "cli.inspect",
    "doctor": "cli.doctor",
    "migrate": "cli.data",
    "reset": "cli.data",
}
EXTENSIONS = ("demo", "top", "simulator", "keys", "certs", "backup", "restore", "seed", "token")


def wanted(arguments: Sequence[str]) -> str:
    """The command that the arguments name, or "" when there is none (then help is wanted)."""
    return next((word for word in arguments if not word.startswith("-")), "")


def build(arguments: Sequence[str]) -> typer.Typer:
    """The command line with the wanted command only, or with all of them when help is wanted."""
    app = typer.Typer(
        name="sfd",
        help="One sentence becomes a finished vertical drama. `sfd COMMAND --help` tells more.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback()(_main)
    name = wanted(arguments)
    table = COMMANDS | {each: f"cli.{each}" for each in EXTENSIONS if importlib.util.find_spec(f"cli.{each}")}
    for command, module_name in table.items():
        if name in table and command != name:
            continue
        module = importlib.import_module(module_name)
        if isinstance(group := getattr(module, "app", None), typer.Typer):
            app.add_typer(group, name=command)
        else:
            app.command(command)(getattr(module, command))
    return app


def _main() -> None:
    """Start, watch and use SFD on this machine."""


def main() -> None:
    """The console script: runs the command named on the command line."""
    try:
        build(sys.argv[1:])(prog_name="sfd")
    except KeyboardInterrupt:
        # Modules are loaded for a second on a busy machine: whoever changes their mind then needs no traceback.
        sys.stderr.write("Stopped.\n")
        sys.exit(130)


if __name__ == "__main__":
    main()
