"""What all use cases of the story service share: dramas to read, runs to submit once, crews to hire."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from kit.errors import InvalidInput, NotFound
from kit.jsonio import load_object
from kit.media.specs import LANGUAGES
from services.story.accept import REQUEST_HASH, Runs
from services.story.crew import DEFAULT_STYLE, Casting
from services.story.wish import WISH
from sfd.dramas.v1 import drama_pb2, drama_service_pb2, drama_service_pb2_grpc
from sfd.jobs.v1 import job_pb2, job_service_pb2, job_service_pb2_grpc
from sfd.story.v1 import story_pb2, story_service_pb2

WARNINGS = "warnings"
OWN_LABELS = frozenset({REQUEST_HASH, WARNINGS, WISH})
"""Labels of a run that are the house's, whatever a client sends."""

Build: TypeAlias = Callable[[], Awaitable[job_service_pb2.SubmitRunRequest]]
Request: TypeAlias = (
    story_service_pb2.GenerateDramaRequest
    | story_service_pb2.ImproveDramaRequest
    | story_service_pb2.CritiqueDramaRequest
    | story_service_pb2.ExecuteProductionRequest
    | story_service_pb2.ExecuteStepRequest
    | story_service_pb2.RetryJobRequest
)


@dataclass(frozen=True)
class Accepted:
    """A run that storage has committed, and what was taken otherwise than asked."""

    run: job_pb2.Run
    warnings: tuple[str, ...]


class Office:
    """What the desks have in common."""

    def __init__(
        self,
        dramas: drama_service_pb2_grpc.DramaServiceStub,
        jobs: job_service_pb2_grpc.JobServiceStub,
        casting: Casting,
        *,
        attempts: int = 3,
    ) -> None:
        self._dramas = dramas
        self._jobs = jobs
        self._runs = Runs(jobs)
        self._casting = casting
        self._attempts = attempts

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


def with_memory(options: story_pb2.Options, drama: drama_pb2.Drama) -> story_pb2.Options:
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
