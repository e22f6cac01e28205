"""A drama is edited, made again in part, and repaired, over real services and a simulated vendor: nothing is bought twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kit.testing.house import House, house
from sfd.dramas.v1 import drama_pb2, drama_service_pb2, drama_service_pb2_grpc
from sfd.jobs.v1 import job_pb2, job_service_pb2, job_service_pb2_grpc
from sfd.story.v1 import story_pb2, story_service_pb2, story_service_pb2_grpc
from simulator.testing import RunningSimulator
from stack.servers import Servers
from tests.unit.story.dramas import fixture

pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.timeout(600)]

CAST = story_pb2.Options(cast=story_pb2.Cast(painter="openai", filmer="openai"))
ENDED = (job_pb2.JOB_STATE_SUCCEEDED, job_pb2.JOB_STATE_FAILED, job_pb2.JOB_STATE_CANCELLED)


def short(name: str) -> drama_pb2.Drama:
    """The reference drama under a name of its own, with films that are quickly brought into form."""
    drama = fixture()
    drama.id = name
    for scene in drama.episodes[0].scenes:
        scene.assets[1].duration = 4
    return drama


@dataclass
class Studio:
    """Stubs of a house, and what a director does with them."""

    dramas: Any
    jobs: Any
    story: Any
    vendor: RunningSimulator

    async def put(self, drama: drama_pb2.Drama) -> None:
        await self.dramas.PutDrama(drama_service_pb2.PutDramaRequest(drama=drama))

    async def get(self, drama_id: str) -> drama_pb2.Drama:
        reply = await self.dramas.GetDrama(drama_service_pb2.GetDramaRequest(drama_id=drama_id))
        found: drama_pb2.Drama = reply.drama
        return found

    async def ended(self, run: job_pb2.Run, seconds: float = 120) -> tuple[job_pb2.Run, dict[str, job_pb2.Job]]:
        """Returns the run and its jobs by step, once it has ended."""
        async with asyncio.timeout(seconds):
            while run.state not in ENDED:
                await asyncio.sleep(0.2)
                run = (await self.jobs.GetRun(job_service_pb2.GetRunRequest(id=run.id))).run
        reply = await self.jobs.ListJobs(job_service_pb2.ListJobsRequest(run_id=run.id))
        return run, {job.step: job for job in reply.jobs}

    async def execute(self, drama_id: str) -> tuple[job_pb2.Run, dict[str, job_pb2.Job]]:
        request = story_service_pb2.ExecuteProductionRequest(drama_id=drama_id, options=CAST)
        return await self.ended((await self.story.ExecuteProduction(request)).run)

    def bought(self) -> int:
        return len(self.vendor.ledger())


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with RunningSimulator(tmp_path_factory.mktemp("steps"), latency=0.02, video_seconds=0.3) as running:
        yield running


@pytest.fixture(scope="module")
async def built(
    servers: Servers, vendor: RunningSimulator, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    env = {"OPENAI_API_BASE": vendor.openai_base, "OPENAI_API_KEY": "sk-test-key-of-the-simulator"}
    async with house(servers, Path(tmp_path_factory.mktemp("steps-house")), env) as running:
        for service in ("story", "imaging", "video"):
            await running.start(service)
        yield running


@pytest.fixture
async def studio(built: House, vendor: RunningSimulator) -> AsyncIterator[Studio]:
    vendor.reset()
    async with built.channel() as storage, built.channel("story") as story:
        yield Studio(
            drama_service_pb2_grpc.DramaServiceStub(storage),
            job_service_pb2_grpc.JobServiceStub(storage),
            story_service_pb2_grpc.StoryServiceStub(story),
            vendor,
        )


def made(jobs: dict[str, job_pb2.Job]) -> set[str]:
    return {step for step, job in jobs.items() if not job.reused}


async def test_an_edit_makes_one_picture_its_clip_and_the_film_anew(studio: Studio) -> None:
    await studio.put(short("edited"))
    run, jobs = await studio.execute("edited")
    assert run.state == job_pb2.JOB_STATE_SUCCEEDED, run.failure
    assert len(made(jobs)) == len(jobs) == 7
    assert studio.bought() == 4 + 2

    edited = await studio.get("edited")
    edited.episodes[0].scenes[1].assets[0].prompt = "Seen from above."
    await studio.put(edited)
    asked = story_service_pb2.PlanProductionRequest(drama_id="edited", options=CAST)
    plan = await studio.story.PlanProduction(asked)
    run, jobs = await studio.execute("edited")
    assert run.state == job_pb2.JOB_STATE_SUCCEEDED, run.failure
    assert made(jobs) == {"storyboard:ep01_s02", "clip:ep01_s02", "assemble:ep01"}
    assert {step.step for step in plan.steps if not step.reused} == made(jobs)
    assert studio.bought() == 6 + 2
    assert run.cost_nano_usd > 0
    assert plan.price_low_nano_usd <= plan.price_nano_usd <= plan.price_high_nano_usd

    # A person wants one picture otherwise: the next production leaves it alone and follows it.
    step = story_service_pb2.ExecuteStepRequest(
        drama_id="edited", step="storyboard:ep01_s01", prompt="In the rain.", options=CAST
    )
    run, jobs = await studio.ended((await studio.story.ExecuteStep(step)).run)
    assert run.state == job_pb2.JOB_STATE_SUCCEEDED, run.failure
    assert made(jobs) == {"storyboard:ep01_s01"}
    run, jobs = await studio.execute("edited")
    assert made(jobs) == {"clip:ep01_s01", "assemble:ep01"}
    assert made((await studio.execute("edited"))[1]) == set()


async def test_a_failed_portrait_is_done_again_alone(studio: Studio) -> None:
    await studio.put(short("repaired"))
    studio.vendor.fault("refusal", match={"kind": "image", "prompt_contains": "portrait of Echo"}, times=1)
    run, jobs = await studio.execute("repaired")
    portrait = jobs["portrait:char_ai"]
    assert portrait.state == job_pb2.JOB_STATE_FAILED
    assert run.state == job_pb2.JOB_STATE_FAILED
    before = studio.bought()

    request = story_service_pb2.RetryJobRequest(job_id=portrait.public_id, request_id="again")
    accepted = (await studio.story.RetryJob(request)).run
    run, jobs = await studio.ended(accepted)
    assert run.state == job_pb2.JOB_STATE_SUCCEEDED, run.failure
    assert set(jobs) == made(jobs) == {"portrait:char_ai"}
    assert studio.bought() == before + 1
    assert (await studio.story.RetryJob(request)).run.id == accepted.id
    assert next(c for c in (await studio.get("repaired")).characters if c.id == "char_ai").url
    # The scenes that she is in were drawn without her.
    assert made((await studio.execute("repaired"))[1]) == {"storyboard:ep01_s02", "clip:ep01_s02", "assemble:ep01"}
