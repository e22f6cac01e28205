"""What a production of a drama consists of: pure functions from the drama, its live takes and a wish to an ordered plan.

A step is reused when everything it is made from is reused, its fingerprint is the live take's, and nothing it is made from became live
after that: a portrait that was drawn anew under the same description makes the storyboards with it stale, and so does an earlier take
that a person has chosen again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from kit.errors import NotFound, NotReady
from services.story.plan import Plan, expected_steps
from services.story.plan_assets import character_steps, episode_steps
from services.story.plan_jobs import Workshop
from services.story.plan_order import in_order
from services.story.plan_parts import portrait_slot
from services.story.plan_step import Portraits, Step
from sfd.dramas.v1 import drama_pb2
from sfd.story.v1 import story_service_pb2

Live = Mapping[str, drama_pb2.Take]


def plan_production(
    drama: drama_pb2.Drama,
    takes: Iterable[drama_pb2.Take],
    workshop: Workshop,
    *,
    episode_ids: Sequence[str] = (),
    force: bool = False,
    episode_branch: bool = False,
    again: Iterable[str] = (),
) -> Plan:
    """Returns the plan; with `force` no storyboard, clip or film is reused (what shows a character always serves), and the steps of `again`
    are not either. With `episode_branch` it has scenes and what is in them only: no portrait is drawn, those that exist are used.

    Raises `NotFound` for an unknown episode, `NotReady` for a drama without episodes, `InvalidInput` for assets that depend on each
    other in a circle.
    """
    chosen = _chosen(drama, episode_ids)
    live = live_takes(takes)
    portraits, steps = stand_ins(drama, live, workshop, draw=not episode_branch)
    expected: list[story_service_pb2.PlannedStep] = []
    warnings: list[str] = []
    if not episode_branch:
        for character in drama.characters:
            more = character_steps(workshop, character, portraits, live)
            steps += more.steps.values()
            warnings += more.warnings
    faces = {step.job.step for step in steps}
    for episode in chosen:
        if not episode.scenes:
            steps.append(workshop.scenes(episode, produce=True, episode_branch=episode_branch))
            expected += expected_steps(workshop, episode, workshop.attempts)
            continue
        found, told = episode_steps(workshop, episode.id, episode.scenes, portraits, live)
        steps += found
        warnings += told
    redone = {step.job.step for step in steps} - faces if force else set()
    return Plan(tuple(reuse(in_order(steps), live, {*redone, *again})), tuple(expected), tuple(warnings))


def live_takes(takes: Iterable[drama_pb2.Take]) -> dict[str, drama_pb2.Take]:
    """Returns the live take of each slot that has one."""
    return {take.slot: take for take in takes if take.live}


def stand_ins(
    drama: drama_pb2.Drama, live: Live, workshop: Workshop, *, draw: bool = True
) -> tuple[Portraits, list[Step]]:
    """Returns whose portrait stands for whom, and with `draw` the steps of those that are not there yet."""
    missing = [c for c in drama.characters if needs_portrait(c, live)] if draw else []
    made = [workshop.portrait(c) for c in missing]
    drawn = {c.id: step.fingerprint for c, step in zip(missing, made, strict=True)}
    return Portraits(planned=drawn, live=identities(live.values())), made


def needs_portrait(character: drama_pb2.Character, live: Live) -> bool:
    """True for a character that has no portrait: neither a stored one nor one that a person has linked."""
    return not character.url and portrait_slot(character.id) not in live


def identities(takes: Iterable[drama_pb2.Take]) -> dict[str, str]:
    """Returns what stands for each live portrait in fingerprints, by character id."""
    found: dict[str, str] = {}
    for take in takes:
        kind, _, rest = take.slot.partition(":")
        who, _, what = rest.rpartition(":")
        if take.live and kind == "character" and what == "portrait":
            found[who] = take.fingerprint or take.sha256
    return found


def reuse(steps: Sequence[Step], live: Live, again: Iterable[str] = (), served: Iterable[str] = ()) -> list[Step]:
    """Returns the steps, parents first, with the fresh ones marked as reused.

    Those of `again` are made whatever is live, those of `served` are reused whatever they were made from.
    """
    forced, given = set(again), set(served)
    reused: dict[str, bool] = {}
    for step in steps:
        name, take = step.job.step, live.get(step.slot)
        there = take is not None and bool(take.output_json) and name not in forced
        if there and take is not None and name not in given:
            there = (
                take.fingerprint == step.fingerprint
                and all(reused.get(parent, True) for parent in step.parents)
                and all(_since(live[slot]) <= _since(take) for slot in step.uses if slot in live)
            )
        reused[name] = there
        if there and take is not None:
            step.job.reused, step.job.output_json = True, take.output_json
    return list(steps)


def _since(take: drama_pb2.Take) -> int:
    """Returns since when a take is the live one, in nanoseconds; one that was never chosen since it was made."""
    return (take.live_since if take.HasField("live_since") else take.created_at).ToNanoseconds()


def _chosen(drama: drama_pb2.Drama, episode_ids: Sequence[str]) -> list[drama_pb2.Episode]:
    known = {episode.id: episode for episode in drama.episodes}
    for wanted in episode_ids:
        if wanted not in known:
            raise NotFound(f"Episode {wanted} not found", field="episode_ids")
    if not known:
        raise NotReady("The drama has no episodes yet.", reason="no_episodes")
    return [episode for episode in drama.episodes if not episode_ids or episode.id in episode_ids]
