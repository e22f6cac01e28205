"""The whole REST surface over real services: every operation, many requests that fit its document and many that do not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from schemathesis.schemas import APIOperation

from kit.testing.house import House
from services.gateway import openapi
from services.gateway.app import mounted
from tests.fuzz.evidence import keep
from tests.fuzz.rest import Tally, Target, examine, operations

pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.timeout(540)]

KEY = "a-service-key-of-the-fuzzer"
EXAMPLES = 220
OPERATIONS = operations(openapi.build(mounted(), "Drama API Worker"))
DRAMA = {
    "id": "fuzz",
    "title": "T",
    "description": "d",
    "premise": "p",
    "url": "https://cdn.example/c.png",
    "characters": [
        {"id": "c", "name": "C", "description": "d", "gender": "x", "voice_description": "low", "main": True}
    ],
    "episodes": [
        {
            "id": "e",
            "title": "E",
            "description": "d",
            "scenes": [
                {
                    "id": "s",
                    "description": "d",
                    "assets": [{"id": "a", "kind": "image", "prompt": "p", "depends_on": ["c"]}],
                }
            ],
        }
    ],
}


@pytest.fixture(scope="module")
async def tally(request: pytest.FixtureRequest) -> AsyncIterator[Tally]:
    """Counts the requests, and keeps the totals when that is wished."""
    made = Tally()
    yield made
    if not request.session.testsfailed:
        keep("REST over real services", made.cases, made.statuses)


@pytest.fixture(scope="module")
async def target(serving: House) -> Target:
    """A gateway with a key in front of services that accept work and do not do it."""
    await serving.start("gateway", env={"API_KEYS": KEY})
    async with httpx.AsyncClient(base_url=serving.url, headers={"X-API-Key": KEY}, trust_env=False) as client:
        (await client.post("/dramas", json={"drama": DRAMA})).raise_for_status()
        written = (await client.post("/dramas", json={"premise": "x", "id": "waiting"})).json()["jobId"]
    known = {
        "drama_id": ["fuzz", "fuzz", "fuzz", "waiting"],
        "character_id": ["c"],
        "episode_id": ["e"],
        "scene_id": ["s"],
        "asset_id": ["a"],
        "job_id": [written],
    }
    secrets = (
        KEY,
        serving.env["SFD_INTERNAL_SECRET"],
        serving.env["R2_SECRET_ACCESS_KEY"],
        serving.env["DATABASE_URL"],
    )
    return Target(serving.url, KEY, known, secrets)


@pytest.fixture
async def _stored(target: Target) -> None:
    """The known drama is there, whatever the operation before did to it."""
    async with httpx.AsyncClient(base_url=target.url, headers={"X-API-Key": KEY}, trust_env=False) as client:
        (await client.post("/dramas", json={"drama": DRAMA}, timeout=60)).raise_for_status()


@pytest.mark.usefixtures("_stored")
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: f"{one.method}-{one.path}")
async def test_an_operation_keeps_its_word(
    target: Target, tally: Tally, operation: APIOperation[Any, Any, Any, Any]
) -> None:
    await asyncio.to_thread(examine, operation, target, EXAMPLES, tally)
    assert tally.cases[f"{operation.method.upper()} {operation.path}"] >= 1
