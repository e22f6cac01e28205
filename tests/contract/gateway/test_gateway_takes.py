"""Takes over REST: what was made for a slot, and which one is shown."""

from __future__ import annotations

import httpx
import pytest

from kit import errors
from sfd.dramas.v1 import drama_pb2, drama_service_pb2
from sfd.story.v1 import story_service_pb2
from tests.contract.gateway.below import a_drama
from tests.contract.gateway.full_house import FullHouse

SLOT = "character:mina:portrait"


def some_takes(house: FullHouse) -> None:
    """Puts three takes of a portrait and one of a clip into the memory; the newest is live."""
    a_drama(house)
    for number in (3, 2, 1):
        take = drama_pb2.Take(
            id=f"t{number}",
            slot=SLOT,
            asset_id=f"a{number}",
            sha256="0" * 64,
            fingerprint="f",
            live=number == 3,
            job_id="j",
            url=f"http://m/{number}.png",
            prompt="A diver.",
            generator="local",
        )
        take.created_at.CopyFrom(house.now())
        house.takes.append(take)
    house.takes.append(drama_pb2.Take(id="c", slot="scene:ep01_s01:clip", live=True))


async def test_the_live_ones_and_the_history(api: httpx.AsyncClient, house: FullHouse) -> None:
    some_takes(house)
    body = (await api.get("/dramas/d/takes")).json()
    assert ([take["id"] for take in body["takes"]], body["cursor"]) == (["t3", "c"], None)
    one = body["takes"][0]
    assert one.pop("created_at").endswith("Z")
    assert one == {
        "id": "t3",
        "slot": SLOT,
        "live": True,
        "url": "http://m/3.png",
        "prompt": "A diver.",
        "generator": "local",
        "asset_id": "a3",
        "sha256": "0" * 64,
        "fingerprint": "f",
        "job_id": "j",
        "live_since": None,
    }
    assert body["takes"][1]["url"] is None
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        query = {"slot": SLOT, "history": "true", "limit": "2", "cursor": cursor}
        page = (await api.get("/dramas/d/takes", params=query)).json()
        seen += [take["id"] for take in page["takes"]]
        cursor = page["cursor"]
    assert seen == ["t3", "t2", "t1"]
    assert house.last(drama_service_pb2.ListTakesRequest).history


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ({"limit": "0"}, 422, "limit"),
        ({"limit": "1001"}, 422, "limit"),
        ({"history": "maybe"}, 422, "history"),
        ({"slot": "a b"}, 422, "slot"),
        ({"slot": "\0"}, 422, "slot"),
        ({"cursor": "x"}, 400, "cursor"),
    ],
)
async def test_a_wrong_query_is_named(
    api: httpx.AsyncClient, house: FullHouse, query: dict[str, str], status: int, field: str
) -> None:
    some_takes(house)
    answer = await api.get("/dramas/d/takes", params=query)
    assert (answer.status_code, answer.json()["field"]) == (status, field)


async def test_an_earlier_one_is_chosen(api: httpx.AsyncClient, house: FullHouse) -> None:
    some_takes(house)
    answer = await api.post("/dramas/d/takes/t1/choose")
    assert (answer.status_code, answer.json()["id"], answer.json()["live"]) == (200, "t1", True)
    assert answer.json()["live_since"].endswith("Z")
    assert house.last(story_service_pb2.ChooseTakeRequest).drama_id == "d"
    live = (await api.get("/dramas/d/takes", params={"slot": SLOT})).json()["takes"]
    assert [take["id"] for take in live] == ["t1"]


async def test_what_is_not_there_is_not_chosen(api: httpx.AsyncClient, house: FullHouse) -> None:
    assert (await api.get("/dramas/d/takes")).json()["detail"]["message"] == "Drama d not found"
    assert (await api.post("/dramas/d/takes/t1/choose")).json()["error"] == "Drama not found"
    some_takes(house)
    for take in ("t9", "t%209"):
        answer = await api.post(f"/dramas/d/takes/{take}/choose")
        assert (answer.status_code, answer.json()["error"]) == (404, "Take not found")
    house.failures["ChooseTake"] = errors.Conflict("The drama has changed.")
    assert (await api.post("/dramas/d/takes/t1/choose")).status_code == 409
