"""The drama as its contract shows it, from and to the house's own form."""

from __future__ import annotations

from typing import Any

from kit import jsonio
from kit.drama_json import metadata_json
from kit.providers.catalogue import house
from kit.providers.dramas import film_makers
from services.gateway.problems import invalid
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

KIND_OF = {"image": pb.ASSET_KIND_IMAGE, "video": pb.ASSET_KIND_VIDEO}
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
"""What a vendor has; the roles it lacks take the house's default. Every other vendor of films films alone."""


def metadata_of(asset: pb.EntityAsset) -> dict[str, Any]:
    """Returns an asset's metadata; empty when it has none."""
    found = metadata_json(asset)
    return found if isinstance(found, dict) else {}


def drama_proto(body: DramaBody) -> pb.Drama:
    """Returns the house's form of a drama that a client sent."""
    return pb.Drama(
        id=body.id,
        title=body.title,
        description=body.description,
        premise=body.premise,
        url=body.url,
        characters=[character_proto(c) for c in body.characters],
        episodes=[episode_proto(e) for e in body.episodes],
        assets=[asset_proto(a) for a in body.assets],
        metadata_json=metadata_text(body.metadata),
    )


def character_proto(body: CharacterBody) -> pb.Character:
    """Returns the house\'s form of a character."""
    return pb.Character(
        id=body.id,
        name=body.name,
        description=body.description,
        gender=body.gender,
        voice_description=body.voice_description,
        main=body.main,
        url=body.url,
        premise_url=body.premise_url,
        assets=[asset_proto(a) for a in body.assets],
        metadata_json=metadata_text(body.metadata),
    )


def episode_proto(body: EpisodeBody) -> pb.Episode:
    """Returns the house\'s form of an episode with its scenes."""
    return pb.Episode(
        id=body.id,
        title=body.title,
        description=body.description,
        premise=body.premise,
        url=body.url,
        scenes=[scene_proto(s) for s in body.scenes],
        assets=[asset_proto(a) for a in body.assets],
        metadata_json=metadata_text(body.metadata),
    )


def scene_proto(body: SceneBody) -> pb.Scene:
    """Returns the house\'s form of a scene."""
    return pb.Scene(
        id=body.id,
        description=body.description,
        image_url=body.image_url,
        video_url=body.video_url,
        assets=[asset_proto(a) for a in body.assets],
        metadata_json=metadata_text(body.metadata),
    )


def asset_proto(body: AssetBody) -> pb.EntityAsset:
    """Returns the house\'s form of an asset."""
    return pb.EntityAsset(
        id=body.id,
        kind=KIND_OF[body.kind],
        depends_on=body.depends_on,
        prompt=body.prompt,
        duration=body.duration,
        url=body.url,
        metadata_json=metadata_text(body.metadata),
    )


def metadata_text(metadata: dict[str, Any] | None) -> str | None:
    """Returns metadata as the text that is kept; None for none."""
    return None if metadata is None else jsonio.dumps(metadata)


def changes(drama_id: str, body: UpdateDramaBody) -> tuple[pb.Drama, list[str]]:
    """Returns the drama that carries the sent fields, and their names in the house's form; a sent null clears its field."""
    drama = pb.Drama(id=drama_id)
    sent = [name for name in _FIELDS if name in body.model_fields_set]
    for name in sent:
        value = getattr(body, name)
        if value is not None:
            setattr(drama, _FIELDS[name], metadata_text(value) if name == "metadata" else value)
    return drama, [_FIELDS[name] for name in sent]


def cast_of(makers: MakersBody) -> story_pb2.Cast:
    """Returns who writes, draws and films: `cast` before `provider`, `model` is the writer's.

    Raises a 422 problem for a provider that the house does not have.
    """
    cast = story_pb2.Cast()
    if makers.provider:
        known = dict.fromkeys(film_makers(house()), ("filmer",)) | _CAN
        roles = known.get(makers.provider)
        if roles is None:
            raise invalid(("provider",), f"Input should be one of {', '.join(sorted(known))}", "literal_error")
        for role in roles:
            setattr(cast, role, makers.provider)
    if makers.model:
        cast.writer_model = makers.model
    if makers.cast:
        cast.MergeFrom(story_pb2.Cast(**makers.cast.model_dump(include=set(type(makers.cast).model_fields))))
    return cast
