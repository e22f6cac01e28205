"""`sfd status` and `sfd logs`."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated

import typer

from cli import common
from stack import client

FOLLOW_EVERY_S = 0.3
NOT_RUNNING = 3  # the code that service managers use for it


def status(
    name: common.Name = "dev",
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Show every process: id, port, state, uptime, memory, restarts. Ends with code 3 when the stack does not run."""
    reply = client.status(common.layout(name))
    if as_json:
        typer.echo(json.dumps(reply or {"name": name, "state": "stopped", "processes": []}, indent=1))
    if reply is None:
        if not as_json:
            typer.echo(f"{name} is not running")
        raise typer.Exit(NOT_RUNNING)
    if as_json:
        return
    rows = client.processes(reply)
    _print_table(rows)
    rss, pss = (sum(float(str(row[key])) for row in rows) for key in ("rss_mb", "pss_mb"))
    typer.echo(
        f"\n{name} is {reply['state']}; {rss:.0f} MB resident in all ({pss:.0f} MB with shared pages counted once)"
    )
    if any(row["name"] == "gateway" for row in rows):
        for line in common.addresses(common.ports(reply)):
            typer.echo(line)


def _print_table(rows: list[dict[str, object]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for title in ("process", "pid", "port", "state", "uptime", "RSS MB", "restarts"):
        table.add_column(title, justify="left" if title in ("process", "state") else "right")
    for row in rows:
        uptime = time.strftime("%H:%M:%S", time.gmtime(float(str(row["uptime_s"]))))
        cells = (
            row["name"],
            row["pid"] or "-",
            row["port"] or "-",
            row["state"],
            uptime,
            row["rss_mb"],
            row["restarts"],
        )
        table.add_row(*(str(cell) for cell in cells))
    Console().print(table)


def logs(
    processes: Annotated[list[str] | None, typer.Argument(help="Which processes; all when none is named.")] = None,
    name: common.Name = "dev",
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="How many lines of each to begin with.")] = 20,
) -> None:
    """Show the logs of the processes."""
    folder = common.layout(name).logs
    have = {path.stem: path for path in sorted(folder.glob("*.log"))}
    unknown = set(processes or []) - have.keys()
    if unknown or not have:
        common.fail(f"no log of {', '.join(sorted(unknown)) or name}; there are: {', '.join(have) or 'none'}")
    chosen = {each: path for each, path in have.items() if not processes or each in processes}
    ends = {each: _show(each, path, lines) for each, path in chosen.items()}
    try:
        while follow:
            time.sleep(FOLLOW_EVERY_S)
            for each, path in chosen.items():
                ends[each] = _show_from(each, path, ends[each])
    except KeyboardInterrupt:
        return


def _show(process: str, path: Path, lines: int) -> int:
    data = path.read_bytes()
    for line in data.decode(errors="replace").splitlines()[-lines or len(data) :]:
        typer.echo(f"{process:<10} | {line}")
    return len(data)


def _show_from(process: str, path: Path, offset: int) -> int:
    size = path.stat().st_size
    if size < offset:
        offset = 0  # it was rotated
    with path.open("rb") as file:
        file.seek(offset)
        complete = file.read().rpartition(b"\n")[0]
    for line in complete.decode(errors="replace").splitlines():
        typer.echo(f"{process:<10} | {line}")
    return offset + len(complete) + (1 if complete else 0)
