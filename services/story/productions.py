"""Producing a drama, without transport: plans, productions, single steps, retries, and which take is shown."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kit.errors import AlreadyExists, InvalidInput, NotFound, NotReady
from kit.jsonio import dumps, load_object
from services.story.accept import check_id
from services.story.crew import Crew, key_missing
from services.story.office import OWN_LABELS, WARNINGS, Accepted, Office, with_memory
from services.story.plan import Plan
from services.story.plan_jobs import Workshop
from services.story.plan_single import canonical, find_step, plan_steps, step_name
from services.story.plan_step import Override
from services.story.planner import live_takes, plan_production
from services.story.wish import STANDING, WISH, Wish, wish_of
from sfd.dramas.v1 import drama_pb2, drama_service_pb2
from sfd.jobs.v1 import job_pb2, job_service_pb2
from sfd.story.v1 import story_pb2, story_service_pb2

MAX_JOB = 64 * 1024
MAX_RUN = 15 * 1024 * 1024
"""Bytes of all inputs of a run: what one message holds, with room for the rest of it."""
RUN_KINDS = {
    "imaging.portrait": "portrait",
    "imaging.cover": "cover",
    "imaging.storyboard": "storyboard",
    "video.audition": "audition",
    "video.clip": "clip",
    "video.assemble": "assemble",
    "story.scenes": "scenes",
}
"""What the run of a single step is called."""
NO_EARLIER = "no_earlier_request"
_RECENT = 100
_NANO = 1_000_000_000


@dataclass(frozen=True)
class Planned:
    """A plan, the drama it was made on, and who works at it."""

    plan: Plan
    drama: drama_pb2.Drama
    crew: Crew
    warnings: tuple[str, ...]


class Producer(Office):
    """Planning and starting productions and single steps."""

    async def plan(self, drama_id: str, wish: Wish, *, again: Sequence[str] = ()) -> Planned:
        """Returns what a production would do; a missing key is told and never raised. Raises `InvalidInput`, `NotFound`, `NotReady`."""
        check_id(drama_id, "drama_id")
        drama = await self._get(drama_id)
        crew = await self._casting.engage(with_memory(wish.options, drama), kinds=())
        workshop = Workshop(drama, crew, attempts=self._attempts)
        # A thousand steps take a third of a second; the loop has other callers.
        plan = await asyncio.to_thread(
            plan_production,
            drama,
            await self._takes(drama_id),
            workshop,
            episode_ids=wish.episode_ids,
            force=wish.force,
            episode_branch=wish.episode_branch,
            again=again,
        )
        return _checked(Planned(plan, drama, crew, _warnings(plan, crew)))

    async def execute(self, request: story_service_pb2.ExecuteProductionRequest) -> Accepted:
        """Plans a production and starts it. Raises as `plan` does, for a missing key, and `Conflict` when the drama changed meanwhile."""
        check_id(request.drama_id, "drama_id")
        _check_ceiling(request.ceiling_nano_usd)
        labels = _own(request.metadata_json)
        wish = Wish(request.options, tuple(request.episode_ids), request.episode_branch, request.force)

        async def build() -> job_service_pb2.SubmitRunRequest:
            planned = await self.plan(request.drama_id, wish)
            return _submission("execute_drama", planned, wish, labels, request.ceiling_nano_usd)

        return await self._accept(request, labels, build)

    async def step(self, request: story_service_pb2.ExecuteStepRequest) -> Accepted:
        """Does one step anew, after what it stands on that is not there.

        Raises `InvalidInput`, `NotFound`, `NotReady` as the step's own rule says, `Conflict` when the drama changed meanwhile, and
        `NotReady` (`no_earlier_request`) when only a repeat is to be answered and this is none.
        """
        check_id(request.drama_id, "drama_id")
        _check_ceiling(request.ceiling_nano_usd)
        labels = _own(request.metadata_json)
        override = Override(request.prompt.strip(), tuple(request.reference_urls), request.duration).check()

        asked = story_service_pb2.ExecuteStepRequest()
        asked.CopyFrom(request)
        asked.ClearField("repeat_only")

        async def build() -> job_service_pb2.SubmitRunRequest:
            if request.repeat_only:
                raise NotReady("Nothing came under this request id before.", reason=NO_EARLIER, field="request_id")
            drama = await self._get(request.drama_id)
            name = canonical(drama, request.step)
            if override and name.partition(":")[0] in ("scenes", "assemble"):
                raise InvalidInput(f"{name} takes no prompt, pictures or duration of its own.", field="prompt")
            wish = Wish(request.options, force=True, step=name, override=override)
            planned = await self._single(drama, wish, [name], strict=True)
            kind = RUN_KINDS[planned.plan.steps[-1].job.kind]
            return _submission(kind, planned, wish, labels, request.ceiling_nano_usd)

        return await self._accept(asked, labels, build)

    async def retry(self, request: story_service_pb2.RetryJobRequest) -> Accepted:
        """Does a failed or cancelled step again by itself, or what is left of a whole ended run, with what was wished then.

        Raises `NotFound`, `NotReady` for what has not ended or has nothing left, and as `execute` and `step` do.
        """
        _check_ceiling(request.ceiling_nano_usd)
        labels: dict[str, Any] = {}

        async def build() -> job_service_pb2.SubmitRunRequest:
            job, run = await self._ended(request.job_id)
            left = [job] if job is not None else await self._left(run)
            labels.update(_own(run.metadata_json), retry_of=(job or run).public_id or (job or run).id)
            wish = wish_of(run) or _guessed(left)
            writing = next((one for one in left if one.kind.startswith("story.") and one.kind != "story.scenes"), None)
            if writing is not None:
                return await self._write_again(run, writing, wish, labels, request.ceiling_nano_usd)
            steps = [one.step for one in left]
            if job is None and run.kind == "execute_drama":
                # What had succeeded under `force` is not done a third time.
                again, kept = (steps if wish.force else []), Wish(wish.options, wish.episode_ids, wish.episode_branch)
                planned = await self.plan(run.drama_id, kept, again=again)
                return _submission(run.kind, planned, wish, labels, request.ceiling_nano_usd)
            drama = await self._get(run.drama_id)
            names = [canonical(drama, step) for step in steps]
            planned = await self._single(drama, wish, names, force=names if wish.force else [])
            kind = run.kind if job is None else RUN_KINDS.get(job.kind, run.kind)
            return _submission(kind, planned, wish, labels, request.ceiling_nano_usd)

        return await self._accept(request, labels, build)

    async def choose(self, request: story_service_pb2.ChooseTakeRequest) -> drama_pb2.Take:
        """Makes an earlier take the live one; it stands for what the last production would make there now.

        Raises `NotFound` for a drama or a take that is not there.
        """
        check_id(request.drama_id, "drama_id")
        drama = await self._get(request.drama_id)
        take = await self._take(drama.id, request.take_id)
        live = live_takes(await self._takes(drama.id))
        crew = await self._standing(drama) or await self._casting.engage(
            with_memory(story_pb2.Options(), drama), kinds=()
        )
        mark = ""
        if name := step_name(take.slot):
            try:
                mark = find_step(drama, live, Workshop(drama, crew), name).step.fingerprint
            except (NotFound, NotReady):
                # Its entity is gone: it stays what it was made from.
                mark = ""
        try:
            reply: drama_service_pb2.SetLiveTakeResponse = await self._dramas.SetLiveTake(
                drama_service_pb2.SetLiveTakeRequest(
                    drama_id=drama.id, take_id=take.id, fingerprint=mark, request_id=request.request_id
                ),
                timeout=10,
            )
        except AlreadyExists:
            # The same choice again, after somebody has edited the drama: the first answer is that this take is live.
            if not (now := await self._take(drama.id, take.id)).live:
                raise
            return now
        return reply.take

    async def _single(
        self,
        drama: drama_pb2.Drama,
        wish: Wish,
        names: Sequence[str],
        *,
        force: Sequence[str] | None = None,
        strict: bool = False,
    ) -> Planned:
        takes, draw = await self._takes(drama.id), not wish.episode_branch
        crew = await self._casting.engage(with_memory(wish.options, drama), kinds=())
        marks: dict[str, str] = {}
        standing = await self._standing(drama)
        if standing is not None:
            # What a person wants of one step is fresh to the next production, whoever is to make that.
            plain = plan_steps(drama, takes, Workshop(drama, standing), names, strict=strict, draw=draw)
            marks = {step.job.step: step.fingerprint for step in plain.steps}
        overrides = {wish.step: wish.override} if wish.step else {}
        workshop = Workshop(drama, crew, attempts=self._attempts, overrides=overrides, marks=marks)
        redone = names if force is None else force
        plan = plan_steps(drama, takes, workshop, names, force=redone, strict=strict, draw=draw)
        return _checked(Planned(plan, drama, crew, _warnings(plan, crew)))

    async def _standing(self, drama: drama_pb2.Drama) -> Crew | None:
        """Returns who made the last production of a drama; None when nobody has, or the house has them no more."""
        reply: job_service_pb2.ListRunsResponse = await self._jobs.ListRuns(
            job_service_pb2.ListRunsRequest(drama_id=drama.id, page_size=_RECENT), timeout=10
        )
        wish = next((found for run in reply.runs if run.kind in STANDING and (found := wish_of(run)) is not None), None)
        if wish is None:
            return None
        try:
            return await self._casting.engage(with_memory(wish.options, drama), kinds=())
        except InvalidInput:
            return None

    async def _ended(self, job_id: str) -> tuple[job_pb2.Job | None, job_pb2.Run]:
        if not job_id:
            raise InvalidInput("job_id is required.", reason="required", field="job_id")
        job: job_pb2.Job | None = None
        try:
            run = (await self._jobs.GetRun(job_service_pb2.GetRunRequest(id=job_id), timeout=10)).run
        except NotFound:
            try:
                job = (await self._jobs.GetJob(job_service_pb2.GetJobRequest(id=job_id), timeout=10)).job
            except NotFound as error:
                raise NotFound(f"Job {job_id} not found", field="job_id") from error
            run = (await self._jobs.GetRun(job_service_pb2.GetRunRequest(id=job.run_id), timeout=10)).run
        state = run.state if job is None else job.state
        if state in (job_pb2.JOB_STATE_QUEUED, job_pb2.JOB_STATE_RUNNING):
            raise NotReady(f"{job_id} has not ended yet.", reason="still_running", field="job_id")
        if job is not None and state == job_pb2.JOB_STATE_SUCCEEDED:
            raise NotReady(f"{job_id} has succeeded.", reason="nothing_to_do", field="job_id")
        return job, run

    async def _left(self, run: job_pb2.Run) -> list[job_pb2.Job]:
        """Returns what did not succeed in an ended run; raises `NotReady` when everything did."""
        left: list[job_pb2.Job] = []
        page = ""
        while True:
            reply: job_service_pb2.ListJobsResponse = await self._jobs.ListJobs(
                job_service_pb2.ListJobsRequest(run_id=run.id, page_size=10_000, page_token=page), timeout=20
            )
            left += [job for job in reply.jobs if job.state != job_pb2.JOB_STATE_SUCCEEDED]
            if not (page := reply.next_page_token):
                break
        if not left:
            raise NotReady("Everything in it has succeeded.", reason="nothing_to_do", field="job_id")
        return left

    async def _write_again(
        self, run: job_pb2.Run, job: job_pb2.Job, wish: Wish, labels: dict[str, Any], ceiling: int
    ) -> job_service_pb2.SubmitRunRequest:
        """Submits the same writing with the same input: it still fails if somebody else wrote the drama meanwhile."""
        crew = await self._casting.engage(
            wish.options, kinds=("text",) if job.kind == "story.critique" else ("text", "image")
        )
        if not job.input_json:
            job = (await self._jobs.GetJob(job_service_pb2.GetJobRequest(id=job.id), timeout=10)).job
        labels |= {WISH: wish.label(), WARNINGS: list(crew.warnings)}
        again = job_pb2.NewJob(
            step=job.step,
            kind=job.kind,
            queue=job.queue,
            payload_type=job.payload_type,
            input_json=job.input_json,
            max_attempts=self._attempts,
            metadata_json=job.metadata_json,
        )
        return job_service_pb2.SubmitRunRequest(
            kind=run.kind,
            drama_id=run.drama_id,
            jobs=[again],
            result_json=run.result_json,
            ceiling_nano_usd=ceiling,
        )

    async def _takes(self, drama_id: str) -> list[drama_pb2.Take]:
        reply: drama_service_pb2.ListTakesResponse = await self._dramas.ListTakes(
            drama_service_pb2.ListTakesRequest(drama_id=drama_id), timeout=10
        )
        return list(reply.takes)

    async def _take(self, drama_id: str, take_id: str) -> drama_pb2.Take:
        page = ""
        while take_id:
            reply: drama_service_pb2.ListTakesResponse = await self._dramas.ListTakes(
                drama_service_pb2.ListTakesRequest(drama_id=drama_id, history=True, page_size=1000, page_token=page),
                timeout=10,
            )
            for take in reply.takes:
                if take.id == take_id:
                    return take
            if not (page := reply.next_page_token):
                break
        raise NotFound(f"Take {take_id} not found", field="take_id")


def _submission(
    kind: str, planned: Planned, wish: Wish, labels: dict[str, Any], ceiling: int
) -> job_service_pb2.SubmitRunRequest:
    """Returns the run of a plan, and notes in `labels` what it was made with; raises `InvalidInput` for a missing key."""
    plan = planned.plan
    if not plan.steps:
        raise NotReady("There is nothing to produce.", reason="nothing_to_do")
    for variable, vendor in plan.lacking(planned.crew).items():
        raise key_missing(variable, vendor)
    warnings = list(planned.warnings)
    if ceiling and plan.price_nano_usd > ceiling:
        warnings.append(
            f"The plan costs about ${plan.price_nano_usd / _NANO:.2f} and the ceiling is ${ceiling / _NANO:.2f}: the run stops "
            "before it would cost more."
        )
    made_with = Wish(planned.crew.options, wish.episode_ids, wish.episode_branch, wish.force, wish.step, wish.override)
    labels |= {WARNINGS: warnings, WISH: made_with.label()}
    return job_service_pb2.SubmitRunRequest(
        kind=kind,
        drama_id=planned.drama.id,
        jobs=plan.jobs,
        expected_revision=planned.drama.revision,
        ceiling_nano_usd=ceiling,
        result_json="" if kind == "execute_drama" else dumps({"dramaId": planned.drama.id}),
    )


def _checked(planned: Planned) -> Planned:
    """Returns the plan; raises `InvalidInput` when storage would not take it."""
    whole = 0
    for step in planned.plan.steps:
        size = len(step.job.input_json.encode())
        if size > MAX_JOB:
            raise InvalidInput(
                f"{step.job.step}: the texts it needs are longer than 64 KiB together.",
                reason="too_large",
                field="drama",
            )
        whole += size + len(step.job.output_json) + 1024
    if whole > MAX_RUN:
        raise InvalidInput(
            "The production is too large for one run: name fewer episodes.", reason="too_large", field="episode_ids"
        )
    return planned


def _warnings(plan: Plan, crew: Crew) -> tuple[str, ...]:
    kinds = dict.fromkeys(
        [
            *(step.maker for step in plan.made if step.job.kind != "video.assemble"),
            *(("image", "video") if plan.expected else ()),
        ]
    )
    return (*(crew.notices[kind] for kind in kinds if kind in crew.notices), *plan.warnings)


def _guessed(jobs: Sequence[job_pb2.Job]) -> Wish:
    """Returns the makers of a run that does not say what it was made with: those that its steps name."""
    cast = story_pb2.Cast()
    for job in jobs:
        vendor, _, model = str(load_object(job.metadata_json, "metadata_json").get("model", "")).partition("/")
        if job.kind.startswith("imaging.") and vendor:
            cast.painter, cast.painter_model = vendor, model
        elif job.kind in ("video.clip", "video.audition") and vendor:
            cast.filmer, cast.filmer_model = vendor, model
    return Wish(story_pb2.Options(cast=cast), force=True)


def _own(metadata_json: str) -> dict[str, Any]:
    """Returns a person's labels of a run, without the house's."""
    return {k: v for k, v in load_object(metadata_json, "metadata_json").items() if k not in OWN_LABELS}


def _check_ceiling(ceiling: int) -> None:
    if ceiling < 0:
        raise InvalidInput("ceiling_nano_usd must not be negative.", field="ceiling_nano_usd")
