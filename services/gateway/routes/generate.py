"""One picture or film at a time: of a character, a scene, an asset, an episode; and the cover."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request

from kit import drama_json
from services.gateway import body as bodies
from services.gateway import docs, entities, problems, steps
from services.gateway.entity_calls import ASSETS, CHARACTERS, EPISODES, SCENES
from services.gateway.gateway import gateway
from services.gateway.problems import Json
from services.gateway.responses import NO_STORE, JsonResponse
from services.gateway.routes.dramas import drama_response, fetch_drama
from services.gateway.steps import IMAGE, VIDEO, Step
from services.gateway.views import entity_models, entity_replies, models
from services.gateway.where import Where, at
from sfd.dramas.v1 import drama_pb2

router = APIRouter(tags=["generate"])
Async = Annotated[
    bool | None,
    Query(alias="async", description="True answers with the job at once, false with the product when it is there"),
]
_SCENE = "/dramas/{drama_id}/episodes/{episode_id}/scenes/{scene_id}"
_WISH = docs.body(entity_models.GenerateAssetRequest, required=False)
_REFUSED = docs.errors(400, 404, 409, 413, 415, 422)


@router.post(
    "/dramas/{drama_id}/characters/{character_id}/generate",
    response_model=None,
    responses={
        200: {"model": entity_replies.GeneratedCharacter},
        202: {"model": entity_replies.Accepted, "description": "The picture takes longer than the answer may wait"},
        **_REFUSED,
        **docs.errors(500),
    },
    openapi_extra=_WISH,
)
async def generate_character(request: Request, drama_id: str, character_id: str, later: Async = None) -> JsonResponse:
    """Draws the portrait anew.

    Without a body the answer is the character with its new `url`, after 120 s (or `Prefer: wait=N`) at most. With a body, or with
    `async=true`, it is the character as it is, with the ids of the job.
    """
    where = at(drama_id, character_id=character_id)
    sent = bool((await request.body()).strip())
    parsed = await bodies.read(request, entity_models.GenerateAssetRequest, empty=True)
    started = await steps.start(
        request, where, Step(f"portrait:{character_id}", IMAGE, {"character_id": character_id}), parsed
    )
    told: dict[str, Json] = {}
    if sent if later is None else later:
        told = steps.told(where, started)
    elif not await steps.done(request, started):
        return steps.job_answer(where, started)
    character = await entities.fetch(request, CHARACTERS, at(drama_id), character_id)
    headers = {"Cache-Control": NO_STORE, **started.told}
    if character.etag:
        headers["ETag"] = f'"{character.etag}"'
    return JsonResponse({**drama_json.character_json(character), **told}, 200, headers)


@router.post(
    "/dramas/{drama_id}/cover_photo",
    response_model=None,
    responses={
        200: {"model": models.DramaBody},
        202: {"model": entity_replies.Accepted, "description": "Wished for, or the picture takes long"},
        **_REFUSED,
        **docs.errors(500),
    },
    openapi_extra=_WISH,
)
async def generate_cover(request: Request, drama_id: str, later: Async = None) -> JsonResponse:
    """Draws the cover anew, with the main characters' portraits; the answer is the drama with its new `url`."""
    parsed = await bodies.read(request, entity_models.GenerateAssetRequest, empty=True)
    with problems.in_text():
        where, step = at(drama_id), Step("cover", IMAGE)
        try:
            _check_cast(await fetch_drama(gateway(request), drama_id))
        except problems.Problem as refusal:
            started = await steps.repeated(request, where, step, parsed, refusal)
        else:
            started = await steps.start(request, where, step, parsed)
    if later or not await steps.done(request, started):
        return steps.job_answer(where, started)
    return await drama_response(await fetch_drama(gateway(request), drama_id), 200, started.told)


def _check_cast(drama: drama_pb2.Drama) -> None:
    """Raises a 400 problem when there is nobody to show, or somebody has no picture yet."""
    main = [character for character in drama.characters if character.main]
    if not main:
        raise problems.bad_request("The drama has no main character to show on its cover", "no_main_character")
    bare = [character.name or character.id for character in main if not character.url]
    if bare:
        named = ", ".join(bare[:20])
        raise problems.bad_request(f"These main characters have no picture yet: {named}", "portraits_missing")


@router.post(
    _SCENE + "/generate",
    response_model=None,
    status_code=202,
    responses={202: {"model": entity_replies.GenerateSceneReply}, **_REFUSED},
    openapi_extra=_WISH,
)
async def generate_scene(request: Request, drama_id: str, episode_id: str, scene_id: str) -> JsonResponse:
    """Films the scene anew; its storyboard is drawn first when there is none."""
    where = at(drama_id, episode_id=episode_id, scene_id=scene_id)
    parsed = await bodies.read(request, entity_models.GenerateAssetRequest, empty=True)
    scene = await entities.fetch(request, SCENES, at(drama_id, episode_id=episode_id), scene_id)
    film = not scene.assets or any(asset.kind == drama_pb2.ASSET_KIND_VIDEO for asset in scene.assets)
    about = {"episode_id": episode_id, "scene_id": scene_id}
    step = Step(f"clip:{scene_id}", VIDEO, about) if film else Step(f"storyboard:{scene_id}", IMAGE, about)
    return steps.job_answer(where, await steps.start(request, where, step, parsed))


@router.post(
    _SCENE + "/assets/{asset_id}/generate",
    response_model=None,
    status_code=202,
    responses={202: {"model": entity_replies.GenerateAssetResponse}, **_REFUSED},
    openapi_extra=_WISH,
)
async def generate_scene_asset(
    request: Request, drama_id: str, episode_id: str, scene_id: str, asset_id: str
) -> JsonResponse:
    """Draws or films this asset anew, by its kind."""
    where = at(drama_id, episode_id=episode_id, scene_id=scene_id)
    parsed = await bodies.read(request, entity_models.GenerateAssetRequest, empty=True)
    with where.known():
        assets = list(await ASSETS.every(gateway(request).backends, where))
    step = steps.for_scene(where, _found(assets, asset_id), assets)
    return steps.job_answer(where, await steps.start(request, where, step, parsed))


@router.post(
    "/dramas/{drama_id}/characters/{character_id}/assets/{asset_id}/generate",
    response_model=None,
    status_code=202,
    responses={202: {"model": entity_replies.GenerateAssetResponse}, **_REFUSED},
    openapi_extra=_WISH,
)
async def generate_character_asset(request: Request, drama_id: str, character_id: str, asset_id: str) -> JsonResponse:
    """Draws or films this asset anew, by its kind."""
    where = at(drama_id, character_id=character_id)
    parsed = await bodies.read(request, entity_models.GenerateAssetRequest, empty=True)
    asset = await entities.fetch(request, ASSETS, where, asset_id)
    step = steps.for_character(character_id, asset)
    return steps.job_answer(where, await steps.start(request, where, step, parsed))


def _found(assets: list[drama_pb2.EntityAsset], asset_id: str) -> drama_pb2.EntityAsset:
    found = next((asset for asset in assets if asset.id == asset_id), None)
    if found is None:
        raise problems.missing("Asset", asset_id[:128])
    return found


@router.post(
    "/dramas/{drama_id}/episodes/{episode_id}/stitch",
    response_model=None,
    status_code=202,
    responses={202: {"model": entity_replies.Accepted}, **_REFUSED},
    openapi_extra=_WISH,
)
async def stitch(request: Request, drama_id: str, episode_id: str) -> JsonResponse:
    """Puts the clips of the episode together into one film; a 409 when no scene has a clip."""
    where: Where = at(drama_id, episode_id=episode_id)
    parsed = await bodies.read(request, entity_models.GenerateAssetRequest, empty=True)
    step = Step(f"assemble:{episode_id}", VIDEO, {"episode_id": episode_id})
    try:
        _check_clips(await entities.fetch(request, EPISODES, at(drama_id), episode_id))
    except problems.Problem as refusal:
        return steps.job_answer(where, await steps.repeated(request, where, step, parsed, refusal))
    return steps.job_answer(where, await steps.start(request, where, step, parsed))


def _check_clips(episode: drama_pb2.Episode) -> None:
    """Raises a 409 problem when there is nothing to put together."""
    if not any(scene.video_url for scene in episode.scenes):
        message = f"Episode {episode.id} has no clip to put together"
        raise problems.Problem(409, "Not ready", message, reason="no_clips")
