"""A repeated `Idempotency-Key` gets the first answer, also when the drama has changed since so that the wish would be refused now."""

from __future__ import annotations

import httpx
import pytest

from sfd.dramas.v1 import drama_pb2
from sfd.story.v1 import story_service_pb2
from tests.contract.gateway.full_house import FullHouse

KEY = {"Idempotency-Key": "once"}


@pytest.fixture
def drama(house: FullHouse) -> drama_pb2.Drama:
    """A drama whose cover can be drawn and whose episode can be put together."""
    mina = drama_pb2.Character(id="mina", name="Mina", main=True, url="http://m/mina.png")
    scene = drama_pb2.Scene(id="s1", description="d", video_url="http://m/clip.mp4")
    episode = drama_pb2.Episode(id="ep01", title="t", description="d", scenes=[scene])
    made = drama_pb2.Drama(id="d", title="t", characters=[mina], episodes=[episode])
    house.dramas["d"] = made
    return made


async def test_a_cover_whose_cast_has_lost_its_picture(
    api: httpx.AsyncClient, house: FullHouse, drama: drama_pb2.Drama
) -> None:
    path = "/dramas/d/cover_photo?async=true"
    first = await api.post(path, headers=KEY)
    assert first.status_code == 202
    drama.characters[0].url = ""
    again = await api.post(path, headers=KEY)
    assert (again.status_code, again.json()) == (202, first.json())
    for more in ({"Idempotency-Key": "another"}, {}):
        refused = await api.post(path, headers=more)
        assert (refused.status_code, refused.json()["reason"]) == (400, "portraits_missing")
    assert len(house.runs) == 1


async def test_a_film_whose_clips_are_gone(api: httpx.AsyncClient, house: FullHouse, drama: drama_pb2.Drama) -> None:
    path = "/dramas/d/episodes/ep01/stitch"
    first = await api.post(path, headers=KEY)
    assert first.status_code == 202
    drama.episodes[0].scenes[0].video_url = ""
    again = await api.post(path, headers=KEY)
    assert (again.status_code, again.json()) == (202, first.json())
    refused = await api.post(path, headers={"Idempotency-Key": "another"})
    assert (refused.status_code, refused.json()["reason"]) == (409, "no_clips")
    del drama.episodes[:]
    assert (await api.post(path, headers=KEY)).json() == first.json()
    assert (await api.post(path)).status_code == 404
    assert len(house.runs) == 1


async def test_another_wish_under_the_key_is_still_refused(
    api: httpx.AsyncClient, house: FullHouse, drama: drama_pb2.Drama
) -> None:
    path = "/dramas/d/cover_photo?async=true"
    assert (await api.post(path, headers=KEY)).status_code == 202
    drama.characters[0].url = ""
    other = await api.post(path, headers=KEY, json={"prompt": "in the rain"})
    assert (other.status_code, other.json()["reason"]) == (422, "idempotency_key_reused")
    assert [one.repeat_only for one in house.asked if isinstance(one, story_service_pb2.ExecuteStepRequest)] == [
        False,
        True,
    ]
