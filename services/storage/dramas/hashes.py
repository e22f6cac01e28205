"""ETags: SHA-256 over the people's fields of an entity and over the ETags of what is under it, hexadecimal.

They form a tree, so a change makes anew only those on its way up, and the drama's still stands for everything. Urls and machine-made
assets are left out: a running production does not invalidate an editor.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from kit.jsonio import canonical, load_object
from sfd.dramas.v1 import drama_pb2 as pb

Entity: TypeAlias = pb.Character | pb.Episode | pb.Scene | pb.EntityAsset
Machine: TypeAlias = frozenset[tuple[str, str, str]]
"""Machine-made assets as (owner kind, owner id, asset id)."""
NO_MACHINE: Machine = frozenset()


def drama_etag(drama: pb.Drama, assets: Sequence[str], characters: Sequence[str], episodes: Sequence[str]) -> str:
    """Returns the ETag of a drama from its own fields and the ETags under it, in order."""
    own = [drama.title, drama.description, drama.premise, _metadata(drama)]
    return _hash(["drama", own, assets, characters, episodes])


def character_etag(character: pb.Character, assets: Sequence[str]) -> str:
    """Returns the ETag of a character from its own fields and its assets' ETags, in order."""
    c = character
    own = [c.id, c.name, c.description, c.gender, c.voice_description, c.main, c.premise_url, _metadata(c)]
    return _hash(["character", own, assets])


def episode_etag(episode: pb.Episode, assets: Sequence[str], scenes: Sequence[str]) -> str:
    """Returns the ETag of an episode from its own fields and the ETags under it, in order."""
    own = [episode.id, episode.title, episode.description, episode.premise, _metadata(episode)]
    return _hash(["episode", own, assets, scenes])


def scene_etag(scene: pb.Scene, assets: Sequence[str]) -> str:
    """Returns the ETag of a scene from its own fields and its assets' ETags, in order."""
    return _hash(["scene", [scene.id, scene.description, _metadata(scene)], assets])


def asset_etag(asset: pb.EntityAsset) -> str:
    """Returns the ETag of an asset."""
    duration = asset.duration if asset.HasField("duration") else None
    return _hash(["asset", asset.id, asset.kind, list(asset.depends_on), asset.prompt, duration, _metadata(asset)])


def seal_drama(drama: pb.Drama, machine: Machine = NO_MACHINE) -> None:
    """Sets the ETag of a drama and of all that is under it."""
    drama.etag = drama_etag(
        drama,
        _seal_assets("drama", "", drama.assets, machine),
        [seal(character, machine) for character in drama.characters],
        [seal(episode, machine) for episode in drama.episodes],
    )


def seal(entity: Entity, machine: Machine = NO_MACHINE) -> str:
    """Sets the ETag of an entity and of all that is under it; returns its own."""
    match entity:
        case pb.Character():
            entity.etag = character_etag(entity, _seal_assets("character", entity.id, entity.assets, machine))
        case pb.Episode():
            scenes = [seal(scene, machine) for scene in entity.scenes]
            entity.etag = episode_etag(entity, _seal_assets("episode", entity.id, entity.assets, machine), scenes)
        case pb.Scene():
            entity.etag = scene_etag(entity, _seal_assets("scene", entity.id, entity.assets, machine))
        case pb.EntityAsset():
            entity.etag = asset_etag(entity)
    return entity.etag


def _seal_assets(kind: str, owner: str, assets: Iterable[pb.EntityAsset], machine: Machine) -> list[str]:
    """Sets the ETags of an owner's assets; returns those that count for the owner's."""
    return [etag for etag, asset in [(seal(a), a) for a in assets] if (kind, owner, asset.id) not in machine]


def _hash(parts: list[object]) -> str:
    return hashlib.sha256(canonical(parts).encode()).hexdigest()


def _metadata(owner: pb.Drama | Entity) -> object:
    return load_object(owner.metadata_json, "metadata") if owner.HasField("metadata_json") else None
