"""What the story service is asked to do, without transport: check, choose the crew, build the jobs, submit them once."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from kit.errors import InvalidInput, NotFound, NotReady
from kit.jsonio import dumps, load_object
from kit.media.specs import LANGUAGES
from kit.providers.catalogue import Kind
from services.story.accept import REQUEST_HASH, Runs, check_id, check_text, improved_id, new_id
from services.story.convert import outline
from services.story.crew import DEFAULT_STYLE, Casting, seed_of
from services.story.plan_jobs import Workshop
from services.story.plan_parts import message_json
from services.story.planner import Plan, plan_production
from sfd.dramas.v1 import drama_pb2, drama_service_pb2, drama_service_pb2_grpc
from sfd.jobs.v1 import job_pb2, job_service_pb2, job_service_pb2_grpc
from sfd.story.v1 import story_pb2, story_service_pb2

MAX_PREMISE = 8_000
MAX_FEEDBACK = 8_000
WARNINGS = "warnings"
_MAX_URL = 2_048
_MAX_INPUT = 60_000  # Storage takes 64 KiB; the rest is room for the wrapping.

Build: TypeAlias = Callable[[], Awaitable[job_service_pb2.SubmitRunRequest]]
Request: TypeAlias = (
    story_service_pb2.GenerateDramaRequest
    | story_service_pb2.ImproveDramaRequest
    | story_service_pb2.CritiqueDramaRequest
    | story_service_pb2.ExecuteProductionRequest
)


@dataclass(frozen=True)
class Accepted:
    """A run that storage has committed, and what was taken otherwise than asked."""

    run: job_pb2.Run
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Planned:
    """A plan and the drama it was made on."""

    plan: Plan
    drama: drama_pb2.Drama
    warnings: tuple[str, ...]


class Desk:
    """The five use cases."""

    def __init__(
        self,
        dramas: drama_service_pb2_grpc.DramaServiceStub,
        jobs: job_service_pb2_grpc.JobServiceStub,
        casting: Casting,
        *,
        attempts: int = 3,
    ) -> None:
        self._dramas = dramas
        self._runs = Runs(jobs)
        self._casting = casting
        self._attempts = attempts

    async def generate(self, request: story_service_pb2.GenerateDramaRequest) -> Accepted:
        """Accepts a premise. Raises `InvalidInput` before anything is accepted; `AlreadyExists` for a reused request id."""
        premise = check_text(request.premise, "premise", MAX_PREMISE)
        if request.drama_id:
            check_id(request.drama_id, "drama_id")
        _check_url(request.reference_image_url)
        kinds: tuple[Kind, ...] = ("text", "image", "video") if request.options.auditions else ("text", "image")
        crew = self._casting.hire(request.options, kinds=kinds)
        crew.options.seed = crew.options.seed or seed_of(premise)
        drama_id = request.drama_id or new_id("drama", request.request_id)

        async def build() -> job_service_pb2.SubmitRunRequest:
            # An id of our own choosing is fresh; one of the client's may stand for a drama, which is then written anew.
            stored = await self._find(drama_id) if request.drama_id else None
            payload = story_pb2.GenerateInput(
                premise=premise,
                drama_id=drama_id,
                options=crew.options,
                reference_image_url=request.reference_image_url,
                base_etag=stored.etag if stored else "",
            )
            job = self._job("generate", "story.generate", message_json(payload), payload.DESCRIPTOR.full_name)
            return _run("generate_drama", drama_id, job, {"dramaId": drama_id})

        return await self._accept(request, {WARNINGS: list(crew.warnings)}, build)

    async def improve(self, request: story_service_pb2.ImproveDramaRequest) -> Accepted:
        """Accepts feedback. Raises `InvalidInput`, and `NotFound` for an unknown drama."""
        check_id(request.drama_id, "drama_id")
        feedback = check_text(request.feedback, "feedback", MAX_FEEDBACK)
        if request.new_drama_id:
            check_id(request.new_drama_id, "new_drama_id")
        target = request.new_drama_id or improved_id(request.drama_id, request.request_id, int(time.time() * 1000))
        original = await self._get(request.drama_id)
        crew = self._casting.hire(_with_memory(request.options, original), kinds=("text", "image"))
        crew.options.seed = crew.options.seed or seed_of(f"{original.premise}\n{feedback}")

        async def build() -> job_service_pb2.SubmitRunRequest:
            stored = original if target == original.id else await self._find(target) if request.new_drama_id else None
            slim = outline(original)
            if original.HasField("metadata_json"):
                slim.metadata_json = original.metadata_json
            payload = story_pb2.ImproveInput(
                feedback=feedback,
                original=slim,
                drama_id=target,
                options=crew.options,
                base_etag=stored.etag if stored else "",
            )
            if len(message_json(payload).encode()) > _MAX_INPUT:
                payload.original.CopyFrom(drama_pb2.Drama(id=original.id))
            job = self._job("improve", "story.improve", message_json(payload), payload.DESCRIPTOR.full_name)
            return _run("improve_drama", target, job, {"dramaId": target, "originalId": original.id})

        return await self._accept(request, {"original_id": original.id, WARNINGS: list(crew.warnings)}, build)

    async def critique(self, request: story_service_pb2.CritiqueDramaRequest) -> Accepted:
        """Accepts the wish for a critique. Raises `InvalidInput`, and `NotFound` for an unknown drama."""
        check_id(request.drama_id, "drama_id")
        drama = await self._get(request.drama_id)
        crew = self._casting.hire(_with_memory(request.options, drama), kinds=("text",))

        async def build() -> job_service_pb2.SubmitRunRequest:
            whole = outline(drama)
            for part, episode in zip(whole.episodes, drama.episodes, strict=True):
                part.scenes.extend(episode.scenes)
            payload = story_pb2.CritiqueInput(drama=whole, options=crew.options)
            if len(message_json(payload).encode()) > _MAX_INPUT:
                payload.drama.CopyFrom(drama_pb2.Drama(id=drama.id))
            job = self._job("critique", "story.critique", message_json(payload), payload.DESCRIPTOR.full_name)
            return _run("critique_drama", drama.id, job, {})

        return await self._accept(request, {WARNINGS: list(crew.warnings)}, build)

    async def plan(
        self, drama_id: str, options: story_pb2.Options, episode_ids: Sequence[str], *, force: bool
    ) -> Planned:
        """Returns what a production would do. Raises `InvalidInput`, `NotFound`, `NotReady`."""
        check_id(drama_id, "drama_id")
        drama = await self._get(drama_id)
        crew = self._casting.hire(_with_memory(options, drama), kinds=_kinds_needed(drama, episode_ids))
        reply: drama_service_pb2.ListTakesResponse = await self._dramas.ListTakes(
            drama_service_pb2.ListTakesRequest(drama_id=drama_id), timeout=10
        )
        workshop = Workshop(drama, crew, attempts=self._attempts)
        plan = plan_production(drama, reply.takes, workshop, episode_ids=episode_ids, force=force)
        for step in plan.steps:
            if len(step.job.input_json.encode()) > 64 * 1024:
                raise InvalidInput(
                    f"{step.job.step}: the texts it needs are longer than 64 KiB together.",
                    reason="too_large",
                    field="drama",
                )
        return Planned(plan, drama, (*crew.warnings, *plan.warnings))

    async def execute(self, request: story_service_pb2.ExecuteProductionRequest) -> Accepted:
        """Plans a production and starts it. Raises as `plan` does, and `Conflict` when the drama changed meanwhile."""
        check_id(request.drama_id, "drama_id")
        if request.ceiling_nano_usd < 0:
            raise InvalidInput("ceiling_nano_usd must not be negative.", field="ceiling_nano_usd")
        labels = load_object(request.metadata_json, "metadata_json")
        labels.pop(REQUEST_HASH, None)
        labels.pop(WARNINGS, None)

        async def build() -> job_service_pb2.SubmitRunRequest:
            planned = await self.plan(request.drama_id, request.options, request.episode_ids, force=request.force)
            labels[WARNINGS] = list(planned.warnings)
            if not planned.plan.steps:
                raise NotReady("There is nothing to produce.", reason="nothing_to_do")
            return job_service_pb2.SubmitRunRequest(
                kind="execute_drama",
                drama_id=request.drama_id,
                jobs=planned.plan.jobs,
                expected_revision=planned.drama.revision,
                ceiling_nano_usd=request.ceiling_nano_usd,
            )

        return await self._accept(request, labels, build)

    async def _accept(self, request: Request, labels: dict[str, Any], build: Build) -> Accepted:
        run = await self._runs.once(request, request.request_id, labels, build)
        told = load_object(run.metadata_json, "metadata_json").get(WARNINGS, [])
        return Accepted(run, tuple(str(line) for line in told) if isinstance(told, list) else ())

    async def _get(self, drama_id: str) -> drama_pb2.Drama:
        try:
            reply: drama_service_pb2.GetDramaResponse = await self._dramas.GetDrama(
                drama_service_pb2.GetDramaRequest(drama_id=drama_id), timeout=10
            )
        except NotFound as error:
            raise NotFound(f"Drama {drama_id} not found", field="drama_id") from error
        return reply.drama

    async def _find(self, drama_id: str) -> drama_pb2.Drama | None:
        try:
            return await self._get(drama_id)
        except NotFound:
            return None

    def _job(self, step: str, kind: str, input_json: str, payload_type: str) -> job_pb2.NewJob:
        return job_pb2.NewJob(
            step=step,
            kind=kind,
            queue="story",
            payload_type=payload_type,
            input_json=input_json,
            max_attempts=self._attempts,
        )


def _run(kind: str, drama_id: str, job: job_pb2.NewJob, result: dict[str, Any]) -> job_service_pb2.SubmitRunRequest:
    return job_service_pb2.SubmitRunRequest(
        kind=kind, drama_id=drama_id, jobs=[job], result_json=dumps(result) if result else ""
    )


def _with_memory(options: story_pb2.Options, drama: drama_pb2.Drama) -> story_pb2.Options:
    """Returns the options with style, language and seed as the drama was begun, where nobody asks for others."""
    merged = story_pb2.Options()
    merged.CopyFrom(options)
    try:
        kept = load_object(drama.metadata_json, "metadata")
    except InvalidInput:
        kept = {}
    style, language, seed = kept.get("style"), kept.get("language"), kept.get("seed")
    if not merged.style:
        merged.style = (
            style if isinstance(style, str) and style and len(style) <= 100 and "\x00" not in style else DEFAULT_STYLE
        )
    if not merged.language and language in LANGUAGES:
        merged.language = str(language)
    if not merged.seed and isinstance(seed, int) and not isinstance(seed, bool) and 0 < seed < 2**63:
        merged.seed = seed
    return merged


def _kinds_needed(drama: drama_pb2.Drama, episode_ids: Sequence[str]) -> tuple[Kind, ...]:
    """A writer's key is needed only when scenes are still to be written."""
    chosen = [e for e in drama.episodes if not episode_ids or e.id in episode_ids]
    return ("text", "image", "video") if any(not e.scenes for e in chosen) else ("image", "video")


def _check_url(url: str) -> None:
    if not url:
        return
    if (
        len(url) > _MAX_URL
        or not url.startswith(("http://", "https://"))
        or any(c.isspace() or c == "\x00" for c in url)
    ):
        raise InvalidInput(
            "reference_image_url must be an http or https URL.", reason="bad_url", field="reference_image_url"
        )
