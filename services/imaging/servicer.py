"""`sfd.imaging.v1.ImagingService`: each call accepts a run of one job."""

from __future__ import annotations

from typing import Any, TypeAlias

import grpc

from kit.errors import InvalidInput
from kit.jsonio import dumps
from kit.providers.catalogue import Resolved
from services.imaging import planning
from sfd.dramas.v1 import drama_pb2, drama_service_pb2, drama_service_pb2_grpc
from sfd.imaging.v1 import imaging_service_pb2, imaging_service_pb2_grpc
from sfd.jobs.v1 import job_pb2, job_service_pb2, job_service_pb2_grpc

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


class ImagingServicer(imaging_service_pb2_grpc.ImagingServiceServicer):
    """Plans one picture on the stored drama and submits it; the caller's identity goes along to storage."""

    def __init__(self, storage: grpc.aio.Channel) -> None:
        self._dramas = drama_service_pb2_grpc.DramaServiceStub(storage)
        self._jobs = job_service_pb2_grpc.JobServiceStub(storage)

    async def GeneratePortrait(
        self, request: imaging_service_pb2.GeneratePortraitRequest, context: Context
    ) -> imaging_service_pb2.GeneratePortraitResponse:
        """Draws one character's portrait anew; raises `NotFound` for an unknown drama or character."""
        drama = await self._drama(request.drama_id)
        job, painter = planning.portrait_job(drama, request.character_id, request.prompt, request.options)
        run = await self._submit("portrait", request.request_id, drama, job, painter)
        return imaging_service_pb2.GeneratePortraitResponse(run=run)

    async def GenerateCover(
        self, request: imaging_service_pb2.GenerateCoverRequest, context: Context
    ) -> imaging_service_pb2.GenerateCoverResponse:
        """Draws the cover anew; raises `NotFound` for an unknown drama."""
        drama = await self._drama(request.drama_id)
        job, painter = planning.cover_job(drama, await self._takes(drama.id), request.options)
        run = await self._submit("cover", request.request_id, drama, job, painter)
        return imaging_service_pb2.GenerateCoverResponse(run=run)

    async def GenerateStoryboard(
        self, request: imaging_service_pb2.GenerateStoryboardRequest, context: Context
    ) -> imaging_service_pb2.GenerateStoryboardResponse:
        """Draws one scene's storyboard anew; raises `NotFound` for an unknown drama, episode or scene."""
        drama = await self._drama(request.drama_id)
        takes = await self._takes(drama.id)
        job, painter = planning.storyboard_job(
            drama, request.episode_id, request.scene_id, request.prompt, takes, request.options
        )
        run = await self._submit("storyboard", request.request_id, drama, job, painter)
        return imaging_service_pb2.GenerateStoryboardResponse(run=run)

    async def _drama(self, drama_id: str) -> drama_pb2.Drama:
        if not drama_id:
            raise InvalidInput("A drama is needed.", field="drama_id")
        reply = await self._dramas.GetDrama(drama_service_pb2.GetDramaRequest(drama_id=drama_id))
        return reply.drama

    async def _takes(self, drama_id: str) -> dict[str, str]:
        """The SHA-256 of the live take of each slot."""
        reply = await self._dramas.ListTakes(drama_service_pb2.ListTakesRequest(drama_id=drama_id))
        return {take.slot: take.sha256 for take in reply.takes if take.live}

    async def _submit(
        self, kind: str, request_id: str, drama: drama_pb2.Drama, job: job_pb2.NewJob, painter: Resolved
    ) -> job_pb2.Run:
        labels = {"step": job.step, "model": painter.model.name}
        if painter.warning:
            labels["warning"] = painter.warning
        reply = await self._jobs.SubmitRun(
            job_service_pb2.SubmitRunRequest(
                request_id=request_id,
                kind=kind,
                drama_id=drama.id,
                jobs=[job],
                metadata_json=dumps(labels),
                result_json=dumps({"dramaId": drama.id}),
            )
        )
        return reply.run
