"""A drama as JSON: exactly the fields, names and nulls of the public contract. Served by the gateway, exported by storage."""

from __future__ import annotations

import json
from typing import Any, TypeAlias

from sfd.dramas.v1 import drama_pb2 as pb

Object: TypeAlias = dict[str, Any]

_KINDS = {pb.ASSET_KIND_IMAGE: "image", pb.ASSET_KIND_VIDEO: "video"}
Owner: TypeAlias = pb.Drama | pb.DramaSummary | pb.Character | pb.Episode | pb.Scene | pb.EntityAsset


def metadata_json(owner: Owner) -> Any:
    """Returns the metadata of anything that has some: an object, or None."""
    return json.loads(owner.metadata_json) if owner.HasField("metadata_json") and owner.metadata_json else None


def drama_json(drama: pb.Drama) -> Object:
    """Returns the whole drama."""
    return {
        "id": drama.id,
        "title": drama.title,
        "description": drama.description,
        "premise": drama.premise,
        "url": drama.url if drama.HasField("url") else None,
        "characters": [character_json(c) for c in drama.characters],
        "episodes": [episode_json(e) for e in drama.episodes],
        "assets": [asset_json(a) for a in drama.assets],
        "metadata": metadata_json(drama),
    }


def summary_json(drama: pb.DramaSummary) -> Object:
    """Returns the list view of a drama."""
    return {
        "id": drama.id,
        "title": drama.title,
        "description": drama.description,
        "premise": drama.premise,
        "url": drama.url if drama.HasField("url") else None,
        "metadata": metadata_json(drama),
    }


def character_json(character: pb.Character) -> Object:
    """Returns a character."""
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
        "metadata": metadata_json(character),
    }


def episode_json(episode: pb.Episode) -> Object:
    """Returns an episode with its scenes."""
    return {
        "id": episode.id,
        "title": episode.title,
        "description": episode.description,
        "premise": episode.premise if episode.HasField("premise") else None,
        "url": episode.url if episode.HasField("url") else None,
        "scenes": [scene_json(s) for s in episode.scenes],
        "assets": [asset_json(a) for a in episode.assets],
        "metadata": metadata_json(episode),
    }


def scene_json(scene: pb.Scene) -> Object:
    """Returns a scene."""
    return {
        "id": scene.id,
        "description": scene.description,
        "image_url": scene.image_url if scene.HasField("image_url") else None,
        "video_url": scene.video_url if scene.HasField("video_url") else None,
        "assets": [asset_json(a) for a in scene.assets],
        "metadata": metadata_json(scene),
    }


def asset_json(asset: pb.EntityAsset) -> Object:
    """Returns an asset of a drama."""
    return {
        "id": asset.id,
        "kind": _KINDS.get(asset.kind, "image"),
        "depends_on": list(asset.depends_on),
        "prompt": asset.prompt,
        "duration": asset.duration if asset.HasField("duration") else None,
        "url": asset.url if asset.HasField("url") else None,
        "metadata": metadata_json(asset),
    }
