"""What a production would do and cost, over REST."""

from __future__ import annotations

import httpx
import pytest

from kit import errors
from sfd.story.v1 import story_service_pb2 as rpc
from tests.contract.gateway.below import a_drama
from tests.contract.gateway.full_house import FullHouse

USD = 1_000_000_000


def a_plan() -> rpc.PlanProductionResponse:
    """Returns a plan of a portrait that is there and a clip that is not."""
    return rpc.PlanProductionResponse(
        revision=7,
        steps=[
            rpc.PlannedStep(step="portrait:mina", kind="imaging.portrait", reused=True, node_type="character"),
            rpc.PlannedStep(
                step="clip:ep01_s01",
                kind="video.clip",
                node_type="scene_asset",
                entity_id="ep01_s01_clip",
                episode_id="ep01",
                model="openai/sora-3",
                prompt="Go.",
                price_nano_usd=USD,
                price_low_nano_usd=USD // 2,
                price_high_nano_usd=3 * USD,
                seconds=90.5,
                depends_on=["storyboard:ep01_s01"],
                missing_key="SORA_API_KEY",
            ),
        ],
        price_nano_usd=USD,
        price_low_nano_usd=USD // 2,
        price_high_nano_usd=3 * USD,
        critical_path_seconds=120.25,
        missing_keys=["SORA_API_KEY"],
        estimated=True,
        warnings=["sora-2 is retired"],
    )


async def test_a_plan_tells_every_step_and_the_sum(api: httpx.AsyncClient, house: FullHouse) -> None:
    a_drama(house)
    house.plan = a_plan()
    answer = await api.post("/dramas/d/plan", json={"episodes": ["ep01"], "force": True, "provider": "openai", "x": 1})
    assert answer.status_code == 200
    body = answer.json()
    assert body["steps"][1] == {
        "step": "clip:ep01_s01",
        "kind": "video.clip",
        "node_type": "scene_asset",
        "entity_id": "ep01_s01_clip",
        "episode_id": "ep01",
        "reused": False,
        "model": "openai/sora-3",
        "prompt": "Go.",
        "price_usd": 1.0,
        "price_low_usd": 0.5,
        "price_high_usd": 3.0,
        "seconds": 90.5,
        "depends_on": ["storyboard:ep01_s01"],
        "missing_key": "SORA_API_KEY",
    }
    assert (body["steps"][0]["reused"], body["steps"][0]["price_usd"]) == (True, 0.0)
    del body["steps"]
    assert body == {
        "drama_id": "d",
        "revision": 7,
        "price_usd": 1.0,
        "price_low_usd": 0.5,
        "price_high_usd": 3.0,
        "critical_path_seconds": 120.25,
        "missing_keys": ["SORA_API_KEY"],
        "estimated": True,
        "warnings": ["sora-2 is retired"],
    }
    assert (answer.headers["x-sfd-ignored"], answer.headers["x-sfd-warning"]) == ("x", "sora-2 is retired")
    asked = house.last(rpc.PlanProductionRequest)
    assert (list(asked.episode_ids), asked.force, asked.episode_branch) == (["ep01"], True, False)
    assert asked.options.cast.filmer == "openai"
    assert not house.runs


async def test_a_plan_needs_no_body(api: httpx.AsyncClient, house: FullHouse) -> None:
    a_drama(house)
    assert (await api.post("/dramas/d/plan")).json()["steps"] == []


@pytest.mark.parametrize("path", ["plan", "execute"])
async def test_what_is_not_there_is_not_planned(api: httpx.AsyncClient, house: FullHouse, path: str) -> None:
    answer = await api.post(f"/dramas/x/{path}")
    assert answer.json()["detail"] == {"error": "Drama not found", "message": "Drama x not found"}
    a_drama(house)
    failure = errors.NotFound("Episode ep9 not found", field="episode_ids")
    house.failures["PlanProduction" if path == "plan" else "ExecuteProduction"] = failure
    answer = await api.post(f"/dramas/d/{path}", json={"episodes": ["ep9"]})
    assert answer.status_code == 404
    assert answer.json()["detail"] == {"error": "Episode not found", "message": "Episode ep9 not found"}
    answer = await api.post(f"/dramas/d/{path}", json={"episodes": ["e p"]})
    assert (answer.status_code, answer.json()["field"]) == (422, "episodes[0]")
