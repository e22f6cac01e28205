"""`sfd.story.v1.StoryService`: decode, one use case, encode."""

from __future__ import annotations

from typing import Any

import grpc

from services.story.planner import Plan
from services.story.usecases import Desk
from sfd.story.v1 import story_service_pb2, story_service_pb2_grpc

Context = grpc.aio.ServicerContext[Any, Any]


class StoryServicer(story_service_pb2_grpc.StoryServiceServicer):
    """Writing, and planning productions."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def GenerateDrama(
        self, request: story_service_pb2.GenerateDramaRequest, context: Context
    ) -> story_service_pb2.GenerateDramaResponse:
        """Accepts a premise."""
        done = await self._desk.generate(request)
        return story_service_pb2.GenerateDramaResponse(run=done.run, drama_id=done.run.drama_id, warnings=done.warnings)

    async def ImproveDrama(
        self, request: story_service_pb2.ImproveDramaRequest, context: Context
    ) -> story_service_pb2.ImproveDramaResponse:
        """Accepts feedback."""
        done = await self._desk.improve(request)
        return story_service_pb2.ImproveDramaResponse(
            run=done.run, improved_id=done.run.drama_id, warnings=done.warnings
        )

    async def CritiqueDrama(
        self, request: story_service_pb2.CritiqueDramaRequest, context: Context
    ) -> story_service_pb2.CritiqueDramaResponse:
        """Accepts the wish for a critique."""
        done = await self._desk.critique(request)
        return story_service_pb2.CritiqueDramaResponse(run=done.run, warnings=done.warnings)

    async def PlanProduction(
        self, request: story_service_pb2.PlanProductionRequest, context: Context
    ) -> story_service_pb2.PlanProductionResponse:
        """Says what a production would do and cost."""
        planned = await self._desk.plan(request.drama_id, request.options, request.episode_ids, force=request.force)
        return story_service_pb2.PlanProductionResponse(
            steps=steps_of(planned.plan),
            price_nano_usd=planned.plan.price_nano_usd,
            revision=planned.drama.revision,
            estimated=planned.plan.estimated,
        )

    async def ExecuteProduction(
        self, request: story_service_pb2.ExecuteProductionRequest, context: Context
    ) -> story_service_pb2.ExecuteProductionResponse:
        """Plans a production and starts it."""
        done = await self._desk.execute(request)
        return story_service_pb2.ExecuteProductionResponse(run=done.run, warnings=done.warnings)


def steps_of(plan: Plan) -> list[story_service_pb2.PlannedStep]:
    """Returns the steps as people see them; a reused one costs nothing."""
    known = [
        story_service_pb2.PlannedStep(
            step=step.job.step,
            kind=step.job.kind,
            reused=step.job.reused,
            price_nano_usd=0 if step.job.reused else step.price_nano_usd,
            depends_on=step.parents,
            model=step.model.name,
        )
        for step in plan.steps
    ]
    return [*known, *plan.expected]
