"""One drama filmed by two vendors that make no other films of the house: one with the operator's key, one with the account's own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from kit.testing.house import House, house
from kit.testing.production import SERVICES, Client
from simulator.testing import RunningSimulator
from stack.servers import Servers

pytestmark = pytest.mark.system

SCENES = 2
DRAMA: dict[str, Any] = {
    "id": "drama_two_filmers",
    "title": "Night Ferry",
    "description": "A detective follows a ferry that is not on any map.",
    "premise": "A detective and a ferry.",
    "characters": [
        {
            "id": "char_mina",
            "name": "Mina",
            "description": "A detective in a red coat, short black hair.",
            "gender": "female",
            "voice_description": "low, dry, unhurried",
            "main": True,
        }
    ],
    "episodes": [
        {
            "id": "ep01",
            "title": "Boarding",
            "description": "She boards.",
            "scenes": [
                {
                    "id": f"ep01_s{number:02d}",
                    "description": "The pier at night, fog, one lamp.",
                    "assets": [
                        {
                            "id": f"ep01_s{number:02d}_storyboard",
                            "kind": "image",
                            "depends_on": ["char_mina"],
                            "prompt": f"Mina at the rail, frame {number}",
                        },
                        {
                            "id": f"ep01_s{number:02d}_clip",
                            "kind": "video",
                            "depends_on": [f"ep01_s{number:02d}_storyboard"],
                            "prompt": f"She turns to the light, take {number}. " + "The fog moves slowly. " * 40,
                            "duration": 10,
                        },
                    ],
                }
                for number in range(1, SCENES + 1)
            ],
        }
    ],
}


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with RunningSimulator(tmp_path_factory.mktemp("vendor"), latency=0.02, video_seconds=0.3) as running:
        yield running


@pytest.fixture(scope="module")
async def made(
    own_servers: Servers, vendor: RunningSimulator, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    env = {
        "ENCRYPTION_KEY": "any string is a master key",
        "SFD_WRITER": "openai",
        "SFD_PAINTER": "openai",
        "SFD_FILMER": "runway",
        "OPENAI_API_BASE": vendor.openai_base,
        "OPENAI_API_KEY": "sk-test-key-of-the-simulator",
        "RUNWAY_API_BASE": f"{vendor.url}/runway",
        "RUNWAYML_API_SECRET": "key_test-key-of-the-simulator",
        "MINIMAX_API_BASE": f"{vendor.url}/minimax",
    }
    async with house(own_servers, Path(tmp_path_factory.mktemp("filmers")), env) as running:
        for service in SERVICES:
            await running.start(service)
        yield running


async def test_one_drama_by_two_film_vendors_each_paid_once(made: House, vendor: RunningSimulator) -> None:
    vendor.reset()
    client = Client(made.url)
    drama_id = DRAMA["id"]
    await client.call("POST", "/dramas", json={"drama": DRAMA})

    # The house's film maker, with the operator's key: prompts have room for 1000 units there.
    plan = await client.call("POST", f"/dramas/{drama_id}/plan", json={})
    clips = [step for step in plan["steps"] if step["step"].startswith("clip:")]
    assert {(clip["model"], clip["price_usd"]) for clip in clips} == {("runway/gen4.5", 1.2)}
    assert plan["missing_keys"] == []
    first = await client.finished(drama_id, await client.execute(drama_id), 240)
    assert first["status"] == "completed", first["error"]
    films = filmed(vendor)
    assert [(film["vendor"], film["model"], film["units"]["seconds"]) for film in films] == [
        ("runway", "gen4.5", 10)
    ] * SCENES

    # Another, of which there is no key: the plan names it, the production is refused, nothing is sent.
    wish: dict[str, Any] = {"cast": {"filmer": "minimax"}}
    plan = await client.call("POST", f"/dramas/{drama_id}/plan", json=wish)
    assert plan["missing_keys"] == ["MINIMAX_API_KEY"]
    with pytest.raises(httpx.HTTPStatusError) as refused:
        await client.execute(drama_id, **wish)
    assert refused.value.response.status_code == 422
    assert "MINIMAX_API_KEY is not set, so minimax cannot be used" in refused.value.response.text
    assert len(filmed(vendor)) == SCENES

    # With a key of the account's own, and a price of its own.
    key = {"provider": "minimax", "api_key": "sk-key-of-the-account-0123456789abcdef"}
    await client.call("POST", "/v1/keys", json=key)
    price = {"provider": "minimax", "model": "MiniMax-H3", "unit": "seconds", "usd": 0.05}
    await client.call("PUT", "/v1/usage/prices", json={"prices": [price]})
    plan = await client.call("POST", f"/dramas/{drama_id}/plan", json=wish)
    clips = [step for step in plan["steps"] if step["step"].startswith("clip:")]
    assert plan["missing_keys"] == []
    assert {(clip["model"], clip["price_usd"]) for clip in clips} == {("minimax/MiniMax-H3", 0.5)}
    boards = [step for step in plan["steps"] if step["step"].startswith("storyboard:")]
    assert all(step["reused"] for step in boards), "only the films are made anew"
    second = await client.finished(drama_id, await client.execute(drama_id, **wish), 240)
    assert second["status"] == "completed", second["error"]
    films = filmed(vendor)
    assert [film["vendor"] for film in films] == ["runway"] * SCENES + ["minimax"] * SCENES
    jobs = (await client.call("GET", f"/dramas/{drama_id}/jobs"))["jobs"]
    assert 1.0 in [job["cost_usd"] for job in jobs], "two films of ten seconds at the account's own price"

    drama = await client.call("GET", f"/dramas/{drama_id}")
    for scene in drama["episodes"][0]["scenes"]:
        assert (await client.get_bytes(scene["video_url"]))[4:8] == b"ftyp"
    assert (await client.get_bytes(drama["episodes"][0]["url"]))[4:8] == b"ftyp"

    # The same again buys nothing.
    again = await client.finished(drama_id, await client.execute(drama_id, **wish), 60)
    assert again["status"] == "completed"
    assert len(filmed(vendor)) == len(films)
    await client.close()


def filmed(vendor: RunningSimulator) -> list[dict[str, Any]]:
    """Returns the films that vendors have taken, in order."""
    return [entry for entry in vendor.ledger() if entry["kind"] == "video"]
