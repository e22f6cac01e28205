"""The calls behind what is below a drama: one class for each kind, all of one shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

from google.protobuf.field_mask_pb2 import FieldMask

from kit import drama_json
from services.gateway.backends import RPC_SECONDS, Backends
from services.gateway.where import Where
from sfd.dramas.v1 import character_service_pb2 as character_pb
from sfd.dramas.v1 import drama_pb2 as pb
from sfd.dramas.v1 import entity_asset_service_pb2 as asset_pb
from sfd.dramas.v1 import episode_service_pb2 as episode_pb
from sfd.dramas.v1 import scene_service_pb2 as scene_pb

E = TypeVar("E", pb.Character, pb.Episode, pb.Scene, pb.EntityAsset)
_T = RPC_SECONDS


class Calls(Protocol[E]):
    """Reads and changes one kind of entity. `where` is the path to its owner."""

    kind: str
    many: str

    def json(self, entity: E) -> dict[str, Any]:
        """Returns the entity as the contract shows it."""

    async def get(self, to: Backends, where: Where, entity_id: str) -> E:
        """Returns one."""

    async def every(self, to: Backends, where: Where) -> Sequence[E]:
        """Returns all, in order."""

    async def create(self, to: Backends, where: Where, entity: E, position: int | None, key: str) -> E:
        """Adds one and returns it as stored."""

    async def update(self, to: Backends, where: Where, entity: E, mask: list[str], etag: str, key: str) -> E:
        """Changes the fields of the mask and returns the entity."""

    async def delete(self, to: Backends, where: Where, entity_id: str, etag: str, key: str) -> None:
        """Removes one."""


class Characters:
    """The cast of a drama."""

    kind, many = "Character", "characters"

    def json(self, entity: pb.Character) -> dict[str, Any]:
        return drama_json.character_json(entity)

    async def get(self, to: Backends, where: Where, entity_id: str) -> pb.Character:
        call = character_pb.GetCharacterRequest(drama_id=where.drama_id, character_id=entity_id)
        return (await to.characters.GetCharacter(call, timeout=_T)).character

    async def every(self, to: Backends, where: Where) -> Sequence[pb.Character]:
        call = character_pb.ListCharactersRequest(drama_id=where.drama_id)
        return (await to.characters.ListCharacters(call, timeout=_T)).characters

    async def create(
        self, to: Backends, where: Where, entity: pb.Character, position: int | None, key: str
    ) -> pb.Character:
        call = character_pb.CreateCharacterRequest(
            drama_id=where.drama_id, character=entity, position=position, request_id=key
        )
        return (await to.characters.CreateCharacter(call, timeout=_T)).character

    async def update(
        self, to: Backends, where: Where, entity: pb.Character, mask: list[str], etag: str, key: str
    ) -> pb.Character:
        call = character_pb.UpdateCharacterRequest(
            drama_id=where.drama_id,
            character=entity,
            update_mask=FieldMask(paths=mask),
            if_etag=etag,
            request_id=key,
        )
        return (await to.characters.UpdateCharacter(call, timeout=_T)).character

    async def delete(self, to: Backends, where: Where, entity_id: str, etag: str, key: str) -> None:
        call = character_pb.DeleteCharacterRequest(
            drama_id=where.drama_id, character_id=entity_id, if_etag=etag, request_id=key
        )
        await to.characters.DeleteCharacter(call, timeout=_T)


class Episodes:
    """The episodes of a drama."""

    kind, many = "Episode", "episodes"

    def json(self, entity: pb.Episode) -> dict[str, Any]:
        return drama_json.episode_json(entity)

    async def get(self, to: Backends, where: Where, entity_id: str) -> pb.Episode:
        call = episode_pb.GetEpisodeRequest(drama_id=where.drama_id, episode_id=entity_id)
        return (await to.episodes.GetEpisode(call, timeout=_T)).episode

    async def every(self, to: Backends, where: Where) -> Sequence[pb.Episode]:
        call = episode_pb.ListEpisodesRequest(drama_id=where.drama_id)
        return (await to.episodes.ListEpisodes(call, timeout=_T)).episodes

    async def create(
        self, to: Backends, where: Where, entity: pb.Episode, position: int | None, key: str
    ) -> pb.Episode:
        call = episode_pb.CreateEpisodeRequest(
            drama_id=where.drama_id, episode=entity, position=position, request_id=key
        )
        return (await to.episodes.CreateEpisode(call, timeout=_T)).episode

    async def update(
        self, to: Backends, where: Where, entity: pb.Episode, mask: list[str], etag: str, key: str
    ) -> pb.Episode:
        call = episode_pb.UpdateEpisodeRequest(
            drama_id=where.drama_id, episode=entity, update_mask=FieldMask(paths=mask), if_etag=etag, request_id=key
        )
        return (await to.episodes.UpdateEpisode(call, timeout=_T)).episode

    async def delete(self, to: Backends, where: Where, entity_id: str, etag: str, key: str) -> None:
        call = episode_pb.DeleteEpisodeRequest(
            drama_id=where.drama_id, episode_id=entity_id, if_etag=etag, request_id=key
        )
        await to.episodes.DeleteEpisode(call, timeout=_T)


class Scenes:
    """The scenes of an episode."""

    kind, many = "Scene", "scenes"

    def json(self, entity: pb.Scene) -> dict[str, Any]:
        return drama_json.scene_json(entity)

    async def get(self, to: Backends, where: Where, entity_id: str) -> pb.Scene:
        call = scene_pb.GetSceneRequest(drama_id=where.drama_id, episode_id=where.episode_id, scene_id=entity_id)
        return (await to.scenes.GetScene(call, timeout=_T)).scene

    async def every(self, to: Backends, where: Where) -> Sequence[pb.Scene]:
        call = scene_pb.ListScenesRequest(drama_id=where.drama_id, episode_id=where.episode_id)
        return (await to.scenes.ListScenes(call, timeout=_T)).scenes

    async def create(self, to: Backends, where: Where, entity: pb.Scene, position: int | None, key: str) -> pb.Scene:
        call = scene_pb.CreateSceneRequest(
            drama_id=where.drama_id, episode_id=where.episode_id, scene=entity, position=position, request_id=key
        )
        return (await to.scenes.CreateScene(call, timeout=_T)).scene

    async def update(
        self, to: Backends, where: Where, entity: pb.Scene, mask: list[str], etag: str, key: str
    ) -> pb.Scene:
        call = scene_pb.UpdateSceneRequest(
            drama_id=where.drama_id,
            episode_id=where.episode_id,
            scene=entity,
            update_mask=FieldMask(paths=mask),
            if_etag=etag,
            request_id=key,
        )
        return (await to.scenes.UpdateScene(call, timeout=_T)).scene

    async def delete(self, to: Backends, where: Where, entity_id: str, etag: str, key: str) -> None:
        call = scene_pb.DeleteSceneRequest(
            drama_id=where.drama_id, episode_id=where.episode_id, scene_id=entity_id, if_etag=etag, request_id=key
        )
        await to.scenes.DeleteScene(call, timeout=_T)


class EntityAssets:
    """The assets of a drama, a character, an episode or a scene."""

    kind, many = "Asset", "assets"

    def json(self, entity: pb.EntityAsset) -> dict[str, Any]:
        return drama_json.asset_json(entity)

    async def get(self, to: Backends, where: Where, entity_id: str) -> pb.EntityAsset:
        call = asset_pb.GetEntityAssetRequest(
            drama_id=where.drama_id,
            character_id=where.character_id,
            episode_id=where.episode_id,
            scene_id=where.scene_id,
            asset_id=entity_id,
        )
        return (await to.entity_assets.GetEntityAsset(call, timeout=_T)).asset

    async def every(self, to: Backends, where: Where) -> Sequence[pb.EntityAsset]:
        call = asset_pb.ListEntityAssetsRequest(
            drama_id=where.drama_id,
            character_id=where.character_id,
            episode_id=where.episode_id,
            scene_id=where.scene_id,
        )
        return (await to.entity_assets.ListEntityAssets(call, timeout=_T)).assets

    async def create(
        self, to: Backends, where: Where, entity: pb.EntityAsset, position: int | None, key: str
    ) -> pb.EntityAsset:
        call = asset_pb.CreateEntityAssetRequest(
            drama_id=where.drama_id,
            character_id=where.character_id,
            episode_id=where.episode_id,
            scene_id=where.scene_id,
            asset=entity,
            position=position,
            request_id=key,
        )
        return (await to.entity_assets.CreateEntityAsset(call, timeout=_T)).asset

    async def update(
        self, to: Backends, where: Where, entity: pb.EntityAsset, mask: list[str], etag: str, key: str
    ) -> pb.EntityAsset:
        call = asset_pb.UpdateEntityAssetRequest(
            drama_id=where.drama_id,
            character_id=where.character_id,
            episode_id=where.episode_id,
            scene_id=where.scene_id,
            asset=entity,
            update_mask=FieldMask(paths=mask),
            if_etag=etag,
            request_id=key,
        )
        return (await to.entity_assets.UpdateEntityAsset(call, timeout=_T)).asset

    async def delete(self, to: Backends, where: Where, entity_id: str, etag: str, key: str) -> None:
        call = asset_pb.DeleteEntityAssetRequest(
            drama_id=where.drama_id,
            character_id=where.character_id,
            episode_id=where.episode_id,
            scene_id=where.scene_id,
            asset_id=entity_id,
            if_etag=etag,
            request_id=key,
        )
        await to.entity_assets.DeleteEntityAsset(call, timeout=_T)


CHARACTERS, EPISODES, SCENES, ASSETS = Characters(), Episodes(), Scenes(), EntityAssets()
