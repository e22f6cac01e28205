"""Characters: the cast of a drama."""

from __future__ import annotations

from fastapi import APIRouter, Request

from services.gateway import body as bodies
from services.gateway import docs, entities
from services.gateway.entity_calls import CHARACTERS
from services.gateway.responses import JsonResponse
from services.gateway.views import drama as view
from services.gateway.views import entity_models, entity_replies, models, replies
from services.gateway.where import at
from sfd.dramas.v1 import drama_pb2

router = APIRouter(tags=["characters"])


@router.get(
    "/dramas/{drama_id}/characters",
    response_model=None,
    responses={200: {"model": entity_replies.CharacterList}, **docs.errors(404)},
)
async def list_characters(request: Request, drama_id: str) -> JsonResponse:
    """Characters, in order."""
    return await entities.listed(request, CHARACTERS, at(drama_id))


@router.post(
    "/dramas/{drama_id}/characters",
    response_model=None,
    status_code=201,
    responses={201: {"model": models.CharacterBody}, **docs.errors(400, 404, 409, 412, 413, 415, 422)},
    openapi_extra=docs.body(entity_models.NewCharacterBody),
)
async def create_character(request: Request, drama_id: str) -> JsonResponse:
    """Adds a character, last or at `position`; an id that is taken is a 409."""
    where = at(drama_id)
    parsed = await bodies.read(request, entity_models.NewCharacterBody)
    made = view.character_proto(parsed.value)
    return await entities.created(request, CHARACTERS, where, made, parsed, parsed.value.position)


@router.get(
    "/dramas/{drama_id}/characters/{character_id}",
    response_model=None,
    responses={200: {"model": models.CharacterBody}, **docs.errors(404)},
)
async def get_character(request: Request, drama_id: str, character_id: str) -> JsonResponse:
    """One character, with its ETag."""
    return await entities.got(request, CHARACTERS, at(drama_id), character_id)


@router.patch(
    "/dramas/{drama_id}/characters/{character_id}",
    response_model=None,
    responses={200: {"model": models.CharacterBody}, **docs.errors(400, 404, 409, 412, 413, 415, 422)},
    openapi_extra=docs.body(entity_models.UpdateCharacterBody),
)
async def update_character(request: Request, drama_id: str, character_id: str) -> JsonResponse:
    """Changes the fields that were sent."""
    where = at(drama_id)
    parsed = await bodies.read(request, entity_models.UpdateCharacterBody)
    return await entities.updated(request, CHARACTERS, where, drama_pb2.Character(id=character_id), parsed)


@router.delete(
    "/dramas/{drama_id}/characters/{character_id}",
    response_model=None,
    responses={200: {"model": replies.Deleted}, **docs.errors(404, 412)},
)
async def delete_character(request: Request, drama_id: str, character_id: str) -> JsonResponse:
    """Removes the character with everything under it."""
    return await entities.deleted(request, CHARACTERS, at(drama_id), character_id)
