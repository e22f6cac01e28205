"""Wishes about a drama that is there: improve, critique, produce, audition."""

from __future__ import annotations

import json

from fastapi import APIRouter, Request

from kit import drama_json
from kit.errors import NotFound
from services.gateway import body as bodies
from services.gateway import docs, headers, problems
from services.gateway.backends import RPC_SECONDS
from services.gateway.gateway import gateway
from services.gateway.ids import checked
from services.gateway.problems import Json
from services.gateway.responses import NO_STORE, JsonResponse
from services.gateway.routes.dramas import fetch_drama
from services.gateway.steps import ceiling
from services.gateway.views import drama as view
from services.gateway.views import models, replies
from services.gateway.views.jobs import JOB_TYPE, accepted
from sfd.dramas.v1 import drama_pb2
from sfd.story.v1 import story_pb2, story_service_pb2
from sfd.video.v1 import video_service_pb2

router = APIRouter(tags=["dramas"])


@router.post(
    "/dramas/{drama_id}/improve",
    response_model=None,
    status_code=202,
    responses={202: {"model": replies.ImproveReply}, **docs.errors(400, 404, 409, 413, 415, 422)},
    openapi_extra=docs.body(models.ImproveBody),
)
async def improve(request: Request, drama_id: str) -> JsonResponse:
    """Writes the drama anew with somebody's feedback, under another id; the job is filed there."""
    checked("Drama", drama_id)
    parsed = await bodies.read(request, models.ImproveBody)
    with problems.known_as("Drama", drama_id):
        reply = await gateway(request).backends.story.ImproveDrama(
            story_service_pb2.ImproveDramaRequest(
                drama_id=drama_id,
                feedback=parsed.value.feedback,
                new_drama_id=parsed.value.newDramaId or "",
                options=story_pb2.Options(cast=view.cast_of(parsed.value)),
                request_id=headers.request_key(request),
            ),
            timeout=RPC_SECONDS,
        )
    location = f"/dramas/{reply.improved_id}/jobs/{reply.run.public_id}"
    return JsonResponse(
        accepted(
            reply.improved_id,
            reply.run.public_id,
            f"Drama improvement job queued. Check status at: {location}",
            original_id=drama_id,
            improved_id=reply.improved_id,
        ),
        202,
        {"Location": location, **headers.ignored(parsed.ignored), **headers.warned(reply.warnings)},
    )


@router.post(
    "/dramas/{drama_id}/critique",
    response_model=None,
    status_code=202,
    responses={202: {"model": replies.JobReply}, **docs.errors(400, 404, 413, 415, 422)},
    openapi_extra=docs.body(models.CritiqueBody, required=False),
)
@router.post("/dramas/{drama_id}/critic", response_model=None, status_code=202, include_in_schema=False)
async def critique(request: Request, drama_id: str) -> JsonResponse:
    """Reads the drama and says what could be better; the job's result is `{"feedback": text}`."""
    checked("Drama", drama_id)
    parsed = await bodies.read(request, models.CritiqueBody, empty=True)
    with problems.known_as("Drama", drama_id):
        reply = await gateway(request).backends.story.CritiqueDrama(
            story_service_pb2.CritiqueDramaRequest(
                drama_id=drama_id,
                options=story_pb2.Options(cast=view.cast_of(parsed.value)),
                request_id=headers.request_key(request),
            ),
            timeout=RPC_SECONDS,
        )
    location = f"/dramas/{drama_id}/jobs/{reply.run.public_id}"
    return JsonResponse(
        accepted(drama_id, reply.run.public_id, f"Drama critique job queued. Check status at: {location}"),
        202,
        {"Location": location, **headers.ignored(parsed.ignored), **headers.warned(reply.warnings)},
    )


@router.post(
    "/dramas/{drama_id}/generate",
    response_model=None,
    status_code=202,
    responses={202: {"model": replies.JobReply}, **docs.errors(400, 404, 409, 413, 415, 422)},
    openapi_extra=docs.body(models.ProduceBody, required=False),
)
async def generate(request: Request, drama_id: str) -> JsonResponse:
    """Produces every episode: scenes, storyboards, clips, films. Portraits that are there are used as they are."""
    return await _generate(request, drama_id, [], {}, "Drama")


@router.post(
    "/dramas/{drama_id}/episodes/{episode_id}/generate",
    response_model=None,
    status_code=202,
    responses={202: {"model": replies.JobReply}, **docs.errors(400, 404, 409, 413, 415, 422)},
    openapi_extra=docs.body(models.ProduceBody, required=False),
)
async def generate_episode(request: Request, drama_id: str, episode_id: str) -> JsonResponse:
    """Produces this episode and no other."""
    checked("Episode", episode_id)
    return await _generate(request, drama_id, [episode_id], {JOB_TYPE: "generate_image"}, "Episode")


async def _generate(
    request: Request, drama_id: str, episodes: list[str], labels: dict[str, Json], what: str
) -> JsonResponse:
    checked("Drama", drama_id)
    parsed = await bodies.read(request, models.ProduceBody, empty=True)
    reply = await _produce(request, drama_id, parsed.value, episodes, labels, episode_branch=True)
    location = f"/dramas/{drama_id}/jobs/{reply.run.public_id}"
    return JsonResponse(
        accepted(drama_id, reply.run.public_id, f"{what} generation job queued. Check status at: {location}"),
        202,
        {"Location": location, **headers.ignored(parsed.ignored), **headers.warned(reply.warnings)},
    )


@router.post(
    "/dramas/{drama_id}/execute",
    response_model=None,
    status_code=202,
    responses={202: {"model": replies.ExecuteReply}, **docs.errors(400, 404, 409, 413, 415, 422)},
    openapi_extra=docs.body(models.ExecuteBody, required=False),
)
@router.post(
    "/dramas/{drama_id}/resume",
    response_model=None,
    status_code=202,
    responses={202: {"model": replies.ExecuteReply}, **docs.errors(400, 404, 409, 413, 415, 422)},
    openapi_extra=docs.body(models.ExecuteBody, required=False),
)
async def execute(request: Request, drama_id: str) -> JsonResponse:
    """Produces the drama: scenes, storyboards, clips, episodes. What is there and fresh is used again, so this also resumes."""
    checked("Drama", drama_id)
    parsed = await bodies.read(request, models.ExecuteBody, empty=True)
    wish = parsed.value
    labels: dict[str, Json] = {
        "user_id": wish.user_id or "10000",
        "project_name": wish.project_name or drama_id,
        "resume": bool(wish.resume) or request.url.path.endswith("/resume"),
    }
    reply = await _produce(request, drama_id, wish, wish.episodes or [], labels)
    location = f"/dramas/{drama_id}/jobs/{reply.run.public_id}"
    return JsonResponse(
        {
            **accepted(
                drama_id,
                reply.run.public_id,
                f"Poll GET {location} for progress",
                dag_id=f"dag_{drama_id}",
                parent_job_id=reply.run.public_id,
            ),
            "status": "running",
        },
        202,
        {"Location": location, **headers.ignored(parsed.ignored), **headers.warned(reply.warnings)},
    )


async def _produce(
    request: Request,
    drama_id: str,
    wish: models.ProduceBody,
    episodes: list[str],
    labels: dict[str, Json],
    *,
    episode_branch: bool = False,
) -> story_service_pb2.ExecuteProductionResponse:
    """Starts a production; raises the contract's 404 for the drama or the episode that is not there."""
    call: story_service_pb2.ExecuteProductionRequest = story_service_pb2.ExecuteProductionRequest(
        drama_id=drama_id,
        options=story_pb2.Options(cast=view.cast_of(wish), style=wish.style or "", seed=wish.seed or 0),
        episode_ids=episodes,
        force=wish.force,
        ceiling_nano_usd=ceiling(wish.ceiling_usd),
        request_id=headers.request_key(request),
        metadata_json=json.dumps(labels, ensure_ascii=False),
        episode_branch=episode_branch,
    )
    with problems.known_as("Drama", drama_id):
        reply: story_service_pb2.ExecuteProductionResponse = await gateway(request).backends.story.ExecuteProduction(
            call, timeout=RPC_SECONDS
        )
    return reply


@router.post(
    "/dramas/{drama_id}/characters/{character_id}/audition",
    response_model=None,
    status_code=202,
    responses={202: {"model": replies.JobReply}, **docs.errors(400, 404, 413, 415, 422)},
    openapi_extra=docs.body(models.AuditionBody, required=False),
)
async def start_audition(request: Request, drama_id: str, character_id: str) -> JsonResponse:
    """Lets the character speak about itself for ten seconds."""
    checked("Drama", drama_id)
    checked("Character", character_id)
    parsed = await bodies.read(request, models.AuditionBody, empty=True)
    house = gateway(request)
    try:
        reply = await house.backends.video.GenerateAudition(
            video_service_pb2.GenerateAuditionRequest(
                drama_id=drama_id,
                character_id=character_id,
                options=story_pb2.Options(cast=view.cast_of(parsed.value)),
                request_id=headers.request_key(request),
            ),
            timeout=RPC_SECONDS,
        )
    except NotFound:
        await fetch_drama(house, drama_id)
        raise problems.missing("Character", character_id) from None
    location = f"/dramas/{drama_id}/jobs/{reply.run.public_id}"
    return JsonResponse(
        accepted(drama_id, reply.run.public_id, f"Character audition job queued. Check status at: {location}"),
        202,
        {"Location": location, **headers.ignored(parsed.ignored)},
    )


@router.get(
    "/dramas/{drama_id}/characters/{character_id}/audition",
    response_model=None,
    responses={200: {"model": models.AssetBody}, **docs.errors(404)},
)
async def get_audition(request: Request, drama_id: str, character_id: str) -> JsonResponse:
    """The audition's asset."""
    drama = await fetch_drama(gateway(request), drama_id)
    character = next((one for one in drama.characters if one.id == character_id), None)
    if character is None:
        raise problems.missing("Character", character_id[:128])
    found = next((asset for asset in character.assets if _is_audition(asset)), None)
    if found is None:
        raise problems.missing("Audition video", character_id)
    return JsonResponse(drama_json.asset_json(found), headers={"Cache-Control": NO_STORE})


def _is_audition(asset: drama_pb2.EntityAsset) -> bool:
    return (
        asset.kind == drama_pb2.ASSET_KIND_VIDEO
        and bool(asset.url)
        and view.metadata_of(asset).get("type") == "character_audition"
    )
