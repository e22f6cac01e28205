"""Which pictures a painter is shown beside its prompt."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog

from kit.errors import NotFound
from kit.jobs.handler import JobContext
from sfd.dramas.v1 import drama_service_pb2
from sfd.imaging.v1 import picture_pb2

log = structlog.get_logger("imaging")

CANVAS, GIVEN, SCENE = "canvas", "given", "scene"
"""Names of references that are no character: the empty 9:16 picture, one that a person has named, another picture of the same scene."""
MAX_PORTRAITS = 3
"""More faces than this and painters begin to mix them."""


@dataclass(frozen=True)
class Reference:
    """One picture to look at. `name` says whose it is: a character's id, or one of the names below."""

    name: str
    data: bytes

    @property
    def sha256(self) -> str:
        """SHA-256 of the bytes, hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()


def portrait_slot(character_id: str) -> str:
    """Returns the slot that a character's portrait lives in."""
    return f"character:{character_id}:portrait"


def choose(cast: Sequence[str], stored: Mapping[str, str], limit: int = MAX_PORTRAITS) -> list[tuple[str, str]]:
    """Returns (character id, asset id) of the first `limit` of `cast`, in its order, who have a portrait in `stored` (by slot)."""
    found = [(who, stored[portrait_slot(who)]) for who in dict.fromkeys(cast) if portrait_slot(who) in stored]
    return found[:limit]


async def portraits(
    context: JobContext, drama_id: str, cast: Sequence[str], limit: int = MAX_PORTRAITS
) -> list[Reference]:
    """Returns the portraits of at most `limit` of `cast`: those made in this run, else the drama's live ones.

    A character without a portrait, or whose bytes are gone, is left out: a storyboard does not fail for it. Raises `Unavailable`.
    """
    stored = made_here(context)
    if len(choose(cast, stored, limit)) < min(limit, len(set(cast))):
        reply = await context.store.dramas.ListTakes(drama_service_pb2.ListTakesRequest(drama_id=drama_id))
        stored = {take.slot: take.asset_id for take in reply.takes if take.live} | stored
    found: list[Reference] = []
    for who, asset_id in choose(cast, stored, limit):
        try:
            found.append(Reference(who, await context.store.get(asset_id)))
        except NotFound:
            log.warning("portrait_gone", drama=drama_id, character=who, asset=asset_id)
    return found


def made_here(context: JobContext) -> dict[str, str]:
    """Returns the stored pictures that this run's parents of the job have made, by slot."""
    made = [
        context.parent_outputs(kind, picture_pb2.PictureOutput) for kind in ("imaging.portrait", "imaging.storyboard")
    ]
    outputs = (output for found in made for output in found.values())
    return {output.slot: output.stored_asset_id for output in outputs if output.stored_asset_id}


async def slot_pictures(context: JobContext, drama_id: str, slots: Sequence[str]) -> list[Reference]:
    """Returns the pictures of slots, in their order: those made in this run, else the drama's live ones.

    A portrait is named by its character, everything else is another picture of the same subject. What is not there is left out.
    """
    stored = made_here(context)
    if any(slot not in stored for slot in slots):
        reply = await context.store.dramas.ListTakes(drama_service_pb2.ListTakesRequest(drama_id=drama_id))
        stored = {take.slot: take.asset_id for take in reply.takes if take.live} | stored
    found: list[Reference] = []
    for slot in dict.fromkeys(slots):
        if slot not in stored:
            continue
        who = slot.removeprefix("character:").removesuffix(":portrait")
        try:
            found.append(Reference(who if portrait_slot(who) == slot else SCENE, await context.store.get(stored[slot])))
        except NotFound:
            log.warning("reference_gone", drama=drama_id, slot=slot, asset=stored[slot])
    return found
