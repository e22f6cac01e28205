"""The gateway, the bare hop, Envoy's transcoder and LiteLLM's proxy in front of one vendor: both routes are forwarded by all.

Ours reach the vendor through one gRPC service that calls it once for each RPC and keeps nothing (`bench.edge.stub PORT VENDOR`).
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

from bench.edge import added
from bench.edge.hops import asked_of, commands_over, plans, settings
from bench.edge.litellm import litellm
from bench.edge.processes import PYTHON, running
from bench.edge.systems import film
from kit.testing.house import free_port

SECONDS = 1.5


async def compare(folder: Path) -> str:
    """Returns the table and the ratios of what is added."""
    vendor, stub = free_port(), free_port()
    ports = {name: free_port() for name in ("hop", "gateway", "envoy")}
    env = settings(f"127.0.0.1:{stub}", ports["gateway"])
    async with AsyncExitStack() as stack:
        serving = [*PYTHON, "-m", "bench.edge.vendor", str(vendor)]
        await stack.enter_async_context(running(folder, "vendor", serving, vendor))
        behind = [*PYTHON, "-m", "bench.edge.stub", str(stub), str(vendor)]
        await stack.enter_async_context(running(folder, "stub", behind, stub))
        for name, command in commands_over(folder, stub, ports).items():
            await stack.enter_async_context(running(folder, name, command, ports[name], env=env))
        proxy = await stack.enter_async_context(litellm(folder, vendor))
        asked = {added.ALONE: plans(vendor, await film(vendor)), **asked_of(ports)}
        return await added.compare({**asked, added.LITELLM: plans(proxy.port, await film(proxy.port))}, SECONDS)
