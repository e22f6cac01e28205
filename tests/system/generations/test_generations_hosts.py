"""A host that exists as data alone makes films: an operator's two files, real processes, and a simulated host of that kind."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from kit.testing.house import House, house
from kit.testing.processes import ROOT
from simulator.testing import RunningSimulator
from stack.servers import Servers

pytestmark = pytest.mark.system
GENERATIONS = "/v1/video/generations"
A_SECOND = 60_000_000
OPERATORS, USERS = "sk-host-of-the-operator", "sk-host-of-the-user"
ROW = {
    "kind": "video",
    "vendor": "gateway",
    "id": "night-film",
    "prices": {"seconds": A_SECOND},
    "seconds": [4, 8],
    "sizes": ["720x1280", "1280x720"],
    "default": True,
    "film": {"modes": ["text"], "wire": "sim-film"},
}


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with RunningSimulator(tmp_path_factory.mktemp("vendor"), video_seconds=0.5) as running:
        yield running


@pytest.fixture(scope="module")
async def made(
    own_servers: Servers, vendor: RunningSimulator, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("hosts")
    host = json.loads((ROOT / "examples" / "task_hosts" / "gateway.json").read_text())
    (folder / "host.json").write_text(json.dumps(host | {"base_url": f"{vendor.url}/tasks/gateway"}))
    (folder / "catalogue.json").write_text(json.dumps({"models": [ROW]}))
    env = {
        "SFD_FILM_HOSTS": str(folder / "host.json"),
        "SFD_CATALOGUE": str(folder / "catalogue.json"),
        "SFD_PROVIDER_KEYS": json.dumps({"gateway": OPERATORS}),
        "ENCRYPTION_KEY": "the master key of the tests of hosts",
    }
    async with house(own_servers, folder / "house", env) as running:
        for service in ("video", "gateway"):
            await running.start(service)
        yield running


@pytest.fixture
async def rest(made: House) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=made.url, timeout=60) as client:
        yield client


async def ended(rest: httpx.AsyncClient, name: str, seconds: float = 120) -> dict[str, Any]:
    end = time.monotonic() + seconds
    while True:
        record: dict[str, Any] = (await rest.get(f"{GENERATIONS}/{name}")).json()
        if record["status"] not in ("queued", "processing"):
            return record
        assert time.monotonic() < end, record
        await asyncio.sleep(0.2)


async def test_a_host_of_data_makes_films_with_the_operators_and_with_a_users_key(
    rest: httpx.AsyncClient, vendor: RunningSimulator
) -> None:
    wish = {"model": "gateway/night-film", "prompt": "A pier at night", "duration": 4, "aspect_ratio": "9:16"}
    first = (await rest.post(GENERATIONS, json=wish)).json()
    assert (first["provider"], first["resolved_model"]) == ("gateway", "gateway/night-film")
    record = await ended(rest, first["id"])
    assert record["status"] == "completed", record
    assert (await rest.get(record["video"]["url"])).content[4:8] == b"ftyp"
    (entry,) = vendor.ledger()
    assert (entry["vendor"], entry["model"], entry["submission"] is not None) == ("gateway", "sim-film", True)
    assert round(record["usage"]["cost"] * 10**9) == 4 * A_SECOND

    refused = await rest.post("/v1/keys", json={"provider": "gateway", "api_key": "sk-bad-key-of-a-user"})
    assert (refused.status_code, "sk-bad-key-of-a-user" in refused.text) == (400, False)
    key = await rest.post("/v1/keys", json={"provider": "gateway", "api_key": USERS})
    assert key.status_code == 200, key.text
    record = await ended(rest, (await rest.post(GENERATIONS, json=wish)).json()["id"])
    assert record["status"] == "completed", record
    keys = {entry["key_tail_sha"] for entry in vendor.ledger()}
    assert len(keys) == 2, "the second was asked for with the user's own key"
    assert "gateway/night-film" in {one["id"] for one in (await rest.get("/v1/models")).json()["data"]}
