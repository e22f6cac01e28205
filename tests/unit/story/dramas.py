"""The contract's reference drama, its plan, and what is live after a plan was carried out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from kit.providers.catalogue import load
from services.story.config import StorySettings
from services.story.crew import Casting
from services.story.plan import Plan
from services.story.plan_jobs import Workshop
from services.story.plan_step import Step
from services.story.planner import plan_production
from sfd.dramas.v1 import drama_pb2
from sfd.story.v1 import story_pb2

IMAGE, VIDEO = drama_pb2.ASSET_KIND_IMAGE, drama_pb2.ASSET_KIND_VIDEO


def settings(**values: str) -> StorySettings:
    return StorySettings.model_validate({"SFD_INTERNAL_SECRET": "x" * 32, **values})


def fixture() -> drama_pb2.Drama:
    """The contract's reference drama: two characters, one episode of two scenes."""

    def scene(number: int, who: Sequence[str]) -> drama_pb2.Scene:
        sid = f"ep01_s{number:02d}"
        board = drama_pb2.EntityAsset(id=f"{sid}_storyboard", kind=IMAGE, depends_on=who, prompt=f"Frame {number}")
        clip = drama_pb2.EntityAsset(
            id=f"{sid}_clip", kind=VIDEO, depends_on=[f"{sid}_storyboard"], prompt=f"Move {number}", duration=10
        )
        dialogue = {"dialogue": [{"character_id": "char_detective", "text": "Who is there?", "emotion": "afraid"}]}
        return drama_pb2.Scene(
            id=sid, description=f"Scene {number}.", assets=[board, clip], metadata_json=json.dumps(dialogue)
        )

    return drama_pb2.Drama(
        id="drama_ref",
        title="The Machine Witness",
        description="A detective questions an AI.",
        premise="A detective must trust an AI.",
        characters=[
            drama_pb2.Character(
                id="char_detective", name="Mara", description="A tired detective.", gender="female", main=True
            ),
            drama_pb2.Character(id="char_ai", name="Echo", description="A voice in a lamp.", gender="other"),
        ],
        episodes=[
            drama_pb2.Episode(
                id="ep01",
                title="First Light",
                description="They meet.",
                scenes=[scene(1, ["char_detective"]), scene(2, ["char_detective", "char_ai"])],
            )
        ],
        revision=3,
    )


def workshop(drama: drama_pb2.Drama, **cast: str) -> Workshop:
    house = Casting(settings(OPENAI_API_KEY="k", GEMINI_API_KEY="k", SORA_API_KEY="k"), load())
    return Workshop(drama, house.hire(story_pb2.Options(cast=story_pb2.Cast(**cast))))


def planned(drama: drama_pb2.Drama, takes: Sequence[drama_pb2.Take] = (), *, force: bool = False, **cast: str) -> Plan:
    return plan_production(drama, takes, workshop(drama, **cast), force=force)


def branch(drama: drama_pb2.Drama, takes: Sequence[drama_pb2.Take] = (), **more: Any) -> Plan:
    """The plan of the episode branch."""
    return plan_production(drama, takes, workshop(drama), episode_branch=True, **more)


def takes_of(plan: Plan, start: int = 100) -> list[drama_pb2.Take]:
    """The live takes after a plan was carried out, in its order."""
    takes = []
    for second, step in enumerate(plan.steps, start):
        if not step.slot:
            continue
        take = drama_pb2.Take(
            id=f"take-{step.slot}",
            slot=step.slot,
            asset_id=f"asset-{step.slot}",
            sha256=f"sha-{step.slot}",
            fingerprint=step.fingerprint,
            live=True,
            output_json=json.dumps({"slot": step.slot}),
        )
        take.created_at.FromSeconds(second)
        takes.append(take)
    return takes


def by_step(plan: Plan) -> dict[str, Step]:
    return {step.job.step: step for step in plan.steps}


def made(plan: Plan) -> list[str]:
    return [step.job.step for step in plan.steps if not step.job.reused]
