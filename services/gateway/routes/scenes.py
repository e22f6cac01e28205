"""Scenes of an episode."""

from __future__ import annotations

from fastapi import APIRouter, Request

from services.gateway import body as bodies
from services.gateway import docs, entities
from services.gateway.entity_calls import SCENES
from services.gateway.responses import JsonResponse
from services.gateway.views import drama as view
from services.gateway.views import entity_models, entity_replies, models, replies
from services.gateway.where import at
from sfd.dramas.v1 import drama_pb2

router = APIRouter(tags=["scenes"])


@router.get(
    "/dramas/{drama_id}/episodes/{episode_id}/scenes",
    response_model=None,
    responses={200: {"model": entity_replies.SceneList}, **docs.errors(404)},
)
async def list_scenes(request: Request, drama_id: str, episode_id: str) -> JsonResponse:
    """Scenes, in order."""
    return await entities.listed(request, SCENES, at(drama_id, episode_id=episode_id))


@router.post(
    "/dramas/{drama_id}/episodes/{episode_id}/scenes",
    response_model=None,
    status_code=201,
    responses={201: {"model": models.SceneBody}, **docs.errors(400, 404, 409, 412, 413, 415, 422)},
    openapi_extra=docs.body(entity_models.NewSceneBody),
)
async def create_scene(request: Request, drama_id: str, episode_id: str) -> JsonResponse:
    """Adds a scene, last or at `position`; an id that is taken is a 409."""
    where = at(drama_id, episode_id=episode_id)
    parsed = await bodies.read(request, entity_models.NewSceneBody)
    made = view.scene_proto(parsed.value)
    return await entities.created(request, SCENES, where, made, parsed, parsed.value.position)


@router.get(
    "/dramas/{drama_id}/episodes/{episode_id}/scenes/{scene_id}",
    response_model=None,
    responses={200: {"model": models.SceneBody}, **docs.errors(404)},
)
async def get_scene(request: Request, drama_id: str, episode_id: str, scene_id: str) -> JsonResponse:
    """One scene, with its ETag."""
    return await entities.got(request, SCENES, at(drama_id, episode_id=episode_id), scene_id)


@router.patch(
    "/dramas/{drama_id}/episodes/{episode_id}/scenes/{scene_id}",
    response_model=None,
    responses={200: {"model": models.SceneBody}, **docs.errors(400, 404, 409, 412, 413, 415, 422)},
    openapi_extra=docs.body(entity_models.UpdateSceneBody),
)
async def update_scene(request: Request, drama_id: str, episode_id: str, scene_id: str) -> JsonResponse:
    """Changes the fields that were sent."""
    where = at(drama_id, episode_id=episode_id)
    parsed = await bodies.read(request, entity_models.UpdateSceneBody)
    return await entities.updated(request, SCENES, where, drama_pb2.Scene(id=scene_id), parsed)


@router.delete(
    "/dramas/{drama_id}/episodes/{episode_id}/scenes/{scene_id}",
    response_model=None,
    responses={200: {"model": replies.Deleted}, **docs.errors(404, 412)},
)
async def delete_scene(request: Request, drama_id: str, episode_id: str, scene_id: str) -> JsonResponse:
    """Removes the scene with everything under it."""
    return await entities.deleted(request, SCENES, at(drama_id, episode_id=episode_id), scene_id)
