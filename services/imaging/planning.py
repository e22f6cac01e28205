"""From a stored drama to the job that draws one of its pictures. Pure: the same drama and options give the same job."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import Message

from kit.errors import NotFound
from kit.fingerprint import fingerprint
from kit.jsonio import dumps, load_object
from kit.providers.catalogue import Resolved, resolve
from services.imaging.handlers import QUEUE
from services.imaging.references import MAX_PORTRAITS, portrait_slot
from services.imaging.specs import style
from sfd.dramas.v1 import drama_pb2
from sfd.imaging.v1 import picture_pb2
from sfd.jobs.v1 import job_pb2
from sfd.story.v1 import story_pb2

VERSION = 1
"""Raise it when the handlers draw something else from the same input."""


def portrait_job(
    drama: drama_pb2.Drama, character_id: str, prompt: str, options: story_pb2.Options
) -> tuple[job_pb2.NewJob, Resolved]:
    """Returns the job of one character's portrait and its painter; raises `NotFound` for an unknown character."""
    who = next((one for one in drama.characters if one.id == character_id), None)
    if who is None:
        raise NotFound(f"The drama has no character {character_id}.", reason="character_not_found")
    brush, painter = _brush(drama, options)
    job = picture_pb2.PortraitInput(
        drama_id=drama.id,
        character=_bare(who),
        cast=[_bare(one) for one in drama.characters],
        brush=brush,
        prompt=prompt,
        reference_url=who.premise_url,
    )
    _seal("imaging.portrait", job, painter, {})
    labels = {"node_id": f"char_{who.id}", "node_type": "character", "character_id": who.id}
    return _new_job(f"portrait:{who.id}", "imaging.portrait", job, labels), painter


def cover_job(
    drama: drama_pb2.Drama, takes: Mapping[str, str], options: story_pb2.Options
) -> tuple[job_pb2.NewJob, Resolved]:
    """Returns the job of the cover and its painter; `takes` holds the SHA-256 of the live take of each slot."""
    brush, painter = _brush(drama, options)
    main = [one for one in drama.characters if one.main] or list(drama.characters)
    cast = main[:MAX_PORTRAITS]
    job = picture_pb2.CoverInput(
        drama_id=drama.id,
        title=drama.title,
        description=drama.description,
        cast=[_bare(one) for one in cast],
        brush=brush,
    )
    _seal("imaging.cover", job, painter, _inputs(cast, takes))
    return _new_job("cover", "imaging.cover", job, {"node_id": "cover", "node_type": "cover"}), painter


def storyboard_job(
    drama: drama_pb2.Drama,
    episode_id: str,
    scene_id: str,
    prompt: str,
    takes: Mapping[str, str],
    options: story_pb2.Options,
) -> tuple[job_pb2.NewJob, Resolved]:
    """Returns the job of one scene's storyboard and its painter; raises `NotFound` for an unknown episode or scene."""
    episode = next((one for one in drama.episodes if one.id == episode_id), None)
    if episode is None:
        raise NotFound(f"The drama has no episode {episode_id}.", reason="episode_not_found")
    scene = next((one for one in episode.scenes if one.id == scene_id), None)
    if scene is None:
        raise NotFound(f"The episode has no scene {scene_id}.", reason="scene_not_found")
    image = next((one for one in scene.assets if one.kind == drama_pb2.ASSET_KIND_IMAGE), drama_pb2.EntityAsset())
    lines = dialogue(scene)
    cast = present(drama, image.depends_on, lines)
    brush, painter = _brush(drama, options)
    job = picture_pb2.StoryboardInput(
        drama_id=drama.id,
        episode_id=episode_id,
        scene_id=scene_id,
        asset_id=image.id,
        description=scene.description,
        prompt=prompt or image.prompt,
        cast=[_bare(one) for one in cast],
        lines=lines,
        brush=brush,
    )
    _seal("imaging.storyboard", job, painter, _inputs(cast[:MAX_PORTRAITS], takes))
    labels = {
        "node_id": f"scene_{episode_id}_{scene_id}",
        "node_type": "scene",
        "episode_id": episode_id,
        "scene_id": scene_id,
        "asset_id": image.id,
    }
    return _new_job(f"storyboard:{scene_id}", "imaging.storyboard", job, labels), painter


def dialogue(scene: drama_pb2.Scene) -> list[picture_pb2.Line]:
    """Returns what a scene's metadata says is spoken; entries that are no lines are passed over."""
    said = load_object(scene.metadata_json, "metadata").get("dialogue", [])
    return [
        picture_pb2.Line(
            character_id=str(line.get("character_id") or ""),
            text=str(line["text"]),
            emotion=str(line.get("emotion") or "neutral"),
        )
        for line in (said if isinstance(said, list) else [])
        if isinstance(line, dict) and line.get("text")
    ]


def present(
    drama: drama_pb2.Drama, named: Sequence[str], lines: Sequence[picture_pb2.Line]
) -> list[drama_pb2.Character]:
    """Returns who is in a scene: those whom its picture names, in that order, else those who speak."""
    known = {one.id: one for one in drama.characters}
    ids = [one for one in named if one in known] or [line.character_id for line in lines if line.character_id in known]
    return [known[one] for one in dict.fromkeys(ids)]


def _brush(drama: drama_pb2.Drama, options: story_pb2.Options) -> tuple[picture_pb2.Brush, Resolved]:
    """Raises `InvalidInput` for an unknown painter or model."""
    told = load_object(drama.metadata_json, "metadata")
    painter = resolve("image", options.cast.painter or "local", options.cast.painter_model)
    seed = options.seed or int(hashlib.sha256(drama.premise.encode()).hexdigest()[:8], 16)
    brush = picture_pb2.Brush(
        painter=painter.model.vendor,
        model="" if painter.model.vendor == "local" else painter.model.id,
        style=style(options.style or str(told.get("style") or "")),
        seed=seed,
        language=options.language or str(told.get("language") or "en"),
    )
    return brush, painter


def _bare(who: drama_pb2.Character) -> drama_pb2.Character:
    """A character without what was made of it: URLs and takes must not change a fingerprint."""
    return drama_pb2.Character(
        id=who.id,
        name=who.name,
        description=who.description,
        gender=who.gender,
        voice_description=who.voice_description,
        main=who.main,
    )


def _inputs(cast: Sequence[drama_pb2.Character], takes: Mapping[str, str]) -> dict[str, str]:
    slots = [portrait_slot(who.id) for who in cast]
    return {slot: takes[slot] for slot in slots if slot in takes}


def _seal(
    kind: str,
    job: picture_pb2.PortraitInput | picture_pb2.CoverInput | picture_pb2.StoryboardInput,
    painter: Resolved,
    inputs: Mapping[str, str],
) -> None:
    """Writes the fingerprint of a whole input into its brush."""
    parts = {"input": json_format.MessageToDict(job, preserving_proto_field_name=True), "inputs": dict(inputs)}
    job.brush.fingerprint = fingerprint(kind, VERSION, painter.model.name, parts)


def _new_job(step: str, kind: str, job: Message, labels: Mapping[str, Any]) -> job_pb2.NewJob:
    return job_pb2.NewJob(
        step=step,
        kind=kind,
        queue=QUEUE,
        payload_type=job.DESCRIPTOR.full_name,
        input_json=json_format.MessageToJson(job, indent=None, preserving_proto_field_name=True),
        metadata_json=dumps(labels),
    )
