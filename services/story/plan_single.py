"""Single steps of a drama by the names that plans give them, with whatever they stand on that is not there yet."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from kit.errors import InvalidInput, NotFound, NotReady
from services.story.plan import Plan
from services.story.plan_assets import character_steps, episode_steps, scene_steps
from services.story.plan_jobs import Workshop
from services.story.plan_order import in_order
from services.story.plan_parts import asset_slot, film_of, image_of, machine_made
from services.story.plan_step import Portraits, Step
from services.story.planner import Live, live_takes, needs_portrait, reuse, stand_ins
from sfd.dramas.v1 import drama_pb2

_SLOTS = {
    "portrait": "portrait",
    "audition": "audition",
    "storyboard": "storyboard",
    "clip": "clip",
    "film": "assemble",
}


@dataclass(frozen=True)
class Found:
    """A step and everything around it that it may stand on, and what a person should know."""

    step: Step
    around: tuple[Step, ...] = ()
    warnings: tuple[str, ...] = ()


def plan_steps(
    drama: drama_pb2.Drama,
    takes: Iterable[drama_pb2.Take],
    workshop: Workshop,
    names: Sequence[str],
    *,
    force: Collection[str] = (),
    strict: bool = False,
    draw: bool = True,
) -> Plan:
    """Returns the plan of the named steps: those of `force` are made, the others unless they are fresh. What they stand on serves as it is,
    and is made where there is nothing (portraits only with `draw`); nothing that hangs on them is touched.

    Raises `InvalidInput` for a name that is none, `NotFound` for one of an entity that is not there, `NotReady` for scenes that exist,
    for a film without clips, and, when `strict`, for a cover whose main characters have no pictures.
    """
    live = live_takes(takes)
    chosen: dict[str, Step] = {}
    warnings: list[str] = []
    for name in names:
        found = find_step(drama, live, workshop, name, strict=strict, draw=draw)
        around = {step.job.step: step for step in found.around}
        warnings += found.warnings
        waiting = [found.step]
        while waiting:
            step = waiting.pop()
            if step.job.step in chosen and step is not found.step:
                continue
            chosen[step.job.step] = step
            if step is found.step or not _there(step, live):
                waiting += [around[parent] for parent in step.parents if parent in around]
    served = set(chosen) - set(names)
    steps = [_cut(step, chosen) for step in in_order(list(chosen.values()))]
    return Plan(tuple(reuse(steps, live, force, served)), (), tuple(dict.fromkeys(warnings)))


def canonical(drama: drama_pb2.Drama, name: str) -> str:
    """Returns the name that plans give to a step: `asset:...` also names storyboards, clips, portraits and auditions by their assets."""
    kind, owner_kind, owner, asset_id = [*name.split(":", 3), "", "", ""][:4]
    if kind != "asset":
        return name
    for character in drama.characters if owner_kind == "character" else ():
        for asset in character.assets:
            if (character.id, asset.id) == (owner, asset_id) and machine_made(character, asset):
                return f"{'audition' if asset.kind == drama_pb2.ASSET_KIND_VIDEO else 'portrait'}:{owner}"
    for scene in (s for e in drama.episodes for s in e.scenes if owner_kind == "scene" and asset_id):
        if scene.id == owner and asset_id in (image_of(scene).id, film_of(scene).id):
            return f"{'storyboard' if asset_id == image_of(scene).id else 'clip'}:{owner}"
    return name


def find_step(
    drama: drama_pb2.Drama, live: Live, workshop: Workshop, name: str, *, strict: bool = False, draw: bool = True
) -> Found:
    """Returns one step by its name; raises as `plan_steps`."""
    kind, _, rest = name.partition(":")
    if name == "cover":
        return _cover(drama, live, workshop, strict)
    if not rest or kind not in ("portrait", "audition", "scenes", "storyboard", "clip", "assemble", "asset"):
        raise InvalidInput(f"{name!r} is no step of a drama.", reason="unknown_step", field="step")
    portraits, faces = stand_ins(drama, live, workshop, draw=draw)
    if kind == "portrait":
        return Found(workshop.portrait(_character(drama, rest)))
    if kind == "audition":
        return Found(workshop.audition(_character(drama, rest), portraits), tuple(faces))
    if kind in ("scenes", "assemble"):
        return _of_episode(drama, live, workshop, kind, rest)
    if kind == "asset":
        return _asset(drama, live, workshop, rest, portraits, faces)
    episode, scene = _scene(drama, rest)
    made = scene_steps(workshop, episode.id, scene, portraits, live)
    step = next(one for one in made.steps.values() if one.job.step == name)
    return Found(step, (*faces, *made.steps.values()), tuple(made.warnings))


def step_name(slot: str) -> str:
    """Returns the step that makes what belongs into a slot; empty for a slot that no plan knows."""
    kind, _, rest = slot.partition(":")
    owner, _, what = rest.rpartition(":")
    if slot == "drama:cover":
        return "cover"
    if kind == "asset":
        return slot
    return f"{_SLOTS[what]}:{owner}" if owner and what in _SLOTS else ""


def _there(step: Step, live: Live) -> bool:
    return step.slot in live and bool(live[step.slot].output_json)


def _cut(step: Step, chosen: Collection[str]) -> Step:
    """Returns the step without the edges to what is no step of this run: its products are there."""
    for edges in (step.job.hard_parents, step.job.soft_parents):
        left = [parent for parent in edges if parent in chosen]
        del edges[:]
        edges.extend(left)
    return step


def _cover(drama: drama_pb2.Drama, live: Live, workshop: Workshop, strict: bool) -> Found:
    portraits, faces = stand_ins(drama, live, workshop, draw=False)
    if strict:
        mains = [c for c in drama.characters if c.main]
        if not mains:
            raise NotReady("The drama has no main character to show on its cover.", reason="no_main_character")
        faceless = [c.name or c.id for c in mains if needs_portrait(c, live)]
        if faceless:
            raise NotReady(
                f"These main characters have no picture yet: {', '.join(faceless)}.", reason="portraits_missing"
            )
    return Found(workshop.cover(portraits), tuple(faces))


def _of_episode(drama: drama_pb2.Drama, live: Live, workshop: Workshop, kind: str, episode_id: str) -> Found:
    episode = next((one for one in drama.episodes if one.id == episode_id), None)
    if episode is None:
        raise NotFound(f"Episode {episode_id} not found", field="step")
    if kind == "scenes":
        if episode.scenes:
            raise NotReady(f"Episode {episode_id} has scenes already.", reason="scenes_exist", field="step")
        return Found(workshop.scenes(episode, produce=False))
    # The fingerprint is that of the whole film: as soon as another clip is made, a production joins them anew.
    portraits, _ = stand_ins(drama, live, workshop)
    steps, _ = episode_steps(workshop, episode_id, episode.scenes, portraits, live)
    clips = [step for step in steps if step.job.step.startswith("clip:")]
    there = [clip for clip in clips if clip.slot in live]
    if not there:
        raise NotReady(f"No scene of episode {episode_id} has a clip yet.", reason="no_clips", field="step")
    absent = [clip.entity_id for clip in clips if clip.slot not in live]
    told = (f"These scenes have no clip yet and are left out: {', '.join(absent)}.",) if absent else ()
    stored = [live[clip.slot].asset_id for clip in there]
    return Found(workshop.assemble(episode_id, clips, stored), (), told)


def _asset(
    drama: drama_pb2.Drama, live: Live, workshop: Workshop, rest: str, portraits: Portraits, faces: Sequence[Step]
) -> Found:
    owner_kind, _, tail = rest.partition(":")
    owner, _, asset_id = tail.partition(":")
    if owner_kind not in ("character", "scene") or not asset_id:
        raise InvalidInput(f"'asset:{rest}' is no step of a drama.", reason="unknown_step", field="step")
    slot = asset_slot(owner_kind, owner, asset_id)
    # What a person has linked is made all the same when it is asked for by name.
    known = {*live, slot}
    if owner_kind == "character":
        character = _character(drama, owner)
        made = character_steps(workshop, character, portraits, known)
    else:
        episode, scene = _scene(drama, owner)
        made = scene_steps(workshop, episode.id, scene, portraits, known)
    if asset_id not in made.steps:
        raise NotFound(f"Asset {asset_id} not found", field="step")
    return Found(made.steps[asset_id], (*faces, *made.steps.values()), tuple(made.warnings))


def _character(drama: drama_pb2.Drama, character_id: str) -> drama_pb2.Character:
    found = next((one for one in drama.characters if one.id == character_id), None)
    if found is None:
        raise NotFound(f"Character {character_id} not found", field="step")
    return found


def _scene(drama: drama_pb2.Drama, scene_id: str) -> tuple[drama_pb2.Episode, drama_pb2.Scene]:
    for episode in drama.episodes:
        for scene in episode.scenes:
            if scene.id == scene_id:
                return episode, scene
    raise NotFound(f"Scene {scene_id} not found", field="step")
