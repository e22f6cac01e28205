"""The drama as its contract shows it, from and to the house's own form."""

from __future__ import annotations

import json
from typing import Any

from kit import jsonio
from services.gateway.problems import Json, invalid
from services.gateway.views.models import (
    AssetBody,
    CharacterBody,
    DramaBody,
    EpisodeBody,
    MakersBody,
    SceneBody,
    UpdateDramaBody,
)
from sfd.dramas.v1 import drama_pb2 as pb
from sfd.story.v1 import story_pb2

_KINDS = {pb.ASSET_KIND_IMAGE: "image", pb.ASSET_KIND_VIDEO: "video"}
_KIND_OF = {"image": pb.ASSET_KIND_IMAGE, "video": pb.ASSET_KIND_VIDEO}
_FIELDS = {
    "title": "title",
    "description": "description",
    "premise": "premise",
    "metadata": "metadata_json",
    "url": "url",
}
_CAN = {
    "local": ("writer", "painter", "filmer"),
    "openai": ("writer", "painter", "filmer"),
    "gemini": ("writer", "painter"),
}
"""What a vendor has; the roles it lacks take the house's default."""


def drama_json(drama: pb.Drama) -> dict[str, Json]:
    """Returns the whole drama, exactly the contract's fields."""
    return {
        "id": drama.id,
        "title": drama.title,
        "description": drama.description,
        "premise": drama.premise,
        "url": drama.url if drama.HasField("url") else None,
        "characters": [_character(c) for c in drama.characters],
        "episodes": [_episode(e) for e in drama.episodes],
        "assets": [asset_json(a) for a in drama.assets],
        "metadata": _metadata(drama),
    }


def summary_json(drama: pb.DramaSummary) -> dict[str, Json]:
    """Returns the list view of a drama."""
    return {
        "id": drama.id,
        "title": drama.title,
        "description": drama.description,
        "premise": drama.premise,
        "url": drama.url if drama.HasField("url") else None,
        "metadata": _metadata(drama),
    }


def asset_json(asset: pb.EntityAsset) -> dict[str, Json]:
    """Returns an asset of a drama."""
    return {
        "id": asset.id,
        "kind": _KINDS.get(asset.kind, "image"),
        "depends_on": list(asset.depends_on),
        "prompt": asset.prompt,
        "duration": asset.duration if asset.HasField("duration") else None,
        "url": asset.url if asset.HasField("url") else None,
        "metadata": _metadata(asset),
    }


def metadata_of(asset: pb.EntityAsset) -> dict[str, Any]:
    """Returns an asset's metadata; empty when it has none."""
    found = _metadata(asset)
    return found if isinstance(found, dict) else {}


def _character(character: pb.Character) -> dict[str, Json]:
    return {
        "id": character.id,
        "name": character.name,
        "description": character.description,
        "gender": character.gender,
        "voice_description": character.voice_description,
        "main": character.main,
        "url": character.url if character.HasField("url") else None,
        "premise_url": character.premise_url if character.HasField("premise_url") else None,
        "assets": [asset_json(a) for a in character.assets],
        "metadata": _metadata(character),
    }


def _episode(episode: pb.Episode) -> dict[str, Json]:
    return {
        "id": episode.id,
        "title": episode.title,
        "description": episode.description,
        "premise": episode.premise if episode.HasField("premise") else None,
        "url": episode.url if episode.HasField("url") else None,
        "scenes": [_scene(s) for s in episode.scenes],
        "assets": [asset_json(a) for a in episode.assets],
        "metadata": _metadata(episode),
    }


def _scene(scene: pb.Scene) -> dict[str, Json]:
    return {
        "id": scene.id,
        "description": scene.description,
        "image_url": scene.image_url if scene.HasField("image_url") else None,
        "video_url": scene.video_url if scene.HasField("video_url") else None,
        "assets": [asset_json(a) for a in scene.assets],
        "metadata": _metadata(scene),
    }


def _metadata(owner: pb.Drama | pb.DramaSummary | pb.Character | pb.Episode | pb.Scene | pb.EntityAsset) -> Json:
    if not owner.HasField("metadata_json") or not owner.metadata_json:
        return None
    found: Json = json.loads(owner.metadata_json)
    return found


def drama_proto(body: DramaBody) -> pb.Drama:
    """Returns the house's form of a drama that a client sent."""
    return pb.Drama(
        id=body.id,
        title=body.title,
        description=body.description,
        premise=body.premise,
        url=body.url,
        characters=[_character_proto(c) for c in body.characters],
        episodes=[_episode_proto(e) for e in body.episodes],
        assets=[_asset_proto(a) for a in body.assets],
        metadata_json=_text(body.metadata),
    )


def _character_proto(body: CharacterBody) -> pb.Character:
    return pb.Character(
        id=body.id,
        name=body.name,
        description=body.description,
        gender=body.gender,
        voice_description=body.voice_description,
        main=body.main,
        url=body.url,
        premise_url=body.premise_url,
        assets=[_asset_proto(a) for a in body.assets],
        metadata_json=_text(body.metadata),
    )


def _episode_proto(body: EpisodeBody) -> pb.Episode:
    return pb.Episode(
        id=body.id,
        title=body.title,
        description=body.description,
        premise=body.premise,
        url=body.url,
        scenes=[_scene_proto(s) for s in body.scenes],
        assets=[_asset_proto(a) for a in body.assets],
        metadata_json=_text(body.metadata),
    )


def _scene_proto(body: SceneBody) -> pb.Scene:
    return pb.Scene(
        id=body.id,
        description=body.description,
        image_url=body.image_url,
        video_url=body.video_url,
        assets=[_asset_proto(a) for a in body.assets],
        metadata_json=_text(body.metadata),
    )


def _asset_proto(body: AssetBody) -> pb.EntityAsset:
    return pb.EntityAsset(
        id=body.id,
        kind=_KIND_OF[body.kind],
        depends_on=body.depends_on,
        prompt=body.prompt,
        duration=body.duration,
        url=body.url,
        metadata_json=_text(body.metadata),
    )


def _text(metadata: dict[str, Any] | None) -> str | None:
    return None if metadata is None else jsonio.dumps(metadata)


def changes(drama_id: str, body: UpdateDramaBody) -> tuple[pb.Drama, list[str]]:
    """Returns the drama that carries the sent fields, and their names in the house's form; a sent null clears its field."""
    drama = pb.Drama(id=drama_id)
    sent = [name for name in _FIELDS if name in body.model_fields_set]
    for name in sent:
        value = getattr(body, name)
        if value is not None:
            setattr(drama, _FIELDS[name], _text(value) if name == "metadata" else value)
    return drama, [_FIELDS[name] for name in sent]


def cast_of(makers: MakersBody) -> story_pb2.Cast:
    """Returns who writes, draws and films: `cast` before `provider`, `model` is the writer's.

    Raises a 422 problem for a provider that the house does not have.
    """
    cast = story_pb2.Cast()
    if makers.provider:
        roles = _CAN.get(makers.provider)
        if roles is None:
            raise invalid(("provider",), f"Input should be one of {', '.join(sorted(_CAN))}", "literal_error")
        for role in roles:
            setattr(cast, role, makers.provider)
    if makers.model:
        cast.writer_model = makers.model
    if makers.cast:
        cast.MergeFrom(story_pb2.Cast(**makers.cast.model_dump(include=set(type(makers.cast).model_fields))))
    return cast
