"""The media contract's checklist against real processes: one test for each of its points that needs them."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from openai import AsyncOpenAI

from kit.testing.house import House, free_port, house
from simulator.testing import RunningSimulator
from stack.servers import Servers

pytestmark = pytest.mark.system
GENERATIONS = "/v1/video/generations"
CANARY = "sk-canary-of-the-checklist-0123456789-x7Qk"


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with RunningSimulator(tmp_path_factory.mktemp("vendor"), video_seconds=0.5) as running:
        yield running


@pytest.fixture(scope="module")
async def made(
    own_servers: Servers, vendor: RunningSimulator, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    env = {
        "SFD_MEDIA_PORT": str(free_port()),
        "ENCRYPTION_KEY": "any string is a master key",
        "OPENAI_API_BASE": vendor.openai_base,
        "RUNWAY_API_BASE": f"{vendor.url}/runway",
        "RUNWAYML_API_SECRET": "key_test-key-of-the-simulator",
    }
    async with house(own_servers, Path(tmp_path_factory.mktemp("checklist")), env) as running:
        for service in ("video", "gateway"):
            await running.start(service)
        yield running


@pytest.fixture
async def media(made: House) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the media face, as its web interface is one: without any key of the gateway's."""
    url = f"http://127.0.0.1:{made.env['SFD_MEDIA_PORT']}"
    async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as client:
        yield client


async def ended(media: httpx.AsyncClient, name: str, seconds: float = 120) -> dict[str, Any]:
    """Polls a film to its end."""
    end = time.monotonic() + seconds
    while True:
        record: dict[str, Any] = (await media.get(f"{GENERATIONS}/{name}")).json()
        if record["status"] not in ("queued", "processing"):
            return record
        assert time.monotonic() < end, record
        await asyncio.sleep(0.2)


async def film(media: httpx.AsyncClient, **wish: Any) -> dict[str, Any]:
    """Makes a film and follows it to its end."""
    answer = await media.post(GENERATIONS, json={"model": "runway-gen4", "prompt": "A pier", "duration": 5, **wish})
    assert answer.status_code == 200, answer.text
    record = await ended(media, answer.json()["id"])
    assert record["status"] == "completed", record
    return record


async def test_the_face_of_the_contract(media: httpx.AsyncClient) -> None:
    assert (await media.get("/")).json()["message"] == "MediaRouter API"
    assert (await media.get("/health")).json()["status"] == "healthy"
    for model, seconds, status in (
        ("sora-2", 11, 422),
        ("kling-1.0", 0, 422),
        ("who-knows", 11, 422),
        ("local", 10, 200),
    ):
        answer = await media.post(GENERATIONS, json={"model": model, "prompt": "A pier", "duration": seconds})
        assert answer.status_code == status, answer.text
    await media.delete(f"{GENERATIONS}/{answer.json()['id']}")


async def test_a_key_opens_its_provider_and_is_told_by_its_end(
    media: httpx.AsyncClient, vendor: RunningSimulator
) -> None:
    vendor.reset()
    refused = await media.post(GENERATIONS, json={"model": "sora-2", "prompt": "A pier", "provider": "openai"})
    assert (refused.status_code, refused.json()["detail"]) == (400, "No active API key found for provider: openai")
    providers = {one["name"]: one for one in (await media.get("/v1/providers")).json()}
    assert (providers["openai"]["has_key"], providers["openai"]["key_status"]) == (False, None)
    assert (providers["runway"]["has_key"], providers["runway"]["key_status"]) == (True, "active"), "the operator's"
    once = {"Idempotency-Key": uuid.uuid4().hex}
    body = {"provider": "openai", "api_key": CANARY}
    key = (await media.post("/v1/keys", json=body, headers=once)).json()
    assert (key["status"], key["key_preview"]) == ("active", "...x7Qk")
    assert (await media.post("/v1/keys", json=body, headers=once)).json() == key, "one request, one key"
    same_tail = {**body, "api_key": CANARY.replace("0", "1", 1)}
    other = await media.post("/v1/keys", json=same_tail, headers=once)
    assert (other.status_code, other.json()["reason"]) == (422, "idempotency_key_reused"), other.text
    record = await film(media, model="sora-2", provider="openai")
    assert (record["provider"], record["model"]) == ("openai", "sora-2")
    assert len(vendor.ledger()) == 1
    answers = [await media.get("/v1/keys"), await media.post(f"/v1/keys/{key['id']}/validate"), other]
    assert answers[1].json() == {"valid": True, "status": "active"}
    assert (await media.delete(f"/v1/keys/{key['id']}")).json() == {"message": "Key deleted successfully"}
    assert (await media.get("/v1/keys")).json() == []
    assert [one.text for one in answers if CANARY[:20] in one.text] == []


async def test_a_restart_resumes_what_is_in_flight(
    media: httpx.AsyncClient, made: House, vendor: RunningSimulator
) -> None:
    vendor.reset()
    vendor.fault("stall", seconds=4)
    name = (await media.post(GENERATIONS, json={"model": "runway-gen4", "prompt": "A pier"})).json()["id"]
    while not (await media.get(GENERATIONS)).json()[0]["provider_job_id"]:
        await asyncio.sleep(0.05)
    for service in ("video", "gateway"):
        made.processes[service].kill9()
        await made.start_again(service)
    record = await ended(media, name)
    assert record["status"] == "completed", record
    assert len(vendor.ledger()) == 1, "it was bought once"
    assert record["provider_job_id"]
    assert (await media.get(GENERATIONS)).json()[0] == record


async def test_a_film_is_sent_in_parts(media: httpx.AsyncClient, vendor: RunningSimulator) -> None:
    vendor.reset()
    record = await film(media)
    url = record["video"]["url"]
    assert url == f"/videos/{record['id']}.mp4"
    whole = (await media.get(url)).content
    size = len(whole)
    assert whole[4:8] == b"ftyp"
    for asked, part in (("bytes=4-7", whole[4:8]), (f"bytes={size - 9}-", whole[-9:]), ("bytes=-9", whole[-9:])):
        answer = await media.get(url, headers={"Range": asked})
        assert (answer.status_code, answer.content) == (206, part)
    outside = await media.get(url, headers={"Range": f"bytes={size}-"})
    assert (outside.status_code, outside.headers["content-range"]) == (416, f"bytes */{size}")


async def test_openais_own_sdk_creates_polls_and_downloads(made: House, vendor: RunningSimulator) -> None:
    vendor.reset()
    url = f"http://127.0.0.1:{made.env['SFD_MEDIA_PORT']}/v1"
    async with AsyncOpenAI(base_url=url, api_key="unused", max_retries=0, timeout=60) as sdk:
        video = await sdk.videos.create_and_poll(model="sora-2", prompt="A pier at night", seconds="4", size="720x1280")
        assert (video.status, video.progress, video.model, video.seconds) == ("completed", 100, "sora-2", "4")
        film = await sdk.videos.download_content(video.id)
        assert film.content[4:8] == b"ftyp"
    assert len(vendor.ledger()) == 1


async def test_usage_has_today_and_every_film_exactly(media: httpx.AsyncClient, vendor: RunningSimulator) -> None:
    vendor.reset()
    today = dt.datetime.now(dt.UTC).date().isoformat()
    days = {"start_date": today, "end_date": today}
    before, spent = (await media.get("/v1/usage/stats")).json(), await detailed(media, days)
    paid, free = await film(media), await film(media, model="local", duration=4)
    told, after = (await media.get("/v1/usage/stats")).json(), await detailed(media, days)
    assert (paid["usage"]["cost"], free["usage"]["cost"]) == (0.6, 0.0)
    assert told["total_generations"] == before["total_generations"] + 2
    assert told["total_success"] == before["total_success"] + 2
    assert nano(told["total_cost"]) == nano(before["total_cost"]) + 600_000_000
    assert told["success_rate"] == round(told["total_success"] / told["total_generations"], 4)
    assert [one["id"] for one in told["recent_generations"][:2]] == [free["id"], paid["id"]]
    assert told["recent_generations"][1] == paid
    by_provider = {one["provider"]: one for one in told["by_provider"]}
    assert sum(one["count"] for one in by_provider.values()) == told["total_generations"]
    assert sum(nano(one["total_cost"]) for one in told["by_provider"]) == nano(told["total_cost"])
    assert by_provider["runway"]["avg_time"] > 0
    assert {"runway-gen4", "local"} <= {one["model"] for one in told["by_model"]}
    assert after["summary"]["total_generations"] == spent["summary"]["total_generations"] + 2
    assert [one["date"] for one in after["daily"]] == [today], "the last day is in it"
    assert {"local", "runway"} <= {one["provider"] for one in after["by_provider"]}
    await media.delete(f"{GENERATIONS}/{paid['id']}")
    less = (await media.get("/v1/usage/stats")).json()
    assert less["total_generations"] == told["total_generations"] - 1
    assert less["total_cost"] == told["total_cost"], "what it cost stays in the usage"
    assert (await detailed(media, days))["summary"] == after["summary"]


async def detailed(media: httpx.AsyncClient, days: dict[str, str]) -> dict[str, Any]:
    """Returns the usage of some days."""
    found: dict[str, Any] = (await media.get("/v1/usage/detailed", params=days)).json()
    return found


def nano(usd: float) -> int:
    """Returns nano-USD, exactly as a figure was written."""
    return round(usd * 10**9)


async def test_an_own_price_is_estimated_held_and_settled(media: httpx.AsyncClient, vendor: RunningSimulator) -> None:
    vendor.reset()
    own = {"prices": [{"provider": "runway", "model": "gen4.5", "unit": "seconds", "usd": 0.011}]}
    assert (await media.put("/v1/usage/prices", json=own)).status_code == 200
    wish = {"model": "gen4.5", "prompt": "A pier", "duration": 5}
    assert (await media.post("/v1/usage/estimate", json=wish)).json()["estimated_cost"] == 0.055
    once = {"Idempotency-Key": uuid.uuid4().hex}
    limits = {"per_job_usd": 0.055}
    budget = await media.post("/v1/budgets", json=limits, headers=once)
    assert budget.status_code == 201, budget.text
    assert (await media.post("/v1/budgets", json=limits, headers=once)).json()["id"] == budget.json()["id"]
    other = await media.post("/v1/budgets", json={"per_job_usd": 1}, headers=once)
    assert (other.status_code, other.json()["reason"]) == (422, "idempotency_key_reused")
    path = budget.headers["location"]
    # The catalogue's 0.6 would not fit into it: what is held is the account's own price.
    record = await film(media, model="gen4.5")
    assert record["usage"]["cost"] == 0.055
    dearer = {"prices": [{**own["prices"][0], "usd": 0.0111}]}
    await media.put("/v1/usage/prices", json=dearer)
    name = (await media.post(GENERATIONS, json=wish)).json()["id"]
    refused = await ended(media, name)
    assert (refused["status"], "budget" in refused["error"]) == ("failed", True)
    assert len(vendor.ledger()) == 1, "the second was never sent"
    change = {"Idempotency-Key": uuid.uuid4().hex}
    first = await media.patch(path, json={"daily_usd": 5}, headers=change)
    await media.patch(path, json={"daily_usd": 7})
    assert (await media.patch(path, json={"daily_usd": 5}, headers=change)).json() == first.json(), (
        "told again, not done"
    )
    assert (await media.get(path)).json()["daily_usd"] == 7
    reused = await media.patch(path, json={"daily_usd": 6}, headers=change)
    assert reused.json()["reason"] == "idempotency_key_reused"
    gone = {"Idempotency-Key": uuid.uuid4().hex}
    for _ in range(2):
        assert (await media.delete(path, headers=gone)).json() == {"message": "Budget deleted successfully"}
    assert (await media.delete(path)).status_code == 404
    await media.put("/v1/usage/prices", json={"prices": []})
