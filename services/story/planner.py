"""What a production of a drama consists of: pure functions from the drama, its live takes and a wish to an ordered plan.

A step is reused when everything it is made from is reused, its fingerprint is the live take's, and the take is younger than the live
pictures it was made from: a portrait that was drawn anew under the same description makes the storyboards with it stale.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from kit.errors import InvalidInput, NotFound, NotReady
from services.story.convert import CLIP_SECONDS
from services.story.plan_jobs import Portraits, Step, Workshop
from services.story.plan_parts import film_of, image_of, portrait_slot
from sfd.dramas.v1 import drama_pb2
from sfd.jobs.v1 import job_pb2
from sfd.story.v1 import story_service_pb2

CYCLE = "Cycle detected in dependency graph"
USUAL_SCENES = 4
"""Writers write three to five scenes an episode."""


@dataclass(frozen=True)
class Plan:
    """Steps in topological order; `expected` are those that only the scenes still to be written will name."""

    steps: tuple[Step, ...]
    expected: tuple[story_service_pb2.PlannedStep, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def estimated(self) -> bool:
        """True when scenes are still to be written."""
        return bool(self.expected)

    @property
    def price_nano_usd(self) -> int:
        """What is not reused costs this much."""
        known = sum(step.price_nano_usd for step in self.steps if not step.job.reused)
        return known + sum(step.price_nano_usd for step in self.expected)

    @property
    def jobs(self) -> list[job_pb2.NewJob]:
        """The jobs, parents first."""
        return [step.job for step in self.steps]


def plan_production(
    drama: drama_pb2.Drama,
    takes: Iterable[drama_pb2.Take],
    workshop: Workshop,
    *,
    episode_ids: Sequence[str] = (),
    force: bool = False,
) -> Plan:
    """Returns the plan; with `force` no storyboard, clip or film is reused (portraits that exist always serve).

    Raises `NotFound` for an unknown episode, `NotReady` for a drama without episodes, `InvalidInput` for assets that depend on each
    other in a circle.
    """
    live = {take.slot: take for take in takes if take.live}
    missing = [c for c in drama.characters if needs_portrait(c, live)]
    made = [workshop.portrait(c) for c in missing]
    portraits = Portraits(
        planned={c.id: step.fingerprint for c, step in zip(missing, made, strict=True)}, live=identities(live.values())
    )
    portrait_steps = {step.job.step for step in made}
    steps: list[Step] = list(made)
    expected: list[story_service_pb2.PlannedStep] = []
    warnings: list[str] = []
    for episode in _chosen(drama, episode_ids):
        if not episode.scenes:
            steps.append(workshop.scenes(episode, produce=True))
            expected += _expected(workshop, episode)
            continue
        check_assets(episode)
        warnings += _left_out(episode)
        steps += episode_steps(workshop, episode.id, episode.scenes, portrait_steps, portraits)
    return Plan(tuple(_reuse(in_order(steps), {} if force else live)), tuple(expected), tuple(warnings))


def episode_steps(
    workshop: Workshop,
    episode_id: str,
    scenes: Sequence[drama_pb2.Scene],
    portrait_steps: Iterable[str],
    portraits: Portraits,
) -> list[Step]:
    """Returns the storyboard and the clip of every scene, and what joins the clips."""
    known = set(portrait_steps)
    boards = [workshop.storyboard(episode_id, scene, known, portraits) for scene in scenes]
    clips = [workshop.clip(episode_id, scene, board) for scene, board in zip(scenes, boards, strict=True)]
    return [*boards, *clips, workshop.assemble(episode_id, clips)]


def needs_portrait(character: drama_pb2.Character, live: Mapping[str, drama_pb2.Take]) -> bool:
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


def check_assets(episode: drama_pb2.Episode) -> None:
    """Raises `InvalidInput` when assets of a scene depend on each other in a circle."""
    for scene in episode.scenes:
        ids = {asset.id for asset in scene.assets}
        order_of({asset.id: [d for d in asset.depends_on if d in ids] for asset in scene.assets})


def in_order(steps: Sequence[Step]) -> list[Step]:
    """Returns the steps with parents before children, otherwise as given; raises `InvalidInput` for a circle."""
    by_step = {step.job.step: step for step in steps}
    order = order_of({name: [p for p in step.parents if p in by_step] for name, step in by_step.items()})
    return [by_step[name] for name in order]


def order_of(parents: Mapping[str, Sequence[str]]) -> list[str]:
    """Returns the names level by level (Kahn 1962); raises `InvalidInput` when some can never start."""
    waiting = {name: len(set(above)) for name, above in parents.items()}
    children: dict[str, list[str]] = {}
    for name, above in parents.items():
        for parent in dict.fromkeys(above):
            children.setdefault(parent, []).append(name)
    order: list[str] = []
    level = [name for name, count in waiting.items() if not count]
    while level:
        order += level
        following: list[str] = []
        for name in level:
            for child in children.get(name, ()):
                waiting[child] -= 1
                if not waiting[child]:
                    following.append(child)
        level = following
    if len(order) < len(parents):
        raise InvalidInput(CYCLE, reason="cycle", field="depends_on")
    return order


def _reuse(steps: Sequence[Step], live: Mapping[str, drama_pb2.Take]) -> list[Step]:
    reused: dict[str, bool] = {}
    decided: list[Step] = []
    for step in steps:
        take = live.get(step.slot)
        fresh = (
            take is not None
            and bool(take.output_json)
            and take.fingerprint == step.fingerprint
            and all(reused[parent] for parent in step.parents)
            and all(_not_after(live[slot], take) for slot in step.live if slot in live)
        )
        reused[step.job.step] = fresh
        if fresh and take is not None:
            job = job_pb2.NewJob()
            job.CopyFrom(step.job)
            job.reused, job.output_json = True, take.output_json
            step = replace(step, job=job)
        decided.append(step)
    return decided


def _not_after(earlier: drama_pb2.Take, later: drama_pb2.Take) -> bool:
    return earlier.created_at.ToNanoseconds() <= later.created_at.ToNanoseconds()


def _chosen(drama: drama_pb2.Drama, episode_ids: Sequence[str]) -> list[drama_pb2.Episode]:
    known = {episode.id: episode for episode in drama.episodes}
    for wanted in episode_ids:
        if wanted not in known:
            raise NotFound(f"Episode {wanted} not found", field="episode_ids")
    if not known:
        raise NotReady("The drama has no episodes yet.", reason="no_episodes")
    return [episode for episode in drama.episodes if not episode_ids or episode.id in episode_ids]


def _left_out(episode: drama_pb2.Episode) -> list[str]:
    return [
        f"Scene {scene.id}: only its first picture and its first film are made."
        for scene in episode.scenes
        if any(asset.id not in (image_of(scene).id, film_of(scene).id) for asset in scene.assets)
    ]


def _expected(workshop: Workshop, episode: drama_pb2.Episode) -> list[story_service_pb2.PlannedStep]:
    crew, scenes = workshop.crew, f"scenes:{episode.id}"
    boards, clips = f"storyboards:{episode.id}", f"clips:{episode.id}"
    return [
        story_service_pb2.PlannedStep(
            step=boards,
            kind="imaging.storyboard",
            price_nano_usd=USUAL_SCENES * workshop.picture_price(),
            depends_on=[scenes],
            model=crew.painter.name,
        ),
        story_service_pb2.PlannedStep(
            step=clips,
            kind="video.clip",
            price_nano_usd=USUAL_SCENES * workshop.clip_price(CLIP_SECONDS),
            depends_on=[boards],
            model=crew.filmer.name,
        ),
        story_service_pb2.PlannedStep(
            step=f"assemble:{episode.id}", kind="video.assemble", depends_on=[clips], model="local"
        ),
    ]
