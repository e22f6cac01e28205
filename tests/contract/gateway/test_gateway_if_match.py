"""`If-Match: *` asks for something to be there: on a POST that would make it, nothing is."""

from __future__ import annotations

import httpx
import pytest

from sfd.dramas.v1 import drama_pb2
from tests.contract.gateway.full_house import FullHouse

ANY = {"If-Match": "*"}
DRAMA = {"id": "d", "title": "t", "description": "d", "premise": "p", "characters": [], "episodes": []}
MINA = {"id": "new", "name": "N", "description": "d", "gender": "other", "voice_description": "calm"}


async def test_a_drama_is_replaced_only_where_one_is(api: httpx.AsyncClient, house: FullHouse) -> None:
    answer = await api.post("/dramas", json={"drama": DRAMA}, headers=ANY)
    assert (answer.status_code, answer.json()["reason"]) == (412, "etag_mismatch")
    assert not house.dramas
    assert (await api.post("/dramas", json={"drama": DRAMA})).status_code == 201
    again = await api.post("/dramas", json={"drama": {**DRAMA, "title": "new"}}, headers=ANY)
    assert (again.status_code, again.json()["title"]) == (201, "new")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("characters", MINA),
        ("episodes", {"id": "new", "title": "N", "description": "d"}),
        ("episodes/ep01/scenes", {"id": "new", "description": "d"}),
        ("assets", {"id": "new", "kind": "image", "prompt": "p"}),
    ],
)
async def test_what_is_to_be_made_is_not_there(
    api: httpx.AsyncClient, house: FullHouse, path: str, body: dict[str, object]
) -> None:
    episode = drama_pb2.Episode(id="ep01", title="t", description="d")
    house.dramas["d"] = drama_pb2.Drama(id="d", title="t", episodes=[episode])
    answer = await api.post(f"/dramas/d/{path}", json=body, headers=ANY)
    assert (answer.status_code, answer.json()["reason"]) == (412, "etag_mismatch")
    assert (await api.get(f"/dramas/d/{path}/new")).status_code == 404
    assert (await api.post(f"/dramas/d/{path}", json=body)).status_code == 201
    # What is there may be changed under the same header.
    changed = await api.patch(f"/dramas/d/{path}/new", json={"metadata": {"a": 1}}, headers=ANY)
    assert (changed.status_code, changed.json()["metadata"]) == (200, {"a": 1})
