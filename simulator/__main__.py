"""`python -m simulator`: start the simulated vendors on loopback."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sys
from pathlib import Path

import uvicorn

from simulator.app import make_app
from simulator.door import World
from simulator.environment import environment
from simulator.ledger import Ledger
from simulator.wire import CuttableProtocol


def main(argv: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; return 0, or 2 if the ledger or the port cannot be had. `argv` is None for the process's own."""
    parser = argparse.ArgumentParser(prog="python -m simulator", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--ledger", type=Path, required=True, help="append-only JSON lines, fsynced")
    parser.add_argument("--port-file", type=Path, help="where to write the port once it is bound")
    parser.add_argument("--latency", type=float, default=0.05, help="seconds that a text or a picture takes")
    parser.add_argument(
        "--video-seconds", type=float, default=None, help="seconds that a film takes; default 10 x latency"
    )
    parser.add_argument("--with-sora", action="store_true", help="keep the shut-down sora-2 models alive")
    parser.add_argument(
        "--environment", action="store_true", help="print the variables that point SFD here, as a file that can be kept"
    )
    options = parser.parse_args(argv)
    try:
        ledger = Ledger(options.ledger)
        listener = socket.create_server(("127.0.0.1", options.port), backlog=512)
    except OSError as error:
        print(f"simulator: {error}", file=sys.stderr)
        return 2
    patience = options.video_seconds if options.video_seconds is not None else 10 * options.latency
    world = World(ledger, options.latency, patience, options.with_sora)
    config = uvicorn.Config(
        make_app(world), http=CuttableProtocol, log_level="warning", lifespan="off", timeout_graceful_shutdown=3
    )
    port = listener.getsockname()[1]
    if options.port_file:
        # Written aside and renamed: a reader sees the whole number or no file.
        aside = options.port_file.with_suffix(".new")
        aside.write_text(f"{port}\n")
        os.replace(aside, options.port_file)
    url = f"http://127.0.0.1:{port}"
    if options.environment:
        _tell(url, options.ledger)
    else:
        print(f"vendor simulator on {url} (/openai/v1, /gemini, /_sim)", flush=True)
    # uvicorn raises the signal again after its graceful end; a wanted end is no failure.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        uvicorn.Server(config).run(sockets=[listener])
    except KeyboardInterrupt:
        return 0
    finally:
        ledger.close()
    return 0


def _tell(url: str, ledger: Path) -> None:
    """Print where the vendors are and how a house finds them; every line is one of an environment file."""
    print(f"# Vendor simulator on {url}. Nothing is spent; what would have been is in {ledger}.")
    print("# These lines point SFD at it: put them into .env (then sfd up), or keep this output as a file.")
    for name, value in environment(url).items():
        print(f"{name}={value}")
    print(
        "# Dramas by these vendors: SFD_WRITER=openai SFD_PAINTER=openai SFD_FILMER=openai. Faults: see simulator/README.md."
    )
    print("# Ctrl-C ends it.", flush=True)


if __name__ == "__main__":
    sys.exit(main())
