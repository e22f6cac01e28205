"""Characters over REST: the cast of a drama, one by one."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from kit import errors
from sfd.dramas.v1 import character_service_pb2 as rpc
from tests.contract.gateway.below import a_drama
from tests.contract.gateway.full_house import FullHouse

MINA = {
    "id": "mina",
    "name": "Mina",
    "description": "A diver.",
    "gender": "female",
    "voice_description": "low",
    "main": True,
    "url": None,
    "premise_url": None,
    "assets": [],
    "metadata": None,
}
NEW: dict[str, Any] = {
    "id": "joon",
    "name": "Joon",
    "description": "A cook.",
    "gender": "male",
    "voice_description": "warm",
}


async def test_the_list_and_one(api: httpx.AsyncClient, house: FullHouse) -> None:
    a_drama(house)
    body = (await api.get("/dramas/d/characters")).json()
    assert list(body) == ["characters"]
    assert [one["id"] for one in body["characters"]] == ["mina", "ai"]
    answer = await api.get("/dramas/d/characters/mina")
    assert (answer.status_code, answer.json()) == (200, MINA)
    assert answer.headers["etag"].startswith('"')


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
async def test_each_kind_has_its_own_404(api: httpx.AsyncClient, house: FullHouse, method: str) -> None:
    content = {"name": "x"} if method == "PATCH" else None
    answer = await api.request(method, "/dramas/nowhere/characters/mina", json=content)
    assert answer.status_code == 404
    assert answer.json()["detail"] == {"error": "Drama not found", "message": "Drama nowhere not found"}
    a_drama(house)
    for nobody in ("nobody", "no body"):
        answer = await api.request(method, f"/dramas/d/characters/{nobody}", json=content)
        assert answer.status_code == 404
        assert answer.json()["detail"] == {"error": "Character not found", "message": f"Character {nobody} not found"}
    missing = (await api.get("/dramas/nowhere/characters")).json()
    assert missing["detail"]["error"] == "Drama not found"
    assert missing["request_id"]


async def test_only_sent_keys_apply_and_null_clears(api: httpx.AsyncClient, house: FullHouse) -> None:
    drama = a_drama(house)
    drama.characters[0].url = "https://x/m.png"
    drama.characters[0].metadata_json = '{"a":1}'
    change = {"voice_description": "hoarse", "gender": "other", "main": False, "url": None, "metadata": None}
    answer = await api.patch("/dramas/d/characters/mina", json=change)
    assert (answer.status_code, answer.json()) == (200, MINA | change)
    asked = house.last(rpc.UpdateCharacterRequest)
    assert sorted(asked.update_mask.paths) == ["gender", "main", "metadata_json", "url", "voice_description"]
    answer = await api.patch("/dramas/d/characters/mina", json={"metadata": {"n": 1.5}, "premise_url": "https://x/p"})
    assert (answer.json()["metadata"], answer.json()["premise_url"]) == ({"n": 1.5}, "https://x/p")


async def test_what_cannot_be_changed_is_told(api: httpx.AsyncClient, house: FullHouse) -> None:
    a_drama(house)
    answer = await api.patch("/dramas/d/characters/mina", json={"id": "other", "assets": [], "hair": "red"})
    assert (answer.status_code, answer.json()) == (200, MINA)
    assert answer.headers["x-sfd-ignored"] == "id, assets, hair"
    refused: list[dict[str, Any]] = [{"name": None}, {"main": "yes"}, {"url": "javascript:x"}, {"metadata": []}]
    for wrong in refused:
        answer = await api.patch("/dramas/d/characters/mina", json=wrong)
        assert (answer.status_code, answer.json()["field"]) == (422, next(iter(wrong)))
    for theirs, ours in (("character.name", "name"), ("character.metadata_json", "metadata")):
        house.failures["UpdateCharacter"] = errors.InvalidInput("Too much.", field=theirs)
        answer = await api.patch("/dramas/d/characters/mina", json={"name": "x"})
        assert (answer.status_code, answer.json()["field"]) == (422, ours)


async def test_one_is_added_at_its_place(api: httpx.AsyncClient, house: FullHouse) -> None:
    a_drama(house)
    answer = await api.post("/dramas/d/characters", json={**NEW, "position": 1})
    assert (answer.status_code, answer.headers["location"]) == (201, "/dramas/d/characters/joon")
    assert answer.json() == MINA | NEW | {"main": False}
    assert (await api.get("/dramas/d/characters/joon")).headers["etag"] == answer.headers["etag"]
    await api.post("/dramas/d/characters", json={**NEW, "id": "last"})
    listed = (await api.get("/dramas/d/characters")).json()["characters"]
    assert [one["id"] for one in listed] == ["mina", "joon", "ai", "last"]


async def test_a_taken_id_is_a_conflict(api: httpx.AsyncClient, house: FullHouse) -> None:
    a_drama(house)
    for told in ({}, {"If-None-Match": "*"}):
        answer = await api.post("/dramas/d/characters", json={**NEW, "id": "mina"}, headers=told)
        assert (answer.status_code, answer.json()["reason"]) == (409, "id_taken")
    answer = await api.post("/dramas/d/characters", json=NEW, headers={"If-Match": '"x"'})
    assert answer.status_code == 412
    for wrong in ({"position": -1}, {"id": "a b"}, {"gender": None}):
        answer = await api.post("/dramas/d/characters", json={**NEW, **wrong})
        assert (answer.status_code, answer.json()["field"]) == (422, next(iter(wrong)))
    assert len(house.dramas["d"].characters) == 2


async def test_the_etag_guards_a_change(api: httpx.AsyncClient, house: FullHouse) -> None:
    a_drama(house)
    path = "/dramas/d/characters/mina"
    seen = (await api.get(path)).headers["etag"]
    for stale in ('"stale"', '"a", "b"', 'W/"weak"'):
        for answer in (
            await api.patch(path, json={"name": "x"}, headers={"If-Match": stale}),
            await api.patch(path, json={}, headers={"If-Match": stale}),
            await api.delete(path, headers={"If-Match": stale}),
        ):
            assert answer.status_code == 412
    for answer in (
        await api.patch(path, json={"name": "x"}, headers={"If-None-Match": "*"}),
        await api.delete(path, headers={"If-None-Match": "*"}),
    ):
        assert answer.status_code == 412
    assert (await api.patch(path, json={"name": "x"}, headers={"If-Match": "x"})).status_code == 400
    changed = await api.patch(path, json={"name": "Mina R."}, headers={"If-Match": f'"old", {seen}'})
    assert (changed.status_code, changed.json()["name"]) == (200, "Mina R.")
    assert changed.headers["etag"] != seen
    assert (await api.delete(path, headers={"If-Match": changed.headers["etag"]})).json() == {"success": True}


async def test_a_conflict_without_a_tag_stays_one(api: httpx.AsyncClient, house: FullHouse) -> None:
    a_drama(house)
    house.failures["UpdateCharacter"] = errors.Conflict("Somebody was first.")
    assert (await api.patch("/dramas/d/characters/mina", json={"name": "x"})).status_code == 409


async def test_one_is_removed(api: httpx.AsyncClient, house: FullHouse) -> None:
    a_drama(house)
    answer = await api.delete("/dramas/d/characters/mina")
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert (await api.get("/dramas/d/characters/mina")).status_code == 404
    assert (await api.delete("/dramas/d/characters/mina")).status_code == 404


async def test_a_key_is_needed(stranger: httpx.AsyncClient, house: FullHouse) -> None:
    a_drama(house)
    for path in ("/dramas/d/characters", "/dramas/d/episodes/ep01/scenes", "/dramas/d/assets", "/dead-letters"):
        assert (await stranger.get(path)).status_code == 401
    assert (await stranger.post("/dramas/d/characters/mina/generate")).status_code == 401
