"""Episodes of a drama."""

from __future__ import annotations

from fastapi import APIRouter, Request

from services.gateway import body as bodies
from services.gateway import docs, entities
from services.gateway.entity_calls import EPISODES
from services.gateway.responses import JsonResponse
from services.gateway.views import drama as view
from services.gateway.views import entity_models, entity_replies, models, replies
from services.gateway.where import at
from sfd.dramas.v1 import drama_pb2

router = APIRouter(tags=["episodes"])


@router.get(
    "/dramas/{drama_id}/episodes",
    response_model=None,
    responses={200: {"model": entity_replies.EpisodeList}, **docs.errors(404)},
)
async def list_episodes(request: Request, drama_id: str) -> JsonResponse:
    """Episodes, in order."""
    return await entities.listed(request, EPISODES, at(drama_id))


@router.post(
    "/dramas/{drama_id}/episodes",
    response_model=None,
    status_code=201,
    responses={201: {"model": models.EpisodeBody}, **docs.errors(400, 404, 409, 412, 413, 415, 422)},
    openapi_extra=docs.body(entity_models.NewEpisodeBody),
)
async def create_episode(request: Request, drama_id: str) -> JsonResponse:
    """Adds an episode, last or at `position`; an id that is taken is a 409."""
    where = at(drama_id)
    parsed = await bodies.read(request, entity_models.NewEpisodeBody)
    made = view.episode_proto(parsed.value)
    return await entities.created(request, EPISODES, where, made, parsed, parsed.value.position)


@router.get(
    "/dramas/{drama_id}/episodes/{episode_id}",
    response_model=None,
    responses={200: {"model": models.EpisodeBody}, **docs.errors(404)},
)
async def get_episode(request: Request, drama_id: str, episode_id: str) -> JsonResponse:
    """One episode, with its ETag."""
    return await entities.got(request, EPISODES, at(drama_id), episode_id)


@router.patch(
    "/dramas/{drama_id}/episodes/{episode_id}",
    response_model=None,
    responses={200: {"model": models.EpisodeBody}, **docs.errors(400, 404, 409, 412, 413, 415, 422)},
    openapi_extra=docs.body(entity_models.UpdateEpisodeBody),
)
async def update_episode(request: Request, drama_id: str, episode_id: str) -> JsonResponse:
    """Changes the fields that were sent."""
    where = at(drama_id)
    parsed = await bodies.read(request, entity_models.UpdateEpisodeBody)
    return await entities.updated(request, EPISODES, where, drama_pb2.Episode(id=episode_id), parsed)


@router.delete(
    "/dramas/{drama_id}/episodes/{episode_id}",
    response_model=None,
    responses={200: {"model": replies.Deleted}, **docs.errors(404, 412)},
)
async def delete_episode(request: Request, drama_id: str, episode_id: str) -> JsonResponse:
    """Removes the episode with everything under it."""
    return await entities.deleted(request, EPISODES, at(drama_id), episode_id)
