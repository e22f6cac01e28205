"""The contract's checklist of the drama API, one test for each of its boxes that the gateway alone decides.

The boxes about what services do together (the order of a production, resuming, URLs, conflicts, the library) are in
tests/system/drama/test_drama_checklist.py. Details of each are in the files named after their routes.
"""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from sfd.dramas.v1 import drama_pb2
from sfd.story.v1 import story_service_pb2
from tests.contract.gateway.below import a_drama
from tests.contract.gateway.conftest import KEY
from tests.contract.gateway.full_house import FullHouse
from tests.contract.gateway.test_gateway_dramas import MINIMAL
from tests.contract.gateway.test_gateway_graphql import NAMES, ask
from tests.unit.gateway.test_gateway_content import picture

CAMEL = re.compile(r"[a-z]+[A-Z]")


def keys(value: Any) -> set[str]:
    """Returns every key of a JSON document, but for what is free within `metadata`."""
    if isinstance(value, dict):
        return set(value) | {key for name, one in value.items() if name != "metadata" for key in keys(one)}
    return {key for one in value for key in keys(one)} if isinstance(value, list) else set()


async def test_box_create_from_json(api: httpx.AsyncClient) -> None:
    accepted = await api.post("/dramas", json={"premise": "A courier carries a letter."})
    assert (accepted.status_code, accepted.json()["status"]) == (202, "pending")
    for body in (b"{", b"{}"):
        refused = await api.post("/dramas", content=body, headers={"Content-Type": "application/json"})
        assert (refused.status_code, type(refused.json()["detail"])) == (400, str)


async def test_box_create_from_multipart(api: httpx.AsyncClient) -> None:
    image = {"reference_image": ("mina.png", picture("PNG"))}
    accepted = await api.post("/dramas", data={"premise": "A ferry.", "id": "ferry"}, files=image)
    assert (accepted.status_code, accepted.json()["dramaId"]) == (202, "ferry")
    refused = await api.post("/dramas", data={"id": "ferry"}, files=image)
    assert (refused.status_code, refused.json()["detail"]) == (400, "Field 'premise' is required in multipart request")


async def test_box_create_as_is(api: httpx.AsyncClient, house: FullHouse) -> None:
    made = await api.post("/dramas", json={"drama": MINIMAL})
    assert made.status_code == 201
    assert made.json() == (await api.get("/dramas/drama_demo")).json()
    assert (await api.post("/dramas", json={"drama": {"id": "bare"}})).status_code == 422
    assert set(house.dramas) == {"drama_demo"}


async def test_box_jobs_are_camel_and_dramas_snake(api: httpx.AsyncClient) -> None:
    accepted = (await api.post("/dramas", json={"premise": "x", "id": "d"})).json()
    assert {"dramaId", "jobId", "status", "message"} <= set(accepted)
    record = (await api.get(f"/dramas/d/jobs/{accepted['jobId']}")).json()
    names = {"jobId", "type", "status", "dramaId", "createdAt", "startedAt", "completedAt", "error", "result"}
    assert names <= set(record)
    drama = (await api.post("/dramas", json={"drama": MINIMAL})).json()
    assert {"voice_description", "premise_url", "image_url", "video_url", "depends_on"} <= keys(drama)
    assert [key for key in keys(drama) if CAMEL.search(key)] == []


async def test_box_the_list_ends_in_a_null_cursor(api: httpx.AsyncClient, house: FullHouse) -> None:
    for number in range(5):
        house.dramas[f"d{number}"] = drama_pb2.Drama(id=f"d{number}", title=f"Title {number}", premise="p")
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await api.get("/dramas", params={"limit": 2, **({"cursor": cursor} if cursor else {})})).json()
        assert all({"id", "title", "description", "premise", "url", "metadata"} <= set(one) for one in page["dramas"])
        assert not any("characters" in one or "episodes" in one for one in page["dramas"])
        seen += [one["id"] for one in page["dramas"]]
        cursor = page["cursor"]
    assert sorted(seen) == [f"d{number}" for number in range(5)]
    assert (await api.get("/dramas", params={"limit": 0})).status_code == 422


@pytest.mark.parametrize(
    ("path", "kind", "missing"),
    [
        ("/dramas/x", "Drama", "x"),
        ("/dramas/d/characters/x", "Character", "x"),
        ("/dramas/d/episodes/x", "Episode", "x"),
        ("/dramas/d/episodes/ep01/scenes/x", "Scene", "x"),
        ("/dramas/d/episodes/ep01/scenes/ep01_s01/assets/x", "Asset", "x"),
        ("/dramas/d/jobs/x", "Job", "x"),
        ("/dramas/d/characters/mina/audition", "Audition video", "mina"),
    ],
)
async def test_box_404_of_each_kind(
    api: httpx.AsyncClient, house: FullHouse, path: str, kind: str, missing: str
) -> None:
    a_drama(house)
    answer = await api.get(path)
    assert answer.status_code == 404
    detail = answer.json()["detail"]
    assert detail["error"] == f"{kind} not found"
    assert missing in detail["message"]
    assert set(detail) == {"error", "message"}


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("/dramas/d", {"title": "New"}),
        ("/dramas/d/characters/mina", {"name": "New"}),
        ("/dramas/d/episodes/ep01", {"title": "New"}),
        ("/dramas/d/episodes/ep01/scenes/ep01_s01", {"description": "New"}),
        ("/dramas/d/episodes/ep01/scenes/ep01_s01/assets/ep01_s01_board", {"prompt": "New"}),
    ],
)
async def test_box_patch_changes_what_is_sent(
    api: httpx.AsyncClient, house: FullHouse, path: str, change: dict[str, str]
) -> None:
    a_drama(house)
    before = (await api.get(path)).json()
    assert (await api.patch(path, json={**change, "metadata": {"mood": "wry"}})).status_code == 200
    after = (await api.get(path)).json()
    assert after == {**before, **change, "metadata": {"mood": "wry"}}
    assert (await api.patch(path, json={"metadata": None})).json() == {**before, **change, "metadata": None}


@pytest.mark.parametrize("word", ["critic", "critique"])
@pytest.mark.parametrize("body", [None, {}, {"model": "gpt-6"}], ids=["no body", "empty", "model"])
async def test_box_critic_and_critique(
    api: httpx.AsyncClient, house: FullHouse, word: str, body: dict[str, str] | None
) -> None:
    a_drama(house)
    answer = await api.post(f"/dramas/d/{word}", json=body) if body is not None else await api.post(f"/dramas/d/{word}")
    assert (answer.status_code, answer.json()["dramaId"], answer.json()["status"]) == (202, "d", "pending")
    assert house.last(story_service_pb2.CritiqueDramaRequest).drama_id == "d"
    assert (await api.post(f"/dramas/x/{word}")).status_code == 404


async def test_box_an_improved_drama_has_its_id_and_its_job(api: httpx.AsyncClient, house: FullHouse) -> None:
    a_drama(house)
    told = (await api.post("/dramas/d/improve", json={"feedback": "Kinder."})).json()
    assert told["originalId"] == "d"
    assert re.fullmatch(r"d_improved_\d{13}", told["improvedId"])
    listed = (await api.get(f"/dramas/{told['improvedId']}/jobs")).json()["jobs"]
    assert [one["jobId"] for one in listed] == [told["jobId"]]
    assert (await api.get("/dramas/d/jobs")).json()["jobs"] == []
    chosen = await api.post("/dramas/d/improve", json={"feedback": "Kinder.", "newDramaId": "mine"})
    assert (chosen.status_code, chosen.json()["improvedId"]) == (202, "mine")


async def test_box_both_headers_carry_a_key(stranger: httpx.AsyncClient) -> None:
    for header in ({"X-API-Key": KEY}, {"Authorization": f"Bearer {KEY}"}):
        assert (await stranger.get("/dramas", headers=header)).status_code == 200
    missing = await stranger.get("/dramas")
    told = "Missing API key. Provide via 'Authorization: Bearer <key>' header"
    assert (missing.status_code, missing.json()["detail"]) == (401, told)
    for header in ({"X-API-Key": "no"}, {"Authorization": "Bearer no"}):
        wrong = await stranger.get("/dramas", headers=header)
        assert (wrong.status_code, wrong.json()["detail"]) == (401, "Invalid API key")
    assert (await stranger.get("/health")).status_code == 200


async def test_box_graphql_has_the_contracts_names(api: httpx.AsyncClient, house: FullHouse) -> None:
    a_drama(house)
    drama = "id title description premise url coverPhoto"
    cast = "characters { id name description gender voiceDescription main url jobs { jobId } }"
    scenes = "scenes { id description imageUrl videoUrl jobs { jobId } }"
    episodes = f"episodes {{ id title description url {scenes} jobs {{ jobId }} }}"
    told = await ask(
        api,
        f'{{ drama(id: "d") {{ {drama} {cast} {episodes} jobs {{ jobId }} }}'
        " dramas { id } dramaSummaries(limit: 5) { id createdAt updatedAt }"
        ' job(id: "x") { jobId } jobs(dramaId: "d") { jobId dramaId assetId type status prompt r2Url createdAt startedAt'
        " completedAt error parentJobId childJobs totalJobs completedJobs failedJobs runningJobs } }",
    )
    assert "errors" not in told
    assert told["data"]["drama"]["characters"][0]["voiceDescription"] == "low"
    assert [one["id"] for one in told["data"]["dramaSummaries"]] == ["d"]
    assert {"generateCharacterImage", "generateCoverPhoto"} <= NAMES["Mutation"]
