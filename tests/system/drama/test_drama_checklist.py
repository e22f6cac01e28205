"""The contract's checklist of the drama API, one test for each of its boxes that services decide together.

One production by a simulated vendor is looked at from many sides. The boxes that the gateway alone decides are in
tests/contract/gateway/test_gateway_checklist_drama.py.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from kit.drama_json import drama_json
from kit.testing.house import House, house
from kit.testing.production import SERVICES, Client, Json
from simulator.testing import RunningSimulator
from stack.servers import Servers
from tests.unit.gateway.test_gateway_content import picture
from tests.unit.story.dramas import fixture

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

CAST = {"writer": "openai", "painter": "openai", "filmer": "openai"}
LATENCY = 0.5
"""Seconds of a text or a picture: long enough for two of them to overlap."""
STEPS = {
    *("scenes:ep01", "portrait:char_detective", "portrait:char_ai", "storyboard:ep01_s01", "storyboard:ep01_s02"),
    *("clip:ep01_s01", "clip:ep01_s02", "assemble:ep01"),
}


@dataclass
class Stage:
    """A house with every service, its vendor, and a client of its gateway."""

    made: House
    vendor: RunningSimulator
    client: Client
    plain: httpx.AsyncClient


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with RunningSimulator(tmp_path_factory.mktemp("vendor"), latency=LATENCY, video_seconds=0.3) as running:
        yield running


@pytest.fixture(scope="module")
async def stage(
    servers: Servers, vendor: RunningSimulator, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    env = {"OPENAI_API_BASE": vendor.openai_base, "OPENAI_API_KEY": "sk-test-key-of-the-simulator"}
    async with house(servers, Path(tmp_path_factory.mktemp("boxes")), env) as made:
        for service in SERVICES:
            await made.start(service)
        client = Client(made.url)
        async with httpx.AsyncClient(base_url=made.url, trust_env=False, timeout=60) as plain:
            yield Stage(made, vendor, client, plain)
        await client.close()


def example(drama_id: str) -> Json:
    """Returns the contract's reference drama as a client sends it, with films that are quickly brought into form."""
    drama = fixture()
    drama.id = drama_id
    for scene in drama.episodes[0].scenes:
        scene.assets[1].duration = 4
    told: Json = json.loads(json.dumps(drama_json(drama)))
    return told


async def produced(stage: Stage, drama_id: str, **more: Any) -> Json:
    """Returns the record of a whole production, once it has ended."""
    job = await stage.client.execute(drama_id, cast=CAST, **more)
    return await stage.client.finished(drama_id, job, 150)


def steps(record: Json) -> dict[str, Json]:
    """Returns the steps of a job by their names."""
    return {one["step"]: one for one in record["result"]["jobs"]}


def began(step: Json) -> datetime:
    return datetime.fromisoformat(step["started_at"])


def ended(step: Json) -> datetime:
    return datetime.fromisoformat(step["completed_at"])


@pytest.fixture(scope="module")
async def production(stage: Stage) -> dict[str, Json]:
    """Returns the steps of a production that has succeeded."""
    await stage.client.call("POST", "/dramas", json={"drama": example("whole")})
    record = await produced(stage, "whole")
    assert record["status"] == "completed", record["error"]
    return steps(record)


async def test_box_a_storyboard_comes_before_its_clip(production: dict[str, Json]) -> None:
    for scene in ("ep01_s01", "ep01_s02"):
        assert ended(production[f"storyboard:{scene}"]) <= began(production[f"clip:{scene}"])


async def test_box_a_portrait_comes_before_the_storyboards_that_show_it(production: dict[str, Json]) -> None:
    for who, scene in (("detective", "s01"), ("detective", "s02"), ("ai", "s02")):
        assert ended(production[f"portrait:char_{who}"]) <= began(production[f"storyboard:ep01_{scene}"])


async def test_box_siblings_are_made_at_the_same_time(production: dict[str, Json]) -> None:
    one, other = production["portrait:char_detective"], production["portrait:char_ai"]
    assert max(began(one), began(other)) < min(ended(one), ended(other))


async def test_box_a_cycle_is_rejected(stage: Stage) -> None:
    drama = example("circle")
    board, clip = drama["episodes"][0]["scenes"][0]["assets"]
    board["depends_on"] = [clip["id"]]
    await stage.client.call("POST", "/dramas", json={"drama": drama})
    refused = await stage.plain.post("/dramas/circle/execute", json={})
    assert refused.status_code == 422
    assert "Cycle detected in dependency graph" in refused.text
    assert (await stage.client.call("GET", "/dramas/circle/jobs"))["jobs"] == []


async def test_box_one_episode_alone_is_touched(stage: Stage) -> None:
    drama = example("two")
    second = json.loads(json.dumps(drama["episodes"][0]).replace("ep01", "ep02"))
    drama["episodes"].append(second)
    await stage.client.call("POST", "/dramas", json={"drama": drama})
    told = await stage.client.call("POST", "/dramas/two/episodes/ep02/generate")
    record = await stage.client.call("GET", f"/dramas/two/jobs/{told['jobId']}")
    touched = {name.split(":")[1] for name in steps(record)}
    assert {one[:4] for one in touched if not one.startswith("char_")} == {"ep02"}
    assert not any(name.startswith("portrait:") for name in steps(record))
    await stage.client.call("POST", f"/jobs/{told['jobId']}/cancel")


async def test_box_the_drama_has_its_urls_afterwards(stage: Stage, production: dict[str, Json]) -> None:
    drama = await stage.client.call("GET", "/dramas/whole")
    scenes = [scene for episode in drama["episodes"] for scene in episode["scenes"]]
    told = [one["url"] for one in drama["characters"] + drama["episodes"]]
    told += [scene[name] for scene in scenes for name in ("image_url", "video_url")]
    told += [asset["url"] for scene in scenes for asset in scene["assets"]]
    assert len(told) == 2 + 1 + 4 + 4
    for url in told:
        assert await stage.client.get_bytes(url)


async def test_box_resume_reruns_only_what_is_unfinished(stage: Stage) -> None:
    await stage.client.call("POST", "/dramas", json={"drama": example("resumed")})
    stage.vendor.fault("refusal", match={"kind": "image", "prompt_contains": "portrait of Echo"}, times=1)
    record = await produced(stage, "resumed")
    first = steps(record)
    assert (record["status"], first["portrait:char_ai"]["status"]) == ("failed", "failed")
    bought = len(stage.vendor.ledger())
    for name in ("storage", "imaging"):
        stage.made.processes[name].kill9()
        await stage.made.start_again(name)
    told = await stage.client.call("POST", "/dramas/resumed/resume", json={"cast": CAST})
    record = await stage.client.finished("resumed", told["parent_job_id"], 150)
    assert record["status"] == "completed", record["error"]
    again = {name for name, step in steps(record).items() if not step["reused"]}
    # What was made without her is made again with her; the rest is as it was.
    assert again == {"portrait:char_ai", "storyboard:ep01_s02", "clip:ep01_s02", "assemble:ep01"}
    assert len(stage.vendor.ledger()) == bought + 3


async def test_box_a_concurrent_edit_fails_the_job_with_the_conflicts_text(stage: Stage) -> None:
    told = await stage.client.call("POST", "/dramas", json={"premise": "A ferry.", "id": "raced", "cast": CAST})
    drama = example("raced")
    await stage.client.call("POST", "/dramas", json={"drama": drama})
    record = await stage.client.finished("raced", told["jobId"], 100)
    assert record["status"] == "failed"
    assert "modified by another process" in record["error"]
    # The person's drama stands.
    assert (await stage.client.call("GET", "/dramas/raced"))["title"] == drama["title"]


async def test_box_an_asset_of_the_library_lives_and_dies(stage: Stage) -> None:
    fields = {"user_id": "Ü 7!", "project_name": " My  Project/1 ", "asset_type": "image", "tag": "character"}
    where = {"user_id": "Ü 7!", "project_name": " My  Project/1 ", "asset_type": "image"}
    api, data = stage.plain, picture("PNG")
    made = await api.post("/asset-library/upload", files={"file": ("Mina A.PNG", data)}, data=fields)
    assert made.status_code == 200, made.text
    one = f"/asset-library/{made.json()['asset_id']}"
    listed = (await api.get("/asset-library/list", params=where)).json()
    assert (listed["total"], listed["project_name"]) == (1, where["project_name"])
    about = (await api.get(f"{one}/metadata", params=where)).json()
    assert (about["user_id"], about["project_name"], about["filename"]) == ("7", "my_project_1", "mina_a.png")
    assert (await api.get(one, params=where)).content == data
    assert (await api.delete(one, params=where)).json() == {"success": True, "message": "Asset deleted successfully"}
    gone = await api.get(one, params=where)
    assert (gone.status_code, gone.json()["detail"]) == (404, "Asset not found")
    bare = await api.get(one)
    assert (bare.status_code, bare.json()["detail"]) == (400, "project_name and asset_type are required")
    odd = await api.get("/asset-library/list", params={"project_name": "p", "tag": "x"})
    assert (odd.status_code, odd.json()["detail"]) == (
        400,
        "Invalid tag 'x'. Must be one of: character, storyboard, clip",
    )
