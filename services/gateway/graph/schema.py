"""Queries, mutations and the limits of a document."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import strawberry
import structlog
from graphql import GraphQLError
from strawberry.extensions import MaxAliasesLimiter, MaxTokensLimiter, QueryDepthLimiter
from strawberry.types import ExecutionContext

from kit.errors import Internal, InvalidInput, NotReady, SfdError
from services.gateway import headers, problems, waiting
from services.gateway.graph.loaders import RUNS
from services.gateway.graph.types import Character, Drama, DramaSummary, Info, Job, jobs_of_drama
from services.gateway.ids import checked
from services.gateway.views import jobs as view
from sfd.dramas.v1 import drama_pb2
from sfd.jobs.v1 import job_pb2
from sfd.story.v1 import story_service_pb2

MAX_DEPTH = 6
"""Deeper than the contract's types go, so that a type added later cannot be nested without end."""
MAX_ALIASES = 30
MAX_TOKENS = 2_000
WAIT_SECONDS = 120.0
"""How long a mutation waits for what it asked for."""
_STATUSES = ("pending", "running", "completed", "failed")
log = structlog.get_logger("gateway")


@strawberry.type(description="Reads.")
class Query:
    """What can be asked."""

    @strawberry.field(description="One drama; null when it is not there.")
    async def drama(self, info: Info, id: str) -> Drama | None:
        found = await info.context.loaders.dramas.load(id)
        return None if found is None else Drama(row=found)

    @strawberry.field(description="Dramas, last changed first; `limit` is 1 to 1000.")
    async def dramas(self, info: Info, limit: int = 100) -> list[Drama]:
        return [Drama(row=one) for one in await info.context.loaders.summaries(_limit(limit))]

    @strawberry.field(description="Summaries, last changed first; `limit` is 1 to 1000.")
    async def drama_summaries(self, info: Info, limit: int = 100) -> list[DramaSummary]:
        return [DramaSummary(row=one) for one in await info.context.loaders.summaries(_limit(limit))]

    @strawberry.field(description="A run, or one step of a run; null when it is not there.")
    async def job(self, info: Info, id: str) -> Job | None:
        try:
            checked("Job", id)
        except problems.Problem:
            return None
        run = await info.context.loaders.run(id)
        if run is not None:
            return Job(run=run, job=None)
        step = await info.context.loaders.step(id)
        return None if step is None else Job(run=step.run, job=step.job)

    @strawberry.field(
        description="Jobs, newest first: the runs of a drama with their steps, or without `dramaId` the account's newest"
        f" {RUNS} runs. `status` is pending, running, completed or failed."
    )
    async def jobs(self, info: Info, drama_id: str | None = None, status: str | None = None) -> list[Job]:
        if status is not None and status not in _STATUSES:
            raise InvalidInput(f"Input should be one of {', '.join(_STATUSES)}", field="status")
        if drama_id is None:
            found = [Job(run=run, job=None) for run in await info.context.loaders.runs_of("")]
        else:
            found = await jobs_of_drama(info, drama_id)
        return [one for one in found if status in (None, view.dag_status((one.job or one.run).state))]


@strawberry.type(description="Pictures that are drawn while one waits.")
class Mutation:
    """What can be done."""

    @strawberry.mutation(description="Draws a character's portrait anew and waits for it, at most two minutes.")
    async def generate_character_image(self, info: Info, drama_id: str, character_id: str) -> Character | None:
        checked("Character", character_id)
        drama = await _drawn(info, drama_id, f"portrait:{character_id}", character_id)
        found = next((one for one in drama.characters if one.id == character_id), None)
        if found is None:
            raise problems.missing("Character", character_id)
        return Character(drama=drama, character=found)

    @strawberry.mutation(description="Draws the cover anew and waits for it, at most two minutes.")
    async def generate_cover_photo(self, info: Info, drama_id: str) -> Drama | None:
        return Drama(row=await _drawn(info, drama_id, "cover", ""))


class Schema(strawberry.Schema):
    """The schema; what goes wrong is told as REST tells it, under the request's id."""

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Writes bugs, and only those, into the log."""
        for error in errors:
            cause = error.original_error
            if cause is not None and not isinstance(cause, SfdError | GraphQLError):
                log.error("graphql_failed", path=str(error.path)[:200], exc_info=cause)


def build(max_depth: int = MAX_DEPTH) -> Schema:
    """Returns the schema with its limits."""
    limits: list[Callable[[], Any]] = [
        lambda: QueryDepthLimiter(max_depth=max_depth),
        lambda: MaxAliasesLimiter(max_alias_count=MAX_ALIASES),
        lambda: MaxTokensLimiter(max_token_count=MAX_TOKENS),
    ]
    return Schema(query=Query, mutation=Mutation, extensions=limits)


def error_json(error: GraphQLError, request_id: str) -> dict[str, Any]:
    """Returns an entry of `errors[]`. The text of an error of ours is REST's, that of a bug says nothing."""
    cause = error.original_error
    told: dict[str, Any] = {"request_id": request_id, "reason": "invalid_query"}
    message = error.message[:1000]
    if cause is not None and not isinstance(cause, GraphQLError):
        known = cause if isinstance(cause, SfdError) else Internal("Something went wrong inside.")
        status, body, _ = problems.answer_to(known)
        message = str(body["message"])
        told |= {name: body[name] for name in ("reason", "field", "retryable", "charged")}
        told |= {"status": status, **getattr(known, "extensions", {})}
    entry: dict[str, Any] = {"message": message, "extensions": told}
    if error.locations:
        entry["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
    if error.path:
        entry["path"] = list(error.path)
    return entry


class StepFailed(NotReady):
    """The picture did not come: its job ended badly, or needs longer."""

    def __init__(self, message: str, *, reason: str, job_id: str, retryable: bool) -> None:
        super().__init__(message, reason=reason, retryable=retryable)
        self.extensions = {"jobId": job_id}


def _limit(limit: int) -> int:
    if not 1 <= limit <= 1000:
        raise InvalidInput("Input should be 1 to 1000", field="limit")
    return limit


async def _drawn(info: Info, drama_id: str, step: str, character_id: str) -> drama_pb2.Drama:
    """Runs one step to its end and returns the drama afterwards; raises the contract's 404s and StepFailed."""
    checked("Drama", drama_id)
    loaders = info.context.loaders
    call = story_service_pb2.ExecuteStepRequest(drama_id=drama_id, step=step, request_id=_key(info))
    try:
        with problems.known_as("Drama", drama_id):
            reply = await loaders.call(loaders.house.backends.story.ExecuteStep, call)
    except problems.Problem as problem:
        there = await loaders.dramas.load(drama_id)
        if problem.status == 404 and there is not None and character_id not in [one.id for one in there.characters]:
            raise problems.missing("Character", character_id) from None
        raise
    gone = info.context.request.is_disconnected
    with problems.known_as("Job", reply.run.public_id):
        run = await waiting.run_end(loaders.house, reply.run, WAIT_SECONDS, gone)
    loaders.dramas.clear_all()
    drama = await loaders.dramas.load(drama_id)
    if drama is None:
        raise problems.missing("Drama", drama_id)
    if run.state != job_pb2.JOB_STATE_SUCCEEDED:
        open_ = run.state not in view.TERMINAL
        raise StepFailed(
            f"Not done yet; its job is {run.public_id}." if open_ else view.run_error(run, ()) or "failed",
            reason="still_running" if open_ else run.failure.reason or "job_failed",
            job_id=run.public_id,
            retryable=open_ or run.failure.retryable,
        )
    return drama


def _key(info: Info) -> str:
    """Returns the id of one mutation of the request; empty without an `Idempotency-Key`."""
    key = headers.request_key(info.context.request)
    return hashlib.sha256(f"{key}\0{info.path.key}".encode()).hexdigest() if key else ""
