"""What the story service is asked to write, without transport: check, choose the crew, build the job, submit it once."""

from __future__ import annotations

import time
from typing import Any

from kit.jsonio import dumps
from kit.providers.catalogue import Kind
from kit.wording import seed_of
from services.story.accept import check_id, check_text, improved_id, new_id
from services.story.convert import outline
from services.story.crew import Crew
from services.story.office import WARNINGS, Accepted, Office, with_memory
from services.story.plan_parts import message_json
from services.story.plan_step import check_url
from services.story.wish import WISH, Wish
from sfd.dramas.v1 import drama_pb2
from sfd.jobs.v1 import job_pb2, job_service_pb2
from sfd.story.v1 import story_pb2, story_service_pb2

MAX_PREMISE = 8_000
MAX_FEEDBACK = 8_000
_MAX_INPUT = 60_000  # Storage takes 64 KiB; the rest is room for the wrapping.


class Desk(Office):
    """Writing: a premise, feedback, a critique."""

    async def generate(self, request: story_service_pb2.GenerateDramaRequest) -> Accepted:
        """Accepts a premise. Raises `InvalidInput` before anything is accepted; `AlreadyExists` for a reused request id."""
        premise = check_text(request.premise, "premise", MAX_PREMISE)
        if request.drama_id:
            check_id(request.drama_id, "drama_id")
        if request.reference_image_url:
            check_url(request.reference_image_url, "reference_image_url")
        kinds: tuple[Kind, ...] = ("text", "image", "video") if request.options.auditions else ("text", "image")
        crew = await self._casting.engage(request.options, kinds=kinds)
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

        return await self._accept(request, _labels(crew), build)

    async def improve(self, request: story_service_pb2.ImproveDramaRequest) -> Accepted:
        """Accepts feedback. Raises `InvalidInput`, and `NotFound` for an unknown drama."""
        check_id(request.drama_id, "drama_id")
        feedback = check_text(request.feedback, "feedback", MAX_FEEDBACK)
        if request.new_drama_id:
            check_id(request.new_drama_id, "new_drama_id")
        target = request.new_drama_id or improved_id(request.drama_id, request.request_id, int(time.time() * 1000))
        original = await self._get(request.drama_id)
        crew = await self._casting.engage(with_memory(request.options, original), kinds=("text", "image"))
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

        return await self._accept(request, {"original_id": original.id, **_labels(crew)}, build)

    async def critique(self, request: story_service_pb2.CritiqueDramaRequest) -> Accepted:
        """Accepts the wish for a critique. Raises `InvalidInput`, and `NotFound` for an unknown drama."""
        check_id(request.drama_id, "drama_id")
        drama = await self._get(request.drama_id)
        crew = await self._casting.engage(with_memory(request.options, drama), kinds=("text",))

        async def build() -> job_service_pb2.SubmitRunRequest:
            whole = outline(drama)
            for part, episode in zip(whole.episodes, drama.episodes, strict=True):
                part.scenes.extend(episode.scenes)
            payload = story_pb2.CritiqueInput(drama=whole, options=crew.options)
            if len(message_json(payload).encode()) > _MAX_INPUT:
                payload.drama.CopyFrom(drama_pb2.Drama(id=drama.id))
            job = self._job("critique", "story.critique", message_json(payload), payload.DESCRIPTOR.full_name)
            return _run("critique_drama", drama.id, job, {})

        return await self._accept(request, _labels(crew), build)

    def _job(self, step: str, kind: str, input_json: str, payload_type: str) -> job_pb2.NewJob:
        return job_pb2.NewJob(
            step=step,
            kind=kind,
            queue="story",
            payload_type=payload_type,
            input_json=input_json,
            max_attempts=self._attempts,
        )


def _labels(crew: Crew) -> dict[str, Any]:
    """Returns the labels of a run: warnings, and who works at it, so that it can be done again."""
    return {WARNINGS: list(crew.warnings), WISH: Wish(options=crew.options).label()}


def _run(kind: str, drama_id: str, job: job_pb2.NewJob, result: dict[str, Any]) -> job_service_pb2.SubmitRunRequest:
    return job_service_pb2.SubmitRunRequest(
        kind=kind, drama_id=drama_id, jobs=[job], result_json=dumps(result) if result else ""
    )
