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

MAX_PORTRAITS = 3
"""More faces than this and painters begin to mix them."""


@dataclass(frozen=True)
class Reference:
    """One picture to look at. `name` says whose it is: a character's id, or `canvas` for the empty 9:16 one."""

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
    made = context.parent_outputs("imaging.portrait", picture_pb2.PictureOutput)
    stored = {output.slot: output.stored_asset_id for output in made.values() if output.stored_asset_id}
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
