"""Two whole systems in front of one vendor: this house and LiteLLM's proxy. The end client's wait, less what the vendor itself takes.

Ours accepts a film durably (Postgres with fsync) and looks up its state in the record; LiteLLM's forwards both calls to the vendor. Keys
are checked in both. Films are accepted and not made: the video service runs without its worker, which is another process.
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

import httpx

from bench.edge import added
from bench.edge.hops import KEY, WISH, plans
from bench.edge.litellm import litellm
from bench.edge.processes import PYTHON, running
from kit.testing.house import free_port, house
from stack.servers import Servers

SECONDS = 2.0


async def compare(folder: Path) -> str:
    """Returns the table and the ratios of what is added."""
    vendor = free_port()
    async with AsyncExitStack() as stack:
        servers = await stack.enter_async_context(Servers(folder / "servers"))
        films = {"SORA_API_BASE": f"http://127.0.0.1:{vendor}/v1", "SORA_API_KEY": "sk-mock", "API_KEYS": KEY}
        made = await stack.enter_async_context(house(servers, folder / "house", films))
        serving = [*PYTHON, "-m", "bench.edge.vendor", str(vendor)]
        await stack.enter_async_context(running(folder, "vendor", serving, vendor))
        await made.start("video", "--role", "serve")
        await made.start("gateway")
        proxy = await stack.enter_async_context(litellm(folder, vendor))
        ports = {added.ALONE: vendor, "sfd": made.ports["gateway"], added.LITELLM: proxy.port}
        return await added.compare({who: plans(port, await film(port)) for who, port in ports.items()}, SECONDS)


async def film(port: int) -> str:
    """Returns the id of a film that is there."""
    async with httpx.AsyncClient(timeout=60, trust_env=False) as client:
        headers = {"Authorization": f"Bearer {KEY}"}
        answer = await client.post(f"http://127.0.0.1:{port}/v1/videos", json=WISH, headers=headers)
        return str(answer.raise_for_status().json()["id"])
