"""A whole drama written, drawn and filmed by simulated vendors, through the real SDKs over real HTTP."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from kit.testing.house import House, house
from kit.testing.production import SERVICES, Client
from simulator.testing import RunningSimulator
from stack.servers import Servers

pytestmark = pytest.mark.system

PREMISE = "A lighthouse keeper named Mara hides a runaway prince called Tobin in Skagen. 2 episodes"


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with RunningSimulator(tmp_path_factory.mktemp("vendor"), latency=0.02, video_seconds=0.3) as running:
        yield running


@pytest.fixture(scope="module")
async def made(
    servers: Servers, vendor: RunningSimulator, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    env = {
        "OPENAI_API_BASE": vendor.openai_base,
        "OPENAI_API_KEY": "sk-test-key-of-the-simulator",
        "GEMINI_API_BASE": vendor.gemini_base,
        "GEMINI_API_KEY": "AIza-test-key-of-the-simulator",
    }
    async with house(servers, Path(tmp_path_factory.mktemp("vendors")), env) as running:
        for service in SERVICES:
            await running.start(service)
        yield running


@pytest.mark.parametrize("provider", ["openai", "gemini"])
async def test_a_whole_drama_by(provider: str, made: House, vendor: RunningSimulator) -> None:
    vendor.reset()
    client = Client(made.url)
    # Gemini writes and draws; films come from the OpenAI-shaped host, which many hosts serve.
    wish: dict[str, Any] = (
        {"provider": "openai"}
        if provider == "openai"
        else {"cast": {"writer": "gemini", "painter": "gemini", "filmer": "openai"}}
    )
    drama_id, job = await client.create(f"{PREMISE} ({provider})", **wish)
    created = await client.finished(drama_id, job, 60)
    assert created["status"] == "completed", created
    production = await client.finished(drama_id, await client.execute(drama_id, **wish), 120)
    assert production["status"] == "completed", production["error"]

    drama = await client.call("GET", f"/dramas/{drama_id}")
    assert "Mara" in json.dumps(drama)
    assert len(drama["episodes"]) == 2
    assert all(c["url"] and c["voice_description"] for c in drama["characters"])
    assert drama["url"]
    for episode in drama["episodes"]:
        assert episode["url"].endswith(".mp4")
        assert len(episode["scenes"]) >= 3
        assert all(s["image_url"] and s["video_url"] for s in episode["scenes"])
        film = await client.get_bytes(episode["url"])
        assert film[4:8] == b"ftyp"

    ledger = vendor.ledger()
    kinds = {entry["kind"] for entry in ledger}
    scenes = sum(len(e["scenes"]) for e in drama["episodes"])
    assert kinds == {"text", "image", "video"}
    assert {e["vendor"] for e in ledger} == ({"openai"} if provider == "openai" else {"openai", "gemini"})
    assert sum(e["kind"] == "image" for e in ledger) == len(drama["characters"]) + 1 + scenes
    assert sum(e["kind"] == "video" for e in ledger) == scenes
    submissions = [e["submission"] for e in ledger]
    assert len(submissions) == len(set(submissions))
    jobs = (await client.call("GET", f"/dramas/{drama_id}/jobs"))["jobs"]
    assert sum(j["cost_usd"] for j in jobs) > 0

    again = await client.finished(drama_id, await client.execute(drama_id, **wish), 30)
    assert again["status"] == "completed"
    assert len(vendor.ledger()) == len(ledger), "what is live and fresh is reused, not bought again"
    await client.close()
