"""The services behind the gateway as constants over real gRPC: `python -m bench.edge.stub PORT`.

The RPCs that the gateway calls for a film's acceptance (GenerateVideo) and for its state (GetRun). No interceptor and no check.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any, cast

import grpc

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

    def __init__(self) -> None:
        self._reply = generation_service_pb2.GenerateVideoResponse(
            run=film(job_pb2.JOB_STATE_QUEUED), resolved_model="openai/sora-2", price_nano_usd=400_000_000
        )

    async def GenerateVideo(
        self, request: generation_service_pb2.GenerateVideoRequest, context: Any
    ) -> generation_service_pb2.GenerateVideoResponse:
        """Returns the same film for any wish."""
        return self._reply


class Jobs(job_service_pb2_grpc.JobServiceServicer):
    """Knows one run."""

    def __init__(self) -> None:
        self._reply = job_service_pb2.GetRunResponse(run=film(job_pb2.JOB_STATE_RUNNING))

    async def GetRun(self, request: job_service_pb2.GetRunRequest, context: Any) -> job_service_pb2.GetRunResponse:
        """Returns the run, which is under way."""
        return self._reply


async def serve(port: int) -> None:
    """Serves until a signal comes."""
    server = grpc.aio.server(options=list(SERVER))
    generation_service_pb2_grpc.add_GenerationServiceServicer_to_server(cast("Any", Generations)(), server)
    job_service_pb2_grpc.add_JobServiceServicer_to_server(cast("Any", Jobs)(), server)
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    await stop_event().wait()
    await server.stop(None)


def main() -> int:
    """Serves until a signal comes."""
    asyncio.run(serve(int(sys.argv[1])))
    return 0


if __name__ == "__main__":
    sys.exit(main())
