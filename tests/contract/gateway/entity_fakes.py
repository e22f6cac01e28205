"""What is below a drama, behind the gateway: one set of rules for every kind, over the same memory as the other fakes."""

from __future__ import annotations

import hashlib
from typing import Any, TypeVar

from google.protobuf.message import Message

from kit import errors
from sfd.dramas.v1 import (
    character_service_pb2,
    drama_pb2,
    entity_asset_service_pb2,
    episode_service_pb2,
    scene_service_pb2,
)
from sfd.dramas.v1.character_service_pb2_grpc import CharacterServiceServicer
from sfd.dramas.v1.entity_asset_service_pb2_grpc import EntityAssetServiceServicer
from sfd.dramas.v1.episode_service_pb2_grpc import EpisodeServiceServicer
from sfd.dramas.v1.scene_service_pb2_grpc import SceneServiceServicer
from tests.contract.gateway.full_house import FullHouse

R = TypeVar("R", bound=Message)
_MACHINE = ("url", "image_url", "video_url", "etag")


def found(kind: str, rows: Any, entity_id: str) -> Any:
    """Returns the row of this id, or raises NotFound as storage does."""
    for row in rows:
        if row.id == entity_id:
            return row
    raise errors.NotFound(f"{kind} {entity_id} not found", reason=f"{kind.lower()}_not_found")


def stamped(row: Any) -> Any:
    """Returns a copy with its ETag: a hash of what people own."""
    copy = type(row)()
    copy.CopyFrom(row)
    for name in _MACHINE:
        if name in copy.DESCRIPTOR.fields_by_name:
            copy.ClearField(name)
    etag = hashlib.sha256(copy.SerializeToString(deterministic=True)).hexdigest()
    copy.CopyFrom(row)
    copy.etag = etag
    return copy


class Entities:
    """Get, list, create, update, delete in the lists of a drama in memory."""

    kind = ""
    field = ""

    def __init__(self, house: FullHouse) -> None:
        self.house = house

    def rows(self, request: Any) -> Any:
        """Returns the list that the request is about; raises NotFound for a part of the path."""
        raise NotImplementedError

    def get(self, request: Any, entity_id: str) -> Any:
        self.house.take(request)
        return stamped(found(self.kind, self.rows(request), entity_id))

    def every(self, request: Any) -> Any:
        self.house.take(request)
        return [stamped(row) for row in self.rows(request)]

    def create(self, request: Any, reply: type[R]) -> R:
        self.house.take(request)
        return self._once(request, reply, lambda: {self.field: self._create(request)})

    def _create(self, request: Any) -> Any:
        rows, entity = self.rows(request), getattr(request, self.field)
        if any(row.id == entity.id for row in rows):
            raise errors.AlreadyExists(f"{self.kind} {entity.id} exists already.", reason="id_taken", field="id")
        at = request.position if request.HasField("position") else len(rows)
        rows.insert(min(at, len(rows)), entity)
        return stamped(found(self.kind, rows, entity.id))

    def update(self, request: Any, reply: type[R]) -> R:
        self.house.take(request)
        return self._once(request, reply, lambda: {self.field: self._update(request)})

    def _update(self, request: Any) -> Any:
        entity = getattr(request, self.field)
        row = found(self.kind, self.rows(request), entity.id)
        self._check(row, request.if_etag)
        for name in request.update_mask.paths:
            row.ClearField(name)
            if name == "depends_on":
                row.depends_on.extend(entity.depends_on)
            elif not entity.DESCRIPTOR.fields_by_name[name].has_presence or entity.HasField(name):
                setattr(row, name, getattr(entity, name))
        return stamped(row)

    def delete(self, request: Any, entity_id: str, reply: type[R]) -> R:
        self.house.take(request)
        return self._once(request, reply, lambda: self._delete(request, entity_id))

    def _delete(self, request: Any, entity_id: str) -> dict[str, Any]:
        rows = self.rows(request)
        row = found(self.kind, rows, entity_id)
        self._check(row, request.if_etag)
        rows.remove(row)
        return {}

    def _check(self, row: Any, etag: str) -> None:
        if etag and stamped(row).etag != etag:
            raise errors.Conflict(f"{self.kind} {row.id} has changed.", reason="stale_etag")

    def _once(self, request: Any, reply: type[R], work: Any) -> R:
        return self.house.once(request, lambda: reply(**work()))


class Characters(Entities, CharacterServiceServicer):
    """The cast."""

    kind, field = "Character", "character"

    def rows(self, request: Any) -> Any:
        return self.house.drama(request.drama_id).characters

    async def GetCharacter(self, request: character_service_pb2.GetCharacterRequest, context: object) -> Any:
        return character_service_pb2.GetCharacterResponse(character=self.get(request, request.character_id))

    async def ListCharacters(self, request: character_service_pb2.ListCharactersRequest, context: object) -> Any:
        return character_service_pb2.ListCharactersResponse(characters=self.every(request))

    async def CreateCharacter(self, request: character_service_pb2.CreateCharacterRequest, context: object) -> Any:
        return self.create(request, character_service_pb2.CreateCharacterResponse)

    async def UpdateCharacter(self, request: character_service_pb2.UpdateCharacterRequest, context: object) -> Any:
        return self.update(request, character_service_pb2.UpdateCharacterResponse)

    async def DeleteCharacter(self, request: character_service_pb2.DeleteCharacterRequest, context: object) -> Any:
        return self.delete(request, request.character_id, character_service_pb2.DeleteCharacterResponse)


class Episodes(Entities, EpisodeServiceServicer):
    """The episodes."""

    kind, field = "Episode", "episode"

    def rows(self, request: Any) -> Any:
        return self.house.drama(request.drama_id).episodes

    async def GetEpisode(self, request: episode_service_pb2.GetEpisodeRequest, context: object) -> Any:
        return episode_service_pb2.GetEpisodeResponse(episode=self.get(request, request.episode_id))

    async def ListEpisodes(self, request: episode_service_pb2.ListEpisodesRequest, context: object) -> Any:
        return episode_service_pb2.ListEpisodesResponse(episodes=self.every(request))

    async def CreateEpisode(self, request: episode_service_pb2.CreateEpisodeRequest, context: object) -> Any:
        return self.create(request, episode_service_pb2.CreateEpisodeResponse)

    async def UpdateEpisode(self, request: episode_service_pb2.UpdateEpisodeRequest, context: object) -> Any:
        return self.update(request, episode_service_pb2.UpdateEpisodeResponse)

    async def DeleteEpisode(self, request: episode_service_pb2.DeleteEpisodeRequest, context: object) -> Any:
        return self.delete(request, request.episode_id, episode_service_pb2.DeleteEpisodeResponse)


class Scenes(Entities, SceneServiceServicer):
    """The scenes of an episode."""

    kind, field = "Scene", "scene"

    def rows(self, request: Any) -> Any:
        return found("Episode", self.house.drama(request.drama_id).episodes, request.episode_id).scenes

    async def GetScene(self, request: scene_service_pb2.GetSceneRequest, context: object) -> Any:
        return scene_service_pb2.GetSceneResponse(scene=self.get(request, request.scene_id))

    async def ListScenes(self, request: scene_service_pb2.ListScenesRequest, context: object) -> Any:
        return scene_service_pb2.ListScenesResponse(scenes=self.every(request))

    async def CreateScene(self, request: scene_service_pb2.CreateSceneRequest, context: object) -> Any:
        return self.create(request, scene_service_pb2.CreateSceneResponse)

    async def UpdateScene(self, request: scene_service_pb2.UpdateSceneRequest, context: object) -> Any:
        return self.update(request, scene_service_pb2.UpdateSceneResponse)

    async def DeleteScene(self, request: scene_service_pb2.DeleteSceneRequest, context: object) -> Any:
        return self.delete(request, request.scene_id, scene_service_pb2.DeleteSceneResponse)


class EntityAssets(Entities, EntityAssetServiceServicer):
    """The assets of any owner."""

    kind, field = "Asset", "asset"

    def rows(self, request: Any) -> Any:
        drama: drama_pb2.Drama = self.house.drama(request.drama_id)
        if request.character_id:
            return found("Character", drama.characters, request.character_id).assets
        if not request.episode_id:
            return drama.assets
        episode = found("Episode", drama.episodes, request.episode_id)
        return found("Scene", episode.scenes, request.scene_id).assets if request.scene_id else episode.assets

    async def GetEntityAsset(self, request: entity_asset_service_pb2.GetEntityAssetRequest, context: object) -> Any:
        return entity_asset_service_pb2.GetEntityAssetResponse(asset=self.get(request, request.asset_id))

    async def ListEntityAssets(self, request: entity_asset_service_pb2.ListEntityAssetsRequest, context: object) -> Any:
        return entity_asset_service_pb2.ListEntityAssetsResponse(assets=self.every(request))

    async def CreateEntityAsset(
        self, request: entity_asset_service_pb2.CreateEntityAssetRequest, context: object
    ) -> Any:
        return self.create(request, entity_asset_service_pb2.CreateEntityAssetResponse)

    async def UpdateEntityAsset(
        self, request: entity_asset_service_pb2.UpdateEntityAssetRequest, context: object
    ) -> Any:
        return self.update(request, entity_asset_service_pb2.UpdateEntityAssetResponse)

    async def DeleteEntityAsset(
        self, request: entity_asset_service_pb2.DeleteEntityAssetRequest, context: object
    ) -> Any:
        return self.delete(request, request.asset_id, entity_asset_service_pb2.DeleteEntityAssetResponse)
