"""A plan: its steps, what it costs and how long it takes, and how people see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.story.crew import Crew
from services.story.plan_cost import FEWEST_SCENES, MOST_SCENES, USUAL_SCENES, Cost
from services.story.plan_jobs import Workshop
from services.story.plan_order import longest_path
from services.story.plan_step import Step
from sfd.dramas.v1 import drama_pb2
from sfd.jobs.v1 import job_pb2
from sfd.story.v1 import story_service_pb2

NODES: Mapping[str, str] = {
    "imaging.storyboard": "scene",
    "video.clip": "scene_asset",
    "video.assemble": "assemble",
}


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

    @property
    def made(self) -> list[Step]:
        """The steps that are not reused."""
        return [step for step in self.steps if not step.job.reused]

    def lacking(self, crew: Crew) -> dict[str, str]:
        """Returns the settings that are missing for what is to be made, and whose vendor needs each."""
        found: dict[str, str] = {}
        for step in self.made:
            if variable := missing_key(step, crew):
                found.setdefault(variable, step.model.vendor)
        for one in self.expected:
            if one.missing_key:
                found.setdefault(one.missing_key, one.model.partition("/")[0])
        return found

    def told(self, crew: Crew) -> story_service_pb2.PlanProductionResponse:
        """Returns the plan as people see it, without revision and warnings; a reused step costs nothing and takes no time."""
        steps = [*(planned(step, crew) for step in self.steps), *self.expected]
        return story_service_pb2.PlanProductionResponse(
            steps=steps,
            price_nano_usd=sum(step.price_nano_usd for step in steps),
            price_low_nano_usd=sum(step.price_low_nano_usd for step in steps),
            price_high_nano_usd=sum(step.price_high_nano_usd for step in steps),
            critical_path_seconds=longest_path(
                {step.step: step.seconds for step in steps}, {step.step: step.depends_on for step in steps}
            ),
            missing_keys=list(dict.fromkeys(step.missing_key for step in steps if step.missing_key)),
            estimated=self.estimated,
        )


def missing_key(step: Step, crew: Crew) -> str:
    """Returns the setting without which a step cannot be done here; empty when nothing is missing."""
    return "" if step.job.reused or step.model.vendor == "local" else crew.missing.get(step.maker, "")


def planned(step: Step, crew: Crew) -> story_service_pb2.PlannedStep:
    """Returns one step as people see it."""
    shown = story_service_pb2.PlannedStep(
        step=step.job.step,
        kind=step.job.kind,
        reused=step.job.reused,
        depends_on=step.parents,
        model=step.model.name,
        prompt=step.prompt,
        node_type=step.node_type,
        entity_id=step.entity_id,
        episode_id=step.episode_id,
        missing_key=missing_key(step, crew),
    )
    if not step.job.reused:
        shown.price_nano_usd = step.price_nano_usd
        shown.price_low_nano_usd = step.price_low_nano_usd
        shown.price_high_nano_usd = step.price_high_nano_usd
        shown.seconds = step.seconds
    return shown


def expected_steps(
    workshop: Workshop, episode: drama_pb2.Episode, attempts: int
) -> list[story_service_pb2.PlannedStep]:
    """Returns what follows when the scenes of an episode are written: a step each for its storyboards, its clips and its film."""
    boards, clips = f"storyboards:{episode.id}", f"clips:{episode.id}"

    def step(name: str, kind: str, above: Sequence[str], cost: Cost, counts: tuple[int, int, int]) -> None:
        fewest, usual, most = counts
        found.append(
            story_service_pb2.PlannedStep(
                step=name,
                kind=kind,
                depends_on=above,
                model=cost.model.name,
                price_nano_usd=usual * cost.expected,
                price_low_nano_usd=fewest * cost.least,
                price_high_nano_usd=most * cost.most * attempts,
                # All of an episode's pictures can be drawn at once, and all its clips.
                seconds=cost.seconds,
                node_type=NODES[kind],
                entity_id=episode.id,
                episode_id=episode.id,
                missing_key="" if cost.model.vendor == "local" else workshop.crew.missing.get(cost.maker, ""),
            )
        )

    found: list[story_service_pb2.PlannedStep] = []
    many = (FEWEST_SCENES, USUAL_SCENES, MOST_SCENES)
    step(boards, "imaging.storyboard", [f"scenes:{episode.id}"], workshop.cost("imaging.storyboard"), many)
    step(clips, "video.clip", [boards], workshop.cost("video.clip"), many)
    joined = workshop.cost("video.assemble", clips=USUAL_SCENES)
    step(f"assemble:{episode.id}", "video.assemble", [clips], joined, (1, 1, 1))
    return found
