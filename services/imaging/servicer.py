"""`sfd.imaging.v1.ImagingService`: each call accepts a run of one job."""

from __future__ import annotations

from typing import Any, TypeAlias

import grpc

from kit.errors import InvalidInput
from kit.jsonio import dumps
from kit.providers.catalogue import Resolved, house
from services.imaging import planning
from services.imaging.config import ImagingSettings
from services.imaging.planning import Easel
from sfd.dramas.v1 import drama_pb2, drama_service_pb2, drama_service_pb2_grpc
from sfd.imaging.v1 import imaging_service_pb2, imaging_service_pb2_grpc
from sfd.jobs.v1 import job_pb2, job_service_pb2, job_service_pb2_grpc
from sfd.story.v1 import story_pb2

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


class ImagingServicer(imaging_service_pb2_grpc.ImagingServiceServicer):
    """Plans one picture on the stored drama and submits it; the caller's identity goes along to storage."""

    def __init__(self, storage: grpc.aio.Channel, settings: ImagingSettings) -> None:
        self._dramas = drama_service_pb2_grpc.DramaServiceStub(storage)
        self._jobs = job_service_pb2_grpc.JobServiceStub(storage)
        self._settings = settings

    async def GeneratePortrait(
        self, request: imaging_service_pb2.GeneratePortraitRequest, context: Context
    ) -> imaging_service_pb2.GeneratePortraitResponse:
        """Draws one character's portrait anew; raises `NotFound` for an unknown drama or character."""
        easel, warning = self._easel(request.options)
        drama = await self._drama(request.drama_id)
        job = planning.portrait_job(drama, request.character_id, request.prompt, easel)
        run = await self._submit("portrait", request.request_id, drama, job, warning)
        return imaging_service_pb2.GeneratePortraitResponse(run=run)

    async def GenerateCover(
        self, request: imaging_service_pb2.GenerateCoverRequest, context: Context
    ) -> imaging_service_pb2.GenerateCoverResponse:
        """Draws the cover anew; raises `NotFound` for an unknown drama."""
        easel, warning = self._easel(request.options)
        drama = await self._drama(request.drama_id)
        job = planning.cover_job(drama, await self._takes(drama.id), easel)
        run = await self._submit("cover", request.request_id, drama, job, warning)
        return imaging_service_pb2.GenerateCoverResponse(run=run)

    async def GenerateStoryboard(
        self, request: imaging_service_pb2.GenerateStoryboardRequest, context: Context
    ) -> imaging_service_pb2.GenerateStoryboardResponse:
        """Draws one scene's storyboard anew; raises `NotFound` for an unknown drama, episode or scene."""
        easel, warning = self._easel(request.options)
        drama = await self._drama(request.drama_id)
        takes = await self._takes(drama.id)
        job = planning.storyboard_job(drama, request.episode_id, request.scene_id, request.prompt, takes, easel)
        run = await self._submit("storyboard", request.request_id, drama, job, warning)
        return imaging_service_pb2.GenerateStoryboardResponse(run=run)

    def _easel(self, options: story_pb2.Options) -> tuple[Easel, str]:
        """Who draws, and what was taken otherwise than asked; raises `InvalidInput` for a painter this house does not have."""
        found = self._resolve(options.cast)
        variable = self._settings.missing(found.model.vendor)
        if variable:
            raise InvalidInput(
                f"{variable} is not set, so {found.model.vendor} cannot be used.",
                reason="vendor_key_missing",
                field="options.cast",
            )
        return Easel(found.model, options, self._settings.max_retries + 1), found.warning

    def _resolve(self, cast: story_pb2.Cast) -> Resolved:
        try:
            if cast.painter_model and not cast.painter:
                return house().find("image", cast.painter_model)
            return house().resolve("image", cast.painter or self._settings.painter, cast.painter_model)
        except InvalidInput as error:
            field = "options.cast.painter_model" if error.reason == "unknown_model" else "options.cast.painter"
            raise InvalidInput(error.message, reason=error.reason, field=field) from error

    async def _drama(self, drama_id: str) -> drama_pb2.Drama:
        if not drama_id:
            raise InvalidInput("A drama is needed.", field="drama_id")
        reply = await self._dramas.GetDrama(drama_service_pb2.GetDramaRequest(drama_id=drama_id))
        return reply.drama

    async def _takes(self, drama_id: str) -> list[drama_pb2.Take]:
        reply = await self._dramas.ListTakes(drama_service_pb2.ListTakesRequest(drama_id=drama_id))
        return list(reply.takes)

    async def _submit(
        self, kind: str, request_id: str, drama: drama_pb2.Drama, job: job_pb2.NewJob, warning: str
    ) -> job_pb2.Run:
        reply = await self._jobs.SubmitRun(
            job_service_pb2.SubmitRunRequest(
                request_id=request_id,
                kind=kind,
                drama_id=drama.id,
                jobs=[job],
                metadata_json=dumps({"warnings": [warning]} if warning else {}),
                result_json=dumps({"dramaId": drama.id}),
            )
        )
        return reply.run
