"""The services behind the gateway as constants over real gRPC: `python -m bench.edge.stub PORT [VENDOR]`.

The RPCs that the gateway calls for a film's acceptance (GenerateVideo) and for its state (GetRun). No interceptor and no check.
With a vendor's port each of them calls it once, as an adapter does that keeps no record, and tells how far it says the film is.
"""

from __future__ import annotations

import sys
from typing import Any, cast

import grpc
import uvloop

from bench.edge.wire import Vendor
from kit.jsonio import dumps
from kit.rpc.options import SERVER
from kit.signals import stop_event
from sfd.jobs.v1 import job_pb2, job_service_pb2, job_service_pb2_grpc
from sfd.video.v1 import generation_service_pb2, generation_service_pb2_grpc

NAME = "gen_0123456789ab"


def film(state: job_pb2.JobState.ValueType) -> job_pb2.Run:
    """Returns the run of a film as storage tells it."""
    run = job_pb2.Run(
        id="019a0000-0000-7000-8000-000000000001",
        public_id=NAME,
        account_id="00000000-0000-7000-8000-000000000001",
        kind="generate_video",
        state=state,
        total=1,
        progress=0.4 if state == job_pb2.JOB_STATE_RUNNING else 0.0,
        metadata_json=dumps(
            {
                "model": "sora-2",
                "provider": "openai",
                "resolved_model": "openai/sora-2",
                "prompt": "A pier at night",
                "parameters": {"duration": 4, "size": "720x1280"},
                "seconds": 4,
                "size": "720x1280",
                "adjustments": [],
                "price_nano_usd": 400_000_000,
                "warnings": [],
            }
        ),
    )
    run.created_at.FromSeconds(1_790_000_000)
    return run


class Generations(generation_service_pb2_grpc.GenerationServiceServicer):
    """Accepts every film."""

    def __init__(self, vendor: Vendor | None) -> None:
        self._vendor = vendor
        self._reply = generation_service_pb2.GenerateVideoResponse(
            run=film(job_pb2.JOB_STATE_QUEUED), resolved_model="openai/sora-2", price_nano_usd=400_000_000
        )

    async def GenerateVideo(
        self, request: generation_service_pb2.GenerateVideoRequest, context: Any
    ) -> generation_service_pb2.GenerateVideoResponse:
        """Returns the same film for any wish."""
        if self._vendor is not None:
            wish = request.wish
            seconds = f"{wish.seconds:g}"
            await self._vendor.create(
                {"model": wish.model, "prompt": wish.prompt, "seconds": seconds, "size": wish.size}
            )
        return self._reply


class Jobs(job_service_pb2_grpc.JobServiceServicer):
    """Knows one run."""

    def __init__(self, vendor: Vendor | None) -> None:
        self._vendor = vendor
        self._reply = job_service_pb2.GetRunResponse(run=film(job_pb2.JOB_STATE_RUNNING))

    async def GetRun(self, request: job_service_pb2.GetRunRequest, context: Any) -> job_service_pb2.GetRunResponse:
        """Returns the run, which is under way."""
        if self._vendor is not None:
            self._reply.run.progress = await self._vendor.progress()
        return self._reply


async def serve(port: int, vendor: Vendor | None) -> None:
    """Serves until a signal comes."""
    server = grpc.aio.server(options=list(SERVER))
    generation_service_pb2_grpc.add_GenerationServiceServicer_to_server(cast("Any", Generations)(vendor), server)
    job_service_pb2_grpc.add_JobServiceServicer_to_server(cast("Any", Jobs)(vendor), server)
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    await stop_event().wait()
    await server.stop(None)


def main() -> int:
    """Serves until a signal comes."""
    vendor = Vendor(int(sys.argv[2])) if len(sys.argv) > 2 else None
    uvloop.run(serve(int(sys.argv[1]), vendor))
    return 0


if __name__ == "__main__":
    sys.exit(main())
