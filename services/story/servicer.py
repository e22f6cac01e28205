"""`sfd.story.v1.StoryService`: decode, one use case, encode."""

from __future__ import annotations

from typing import Any

import grpc

from services.story.productions import Producer
from services.story.usecases import Desk
from services.story.wish import Wish
from sfd.story.v1 import story_service_pb2, story_service_pb2_grpc

Context = grpc.aio.ServicerContext[Any, Any]


class StoryServicer(story_service_pb2_grpc.StoryServiceServicer):
    """Writing, and planning productions."""

    def __init__(self, desk: Desk, producer: Producer) -> None:
        self._desk = desk
        self._producer = producer

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
        wish = Wish(request.options, tuple(request.episode_ids), request.episode_branch, request.force)
        planned = await self._producer.plan(request.drama_id, wish)
        told = planned.plan.told(planned.crew)
        told.revision = planned.drama.revision
        told.warnings.extend(planned.warnings)
        return told

    async def ExecuteProduction(
        self, request: story_service_pb2.ExecuteProductionRequest, context: Context
    ) -> story_service_pb2.ExecuteProductionResponse:
        """Plans a production and starts it."""
        done = await self._producer.execute(request)
        return story_service_pb2.ExecuteProductionResponse(run=done.run, warnings=done.warnings)

    async def ExecuteStep(
        self, request: story_service_pb2.ExecuteStepRequest, context: Context
    ) -> story_service_pb2.ExecuteStepResponse:
        """Does one step anew."""
        done = await self._producer.step(request)
        return story_service_pb2.ExecuteStepResponse(run=done.run, warnings=done.warnings)

    async def RetryJob(
        self, request: story_service_pb2.RetryJobRequest, context: Context
    ) -> story_service_pb2.RetryJobResponse:
        """Does again what failed or was cancelled."""
        done = await self._producer.retry(request)
        return story_service_pb2.RetryJobResponse(run=done.run, warnings=done.warnings)

    async def ChooseTake(
        self, request: story_service_pb2.ChooseTakeRequest, context: Context
    ) -> story_service_pb2.ChooseTakeResponse:
        """Makes an earlier take the live one."""
        return story_service_pb2.ChooseTakeResponse(take=await self._producer.choose(request))
