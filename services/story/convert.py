"""From what writers return to the contract's drama, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kit.errors import InvalidInput
from kit.jsonio import dumps, load_object
from kit.media.specs import EMOTIONS
from services.story.models import AssetLite, CharacterLite, DialogueLite, DramaLite, EpisodeLite, SceneLite
from sfd.dramas.v1 import drama_pb2
from sfd.imaging.v1 import picture_pb2

CLIP_SECONDS = 10


def drama_of(lite: DramaLite, drama_id: str, premise: str, metadata: Mapping[str, Any]) -> drama_pb2.Drama:
    """Returns the full drama: fields copied, urls empty, the premise as it was asked. `metadata` may be empty."""
    drama = drama_pb2.Drama(
        id=drama_id,
        title=lite.title,
        description=lite.description,
        premise=premise,
        characters=[
            drama_pb2.Character(
                id=c.id,
                name=c.name,
                description=c.description,
                gender=c.gender,
                voice_description=c.voice_description,
                main=c.main,
            )
            for c in lite.characters
        ],
        episodes=[
            drama_pb2.Episode(id=e.id, title=e.title, description=e.description, scenes=scenes_of(e.scenes))
            for e in lite.episodes
        ],
    )
    if metadata:
        drama.metadata_json = dumps(dict(metadata))
    return drama


def scenes_of(scenes: Sequence[SceneLite]) -> list[drama_pb2.Scene]:
    """Returns full scenes; what is said goes into `metadata.dialogue`."""
    return [
        drama_pb2.Scene(
            id=scene.id,
            description=scene.description,
            assets=[_asset_of(asset) for asset in scene.assets],
            metadata_json=dumps({"dialogue": [line.model_dump() for line in scene.dialogue]}),
        )
        for scene in scenes
    ]


def _asset_of(asset: AssetLite) -> drama_pb2.EntityAsset:
    film = asset.kind == "video"
    full = drama_pb2.EntityAsset(
        id=asset.id,
        kind=drama_pb2.ASSET_KIND_VIDEO if film else drama_pb2.ASSET_KIND_IMAGE,
        depends_on=asset.depends_on,
        prompt=asset.prompt,
    )
    if film:
        full.duration = asset.duration or CLIP_SECONDS
    return full


def lite_of(drama: drama_pb2.Drama) -> DramaLite:
    """Returns what a writer needs to know of a drama."""
    return DramaLite(
        title=drama.title,
        description=drama.description,
        characters=[
            CharacterLite(
                id=c.id,
                name=c.name,
                description=c.description,
                gender=c.gender or "other",
                voice_description=c.voice_description,
                main=c.main,
            )
            for c in drama.characters
        ],
        episodes=[
            EpisodeLite(
                id=e.id, title=e.title, description=episode_text(e), scenes=[_lite_scene(scene) for scene in e.scenes]
            )
            for e in drama.episodes
        ],
    )


def episode_text(episode: drama_pb2.Episode) -> str:
    """Returns what happens in an episode, with a person's own wish for it when there is one."""
    return f"{episode.description}\n{episode.premise}".strip() if episode.premise else episode.description


def _lite_scene(scene: drama_pb2.Scene) -> SceneLite:
    return SceneLite(
        id=scene.id,
        description=scene.description,
        dialogue=[DialogueLite(character_id=who, text=text, emotion=emotion) for who, text, emotion in spoken(scene)],
        assets=[
            AssetLite(
                id=asset.id,
                kind="video" if asset.kind == drama_pb2.ASSET_KIND_VIDEO else "image",
                depends_on=list(asset.depends_on),
                prompt=asset.prompt,
                duration=asset.duration if asset.HasField("duration") else None,
            )
            for asset in scene.assets
        ],
    )


def spoken(scene: drama_pb2.Scene | drama_pb2.EntityAsset) -> list[tuple[str, str, str]]:
    """Returns (character id, text, emotion) of each line; what a person has put there and cannot be read is left out."""
    try:
        dialogue = load_object(scene.metadata_json, "metadata").get("dialogue", [])
    except InvalidInput:
        return []
    lines = [entry for entry in dialogue if isinstance(entry, dict)] if isinstance(dialogue, list) else []
    read = [(_text(x, "character_id"), _text(x, "text").strip(), _text(x, "emotion")) for x in lines]
    return [(who, text, emotion if emotion in EMOTIONS else "neutral") for who, text, emotion in read if text]


def lines_of(scene: drama_pb2.Scene | drama_pb2.EntityAsset) -> list[picture_pb2.Line]:
    """Returns what is said in a scene, or in one further film of it, in order."""
    return [picture_pb2.Line(character_id=who, text=text, emotion=emotion) for who, text, emotion in spoken(scene)]


def person(character: drama_pb2.Character) -> drama_pb2.Character:
    """Returns the people's fields of a character: what painters and film makers need, and nothing that changes by itself."""
    return drama_pb2.Character(
        id=character.id,
        name=character.name,
        description=character.description,
        gender=character.gender,
        voice_description=character.voice_description,
        main=character.main,
    )


def outline(drama: drama_pb2.Drama, keep_scenes_of: str = "") -> drama_pb2.Drama:
    """Returns a drama small enough for a job's input: no assets, no scenes but of one episode; a character keeps its url."""
    slim = drama_pb2.Drama(
        id=drama.id, title=drama.title, description=drama.description, premise=drama.premise, etag=drama.etag
    )
    for character in drama.characters:
        copied = slim.characters.add()
        copied.CopyFrom(person(character))
        if character.url:
            copied.url = character.url
        if character.premise_url:
            copied.premise_url = character.premise_url
    for episode in drama.episodes:
        part = slim.episodes.add(id=episode.id, title=episode.title, description=episode.description)
        if episode.premise:
            part.premise = episode.premise
        if episode.id == keep_scenes_of:
            part.scenes.extend(episode.scenes)
    return slim


def _text(entry: Mapping[str, Any], key: str) -> str:
    value = entry.get(key)
    return value if isinstance(value, str) else ""
