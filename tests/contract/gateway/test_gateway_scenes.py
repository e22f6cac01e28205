"""Scenes over REST: below their episode."""

from __future__ import annotations

import httpx
import pytest

from tests.contract.gateway.below import a_drama
from tests.contract.gateway.full_house import FullHouse

SCENES = "/dramas/d/episodes/ep01/scenes"


async def test_the_list_and_one(api: httpx.AsyncClient, house: FullHouse) -> None:
    a_drama(house)
    body = (await api.get(SCENES)).json()
    assert list(body) == ["scenes"]
    assert [one["id"] for one in body["scenes"]] == ["ep01_s01", "ep01_s02"]
    one = await api.get(f"{SCENES}/ep01_s02")
    assert one.json() == body["scenes"][1]
    assert set(one.json()) == {"id", "description", "image_url", "video_url", "assets", "metadata"}
    assert (await api.get("/dramas/d/episodes/ep02/scenes")).json() == {"scenes": []}


@pytest.mark.parametrize(
    ("path", "kind", "missing"),
    [
        ("/dramas/x/episodes/ep01/scenes/s", "Drama", "x"),
        ("/dramas/d/episodes/ep9/scenes/s", "Episode", "ep9"),
        ("/dramas/d/episodes/ep02/scenes/ep01_s01", "Scene", "ep01_s01"),
        ("/dramas/d/episodes/%20/scenes/s", "Episode", " "),
    ],
)
async def test_the_404_names_the_part_that_is_not_there(
    api: httpx.AsyncClient, house: FullHouse, path: str, kind: str, missing: str
) -> None:
    a_drama(house)
    for answer in (await api.get(path), await api.patch(path, json={"description": "x"}), await api.delete(path)):
        assert answer.status_code == 404
        assert answer.json()["detail"] == {"error": f"{kind} not found", "message": f"{kind} {missing} not found"}


async def test_only_sent_keys_apply(api: httpx.AsyncClient, house: FullHouse) -> None:
    a_drama(house)
    path = f"{SCENES}/ep01_s01"
    before = (await api.get(path)).json()
    change = {"image_url": "https://x/i.png", "video_url": "https://x/v.mp4", "metadata": {"dialogue": []}}
    assert (await api.patch(path, json=change)).json() == before | change
    assert (await api.patch(path, json=dict.fromkeys(change))).json() == before
    assert (await api.patch(path, json={"description": None})).json()["field"] == "description"


async def test_one_is_added_and_removed(api: httpx.AsyncClient, house: FullHouse) -> None:
    a_drama(house)
    new = {"id": "ep01_s00", "description": "A gangway."}
    answer = await api.post(SCENES, json={**new, "position": 0})
    assert (answer.status_code, answer.headers["location"]) == (201, f"{SCENES}/ep01_s00")
    assert (await api.get(SCENES)).json()["scenes"][0]["id"] == "ep01_s00"
    assert (await api.post(SCENES, json=new)).status_code == 409
    assert (await api.post("/dramas/d/episodes/ep9/scenes", json=new)).json()["error"] == "Episode not found"
    assert (await api.delete(f"{SCENES}/ep01_s00", headers={"If-Match": '"x"'})).status_code == 412
    assert (await api.delete(f"{SCENES}/ep01_s00")).json() == {"success": True}
    assert len(house.dramas["d"].episodes[0].scenes) == 2
