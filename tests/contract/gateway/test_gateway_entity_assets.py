"""Assets over REST: below a drama, a character, an episode or a scene, all with the same rules."""

from __future__ import annotations

import httpx
import pytest

from sfd.dramas.v1 import entity_asset_service_pb2 as rpc
from tests.contract.gateway.below import ASSET_OWNERS, a_drama
from tests.contract.gateway.full_house import FullHouse

NEW = {"id": "poster", "kind": "image", "prompt": "A pier at night.", "depends_on": ["mina"]}


@pytest.mark.parametrize("owner", ASSET_OWNERS)
async def test_every_owner_has_assets(api: httpx.AsyncClient, house: FullHouse, owner: str) -> None:
    a_drama(house)
    many, one = f"{owner}/assets", f"{owner}/assets/poster"
    answer = await api.post(many, json={**NEW, "position": 0})
    assert (answer.status_code, answer.headers["location"]) == (201, one)
    whole = {**NEW, "duration": None, "url": None, "metadata": None}
    assert answer.json() == whole
    body = (await api.get(many)).json()
    assert (list(body), body["assets"][0]) == (["assets"], whole)
    assert (await api.post(many, json=NEW)).status_code == 409
    read = await api.get(one)
    assert (read.json(), read.headers["etag"]) == (whole, answer.headers["etag"])
    change = {"prompt": "Fog.", "url": "https://x/a.png", "metadata": {"k": 1}, "depends_on": [], "kind": "video"}
    changed = await api.patch(one, json={**change, "duration": 15}, headers={"If-Match": read.headers["etag"]})
    assert changed.json() == {"id": "poster", **change, "duration": 15}
    assert sorted(house.last(rpc.UpdateEntityAssetRequest).update_mask.paths) == [
        "depends_on",
        "duration",
        "kind",
        "metadata_json",
        "prompt",
        "url",
    ]
    cleared = (await api.patch(one, json={"duration": None, "url": None, "metadata": None})).json()
    assert [cleared[name] for name in ("duration", "url", "metadata")] == [None, None, None]
    assert (await api.patch(one, json={"prompt": "x"}, headers={"If-Match": '"old"'})).status_code == 412
    assert (await api.delete(one, headers={"If-Match": '"old"'})).status_code == 412
    assert (await api.delete(one)).json() == {"success": True}
    gone = await api.get(one)
    assert (gone.status_code, gone.json()["detail"]) == (
        404,
        {"error": "Asset not found", "message": "Asset poster not found"},
    )


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/dramas/x/assets", "Drama"),
        ("/dramas/d/characters/x/assets", "Character"),
        ("/dramas/d/episodes/x/assets", "Episode"),
        ("/dramas/d/episodes/ep01/scenes/x/assets", "Scene"),
        ("/dramas/d/episodes/x/scenes/x/assets", "Episode"),
    ],
)
async def test_the_404_names_the_owner(api: httpx.AsyncClient, house: FullHouse, path: str, kind: str) -> None:
    a_drama(house)
    for answer in (await api.get(path), await api.get(f"{path}/a"), await api.post(path, json=NEW)):
        assert answer.status_code == 404
        assert answer.json()["detail"] == {"error": f"{kind} not found", "message": f"{kind} x not found"}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"kind": "sound"}, "kind"),
        ({"kind": None}, "kind"),
        ({"depends_on": ["a b"]}, "depends_on[0]"),
        ({"duration": 0}, "duration"),
        ({"duration": 1.5}, "duration"),
        ({"prompt": None}, "prompt"),
        ({"url": "data:text/html,x"}, "url"),
    ],
)
async def test_a_wrong_field_is_named(
    api: httpx.AsyncClient, house: FullHouse, wrong: dict[str, object], field: str
) -> None:
    a_drama(house)
    for answer in (
        await api.patch("/dramas/d/episodes/ep01/scenes/ep01_s01/assets/ep01_s01_clip", json=wrong),
        await api.post("/dramas/d/assets", json={**NEW, **wrong}),
    ):
        assert (answer.status_code, answer.json()["field"]) == (422, field)
