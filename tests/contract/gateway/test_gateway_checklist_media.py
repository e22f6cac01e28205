"""The media contract's checklist over fakes that speak real gRPC: one test for each of its points that needs no other process."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from sfd.assets.v1 import asset_pb2
from sfd.jobs.v1 import job_pb2
from sfd.usage.v1 import usage_pb2, usage_service_pb2
from tests.contract.gateway.conftest import KEY, Running
from tests.contract.gateway.full_house import FullHouse

GENERATIONS = "/v1/video/generations"
SECRET = "key_canary-0123456789abcdef-x7Qk"
FILM = bytes(range(256)) * 40
GENERATION = {
    *("id", "object", "created", "model", "provider", "status", "prompt", "video", "usage", "error", "completed_at"),
}
STATISTICS = {
    *("total_generations", "total_cost", "total_success", "total_failure", "success_rate"),
    *("by_provider", "by_model", "recent_generations"),
}
FEATURES = {
    *("supports_duration", "supports_aspect_ratio", "supports_seed", "supports_fps", "supports_image_to_video"),
    *("supports_video_to_video", "max_duration", "available_aspect_ratios"),
}


@pytest.fixture
async def media(running: Running, house: FullHouse) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the media face."""
    async with httpx.AsyncClient(base_url=running.media_url, headers={"X-API-Key": KEY}, trust_env=False) as client:
        yield client


async def made(media: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    """Makes a film and returns it."""
    answer = await media.post(GENERATIONS, json={"model": "runway-gen4", "prompt": "A pier", **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def finish(running: Running, house: FullHouse, name: str) -> None:
    """Ends a film well, with bytes in the bucket."""
    asset = asset_pb2.Asset(
        id=f"asset-{name}",
        key=f"objects/{name}",
        content_type="video/mp4",
        bytes=len(FILM),
        sha256=hashlib.sha256(FILM).hexdigest(),
        state=asset_pb2.ASSET_STATE_LIVE,
    )
    house.assets[asset.id] = asset
    running.objects[asset.key] = FILM
    run = house.run(name)
    run.state, run.cost_nano_usd = job_pb2.JOB_STATE_SUCCEEDED, 600_000_000
    run.created_at.FromSeconds(1_763_600_000)
    run.finished_at.FromSeconds(1_763_600_041)
    run.result_json = json.dumps({"asset_id": asset.id, "url": "", "duration": 5.0, "width": 1280, "height": 720})


async def test_all_sixteen_routes(media: httpx.AsyncClient, running: Running, house: FullHouse) -> None:
    root, health = (await media.get("/")).json(), (await media.get("/health")).json()
    assert (root["message"], root["version"], root["docs"]) == ("MediaRouter API", "1.0.0", "/docs")
    assert health["status"] == "healthy"
    first = await made(media)
    assert first.keys() >= GENERATION
    assert (first["object"], first["status"], first["video"], first["usage"]) == (
        *("video.generation", "queued", None),
        None,
    )
    finish(running, house, first["id"])
    one = (await media.get(f"{GENERATIONS}/{first['id']}")).json()
    assert one["video"] == {
        "url": f"/videos/{first['id']}.mp4",
        "duration": 5.0,
        "width": 1280,
        "height": 720,
        "media_url": None,
    }
    assert one["usage"] == {"cost": 0.6, "time_seconds": 41.0}
    assert [row["id"] for row in (await media.get(GENERATIONS)).json()] == [first["id"]]
    assert (await media.get(one["video"]["url"])).content == FILM
    key = (await media.post("/v1/keys", json={"provider": "runway", "api_key": SECRET})).json()
    assert key.keys() == {"id", "provider", "status", "last_validated", "created_at", "key_preview"}
    assert (await media.get("/v1/keys")).json() == [key]
    assert (await media.post(f"/v1/keys/{key['id']}/validate")).json() == {"valid": True, "status": "active"}
    assert (await media.delete(f"/v1/keys/{key['id']}")).json() == {"message": "Key deleted successfully"}
    for provider in (await media.get("/v1/providers")).json():
        assert provider.keys() == {"name", "display_name", "models", "features", "has_key", "key_status"}
        assert provider["features"].keys() == FEATURES
    assert (await media.get("/v1/usage/stats")).json().keys() == STATISTICS
    estimate = await media.post("/v1/usage/estimate", json={"model": "sora-2", "prompt": "dummy"})
    assert estimate.json().keys() >= {
        *("model", "provider", "duration", "aspect_ratio", "estimated_cost", "per_second_rate", "resolution"),
        "breakdown",
    }
    detailed = (await media.get("/v1/usage/detailed")).json()
    assert detailed.keys() >= {"summary", "daily", "by_provider", "date_range"}
    pricing = (await media.get("/v1/usage/pricing")).json()
    assert (pricing["last_updated"], pricing["note"]) == ("2025-10-07", "Prices are estimates. Actual costs may vary.")
    assert all(
        row.keys() >= {"provider", "model", "per_second", "base_cost", "currency", "examples"}
        for row in pricing["pricing"]
    )
    assert (await media.delete(f"{GENERATIONS}/{first['id']}")).json() == {"message": "Generation deleted successfully"}
    for path in (f"{GENERATIONS}/{first['id']}", f"/videos/{first['id']}.mp4"):
        gone = await media.get(path)
        assert (gone.status_code, gone.json()["detail"]) == (404, "Generation not found")


async def test_lists_are_bare_arrays_newest_first(media: httpx.AsyncClient) -> None:
    names = [(await made(media))["id"] for _ in range(3)]
    for path in (GENERATIONS, "/v1/keys", "/v1/providers"):
        assert isinstance((await media.get(path)).json(), list), path
    assert [one["id"] for one in (await media.get(GENERATIONS)).json()] == names[::-1]
    page = (await media.get(GENERATIONS, params={"skip": 1, "limit": 1})).json()
    assert [one["id"] for one in page] == [names[1]]
    assert (await media.get(GENERATIONS, params={"status": "failed"})).json() == []


@pytest.mark.parametrize(("seconds", "status"), [(1, 200), (10, 200), (0, 422), (11, 422), (-1, 422), (2.5, 422)])
async def test_a_film_is_one_to_ten_seconds_long(media: httpx.AsyncClient, seconds: float, status: int) -> None:
    for path in (GENERATIONS, "/v1/usage/estimate"):
        answer = await media.post(path, json={"model": "runway-gen4", "prompt": "A pier", "duration": seconds})
        assert answer.status_code == status, (path, answer.text)
        if status == 422:
            told = answer.json()
            assert (told["field"], type(told["detail"])) == ("duration", str)


async def test_a_key_is_never_shown_again(media: httpx.AsyncClient, running: Running) -> None:
    made_key = await media.post("/v1/keys", json={"provider": "runway", "api_key": SECRET})
    answers = [made_key, await media.get("/v1/keys"), await media.post("/v1/keys/1/validate")]
    assert (made_key.json()["status"], made_key.json()["key_preview"]) == ("active", "...x7Qk")
    running.media.said = "The host does not take this key."
    refused = await media.post("/v1/keys", json={"provider": "runway", "api_key": f"{SECRET}-2"})
    assert refused.json()["detail"] == "Failed to validate key: The host does not take this key."
    unknown = await media.post("/v1/keys", json={"provider": "x", "api_key": SECRET})
    assert (refused.status_code, unknown.status_code, unknown.json()["detail"]) == (400, 400, "Unknown provider: x")
    invalid = await media.post("/v1/keys/1/validate")
    assert (invalid.json()["valid"], invalid.json()["status"]) == (False, "invalid")
    assert (await media.get("/v1/keys")).json()[0]["status"] == "invalid"
    answers += [refused, unknown, invalid, await media.delete("/v1/keys/1"), await media.get("/v1/keys")]
    assert answers[-1].json() == []
    gone = await media.delete("/v1/keys/1")
    assert (gone.status_code, gone.json()["detail"]) == (404, "Key not found")
    assert [one.text for one in answers if SECRET[:12] in one.text] == []


@pytest.mark.parametrize(
    ("model", "seconds", "ratio", "cost"),
    [
        ("sora-2", 5, "16:9", 0.5),
        ("sora-2", 5, "1:1", 0.5689),
        ("runway-gen4", 5, "16:9", 0.375),
        ("kling-1.0", 10, "16:9", 0.3),
    ],
)
async def test_estimates_have_the_contracts_figures(
    media: httpx.AsyncClient, model: str, seconds: int, ratio: str, cost: float
) -> None:
    wish = {"model": model, "prompt": "dummy", "duration": seconds, "aspect_ratio": ratio}
    assert (await media.post("/v1/usage/estimate", json=wish)).json()["estimated_cost"] == cost


async def test_details_have_the_last_day_too(media: httpx.AsyncClient, running: Running, house: FullHouse) -> None:
    today = dt.datetime.now(dt.UTC).date().isoformat()
    totals = usage_pb2.Totals(generations=1, succeeded=1, cost_nano_usd=500_000_000, film_seconds=5, work_seconds=9)
    running.media.sums = usage_service_pb2.SumUsageResponse(
        totals=totals, by_day=[usage_pb2.Group(day=today, totals=totals)]
    )
    told = (await media.get("/v1/usage/detailed", params={"start_date": today, "end_date": today})).json()
    asked = house.last(usage_service_pb2.SumUsageRequest).filter
    assert (asked.start_day, asked.end_day) == (today, today)
    assert told["date_range"] == {"start": today, "end": today}
    assert told["daily"] == [
        {"date": today, "count": 1, "cost": 0.5, "duration": 5.0, "success": 1, "failed": 0},
    ]
    ignored = (await media.get("/v1/usage/detailed", params={"end_date": "soon"})).json()
    assert ignored["date_range"] == {"start": None, "end": None}


async def test_a_film_is_sent_in_parts(media: httpx.AsyncClient, running: Running, house: FullHouse) -> None:
    name = (await made(media))["id"]
    url = f"/videos/{name}.mp4"
    assert (await media.get(url)).status_code == 404, "a film that is not made is no file"
    finish(running, house, name)
    whole = await media.get(url)
    assert (whole.status_code, whole.content, whole.headers["accept-ranges"]) == (200, FILM, "bytes")
    for asked, first, last in (
        ("bytes=0-99", 0, 99),
        ("bytes=100-", 100, len(FILM) - 1),
        ("bytes=-7", len(FILM) - 7, len(FILM) - 1),
    ):
        part = await media.get(url, headers={"Range": asked})
        assert (part.status_code, part.content) == (206, FILM[first : last + 1])
        assert part.headers["content-range"] == f"bytes {first}-{last}/{len(FILM)}"
    outside = await media.get(url, headers={"Range": f"bytes={len(FILM)}-"})
    assert (outside.status_code, outside.headers["content-range"]) == (416, f"bytes */{len(FILM)}")
    head = await media.head(url)
    assert (head.status_code, head.headers["content-length"], head.content) == (200, str(len(FILM)), b"")
