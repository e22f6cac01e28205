"""`sfd.video.v1.VideoService`: each call accepts a run of one job."""

from __future__ import annotations

from typing import Any, TypeAlias

import grpc

from kit.context import caller
from kit.errors import InvalidInput
from kit.jsonio import dumps
from kit.providers.catalogue import Resolved, house
from kit.providers.dramas import filmer
from services.video import planning
from services.video.config import VideoSettings
from services.video.keyring import LOCAL, Keys
from services.video.planning import Crew
from services.video.prices import Prices
from sfd.dramas.v1 import drama_pb2, drama_service_pb2, drama_service_pb2_grpc
from sfd.jobs.v1 import job_pb2, job_service_pb2, job_service_pb2_grpc
from sfd.story.v1 import story_pb2
from sfd.video.v1 import video_service_pb2, video_service_pb2_grpc

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


class VideoServicer(video_service_pb2_grpc.VideoServiceServicer):
    """Plans one film on the stored drama and submits it; the caller's identity goes along to storage."""

    def __init__(self, storage: grpc.aio.Channel, keys: Keys, prices: Prices, settings: VideoSettings) -> None:
        self._dramas = drama_service_pb2_grpc.DramaServiceStub(storage)
        self._jobs = job_service_pb2_grpc.JobServiceStub(storage)
        self._keys = keys
        self._prices = prices
        self._settings = settings

    async def GenerateAudition(
        self, request: video_service_pb2.GenerateAuditionRequest, context: Context
    ) -> video_service_pb2.GenerateAuditionResponse:
        """Lets one character speak about itself; raises `NotFound` for an unknown drama or character."""
        crew, warning = await self._crew(request.options)
        drama = await self._drama(request.drama_id)
        job = planning.audition_job(drama, request.character_id, await self._takes(drama.id), crew)
        run = await self._submit("audition", request.request_id, drama, job, warning)
        return video_service_pb2.GenerateAuditionResponse(run=run)

    async def AssembleEpisode(
        self, request: video_service_pb2.AssembleEpisodeRequest, context: Context
    ) -> video_service_pb2.AssembleEpisodeResponse:
        """Joins an episode's live clips; raises `NotFound`, or `NotReady` naming the scenes without a clip."""
        drama = await self._drama(request.drama_id)
        takes = await self._takes(drama.id)
        job = planning.assemble_job(drama, request.episode_id, takes, self._settings.max_retries + 1)
        run = await self._submit("assemble", request.request_id, drama, job, "")
        return video_service_pb2.AssembleEpisodeResponse(run=run)

    async def _crew(self, options: story_pb2.Options) -> tuple[Crew, str]:
        """Who films, and what was taken otherwise than asked; raises `InvalidInput` for one this house does not have."""
        found, who = self._resolve(options.cast), caller()
        model, account_id = found.model, who.account_id if who else ""
        if model.vendor != LOCAL:
            if model.vendor not in await self._keys.living(account_id):
                raise InvalidInput(
                    f"{self._settings.film_key_missing(model.vendor)} is not set, so {model.vendor} cannot be used.",
                    reason="vendor_key_missing",
                    field="options.cast",
                )
            model = (await self._prices.of(account_id)).over(model)
        return Crew(model, options, self._settings.max_retries + 1), found.warning

    def _resolve(self, cast: story_pb2.Cast) -> Resolved:
        try:
            vendor = cast.filmer or ("" if cast.filmer_model else self._settings.filmer)
            return filmer(house(), vendor, cast.filmer_model)
        except InvalidInput as error:
            field = "options.cast.filmer_model" if error.field == "model" else "options.cast.filmer"
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
