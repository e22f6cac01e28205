"""Assets: the pictures and films that a drama, a character, an episode or a scene asks for. One set of handlers for every owner."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request

from services.gateway import body as bodies
from services.gateway import docs, entities
from services.gateway.entity_calls import ASSETS
from services.gateway.responses import JsonResponse
from services.gateway.views import drama as view
from services.gateway.views import entity_models, entity_replies, models, replies
from services.gateway.where import Where, at
from sfd.dramas.v1 import drama_pb2

router = APIRouter(tags=["assets"])
OWNERS = (
    "/dramas/{drama_id}",
    "/dramas/{drama_id}/characters/{character_id}",
    "/dramas/{drama_id}/episodes/{episode_id}",
    "/dramas/{drama_id}/episodes/{episode_id}/scenes/{scene_id}",
)
"""Whose assets have routes."""
_NAMES = ("character_id", "episode_id", "scene_id")


def _owner(request: Request) -> Where:
    """Returns the path of the owner."""
    told = request.path_params
    return at(told["drama_id"], **{name: told[name] for name in _NAMES if name in told})


async def list_assets(request: Request) -> JsonResponse:
    """Assets, in order."""
    return await entities.listed(request, ASSETS, _owner(request))


async def create_asset(request: Request) -> JsonResponse:
    """Adds an asset, last or at `position`; an id that is taken is a 409."""
    where = _owner(request)
    parsed = await bodies.read(request, entity_models.NewAssetBody)
    made = view.asset_proto(parsed.value)
    return await entities.created(request, ASSETS, where, made, parsed, parsed.value.position)


async def get_asset(request: Request, asset_id: str) -> JsonResponse:
    """One asset, with its ETag."""
    return await entities.got(request, ASSETS, _owner(request), asset_id)


async def update_asset(request: Request, asset_id: str) -> JsonResponse:
    """Changes the fields that were sent."""
    where = _owner(request)
    parsed = await bodies.read(request, entity_models.UpdateAssetBody)
    return await entities.updated(request, ASSETS, where, drama_pb2.EntityAsset(id=asset_id), parsed)


async def delete_asset(request: Request, asset_id: str) -> JsonResponse:
    """Removes the asset; its takes go with it."""
    return await entities.deleted(request, ASSETS, _owner(request), asset_id)


def _mount(owner: str) -> None:
    """Adds the five routes of one owner; the ids of its path are documented here, since one handler serves every path."""
    parts = [part.strip("{}") for part in owner.split("/") if part.startswith("{")]
    ids = [{"name": part, "in": "path", "required": True, "schema": {"type": "string"}} for part in parts]
    many, one = f"{owner}/assets", f"{owner}/assets/{{asset_id}}"
    asset: dict[str, Any] = {"model": models.AssetBody}
    gone: dict[str, Any] = {"model": replies.Deleted}
    listed: dict[str, Any] = {"model": entity_replies.AssetList}
    written = docs.errors(400, 404, 409, 412, 413, 415, 422)
    new, change = docs.body(entity_models.NewAssetBody), docs.body(entity_models.UpdateAssetBody)
    table: tuple[tuple[str, str, Callable[..., Any], int, dict[int | str, Any], dict[str, Any]], ...] = (
        ("GET", many, list_assets, 200, {200: listed, **docs.errors(404)}, {}),
        ("POST", many, create_asset, 201, {201: asset, **written}, new),
        ("GET", one, get_asset, 200, {200: asset, **docs.errors(404)}, {}),
        ("PATCH", one, update_asset, 200, {200: asset, **written}, change),
        ("DELETE", one, delete_asset, 200, {200: gone, **docs.errors(404, 412)}, {}),
    )
    for method, path, handler, status, told, documented in table:
        router.add_api_route(
            path,
            handler,
            methods=[method],
            status_code=status,
            response_model=None,
            responses=told,
            operation_id=f"{handler.__name__}_of_{parts[-1].removesuffix('_id')}",
            openapi_extra={**documented, "parameters": ids},
        )


for _owner_path in OWNERS:
    _mount(_owner_path)
