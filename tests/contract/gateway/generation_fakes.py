"""Fakes of what films of no drama need: the generation service, lists by kind and label, removal, signed URLs."""

from __future__ import annotations

import json
from typing import Any

from kit import errors
from sfd.assets.v1 import asset_pb2, asset_service_pb2
from sfd.jobs.v1 import job_pb2, job_service_pb2
from sfd.video.v1 import generation_service_pb2 as rpc
from sfd.video.v1.generation_service_pb2_grpc import GenerationServiceServicer
from tests.contract.gateway import fakes, step_fakes
from tests.contract.gateway.full_house import FullHouse

KIND = "generate_video"


class Generations(GenerationServiceServicer):
    """Accepts every film for `runway/gen4.5`, but for provider `luma`, of which there is no key."""

    def __init__(self, house: FullHouse) -> None:
        self.house = house

    async def GenerateVideo(self, request: rpc.GenerateVideoRequest, context: object) -> Any:
        self.house.take(request)
        wish = request.wish
        if wish.provider == "luma":
            raise errors.InvalidInput(
                "No active API key found for provider: luma", reason="no_active_key", field="provider"
            )
        if wish.seconds > 10:
            raise errors.InvalidInput("duration must be 1 to 10 seconds.", reason="bad_duration", field="duration")

        def work() -> rpc.GenerateVideoResponse:
            labels = {
                **json.loads(request.metadata_json or "{}"),
                "model": wish.model,
                "provider": "runway",
                "resolved_model": "runway/gen4.5",
                "prompt": wish.prompt,
                "parameters": {"duration": wish.seconds},
                "seconds": 5,
                "size": wish.size or "1280x720",
                "adjustments": [],
            }
            run = self.house.add_run(KIND, "", metadata_json=json.dumps(labels))
            number = f"{len(self.house.runs):012x}"
            stored = self.house.runs[run.id]
            stored.public_id = f"gen_{number}"
            change = rpc.Adjustment(field="duration", asked_json="6", used_json="5", why="It takes 5.")
            return rpc.GenerateVideoResponse(
                run=stored, resolved_model="runway/gen4.5", adjustments=[change] if wish.seconds == 6 else []
            )

        return self.house.once(request, work)

    async def EstimateVideo(self, request: rpc.EstimateVideoRequest, context: object) -> Any:
        self.house.take(request)
        if request.wish.model == "nobody-knows-it":
            raise errors.InvalidInput(
                "No active API key found for provider: openai", reason="no_active_key", field="provider"
            )
        return rpc.EstimateVideoResponse(
            resolved_model="openai/sim-video-1", price_nano_usd=400_000_000, request_json='{"seconds": 4}'
        )

    async def ListVendors(self, request: rpc.ListVendorsRequest, context: object) -> Any:
        self.house.take(request)
        return rpc.ListVendorsResponse(vendors=self.house.vendors, rows_json=self.house.rows_json)


class Jobs(step_fakes.Jobs):
    """With lists by kind, state and offset, and removal."""

    async def ListRuns(self, request: job_service_pb2.ListRunsRequest, context: object) -> Any:
        if request.kind != KIND:
            return await super().ListRuns(request, context)
        self.house.take(request)
        rows = [r for r in self.house.runs.values() if r.kind == KIND and request.state in (0, r.state)]
        if not request.oldest_first:
            rows.reverse()
        if request.after_run:
            ids = [row.id for row in rows]
            rows = rows[ids.index(request.after_run) + 1 :]
        rows = rows[request.offset :]
        more = "more" if len(rows) > request.page_size else ""
        return job_service_pb2.ListRunsResponse(runs=rows[: request.page_size], next_page_token=more)

    async def ListSubmissions(self, request: job_service_pb2.ListSubmissionsRequest, context: object) -> Any:
        if not request.run_id:
            return await super().ListSubmissions(request, context)
        self.house.take(request)
        rows = [s for s in self.house.submissions.values() if s.run_id == request.run_id]
        return job_service_pb2.ListSubmissionsResponse(submissions=rows)

    async def ListOperations(self, request: job_service_pb2.ListOperationsRequest, context: object) -> Any:
        self.house.take(request)
        found = {s.run_id: s.operation_id for s in self.house.submissions.values() if s.operation_id}
        return job_service_pb2.ListOperationsResponse(
            operations=[
                job_service_pb2.Operation(run_id=one, operation_id=found[one])
                for one in request.run_ids
                if one in found
            ]
        )

    async def WakeSubmission(self, request: job_service_pb2.WakeSubmissionRequest, context: object) -> Any:
        self.house.take(request)
        found = self.house.submissions.get(request.submission_id)
        return job_service_pb2.WakeSubmissionResponse(woken=found is not None and found.vendor == request.vendor)

    async def DeleteRun(self, request: job_service_pb2.DeleteRunRequest, context: object) -> Any:
        self.house.take(request)
        run = self.house.run(request.id)
        if run.state == job_pb2.JOB_STATE_RUNNING:
            # A worker has still to pass the order on; by the next look it has.
            run.state = job_pb2.JOB_STATE_CANCELLED
            return job_service_pb2.DeleteRunResponse(deleted=False)
        del self.house.runs[run.id]
        return job_service_pb2.DeleteRunResponse(deleted=True)


class Assets(fakes.Assets):
    """With signed URLs of the test's bucket."""

    async def SignDownload(self, request: asset_service_pb2.SignDownloadRequest, context: object) -> Any:
        self.house.take(request)
        asset: asset_pb2.Asset = self._find(request.asset_id)
        return asset_service_pb2.SignDownloadResponse(asset=asset, download_url=f"{self.house.bucket}/{asset.key}")
