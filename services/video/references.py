"""Which stored things a film is made from: its first frame, or an episode's clips."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import structlog
from google.protobuf import json_format

from kit.errors import NotFound
from kit.jobs.handler import JobContext, JobFailed
from sfd.dramas.v1 import drama_service_pb2
from sfd.imaging.v1 import picture_pb2
from sfd.video.v1 import film_pb2

log = structlog.get_logger("video")


def storyboard_slot(scene_id: str) -> str:
    """Returns the slot that a scene's storyboard lives in."""
    return f"scene:{scene_id}:storyboard"


def clip_slot(scene_id: str) -> str:
    """Returns the slot that a scene's clip lives in."""
    return f"scene:{scene_id}:clip"


def portrait_slot(character_id: str) -> str:
    """Returns the slot that a character's portrait lives in."""
    return f"character:{character_id}:portrait"


async def first_frame(context: JobContext, drama_id: str, slots: Sequence[str]) -> bytes | None:
    """Returns the picture of the first of `slots` that has one: made in this run, else the drama's live one; None when there is none."""
    made: dict[str, str] = {}
    for kind in ("imaging.portrait", "imaging.storyboard"):
        outputs = context.parent_outputs(kind, picture_pb2.PictureOutput).values()
        made |= {output.slot: output.stored_asset_id for output in outputs if output.stored_asset_id}
    if not slots or slots[0] not in made:
        reply = await context.store.dramas.ListTakes(drama_service_pb2.ListTakesRequest(drama_id=drama_id))
        made = {take.slot: take.asset_id for take in reply.takes if take.live} | made
    for slot in slots:
        if slot not in made:
            continue
        try:
            return await context.store.get(made[slot])
        except NotFound:
            log.warning("first_frame_gone", drama=drama_id, slot=slot, asset=made[slot])
    return None


def clips_in_order(steps: Sequence[str], made: Mapping[str, film_pb2.FilmOutput], stored: Sequence[str]) -> list[str]:
    """Returns the stored clips of an episode in scene order: those of the run's steps, else the ones named.

    Raises `JobFailed` when a step has left no clip, or there is none at all.
    """
    if not steps:
        if not stored:
            raise JobFailed("The episode has no clips.", reason="no_clips")
        return list(stored)
    absent = [step for step in steps if step not in made or not made[step].stored_asset_id]
    if absent:
        raise JobFailed(f"These steps have left no clip: {', '.join(absent)}.", reason="clip_missing")
    return [made[step].stored_asset_id for step in steps]


async def timelines_of(
    context: JobContext, drama_id: str, clips: Sequence[str], made: Iterable[film_pb2.FilmOutput]
) -> dict[str, str]:
    """Returns the timeline of each stored clip that has one: told by this run's jobs, else by the drama's live takes."""
    found = {output.stored_asset_id: output.timeline_asset_id for output in made}
    if any(clip not in found for clip in clips):
        reply = await context.store.dramas.ListTakes(drama_service_pb2.ListTakesRequest(drama_id=drama_id))
        for take in reply.takes:
            if take.slot.endswith(":clip") and take.output_json:
                output = json_format.Parse(take.output_json, film_pb2.FilmOutput(), ignore_unknown_fields=True)
                found.setdefault(take.asset_id, output.timeline_asset_id)
    return {clip: found[clip] for clip in clips if found.get(clip)}
