"""What is below a drama answers as `/openapi.json` says: every answer fits its schema, every path its parameters."""

from __future__ import annotations

import re
from typing import Any

import httpx
import jsonschema_rs
import pytest

from sfd.dramas.v1 import drama_pb2
from sfd.jobs.v1 import job_pb2
from sfd.story.v1 import story_service_pb2
from tests.contract.gateway import step_fakes
from tests.contract.gateway.below import ASSET_OWNERS, a_drama
from tests.contract.gateway.full_house import FullHouse

CHARACTER = {"id": "n", "name": "N", "description": "d", "gender": "other", "voice_description": "v"}
ASSET = {"id": "n", "kind": "image", "prompt": "p"}
SCENES = "/dramas/d/episodes/ep01/scenes"
CALLS: list[tuple[str, str, Any, int]] = [
    ("GET", "/dramas/d/characters", None, 200),
    ("POST", "/dramas/d/characters", CHARACTER, 201),
    ("GET", "/dramas/d/characters/mina", None, 200),
    ("PATCH", "/dramas/d/characters/mina", {"name": "x"}, 200),
    ("DELETE", "/dramas/d/characters/mina", None, 200),
    ("GET", "/dramas/d/characters/x", None, 404),
    ("POST", "/dramas/d/characters", {}, 422),
    ("GET", "/dramas/d/episodes", None, 200),
    ("POST", "/dramas/d/episodes", {"id": "n", "title": "t", "description": "d"}, 201),
    ("PATCH", "/dramas/d/episodes/ep01", {"premise": None}, 200),
    ("GET", SCENES, None, 200),
    ("POST", SCENES, {"id": "n", "description": "d"}, 201),
    ("PATCH", f"{SCENES}/ep01_s01", {"metadata": {"k": 1}}, 200),
    *(("GET", f"{owner}/assets", None, 200) for owner in ASSET_OWNERS),
    *(("POST", f"{owner}/assets", ASSET, 201) for owner in ASSET_OWNERS),
    ("POST", "/dramas/d/characters/mina/generate", None, 200),
    ("POST", "/dramas/d/characters/mina/generate", {"prompt": "x"}, 200),
    ("POST", "/dramas/d/cover_photo", None, 200),
    ("POST", "/dramas/d/cover_photo?async=true", None, 202),
    ("POST", f"{SCENES}/ep01_s01/generate", None, 202),
    ("POST", f"{SCENES}/ep01_s01/assets/ep01_s01_clip/generate", None, 202),
    ("POST", "/dramas/d/episodes/ep01/stitch", None, 202),
    ("POST", "/dramas/d/episodes/ep02/stitch", None, 409),
    ("POST", "/dramas/d/plan", None, 200),
    ("POST", "/dramas/d/execute", None, 202),
    ("POST", "/dramas/d/generate", None, 202),
    ("POST", "/dramas/d/improve", {"feedback": "f"}, 202),
    ("GET", "/dramas/d/takes", None, 200),
    ("POST", "/dramas/d/takes/t/choose", None, 200),
    ("GET", "/dead-letters", None, 200),
    ("POST", "/dead-letters/j/redrive", None, 202),
    ("POST", "/jobs/job_ended/retry", None, 202),
    ("GET", "/jobs/job_ended", None, 200),
    ("GET", "/jobs", None, 200),
]


@pytest.fixture
async def document(api: httpx.AsyncClient) -> dict[str, Any]:
    """The document."""
    found: dict[str, Any] = (await api.get("/openapi.json")).json()
    return found


def everything(house: FullHouse) -> None:
    """Puts one of each into the memory."""
    drama = a_drama(house)
    drama.characters[0].url = "http://m/mina.png"
    drama.episodes[0].scenes[0].video_url = "http://m/v.mp4"
    house.outcome = "http://m/x.png"
    house.plan = story_service_pb2.PlanProductionResponse(steps=[story_service_pb2.PlannedStep(step="cover")])
    house.takes.append(drama_pb2.Take(id="t", slot="drama:cover", live=True))
    house.dead_letters.append(job_pb2.DeadLetter(job=job_pb2.Job(id="j"), reason="poison"))
    run = house.add_run("execute_drama", "d", state=job_pb2.JOB_STATE_FAILED, failed=1)
    run.public_id = "job_ended"
    step_fakes.step_of(house, run, step="cover", kind="imaging.cover", state=job_pb2.JOB_STATE_FAILED)


def shape_of(document: dict[str, Any], method: str, path: str) -> dict[str, Any]:
    """Returns the operation that a request meets: the one with the fewest parameters in its path."""
    plain = path.split("?")[0]
    fitting = [shape for shape in document["paths"] if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", shape), plain)]
    operation: dict[str, Any] = document["paths"][min(fitting, key=lambda shape: shape.count("{"))][method.lower()]
    return operation


def resolved(document: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """Returns what a reference stands for."""
    while "$ref" in node:
        found: Any = document
        for part in str(node["$ref"]).removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


@pytest.mark.parametrize(("method", "path", "content", "status"), CALLS)
async def test_an_answer_fits_its_schema(
    api: httpx.AsyncClient,
    house: FullHouse,
    document: dict[str, Any],
    method: str,
    path: str,
    content: Any,
    status: int,
) -> None:
    everything(house)
    answer = await api.request(method, path, json=content)
    assert answer.status_code == status, answer.text
    told = resolved(document, shape_of(document, method, path)["responses"][str(status)])
    schema = {**told["content"]["application/json"]["schema"], "components": document["components"]}
    jsonschema_rs.validate(schema, answer.json())
    with pytest.raises(jsonschema_rs.ValidationError):
        jsonschema_rs.validate(schema, {})


async def test_every_parameter_of_a_path_is_described(document: dict[str, Any]) -> None:
    for path, operations in document["paths"].items():
        for operation in operations.values():
            listed = [resolved(document, one) for one in operation.get("parameters", ())]
            told = [one["name"] for one in listed if one["in"] == "path"]
            assert sorted(told) == sorted(re.findall(r"\{(\w+)\}", path)), path


async def test_a_change_promises_no_defaults(document: dict[str, Any]) -> None:
    for kind in ("Character", "Episode", "Scene", "Asset"):
        fields = document["components"]["schemas"][f"Update{kind}Body"]["properties"]
        assert [name for name, field in fields.items() if "default" in field] == []
