"""One step by itself: started, told of, and waited for."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from fastapi import Request

from kit.drama_json import metadata_json
from kit.errors import NotReady
from services.gateway import headers, records, waiting
from services.gateway.backends import RPC_SECONDS
from services.gateway.body import Parsed
from services.gateway.gateway import gateway
from services.gateway.problems import Json, Problem
from services.gateway.responses import JsonResponse
from services.gateway.views.drama import cast_of
from services.gateway.views.entity_models import GenerateAssetRequest
from services.gateway.views.jobs import JOB_TYPE, NANO, STEP, TERMINAL, accepted
from services.gateway.where import Where
from sfd.dramas.v1 import drama_pb2
from sfd.jobs.v1 import job_pb2
from sfd.story.v1 import story_pb2, story_service_pb2

NO_EARLIER = "no_earlier_request"
IMAGE, VIDEO = "generate_image", "generate_video"


@dataclass(frozen=True)
class Step:
    """A step of a drama: its name as plans have it, the type of its job, and what it is about."""

    name: str
    type: str
    about: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Started:
    """An accepted step and the headers that go with every answer about it."""

    run: job_pb2.Run
    step: Step
    location: str
    told: dict[str, str]


def for_character(character_id: str, asset: drama_pb2.EntityAsset) -> Step:
    """Returns the step of a character's asset: the portrait and the audition that the house makes have names of their own."""
    about = {"character_id": character_id, "asset_id": asset.id}
    metadata = metadata_json(asset)
    told = metadata.get("type") if isinstance(metadata, dict) else None
    if told == "character_portrait" or asset.id == f"{character_id}_portrait_front_halfbody":
        return Step(f"portrait:{character_id}", IMAGE, about)
    if told == "character_audition" or asset.id == f"{character_id}_audition_video":
        return Step(f"audition:{character_id}", VIDEO, about)
    return Step(f"asset:character:{character_id}:{asset.id}", _type(asset), about)


def for_scene(where: Where, asset: drama_pb2.EntityAsset, assets: list[drama_pb2.EntityAsset]) -> Step:
    """Returns the step of a scene's asset: its first picture is the storyboard, its first film the clip."""
    about = {"episode_id": where.episode_id, "scene_id": where.scene_id, "asset_id": asset.id}
    first = next(one.id for one in assets if one.kind == asset.kind)
    if asset.id != first:
        return Step(f"asset:scene:{where.scene_id}:{asset.id}", _type(asset), about)
    name = "clip" if asset.kind == drama_pb2.ASSET_KIND_VIDEO else "storyboard"
    return Step(f"{name}:{where.scene_id}", _type(asset), about)


def _type(asset: drama_pb2.EntityAsset) -> str:
    return VIDEO if asset.kind == drama_pb2.ASSET_KIND_VIDEO else IMAGE


async def repeated(
    request: Request, where: Where, step: Step, parsed: Parsed[GenerateAssetRequest], refusal: Problem
) -> Started:
    """Returns the step that this `Idempotency-Key` has started before; raises `refusal` when it has started none.

    What is refused now may have been right then, and a repeat gets the first answer.
    """
    if not headers.request_key(request):
        raise refusal
    try:
        return await start(request, where, step, parsed, repeat_only=True)
    except NotReady as error:
        if error.reason != NO_EARLIER:
            raise
        raise refusal from None


async def start(
    request: Request, where: Where, step: Step, parsed: Parsed[GenerateAssetRequest], *, repeat_only: bool = False
) -> Started:
    """Has the step accepted; raises the contract's 404 for the part of the path that is not there."""
    wish = parsed.value
    ignored = list(parsed.ignored)
    if wish.duration is not None and step.type == IMAGE:
        ignored.append("duration")
    with where.known():
        reply = await gateway(request).backends.story.ExecuteStep(
            story_service_pb2.ExecuteStepRequest(
                drama_id=where.drama_id,
                step=step.name,
                prompt=(wish.prompt or "").strip(),
                reference_urls=wish.reference_images or (),
                duration=(wish.duration or 0) if step.type == VIDEO else 0,
                options=story_pb2.Options(cast=cast_of(wish), style=wish.style or "", seed=wish.seed or 0),
                ceiling_nano_usd=ceiling(wish.ceiling_usd),
                request_id=headers.request_key(request),
                repeat_only=repeat_only,
                metadata_json=json.dumps({JOB_TYPE: step.type, STEP: step.name, **step.about}, ensure_ascii=False),
            ),
            timeout=RPC_SECONDS,
        )
    location = f"/dramas/{where.drama_id}/jobs/{reply.run.public_id}"
    told = {"Location": location, **headers.ignored(ignored), **headers.warned(reply.warnings)}
    return Started(reply.run, step, location, told)


def told(where: Where, started: Started) -> dict[str, Json]:
    """Returns the body about an accepted step."""
    message = f"Poll GET {started.location} for status"
    return accepted(where.drama_id, started.run.public_id, message, **started.step.about)


def job_answer(where: Where, started: Started) -> JsonResponse:
    """Returns the 202 about an accepted step."""
    return JsonResponse(told(where, started), 202, started.told)


async def done(request: Request, started: Started) -> bool:
    """Waits for the step, as long as `Prefer: wait=N` says or 120 s; returns whether it is done, False when it is still at work.

    Raises the contract's 500 when it ended without its product.
    """
    house = gateway(request)
    wished = headers.wait_seconds(request)
    seconds = waiting.SYNC_SECONDS if wished is None else wished
    # Nobody waits for a client that has left: it may come again under the same key and must not be refused.
    run = await waiting.run_end(house, started.run, seconds, request.is_disconnected)
    if run.state not in TERMINAL:
        return False
    steps = await records.steps_of(house, run.id)
    mine = next((job for job in steps if job.step == started.step.name), None)
    state = run.state if mine is None else mine.state
    if state == job_pb2.JOB_STATE_SUCCEEDED:
        return True
    raise _failed(run, mine)


def _failed(run: job_pb2.Run, step: job_pb2.Job | None) -> Problem:
    failure = step.failure if step is not None and step.HasField("failure") else run.failure
    text = failure.message or failure.reason or "cancelled"
    reason = failure.reason or ("cancelled" if run.state == job_pb2.JOB_STATE_CANCELLED else "generation_failed")
    problem = Problem(500, "Image generation failed", text, reason=reason, retryable=failure.retryable)
    problem.charged = failure.charged
    return problem


def ceiling(usd: float | None) -> int:
    """Returns nano-USD; nothing at all may be spent at 0, which the house spells as the smallest sum there is."""
    return 0 if usd is None else max(1, round(usd * NANO))
