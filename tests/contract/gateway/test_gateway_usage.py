"""Usage, estimates, prices and budgets of the media contract."""

from __future__ import annotations

import csv
import io
from typing import Any

import httpx
import pytest

from sfd.jobs.v1 import job_pb2
from sfd.usage.v1 import usage_pb2, usage_service_pb2
from tests.contract.gateway.conftest import Running
from tests.contract.gateway.full_house import FullHouse

TOTALS = usage_pb2.Totals(
    generations=4, succeeded=3, failed=1, cost_nano_usd=2_000_000_001, film_seconds=20, work_seconds=60
)


async def estimate(api: httpx.AsyncClient, **body: Any) -> dict[str, Any]:
    answer = await api.post("/v1/usage/estimate", json={"prompt": "dummy", **body})
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


@pytest.mark.parametrize(
    ("model", "seconds", "ratio", "cost", "rate", "size"),
    [
        ("sora-2", 5, "16:9", 0.5, 0.1, "1280x720"),
        ("sora-2", 5, "9:16", 0.5, 0.1, "720x1280"),
        ("sora-2", 5, "1:1", 0.5689, 0.1, "1024x1024"),
        ("sora-2", 5, "4:3", 0.5, 0.1, "1280x720"),
        ("runway-gen4", 5, "16:9", 0.375, 0.075, "1280x720"),
        ("kling-1.0", 10, "16:9", 0.3, 0.03, "1280x720"),
        ("nobody-knows-it", 5, "16:9", 0.0, 0.0, "1280x720"),
    ],
)
async def test_estimates_of_the_contract(
    api: httpx.AsyncClient, model: str, seconds: int, ratio: str, cost: float, rate: float, size: str
) -> None:
    told = await estimate(api, model=model, duration=seconds, aspect_ratio=ratio)
    assert (told["estimated_cost"], told["per_second_rate"], told["resolution"]) == (cost, rate, size)
    assert (told["duration"], told["aspect_ratio"]) == (seconds, ratio)
    assert told["breakdown"] == {"base": 0.0, "duration_cost": pytest.approx(rate * seconds)}


async def test_a_name_that_stands_for_another_model_tells_both_prices(api: httpx.AsyncClient) -> None:
    told = await estimate(api, model="sora-2")
    assert (told["provider"], told["estimated_cost"]) == ("openai", 0.5)
    assert (told["resolved_model"], told["resolved_cost"], told["resolved_duration"]) == ("openai/sim-video-1", 0.4, 4)
    assert "resolved_model" not in await estimate(api, model="nobody-knows-it")
    living = await estimate(api, model="gen4.5", provider="runway")
    assert (living["estimated_cost"], living["per_second_rate"]) == (0.6, 0.12)
    assert "resolved_model" not in living


@pytest.mark.parametrize("seconds", [0, 11, -1, 2.5, "5", True])
async def test_lengths_outside_of_the_contract(api: httpx.AsyncClient, seconds: object) -> None:
    answer = await api.post("/v1/usage/estimate", json={"prompt": "x", "model": "sora-2", "duration": seconds})
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("duration: ")


async def test_own_prices_count_in_estimates_and_pricing(api: httpx.AsyncClient) -> None:
    prices = [
        {"provider": "runway", "model": "gen4.5", "unit": "seconds", "usd": 0.09},
        {"provider": "openai", "model": "sora-2", "usd": 0.2},
    ]
    put = await api.put("/v1/usage/prices", json={"prices": prices})
    assert put.status_code == 200, put.text
    told = (await api.get("/v1/usage/prices")).json()["prices"]
    assert {(one["model"], one["unit"], one["usd"]) for one in told} == {
        ("gen4.5", "seconds", 0.09),
        ("sora-2", "seconds", 0.2),
    }
    assert (await estimate(api, model="gen4.5"))["estimated_cost"] == 0.45
    assert (await estimate(api, model="sora-2"))["estimated_cost"] == 1.0
    rows = {(one["provider"], one["model"]): one for one in (await api.get("/v1/usage/pricing")).json()["pricing"]}
    assert (rows["runway", "gen4.5"]["per_second"], rows["runway", "gen4.5"]["own"]) == (0.09, True)
    assert rows["kling", "kling-1.5"]["examples"] == {"5_seconds": 0.2, "10_seconds": 0.4, "20_seconds": 0.8}


@pytest.mark.parametrize("usd", [-1, 1e9, "1", None])
async def test_bad_prices(api: httpx.AsyncClient, usd: object) -> None:
    body = {"prices": [{"provider": "runway", "model": "gen4.5", "usd": usd}]}
    answer = await api.put("/v1/usage/prices", json=body)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("prices[0].usd: ")


async def test_statistics(api: httpx.AsyncClient, running: Running, house: FullHouse) -> None:
    running.media.films = usage_service_pb2.SumGenerationsResponse(
        totals=TOTALS,
        by_vendor=[usage_pb2.Group(vendor="runway", totals=TOTALS)],
        by_model=[usage_pb2.Group(vendor="runway", model="gen4.5", totals=TOTALS)],
    )
    run = job_pb2.Run(
        id="0197a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
        public_id="gen_0123456789ab",
        kind="generate_video",
        state=job_pb2.JOB_STATE_SUCCEEDED,
        result_json='{"asset_id": "a", "duration": 5.0, "width": 1280, "height": 720}',
        metadata_json='{"model": "gen4.5", "provider": "runway", "prompt": "x"}',
        cost_nano_usd=500_000_000,
        created_at=house.now(),
        finished_at=house.now(),
    )
    house.runs[run.public_id] = run
    house.runs["job_1"] = job_pb2.Run(public_id="job_1", kind="generate_drama", created_at=house.now())
    told = (await api.get("/v1/usage/stats")).json()
    assert (told["total_generations"], told["total_cost"], told["success_rate"]) == (4, 2.000000001, 0.75)
    assert (told["total_success"], told["total_failure"]) == (3, 1)
    assert told["by_provider"] == [{"provider": "runway", "count": 4, "total_cost": 2.000000001, "avg_time": 20.0}]
    assert told["by_model"][0]["model"] == "gen4.5"
    (recent,) = told["recent_generations"]
    assert (recent["id"], recent["usage"]["cost"]) == ("gen_0123456789ab", 0.5)
    assert recent["video"] == {
        "url": "/videos/gen_0123456789ab.mp4",
        "duration": 5.0,
        "width": 1280,
        "height": 720,
        "media_url": None,
    }
    assert recent == (await api.get("/v1/video/generations/gen_0123456789ab")).json(), "one shape of a film everywhere"


async def test_details_ask_for_whole_days(api: httpx.AsyncClient, running: Running, house: FullHouse) -> None:
    running.media.sums = usage_service_pb2.SumUsageResponse(
        totals=TOTALS,
        by_vendor=[usage_pb2.Group(vendor="runway", totals=TOTALS)],
        by_day=[usage_pb2.Group(day="2026-11-20", totals=TOTALS)],
        by_drama=[usage_pb2.Group(drama_id="lighthouse", totals=TOTALS), usage_pb2.Group(totals=TOTALS)],
    )
    query = {"start_date": "2026-11-01", "end_date": "2026-11-20T23:00:00-02:00", "provider": "runway"}
    told = (await api.get("/v1/usage/detailed", params=query)).json()
    asked = house.asked[-1].filter
    assert (asked.start_day, asked.end_day, asked.vendor) == ("2026-11-01", "2026-11-21", "runway")
    assert told["date_range"] == {"start": "2026-11-01", "end": "2026-11-21"}
    assert told["summary"] == {
        "total_generations": 4,
        "total_cost": 2.0,
        "total_video_duration": 20.0,
        "total_processing_time": 60.0,
        "average_cost_per_generation": 0.5,
    }
    assert told["daily"][0] == {
        "date": "2026-11-20",
        "count": 4,
        "cost": 2.000000001,
        "duration": 20.0,
        "success": 3,
        "failed": 1,
    }
    assert told["by_provider"][0]["avg_cost_per_second"] == 0.1
    assert [one["drama_id"] for one in told["by_drama"]] == ["lighthouse", None]
    ignored = await api.get("/v1/usage/detailed", params={"start_date": "soon", "end_date": "99999-01-01"})
    assert ignored.json()["date_range"] == {"start": None, "end": None}


async def test_an_export_has_every_page_and_exact_costs(api: httpx.AsyncClient, running: Running) -> None:
    for number in range(5):
        entry = usage_pb2.Entry(
            id=str(number), vendor="runway", model="gen4.5", outcome="done", cost_nano_usd=number, drama_id="=1+1"
        )
        entry.created_at.FromSeconds(1_763_600_000 + number)
        running.media.entries.append(entry)
    answer = await api.get("/v1/usage/export")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["cost_usd"] for row in rows] == [f"0.00000000{number}" for number in range(5)]
    assert {row["drama_id"] for row in rows} == {"'=1+1"}
    assert rows[0]["created_at"] == "2025-11-20T00:53:20Z"


async def test_budgets_come_change_and_go(api: httpx.AsyncClient, running: Running) -> None:
    made = await api.post("/v1/budgets", json={"daily_usd": 0.1, "per_job_usd": 2})
    assert made.status_code == 201, made.text
    budget = made.json()
    assert (budget["key_id"], budget["daily_usd"], budget["monthly_usd"], budget["per_job_usd"]) == (None, 0.1, None, 2)
    assert next(iter(running.media.budgets.values())).daily_nano_usd == 100_000_000
    path = made.headers["location"]
    assert path == f"/v1/budgets/{budget['id']}"
    changed = await api.patch(path, json={"daily_usd": None, "monthly_usd": 5})
    assert (changed.json()["daily_usd"], changed.json()["monthly_usd"], changed.json()["per_job_usd"]) == (None, 5, 2)
    assert (await api.get(path)).json() == changed.json()
    assert (await api.get("/v1/budgets")).json() == [changed.json()]
    again = await api.post("/v1/budgets", json={"daily_usd": 1})
    assert (again.status_code, again.json()["detail"]) == (409, "There is a budget for it already.")
    no_key = await api.post("/v1/budgets", json={"daily_usd": 1, "key_id": 7})
    assert (no_key.status_code, no_key.json()["detail"]) == (404, "Key not found")
    assert (await api.delete(path)).json() == {"message": "Budget deleted successfully"}
    for gone in (
        await api.get(path),
        await api.delete(path),
        await api.patch(path, json={}),
        await api.get("/v1/budgets/é"),
    ):
        assert (gone.status_code, gone.json()["detail"]) == (404, "Budget not found")


@pytest.mark.parametrize(
    "body", [{"daily_usd": -1}, {"daily_usd": "1"}, {"key_id": 0}, {"weekly_usd": 1}, {"per_job_usd": 2_000_000}]
)
async def test_bad_budgets_name_the_field(api: httpx.AsyncClient, body: dict[str, object]) -> None:
    answer = await api.post("/v1/budgets", json=body)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(f"{next(iter(body))}: ")
