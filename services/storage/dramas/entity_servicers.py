"""The services of a drama's entities: decode, one use case, encode. What they have in common is in `entities.py`."""

from __future__ import annotations

from typing import Any

from kit.rpc.server import Served
from services.storage.dramas.entities import Entities
from services.storage.dramas.kinds import Place, assets_of, cast, scenes_of, season
from sfd.dramas.v1 import character_service_pb2 as characters
from sfd.dramas.v1 import character_service_pb2_grpc as characters_grpc
from sfd.dramas.v1 import entity_asset_service_pb2 as assets
from sfd.dramas.v1 import entity_asset_service_pb2_grpc as assets_grpc
from sfd.dramas.v1 import episode_service_pb2 as episodes
from sfd.dramas.v1 import episode_service_pb2_grpc as episodes_grpc
from sfd.dramas.v1 import scene_service_pb2 as scenes
from sfd.dramas.v1 import scene_service_pb2_grpc as scenes_grpc


def entity_services(entities: Entities) -> list[Served]:
    """Returns the four services, ready to be served."""
    return [
        Served(
            characters.DESCRIPTOR.services_by_name["CharacterService"],
            lambda server: characters_grpc.add_CharacterServiceServicer_to_server(CharacterServicer(entities), server),
        ),
        Served(
            episodes.DESCRIPTOR.services_by_name["EpisodeService"],
            lambda server: episodes_grpc.add_EpisodeServiceServicer_to_server(EpisodeServicer(entities), server),
        ),
        Served(
            scenes.DESCRIPTOR.services_by_name["SceneService"],
            lambda server: scenes_grpc.add_SceneServiceServicer_to_server(SceneServicer(entities), server),
        ),
        Served(
            assets.DESCRIPTOR.services_by_name["EntityAssetService"],
            lambda server: assets_grpc.add_EntityAssetServiceServicer_to_server(EntityAssetServicer(entities), server),
        ),
    ]


class CharacterServicer(characters_grpc.CharacterServiceServicer):
    """The cast of the caller's dramas."""

    def __init__(self, entities: Entities) -> None:
        self._entities = entities

    async def GetCharacter(
        self, request: characters.GetCharacterRequest, context: Any
    ) -> characters.GetCharacterResponse:
        """One character."""
        found = await self._entities.get(request.drama_id, cast(), request.character_id)
        return characters.GetCharacterResponse(character=found)

    async def ListCharacters(
        self, request: characters.ListCharactersRequest, context: Any
    ) -> characters.ListCharactersResponse:
        """All of them, in order."""
        found = await self._entities.list(request.drama_id, cast())
        return characters.ListCharactersResponse(characters=found)

    async def CreateCharacter(
        self, request: characters.CreateCharacterRequest, context: Any
    ) -> characters.CreateCharacterResponse:
        """Adds one."""
        position = request.position if request.HasField("position") else None
        return await self._entities.create(
            request, characters.CreateCharacterResponse, request.drama_id, cast(), request.character, position
        )

    async def UpdateCharacter(
        self, request: characters.UpdateCharacterRequest, context: Any
    ) -> characters.UpdateCharacterResponse:
        """Changes the masked fields."""
        paths = request.update_mask.paths
        return await self._entities.update(
            request, characters.UpdateCharacterResponse, request.drama_id, cast(), request.character, paths
        )

    async def DeleteCharacter(
        self, request: characters.DeleteCharacterRequest, context: Any
    ) -> characters.DeleteCharacterResponse:
        """Removes one with all that is under it."""
        return await self._entities.delete(
            request, characters.DeleteCharacterResponse, request.drama_id, cast(), request.character_id
        )


class EpisodeServicer(episodes_grpc.EpisodeServiceServicer):
    """The episodes of the caller's dramas."""

    def __init__(self, entities: Entities) -> None:
        self._entities = entities

    async def GetEpisode(self, request: episodes.GetEpisodeRequest, context: Any) -> episodes.GetEpisodeResponse:
        """One episode."""
        found = await self._entities.get(request.drama_id, season(), request.episode_id)
        return episodes.GetEpisodeResponse(episode=found)

    async def ListEpisodes(self, request: episodes.ListEpisodesRequest, context: Any) -> episodes.ListEpisodesResponse:
        """All of them, in order."""
        found = await self._entities.list(request.drama_id, season())
        return episodes.ListEpisodesResponse(episodes=found)

    async def CreateEpisode(
        self, request: episodes.CreateEpisodeRequest, context: Any
    ) -> episodes.CreateEpisodeResponse:
        """Adds one."""
        position = request.position if request.HasField("position") else None
        return await self._entities.create(
            request, episodes.CreateEpisodeResponse, request.drama_id, season(), request.episode, position
        )

    async def UpdateEpisode(
        self, request: episodes.UpdateEpisodeRequest, context: Any
    ) -> episodes.UpdateEpisodeResponse:
        """Changes the masked fields."""
        paths = request.update_mask.paths
        return await self._entities.update(
            request, episodes.UpdateEpisodeResponse, request.drama_id, season(), request.episode, paths
        )

    async def DeleteEpisode(
        self, request: episodes.DeleteEpisodeRequest, context: Any
    ) -> episodes.DeleteEpisodeResponse:
        """Removes one with all that is under it."""
        return await self._entities.delete(
            request, episodes.DeleteEpisodeResponse, request.drama_id, season(), request.episode_id
        )


class SceneServicer(scenes_grpc.SceneServiceServicer):
    """The scenes of the caller's episodes."""

    def __init__(self, entities: Entities) -> None:
        self._entities = entities

    async def GetScene(self, request: scenes.GetSceneRequest, context: Any) -> scenes.GetSceneResponse:
        """One scene."""
        found = await self._entities.get(request.drama_id, scenes_of(request.episode_id), request.scene_id)
        return scenes.GetSceneResponse(scene=found)

    async def ListScenes(self, request: scenes.ListScenesRequest, context: Any) -> scenes.ListScenesResponse:
        """All of them, in order."""
        found = await self._entities.list(request.drama_id, scenes_of(request.episode_id))
        return scenes.ListScenesResponse(scenes=found)

    async def CreateScene(self, request: scenes.CreateSceneRequest, context: Any) -> scenes.CreateSceneResponse:
        """Adds one."""
        position = request.position if request.HasField("position") else None
        return await self._entities.create(
            request,
            scenes.CreateSceneResponse,
            request.drama_id,
            scenes_of(request.episode_id),
            request.scene,
            position,
        )

    async def UpdateScene(self, request: scenes.UpdateSceneRequest, context: Any) -> scenes.UpdateSceneResponse:
        """Changes the masked fields."""
        paths = request.update_mask.paths
        return await self._entities.update(
            request, scenes.UpdateSceneResponse, request.drama_id, scenes_of(request.episode_id), request.scene, paths
        )

    async def DeleteScene(self, request: scenes.DeleteSceneRequest, context: Any) -> scenes.DeleteSceneResponse:
        """Removes one with all that is under it."""
        return await self._entities.delete(
            request, scenes.DeleteSceneResponse, request.drama_id, scenes_of(request.episode_id), request.scene_id
        )


def _assets(
    request: assets.GetEntityAssetRequest
    | assets.ListEntityAssetsRequest
    | assets.CreateEntityAssetRequest
    | assets.UpdateEntityAssetRequest
    | assets.DeleteEntityAssetRequest,
) -> Place:
    return assets_of(request.character_id, request.episode_id, request.scene_id)


class EntityAssetServicer(assets_grpc.EntityAssetServiceServicer):
    """What the caller's dramas and their entities ask for."""

    def __init__(self, entities: Entities) -> None:
        self._entities = entities

    async def GetEntityAsset(
        self, request: assets.GetEntityAssetRequest, context: Any
    ) -> assets.GetEntityAssetResponse:
        """One asset."""
        found = await self._entities.get(request.drama_id, _assets(request), request.asset_id)
        return assets.GetEntityAssetResponse(asset=found)

    async def ListEntityAssets(
        self, request: assets.ListEntityAssetsRequest, context: Any
    ) -> assets.ListEntityAssetsResponse:
        """All of them, in order."""
        found = await self._entities.list(request.drama_id, _assets(request))
        return assets.ListEntityAssetsResponse(assets=found)

    async def CreateEntityAsset(
        self, request: assets.CreateEntityAssetRequest, context: Any
    ) -> assets.CreateEntityAssetResponse:
        """Adds one."""
        position = request.position if request.HasField("position") else None
        return await self._entities.create(
            request, assets.CreateEntityAssetResponse, request.drama_id, _assets(request), request.asset, position
        )

    async def UpdateEntityAsset(
        self, request: assets.UpdateEntityAssetRequest, context: Any
    ) -> assets.UpdateEntityAssetResponse:
        """Changes the masked fields."""
        paths = request.update_mask.paths
        return await self._entities.update(
            request, assets.UpdateEntityAssetResponse, request.drama_id, _assets(request), request.asset, paths
        )

    async def DeleteEntityAsset(
        self, request: assets.DeleteEntityAssetRequest, context: Any
    ) -> assets.DeleteEntityAssetResponse:
        """Removes one with all that is under it."""
        return await self._entities.delete(
            request, assets.DeleteEntityAssetResponse, request.drama_id, _assets(request), request.asset_id
        )
