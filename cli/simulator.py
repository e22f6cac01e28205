"""`sfd simulator`: vendors on this machine, for trying and developing without a key and without cost."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer


def simulator(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 takes a free one.")] = 8900,
    ledger: Annotated[
        Path, typer.Option(help="File of all accepted calls with their prices; jobs are brought back from it.")
    ] = Path(".sfd/simulator/ledger.jsonl"),
    latency: Annotated[float, typer.Option(min=0, help="Seconds that a text or a picture takes.")] = 0.5,
    film_seconds: Annotated[float, typer.Option(min=0, help="Seconds that a film takes.")] = 5.0,
) -> None:
    """Start simulated vendors and print the environment that points SFD at them. Nothing is spent. Ctrl-C ends it."""
    told = ["--port", str(port), "--ledger", str(ledger), "--latency", str(latency)]
    told += ["--video-seconds", str(film_seconds), "--environment"]
    # This process becomes the simulator: signals and its end are its own, and the command line imports no web server.
    os.execv(sys.executable, [sys.executable, "-m", "simulator", *told])  # noqa: S606 - our own interpreter, no shell
