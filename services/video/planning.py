"""From a stored drama to the job that makes one of its films. Pure: the same drama, takes and options give the same job.

Inputs and fingerprints are those of the story service's planner, so that a film made anew here is fresh to the next production.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf import json_format

from kit.errors import InvalidInput, NotFound, NotReady
from kit.fingerprint import fingerprint
from kit.jsonio import dumps
from kit.media.specs import LANGUAGES
from kit.providers.catalogue import Model
from kit.providers.dramas import drama_price
from kit.wording import language_of, seed_of
from services.video.references import clip_slot, portrait_slot
from sfd.dramas.v1 import drama_pb2
from sfd.jobs.v1 import job_pb2
from sfd.story.v1 import story_pb2
from sfd.video.v1 import film_pb2

QUEUE = "video"
AUDITION_SECONDS = 10
VERSION = 1
"""Raise it, here and in the planner, when the handlers make something else of the same input."""


@dataclass(frozen=True)
class Crew:
    """Who films, with the wishes that shape every film; `attempts` is how often a job may be tried."""

    filmer: Model
    options: story_pb2.Options
    attempts: int = 3

    def camera(self, drama: drama_pb2.Drama) -> film_pb2.Camera:
        """Returns how to film this drama; raises `InvalidInput` for an unknown language or a negative seed."""
        options = self.options
        if options.language and options.language not in LANGUAGES:
            raise InvalidInput(f"language must be one of {', '.join(LANGUAGES)}.", field="options.language")
        if options.seed < 0:
            raise InvalidInput("seed must not be negative.", field="options.seed")
        return film_pb2.Camera(
            filmer=self.filmer.vendor,
            model="" if self.filmer.vendor == "local" else self.filmer.id,
            style=options.style or "anime",
            seed=options.seed or seed_of(drama.premise or drama.title or drama.id),
            language=options.language or language_of(drama),
        )


def audition_job(
    drama: drama_pb2.Drama, character_id: str, takes: Iterable[drama_pb2.Take], crew: Crew
) -> job_pb2.NewJob:
    """Returns the job of one character's audition; raises `NotFound` for an unknown character."""
    who = next((one for one in drama.characters if one.id == character_id), None)
    if who is None:
        raise NotFound(f"Character {character_id} not found", reason="character_not_found", field="character_id")
    payload = film_pb2.AuditionInput(
        drama_id=drama.id,
        character=person(who),
        cast=[person(one) for one in drama.characters],
        camera=crew.camera(drama),
    )
    live = {take.slot: take.fingerprint or take.sha256 for take in takes if take.live}
    slot = portrait_slot(who.id)
    parts = {
        "payload": json_format.MessageToDict(payload, preserving_proto_field_name=True),
        "inputs": {who.id: live[slot]} if slot in live else {},
    }
    payload.camera.fingerprint = fingerprint("video.audition", VERSION, crew.filmer.name, parts)
    asset_id = f"{who.id}_audition_video"
    labels = _labels("character_asset", 2, f"char_asset_{who.id}_{asset_id}", asset_id)
    labels |= {"character_id": who.id, "entity_id": who.id, "type": "character_audition"}
    cost = drama_price(crew.filmer, AUDITION_SECONDS)
    labels |= {"model": crew.filmer.name, "price_nano_usd": cost}
    return _job("video.audition", f"audition:{who.id}", payload, labels, crew.attempts)


def assemble_job(
    drama: drama_pb2.Drama, episode_id: str, takes: Iterable[drama_pb2.Take], attempts: int = 3
) -> job_pb2.NewJob:
    """Returns the job that joins an episode's live clips.

    Raises `NotFound` for an unknown episode, and `NotReady` for one without scenes or with scenes that have no clip, by name.
    """
    episode = next((one for one in drama.episodes if one.id == episode_id), None)
    if episode is None:
        raise NotFound(f"Episode {episode_id} not found", reason="episode_not_found", field="episode_id")
    if not episode.scenes:
        raise NotReady(f"Episode {episode_id} has no scenes yet.", reason="no_scenes", field="episode_id")
    live = {take.slot: take for take in takes if take.live}
    slots = [clip_slot(scene.id) for scene in episode.scenes]
    absent = [scene.id for scene, slot in zip(episode.scenes, slots, strict=True) if slot not in live]
    if absent:
        raise NotReady(f"These scenes have no clip yet: {', '.join(absent)}.", reason="clips_missing")
    clips = [live[slot] for slot in slots]
    parts = {"episode": episode_id, "inputs": [[clip.slot, clip.fingerprint or clip.sha256] for clip in clips]}
    payload = film_pb2.AssembleInput(
        drama_id=drama.id,
        episode_id=episode_id,
        stored_asset_ids=[clip.asset_id for clip in clips],
        fingerprint=fingerprint("video.assemble", VERSION, "local", parts),
    )
    labels = _labels("assemble", 4, f"assemble_{episode_id}", f"{episode_id}_film")
    labels |= {"episode_id": episode_id, "entity_id": episode_id, "type": "episode_film"}
    labels |= {"model": "local", "price_nano_usd": 0}
    return _job("video.assemble", f"assemble:{episode_id}", payload, labels, attempts)


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
    kind: str,
    step: str,
    payload: film_pb2.AuditionInput | film_pb2.AssembleInput,
    labels: Mapping[str, Any],
    attempts: int,
) -> job_pb2.NewJob:
    return job_pb2.NewJob(
        step=step,
        kind=kind,
        queue=QUEUE,
        payload_type=payload.DESCRIPTOR.full_name,
        input_json=json_format.MessageToJson(
            payload, indent=None, preserving_proto_field_name=True, ensure_ascii=False
        ),
        max_attempts=attempts,
        metadata_json=dumps(labels),
    )
