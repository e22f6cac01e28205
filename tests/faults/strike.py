"""One fault to one process: struck, held, mended."""

from __future__ import annotations

import asyncio

from kit.testing.house import House
from stack.servers import Servers

SERVERS = ("nats", "postgres", "s3")
SERVICES = ("gateway", "story", "imaging", "video", "storage")
PROCESSES = (*SERVICES, *SERVERS)


async def strike(servers: Servers, house: House, victim: str, how: str, seconds: float) -> None:
    """Kills (`kill`) or stops (`pause`) a server or a service, and brings it back after `seconds`."""
    if victim in SERVERS:
        if how == "kill":
            await asyncio.to_thread(servers.kill9, victim)
            await asyncio.sleep(seconds)
            await asyncio.to_thread(servers.restart, victim)
        else:
            servers.pause(victim)
            try:
                await asyncio.sleep(seconds)
            finally:
                servers.resume(victim)
        return
    process = house.processes[victim]
    if how == "pause":
        process.pause()
        try:
            await asyncio.sleep(seconds)
        finally:
            process.resume()
        return
    await asyncio.to_thread(process.kill9)
    await asyncio.sleep(seconds)
    process.start()
    if victim in SERVICES:
        await house.wait(victim, process)
