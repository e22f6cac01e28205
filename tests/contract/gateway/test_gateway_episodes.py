"""Episodes over REST."""

from __future__ import annotations

from typing import Any

import httpx

from sfd.dramas.v1 import episode_service_pb2 as rpc
from tests.contract.gateway.below import a_drama
from tests.contract.gateway.full_house import FullHouse

BARE: dict[str, Any] = {
    "id": "ep02",
    "title": "Landing",
    "description": "…",
    "premise": None,
    "url": None,
    "scenes": [],
    "assets": [],
    "metadata": None,
}


async def test_the_list_and_one(api: httpx.AsyncClient, house: FullHouse) -> None:
    a_drama(house)
    body = (await api.get("/dramas/d/episodes")).json()
    assert list(body) == ["episodes"]
    assert [one["id"] for one in body["episodes"]] == ["ep01", "ep02"]
    assert body["episodes"][0]["scenes"][0]["assets"][1]["duration"] == 10
    answer = await api.get("/dramas/d/episodes/ep02")
    assert (answer.json(), answer.headers["etag"][0]) == (BARE, '"')


async def test_its_404(api: httpx.AsyncClient, house: FullHouse) -> None:
    assert (await api.get("/dramas/d/episodes")).json()["detail"]["message"] == "Drama d not found"
    a_drama(house)
    for answer in (await api.get("/dramas/d/episodes/ep09"), await api.delete("/dramas/d/episodes/ep09")):
        assert answer.status_code == 404
        assert answer.json()["detail"] == {"error": "Episode not found", "message": "Episode ep09 not found"}


async def test_only_sent_keys_apply(api: httpx.AsyncClient, house: FullHouse) -> None:
    a_drama(house)
    change = {"premise": "A storm.", "title": "Storm", "url": "https://x/e.mp4", "metadata": {"k": [1]}}
    answer = await api.patch("/dramas/d/episodes/ep02", json=change)
    assert (answer.status_code, answer.json()) == (200, BARE | change)
    assert "description" not in house.last(rpc.UpdateEpisodeRequest).update_mask.paths
    cleared = {"premise": None, "url": None, "metadata": None}
    assert (await api.patch("/dramas/d/episodes/ep02", json=cleared)).json() == BARE | {"title": "Storm"}
    assert (await api.patch("/dramas/d/episodes/ep02", json={"title": None})).json()["field"] == "title"
    answer = await api.patch("/dramas/d/episodes/ep02", json={"scenes": []})
    assert answer.headers["x-sfd-ignored"] == "scenes"


async def test_one_is_added_with_its_scenes_and_removed(api: httpx.AsyncClient, house: FullHouse) -> None:
    a_drama(house)
    scene = {"id": "s1", "description": "A quay.", "assets": [{"id": "a", "kind": "image", "prompt": "A quay."}]}
    new = {"id": "ep00", "title": "Before", "description": "…", "scenes": [scene], "position": 0}
    answer = await api.post("/dramas/d/episodes", json=new)
    assert (answer.status_code, answer.headers["location"]) == (201, "/dramas/d/episodes/ep00")
    assert answer.json()["scenes"][0]["assets"][0]["depends_on"] == []
    assert [one.id for one in house.dramas["d"].episodes] == ["ep00", "ep01", "ep02"]
    assert (await api.post("/dramas/d/episodes", json=new)).status_code == 409
    stale = await api.delete("/dramas/d/episodes/ep00", headers={"If-Match": '"x"'})
    assert stale.status_code == 412
    told = {"If-Match": answer.headers["etag"]}
    assert (await api.delete("/dramas/d/episodes/ep00", headers=told)).json() == {"success": True}
    assert [one.id for one in house.dramas["d"].episodes] == ["ep01", "ep02"]
