"""Whatever comes to a route, it answers with what its document says; few examples here, many in the slow tests."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from schemathesis.schemas import APIOperation

from services.gateway import openapi
from services.gateway.app import mounted
from sfd.dramas.v1 import drama_pb2
from sfd.jobs.v1 import job_pb2
from tests.contract.gateway.conftest import KEY, SECRET, Running
from tests.contract.gateway.fakes import House
from tests.fuzz.rest import Tally, Target, examine, operations

EXAMPLES = 4
OPERATIONS = operations(openapi.build(mounted(), "Drama API Worker"))


@pytest.fixture
def target(running: Running, house: House) -> Target:
    """The gateway over fakes that know a drama, a run that has ended, and a paid call."""
    drama = drama_pb2.Drama(id="d", title="t", url="http://x/y.png")
    drama.characters.add(id="c", name="C")
    drama.episodes.add(id="e", title="E").scenes.add(id="s", description="x")
    house.stamp(drama)
    house.dramas["d"] = drama
    run = house.add_run("generate_drama", "d", state=job_pb2.JOB_STATE_SUCCEEDED)
    house.submissions["p"] = job_pb2.Submission(id="p", run_id=run.id, state=job_pb2.SUBMISSION_STATE_NEEDS_USER)
    known = {
        "drama_id": ["d", "d", "nothing"],
        "character_id": ["c"],
        "episode_id": ["e"],
        "scene_id": ["s"],
        "job_id": [run.public_id, run.id],
        "submission_id": ["p"],
    }
    return Target(running.url, KEY, known, (SECRET, KEY))


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: f"{one.method}-{one.path}")
async def test_an_operation_keeps_its_word(target: Target, operation: APIOperation[Any, Any, Any, Any]) -> None:
    tally = Tally()
    await asyncio.to_thread(examine, operation, target, EXAMPLES, tally)
    assert tally.cases.total() >= 1


def test_there_is_something_to_ask() -> None:
    assert len(OPERATIONS) > 25
