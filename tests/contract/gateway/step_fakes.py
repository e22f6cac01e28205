"""Single steps, plans, takes, retries and dead letters behind the gateway, over the same memory as the other fakes."""

from __future__ import annotations

import json
from typing import Any

from kit import errors
from sfd.assets.v1 import asset_pb2
from sfd.dramas.v1 import drama_service_pb2
from sfd.jobs.v1 import job_pb2, job_service_pb2
from sfd.story.v1 import story_service_pb2
from tests.contract.gateway import fakes
from tests.contract.gateway.entity_fakes import found
from tests.contract.gateway.full_house import FullHouse

_ENDED = (job_pb2.JOB_STATE_SUCCEEDED, job_pb2.JOB_STATE_FAILED, job_pb2.JOB_STATE_CANCELLED)


def step_of(house: FullHouse, run: job_pb2.Run, **fields: Any) -> job_pb2.Job:
    """Gives the run one more step and returns it."""
    jobs = house.jobs.setdefault(run.id, [])
    job = job_pb2.Job(id=f"{run.public_id}-{len(jobs)}", run_id=run.id, **fields)
    jobs.append(job)
    return jobs[-1]


def finish(house: FullHouse, run: job_pb2.Run, url: str) -> None:
    """Ends the run of a single step well: its product is stored and hangs on the drama."""
    job = house.jobs[run.id][0]
    house.assets[job.id] = asset_pb2.Asset(id=job.id, url=url)
    job.state, job.output_json = job_pb2.JOB_STATE_SUCCEEDED, json.dumps({"storedAssetId": job.id})
    run.state, run.succeeded = job_pb2.JOB_STATE_SUCCEEDED, 1
    kind, _, entity = job.step.partition(":")
    drama = house.dramas[run.drama_id]
    if kind == "portrait":
        found("Character", drama.characters, entity).url = url
    if kind == "cover":
        drama.url = url
    house.add_event(run.drama_id, "run.succeeded")


def fail(house: FullHouse, run: job_pb2.Run, message: str, reason: str = "vendor_refused") -> None:
    """Ends the run of a single step badly."""
    failure = job_pb2.Failure(reason=reason, message=message)
    for job in house.jobs[run.id]:
        job.state = job_pb2.JOB_STATE_FAILED
        job.failure.CopyFrom(failure)
    run.state, run.failed = job_pb2.JOB_STATE_FAILED, 1
    run.failure.CopyFrom(failure)
    house.add_event(run.drama_id, "run.failed")


class Story(fakes.Story):
    """Accepts single steps; each is at work until a test ends it, or ends at once as `house.outcome` says."""

    house: FullHouse

    async def ExecuteStep(self, request: story_service_pb2.ExecuteStepRequest, context: object) -> Any:
        self.house.take(request)
        only, asked = request.repeat_only, story_service_pb2.ExecuteStepRequest()
        asked.CopyFrom(request)
        asked.ClearField("repeat_only")
        if only and asked.request_id not in self.house.replies:
            raise errors.NotReady("nothing of the kind", reason="no_earlier_request")
        return self.house.once(asked, lambda: self._execute(asked))

    def _execute(self, request: story_service_pb2.ExecuteStepRequest) -> story_service_pb2.ExecuteStepResponse:
        drama = self.house.drama(request.drama_id)
        kind, _, rest = request.step.partition(":")
        if kind in ("portrait", "audition"):
            found("Character", drama.characters, rest)
        run = self.house.add_run("execute_step", drama.id, metadata_json=request.metadata_json)
        run.state = job_pb2.JOB_STATE_RUNNING
        kinds = {"portrait": "imaging.portrait", "cover": "imaging.cover", "clip": "video.clip"}
        step_of(self.house, run, step=request.step, kind=kinds.get(kind, "imaging.storyboard"), state=run.state)
        if self.house.outcome:
            finish(self.house, run, self.house.outcome)
        reply = story_service_pb2.ExecuteStepResponse(warnings=self.house.warnings)
        reply.run.CopyFrom(run)
        return reply

    async def PlanProduction(self, request: story_service_pb2.PlanProductionRequest, context: object) -> Any:
        self.house.take(request)
        drama = self.house.drama(request.drama_id)
        for wanted in request.episode_ids:
            found("Episode", drama.episodes, wanted)
        return self.house.plan

    async def RetryJob(self, request: story_service_pb2.RetryJobRequest, context: object) -> Any:
        self.house.take(request)
        return self.house.once(request, lambda: self._retry(request))

    def _retry(self, request: story_service_pb2.RetryJobRequest) -> story_service_pb2.RetryJobResponse:
        steps = [job for jobs in self.house.jobs.values() for job in jobs]
        step = next((job for job in steps if request.job_id in (job.id, job.public_id)), None)
        run = self.house.run(step.run_id if step is not None else request.job_id)
        if (run.state if step is None else step.state) not in _ENDED:
            raise errors.NotReady("The job has not ended.", reason="not_ended")
        return story_service_pb2.RetryJobResponse(
            run=self.house.add_run("retry", run.drama_id), warnings=self.house.warnings
        )

    async def ChooseTake(self, request: story_service_pb2.ChooseTakeRequest, context: object) -> Any:
        self.house.take(request)
        self.house.drama(request.drama_id)
        take = found("Take", self.house.takes, request.take_id)
        for other in self.house.takes:
            if other.slot == take.slot:
                other.live = other is take
        take.live_since.CopyFrom(self.house.now())
        return story_service_pb2.ChooseTakeResponse(take=take)


class Dramas(fakes.Dramas):
    """Dramas with their takes."""

    house: FullHouse

    async def ListTakes(self, request: drama_service_pb2.ListTakesRequest, context: object) -> Any:
        self.house.take(request)
        self.house.drama(request.drama_id)
        rows = [one for one in self.house.takes if request.slot in ("", one.slot) and (request.history or one.live)]
        picked = list(fakes.page(request.page_token, request.page_size, len(rows)))
        more = str(picked[-1] + 1) if picked and picked[-1] + 1 < len(rows) else ""
        return drama_service_pb2.ListTakesResponse(takes=[rows[i] for i in picked], next_page_token=more)

    async def SetLiveTake(self, request: drama_service_pb2.SetLiveTakeRequest, context: object) -> Any:
        raise errors.Internal("not used here: the story service asks for it")


class Jobs(fakes.Jobs):
    """Jobs that can be cancelled by themselves, and those that were set aside."""

    house: FullHouse

    async def CancelJob(self, request: job_service_pb2.CancelJobRequest, context: object) -> Any:
        job = (await self.GetJob(job_service_pb2.GetJobRequest(id=request.id), context)).job
        self.house.take(request)
        if job.state in _ENDED:
            raise errors.NotReady("The job has ended already.", reason="already_ended")
        job.state = job_pb2.JOB_STATE_CANCELLED
        for mine in self.house.jobs[job.run_id]:
            if mine.id == job.id:
                mine.CopyFrom(job)
        return job_service_pb2.CancelJobResponse(job=job)

    async def ListDeadLetters(self, request: job_service_pb2.ListDeadLettersRequest, context: object) -> Any:
        self.house.take(request)
        rows = self.house.dead_letters
        picked = list(fakes.page(request.page_token, request.page_size, len(rows)))
        more = str(picked[-1] + 1) if picked and picked[-1] + 1 < len(rows) else ""
        return job_service_pb2.ListDeadLettersResponse(dead_letters=[rows[i] for i in picked], next_page_token=more)

    async def RedriveDeadLetter(self, request: job_service_pb2.RedriveDeadLetterRequest, context: object) -> Any:
        self.house.take(request)
        letter = next((one for one in self.house.dead_letters if request.job_id == one.job.id), None)
        if letter is None:
            raise errors.NotFound("no such row")
        if letter.redriven_run_id:
            raise errors.NotReady("It was sent in again already.", reason="already_redriven")
        run = self.house.add_run("redrive", "d")
        letter.redriven_run_id = run.public_id
        return job_service_pb2.RedriveDeadLetterResponse(run=run)
