"""The least that can stand between REST and gRPC in Python: Starlette, one grpc.aio channel, uvicorn. `python -m bench.edge.hop PORT STUB`.

No key, no limits, no checks, no log: it reads JSON, fills the same message, and shows the reply with the gateway's own view.
"""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from services.gateway.views.videos import video_json
from sfd.jobs.v1 import job_service_pb2, job_service_pb2_grpc
from sfd.video.v1 import generation_service_pb2, generation_service_pb2_grpc


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """Keeps the channel."""
    async with grpc.aio.insecure_channel(sys.argv[2]) as channel:
        app.state.generations = generation_service_pb2_grpc.GenerationServiceStub(channel)
        app.state.jobs = job_service_pb2_grpc.JobServiceStub(channel)
        yield


async def create(request: Request) -> JSONResponse:
    """One JSON body, one RPC, one answer."""
    body = json.loads(await request.body())
    wish = generation_service_pb2.VideoWish(
        model=body["model"], prompt=body["prompt"], seconds=float(body["seconds"]), size=body["size"]
    )
    reply = await request.app.state.generations.GenerateVideo(generation_service_pb2.GenerateVideoRequest(wish=wish))
    return JSONResponse(video_json(reply.run))


async def read(request: Request) -> JSONResponse:
    """One RPC, one answer."""
    name = request.path_params["id"].replace("video_", "gen_")
    reply = await request.app.state.jobs.GetRun(job_service_pb2.GetRunRequest(id=name))
    return JSONResponse(video_json(reply.run))


app = Starlette(
    routes=[Route("/v1/videos", create, methods=["POST"]), Route("/v1/videos/{id}", read, methods=["GET"])],
    lifespan=lifespan,
)


def main() -> int:
    """Serves until a signal comes."""
    uvicorn.run(app, port=int(sys.argv[1]), log_level="warning", access_log=False, loop="uvloop", http="httptools")
    return 0


if __name__ == "__main__":
    sys.exit(main())
