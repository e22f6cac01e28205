"""`make bench-gateway`: what the gateway costs a request, beside a bare Starlette -> grpc.aio hop, Envoy's transcoder and LiteLLM's proxy.

One load client, a process of its own, in interleaved rounds; the medians of rounds are told. Creation and status apart.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from bench.edge import hops, systems
from bench.edge.load import Plan
from bench.edge.processes import PYTHON, heard, running
from bench.growth import record
from kit.testing.house import free_port

NOTES = """Over one gRPC stub with constant answers. The gateway has its key, its checks, its log and its metrics on
and calls the stub once for either route (its keys are its own settings); hop and transcoder have nothing on. The hop shows the reply with
the gateway's own view; the transcoder shows the message as it is and maps methods by name. CPU is what the measured process used."""
SYSTEMS = """In front of one vendor that answers at once: whole systems. SFD books a film in Postgres (fsync) before it answers, and
reads its state from there; LiteLLM forwards both. "Added" is the client's wait less the same call made to the vendor directly."""


async def run(folder: Path) -> str:
    """Returns the tables."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    can = await client_alone(folder)
    print(can, flush=True)
    over_stub = await hops.compare(folder)
    print(over_stub, flush=True)
    whole = await systems.compare(folder)
    return f"{can}\n\n{NOTES}\n\n{over_stub}\n\n{SYSTEMS}\n\n{whole}"


async def client_alone(folder: Path) -> str:
    """Returns what the load client can do against the vendor alone: it must not be what is measured."""
    port = free_port()
    async with running(folder, "vendor", [*PYTHON, "-m", "bench.edge.vendor", str(port)], port):
        plan = Plan(f"http://127.0.0.1:{port}/v1/videos/x", headers={"Authorization": "Bearer x"})
        rate = (await heard(plan)).rate
    versions = json.dumps({name: _version(name) for name in ("starlette", "fastapi", "uvicorn", "grpcio", "uvloop")})
    return f"The load client against the vendor alone: {rate:.0f} answers a second. {versions}"


def _version(name: str) -> str:
    from importlib.metadata import version

    return version(name)


def main() -> int:
    """Returns 0 once it is measured and recorded."""
    record("bench-gateway", asyncio.run(run(Path(".sfd/bench-gateway").resolve())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
