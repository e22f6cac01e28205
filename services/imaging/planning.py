"""From a stored drama to the job that draws one of its pictures. Pure: the same drama and options give the same job.

Inputs and fingerprints are those of the story service's planner, so that a picture drawn anew here is fresh to the next production.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import Message

from kit.errors import InvalidInput, NotFound
from kit.fingerprint import fingerprint
from kit.jsonio import dumps, load_object
from kit.media.specs import EMOTIONS, LANGUAGES
from kit.providers.catalogue import Model, price
from kit.wording import language_of, seed_of
from services.imaging.references import MAX_PORTRAITS
from sfd.dramas.v1 import drama_pb2
from sfd.imaging.v1 import picture_pb2
from sfd.jobs.v1 import job_pb2
from sfd.story.v1 import story_pb2

QUEUE = "imaging"
VERSION = 1
"""Raise it, here and in the planner, when the handlers draw something else from the same input."""

Input = picture_pb2.PortraitInput | picture_pb2.CoverInput | picture_pb2.StoryboardInput


@dataclass(frozen=True)
class Easel:
    """Who draws (`painter`), with the wishes that shape every picture; `attempts` is how often a job may be tried."""

    painter: Model
    options: story_pb2.Options
    attempts: int = 3

    def brush(self, drama: drama_pb2.Drama) -> picture_pb2.Brush:
        """Returns how to draw this drama's pictures; raises `InvalidInput` for an unknown language or a negative seed."""
        options = self.options
        if options.language and options.language not in LANGUAGES:
            raise InvalidInput(f"language must be one of {', '.join(LANGUAGES)}.", field="options.language")
        if options.seed < 0:
            raise InvalidInput("seed must not be negative.", field="options.seed")
        return picture_pb2.Brush(
            painter=self.painter.vendor,
            model="" if self.painter.vendor == "local" else self.painter.id,
            style=options.style or "anime",
            seed=options.seed or seed_of(drama.premise or drama.title or drama.id),
            language=options.language or language_of(drama),
        )

    def everybody(self, drama: drama_pb2.Drama) -> list[drama_pb2.Character]:
        """Returns the whole cast for the local painter, who tells people apart by it; nobody for a vendor's."""
        return [person(one) for one in drama.characters] if self.painter.vendor == "local" else []


def portrait_job(drama: drama_pb2.Drama, character_id: str, prompt: str, easel: Easel) -> job_pb2.NewJob:
    """Returns the job of one character's portrait; raises `NotFound` for an unknown character."""
    who = next((one for one in drama.characters if one.id == character_id), None)
    if who is None:
        raise NotFound(f"Character {character_id} not found", reason="character_not_found", field="character_id")
    payload = picture_pb2.PortraitInput(
        drama_id=drama.id,
        character=person(who),
        cast=[person(one) for one in drama.characters],
        brush=easel.brush(drama),
        prompt=prompt,
        reference_url=who.premise_url,
    )
    labels = _labels("character", 1, f"char_{who.id}", f"{who.id}_portrait_front_halfbody")
    labels |= {"character_id": who.id, "entity_id": who.id, "type": "character_portrait"}
    return _job("imaging.portrait", f"portrait:{who.id}", payload, labels, easel, {})


def cover_job(drama: drama_pb2.Drama, takes: Iterable[drama_pb2.Take], easel: Easel) -> job_pb2.NewJob:
    """Returns the job of the cover."""
    cast = [person(one) for one in drama.characters]
    faces = ([one for one in cast if one.main] or cast[:1])[:MAX_PORTRAITS]
    payload = picture_pb2.CoverInput(
        drama_id=drama.id,
        title=drama.title,
        description=drama.description,
        cast=faces,
        brush=easel.brush(drama),
        everybody=easel.everybody(drama),
    )
    labels = _labels("cover", 2, f"cover_{drama.id}", f"{drama.id}_cover")
    labels |= {"entity_id": drama.id, "type": "drama_cover", "main_characters": [one.id for one in faces]}
    return _job("imaging.cover", "cover", payload, labels, easel, used((one.id for one in faces), takes))


def storyboard_job(
    drama: drama_pb2.Drama,
    episode_id: str,
    scene_id: str,
    prompt: str,
    takes: Iterable[drama_pb2.Take],
    easel: Easel,
) -> job_pb2.NewJob:
    """Returns the job of one scene's storyboard; raises `NotFound` for an unknown episode or scene."""
    episode = next((one for one in drama.episodes if one.id == episode_id), None)
    if episode is None:
        raise NotFound(f"Episode {episode_id} not found", reason="episode_not_found", field="episode_id")
    scene = next((one for one in episode.scenes if one.id == scene_id), None)
    if scene is None:
        raise NotFound(f"Scene {scene_id} not found", reason="scene_not_found", field="scene_id")
    image = next((one for one in scene.assets if one.kind == drama_pb2.ASSET_KIND_IMAGE), drama_pb2.EntityAsset())
    lines = dialogue(scene)
    known = {one.id: person(one) for one in drama.characters}
    here = [one for one in dict.fromkeys([*image.depends_on, *(line.character_id for line in lines)]) if one in known]
    asset_id = image.id or f"{scene.id}_storyboard"
    payload = picture_pb2.StoryboardInput(
        drama_id=drama.id,
        episode_id=episode_id,
        scene_id=scene_id,
        asset_id=asset_id,
        description=scene.description,
        prompt=prompt or image.prompt,
        cast=[known[one] for one in here],
        lines=lines,
        brush=easel.brush(drama),
        everybody=easel.everybody(drama),
    )
    labels = _labels("scene", 2, f"scene_{episode_id}_{scene_id}", asset_id)
    labels |= {"episode_id": episode_id, "scene_id": scene_id, "entity_id": scene_id, "type": "scene_storyboard"}
    return _job("imaging.storyboard", f"storyboard:{scene_id}", payload, labels, easel, used(here, takes))


def dialogue(scene: drama_pb2.Scene) -> list[picture_pb2.Line]:
    """Returns what a scene's metadata says is spoken; what a person has put there and cannot be read is left out."""
    try:
        said = load_object(scene.metadata_json, "metadata").get("dialogue", [])
    except InvalidInput:
        return []
    lines: list[picture_pb2.Line] = []
    for entry in said if isinstance(said, list) else []:
        fields = (
            {key: value for key, value in entry.items() if isinstance(value, str)} if isinstance(entry, dict) else {}
        )
        if text := fields.get("text", "").strip():
            emotion = fields.get("emotion", "")
            lines.append(
                picture_pb2.Line(
                    character_id=fields.get("character_id", ""),
                    text=text,
                    emotion=emotion if emotion in EMOTIONS else "neutral",
                )
            )
    return lines


def used(cast: Iterable[str], takes: Iterable[drama_pb2.Take]) -> dict[str, str]:
    """Returns what stands for the portraits of the first three of `cast` who have a live one, by character."""
    live: dict[str, str] = {}
    for take in takes:
        kind, _, rest = take.slot.partition(":")
        who, _, what = rest.rpartition(":")
        if take.live and kind == "character" and what == "portrait":
            live[who] = take.fingerprint or take.sha256
    return {who: live[who] for who in [one for one in dict.fromkeys(cast) if one in live][:MAX_PORTRAITS]}


def person(who: drama_pb2.Character) -> drama_pb2.Character:
    """Returns the people's fields of a character: URLs and takes must not change a fingerprint."""
    return drama_pb2.Character(
        id=who.id,
        name=who.name,
        description=who.description,
        gender=who.gender,
        voice_description=who.voice_description,
        main=who.main,
    )


def _labels(node_type: str, level: int, node_id: str, asset_id: str) -> dict[str, Any]:
    return {"node_id": node_id, "node_type": node_type, "hierarchy_level": level, "asset_id": asset_id}


def _job(
    kind: str, step: str, payload: Input, labels: Mapping[str, Any], easel: Easel, inputs: Mapping[str, str]
) -> job_pb2.NewJob:
    parts = {"payload": _plain(payload), "inputs": dict(inputs)}
    payload.brush.fingerprint = fingerprint(kind, VERSION, easel.painter.name, parts)
    cost = price(easel.painter, images=1)
    return job_pb2.NewJob(
        step=step,
        kind=kind,
        queue=QUEUE,
        payload_type=payload.DESCRIPTOR.full_name,
        input_json=json_format.MessageToJson(
            payload, indent=None, preserving_proto_field_name=True, ensure_ascii=False
        ),
        max_attempts=easel.attempts,
        metadata_json=dumps({**labels, "model": easel.painter.name, "price_nano_usd": cost}),
    )


def _plain(message: Message) -> Mapping[str, Any]:
    return json_format.MessageToDict(message, preserving_proto_field_name=True)
