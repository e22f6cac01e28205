"""The same `Idempotency-Key`: again, with another body, and at the same moment."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from kit import errors
from services.gateway.flights import Flights
from sfd.jobs.v1 import job_pb2
from sfd.story.v1 import story_service_pb2
from tests.contract.gateway import step_fakes
from tests.contract.gateway.below import a_drama
from tests.contract.gateway.full_house import FullHouse
from tests.contract.gateway.test_gateway_generate import under_way

KEY = {"Idempotency-Key": "once-and-only-once"}
NEW = {"id": "joon", "name": "Joon", "description": "A cook.", "gender": "male", "voice_description": "warm"}
SCENE = "/dramas/d/episodes/ep01/scenes/ep01_s01"

WRITES: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("POST", "/dramas/d/characters", NEW, NEW | {"name": "Jun"}),
    ("PATCH", "/dramas/d/characters/mina", {"name": "A"}, {"name": "B"}),
    (
        "POST",
        "/dramas/d/episodes",
        {"id": "e", "title": "t", "description": "d"},
        {"id": "e", "title": "u", "description": "d"},
    ),
    ("PATCH", "/dramas/d/episodes/ep01", {"title": "A"}, {"title": "B"}),
    ("POST", "/dramas/d/episodes/ep01/scenes", {"id": "s", "description": "d"}, {"id": "s", "description": "e"}),
    ("PATCH", SCENE, {"description": "A"}, {"description": "B"}),
    (
        "POST",
        f"{SCENE}/assets",
        {"id": "a", "kind": "image", "prompt": "p"},
        {"id": "a", "kind": "image", "prompt": "q"},
    ),
    ("PATCH", f"{SCENE}/assets/ep01_s01_clip", {"prompt": "A"}, {"prompt": "B"}),
    ("POST", f"{SCENE}/assets/ep01_s01_clip/generate", {"prompt": "A"}, {"prompt": "B"}),
    ("POST", f"{SCENE}/generate", {"prompt": "A"}, {"prompt": "B"}),
    ("POST", "/dramas/d/characters/mina/generate", {"prompt": "A"}, {"prompt": "B"}),
]


@pytest.mark.parametrize(("method", "path", "content", "other"), WRITES)
async def test_a_repeated_write_gets_the_first_answer(
    api: httpx.AsyncClient,
    house: FullHouse,
    method: str,
    path: str,
    content: dict[str, Any],
    other: dict[str, Any],
) -> None:
    a_drama(house)
    first = await api.request(method, path, json=content, headers=KEY)
    again = await api.request(method, path, json=content, headers=KEY)
    assert first.status_code in (200, 201, 202)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers.get("location") == first.headers.get("location")
    refused = await api.request(method, path, json=other, headers=KEY)
    assert (refused.status_code, refused.json()["field"]) == (422, "Idempotency-Key")
    assert len(house.runs) <= 1


@pytest.mark.parametrize(
    "path", ["/dramas/d/characters/mina", "/dramas/d/episodes/ep01", SCENE, f"{SCENE}/assets/ep01_s01_clip"]
)
async def test_a_repeated_delete_gets_the_first_answer(api: httpx.AsyncClient, house: FullHouse, path: str) -> None:
    a_drama(house)
    for _ in range(2):
        answer = await api.delete(path, headers=KEY)
        assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert (await api.delete(path)).status_code == 404


async def test_a_repeated_wait_gets_the_first_answer(api: httpx.AsyncClient, house: FullHouse) -> None:
    a_drama(house)
    house.outcome = "http://m/mina.png"
    first = await api.post("/dramas/d/characters/mina/generate", headers=KEY)
    again = await api.post("/dramas/d/characters/mina/generate", headers=KEY)
    assert (first.status_code, first.json()["url"]) == (200, "http://m/mina.png")
    assert (again.status_code, again.content) == (200, first.content)
    assert again.headers["location"] == first.headers["location"]
    assert len(house.runs) == 1


async def test_a_repeated_failure_is_the_same_failure(api: httpx.AsyncClient, house: FullHouse) -> None:
    a_drama(house)
    answering = asyncio.create_task(api.post("/dramas/d/characters/mina/generate", headers=KEY))
    step_fakes.fail(house, await under_way(house), "No luck.")
    first = await answering
    # The first answer of the story told of a run at work; by now it has ended.
    again = await api.post("/dramas/d/characters/mina/generate", headers=KEY)
    assert (first.status_code, again.status_code) == (500, 500)
    assert first.json()["detail"] == again.json()["detail"]
    assert len(house.runs) == 1


async def test_a_key_that_is_in_flight_is_refused(api: httpx.AsyncClient, house: FullHouse) -> None:
    a_drama(house)
    path = "/dramas/d/characters/mina/generate"
    answering = asyncio.create_task(api.post(path, headers=KEY))
    run = await under_way(house)
    for _ in range(2):
        answer = await api.post(path, headers=KEY)
        assert (answer.status_code, answer.json()["reason"]) == (409, "idempotency_in_flight")
        assert (answer.json()["field"], answer.json()["retryable"]) == ("Idempotency-Key", True)
        assert int(answer.headers["retry-after"]) > 0
    # Another key, another route and no key are not held up.
    assert (await api.post(path, params={"async": "true"}, headers={"Idempotency-Key": "other"})).status_code == 200
    assert (await api.post("/dramas/d/characters/ai/generate", params={"async": "1"}, headers=KEY)).status_code == 200
    assert (await api.get("/dramas/d/characters/mina", headers=KEY)).status_code == 200
    step_fakes.finish(house, run, "http://m/mina.png")
    assert (await answering).status_code == 200
    assert (await api.post(path, headers=KEY)).json() == (await answering).json()
    assert len([one for one in house.asked if isinstance(one, story_service_pb2.ExecuteStepRequest)]) == 4


async def test_a_client_that_left_does_not_hold_its_key(api: httpx.AsyncClient, house: FullHouse) -> None:
    a_drama(house)
    path = "/dramas/d/characters/mina/generate"
    with pytest.raises(httpx.ReadTimeout):
        await api.post(path, headers=KEY, timeout=httpx.Timeout(10, read=0.3))
    async with asyncio.timeout(30):
        while (answer := await api.post(path, headers=KEY | {"Prefer": "wait=1"})).status_code == 409:
            await asyncio.sleep(0.05)
    assert (answer.status_code, answer.json()["jobId"]) == (202, next(iter(house.runs.values())).public_id)
    assert len(house.runs) == 1


async def test_another_process_that_holds_the_key_is_told_alike(api: httpx.AsyncClient, house: FullHouse) -> None:
    drama = a_drama(house)
    held = errors.Conflict("Not done yet.", reason="idempotency_in_flight", retryable=True)
    for name, method, path, content in (
        ("UpdateCharacter", "PATCH", "/dramas/d/characters/mina", {"name": "x"}),
        ("UpdateDrama", "PATCH", "/dramas/d", {"title": "x"}),
        ("ExecuteStep", "POST", f"{SCENE}/generate", {}),
    ):
        house.failures[name] = held
        # With an ETag too: it is not the entity that has changed.
        etag = drama.etag if name == "UpdateDrama" else "x"
        answer = await api.request(method, path, json=content, headers=KEY | {"If-Match": f'"{etag}"'})
        assert (answer.status_code, answer.json()["reason"]) == (409, "idempotency_in_flight")
        assert answer.headers["retry-after"]


async def test_an_error_lets_the_key_go(api: httpx.AsyncClient, house: FullHouse) -> None:
    for _ in range(2):
        assert (await api.post("/dramas/d/characters", json=NEW, headers=KEY)).status_code == 404
    a_drama(house)
    assert (await api.post("/dramas/d/characters", json=NEW, headers=KEY)).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 256, "käse".encode().decode("latin-1")])
async def test_what_cannot_be_a_key(api: httpx.AsyncClient, house: FullHouse, key: str) -> None:
    a_drama(house)
    told = [(b"Idempotency-Key", key.encode("latin-1"))]
    answer = await api.request("POST", f"{SCENE}/generate", headers=told)
    assert (answer.status_code, answer.json()["field"]) == (400, "Idempotency-Key")
    assert (await api.request("GET", SCENE, headers=told)).status_code == 200


def test_the_table_has_a_limit_and_forgets() -> None:
    flights = Flights(limit=2)
    with flights.one("a"), flights.one("b"):
        with flights.one("c"), flights.one("c"), flights.one(""), flights.one(""):
            assert len(flights) == 2
        with pytest.raises(errors.Conflict), flights.one("a"):
            pass
        with pytest.raises(errors.Conflict), flights.one("b"):
            pass
    assert len(flights) == 0
    with pytest.raises(ValueError, match="inside"), flights.one("a"):
        raise ValueError("inside")
    with flights.one("a"):
        assert len(flights) == 1


async def test_a_retry_is_the_same_retry(api: httpx.AsyncClient, house: FullHouse) -> None:
    run = house.add_run("execute_drama", "d", state=job_pb2.JOB_STATE_FAILED)
    path = f"/jobs/{run.public_id}/retry"
    first, again = [await api.post(path, headers=KEY) for _ in range(2)]
    assert (first.status_code, again.content) == (202, first.content)
    assert (await api.post(path, json={"ceiling_usd": 1}, headers=KEY)).status_code == 422
