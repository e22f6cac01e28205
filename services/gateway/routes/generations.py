"""Films of no drama, by the media contract."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.gateway import body as bodies
from services.gateway import docs, generations, headers
from services.gateway.backends import RPC_SECONDS
from services.gateway.gateway import gateway
from services.gateway.problems import Problem
from services.gateway.responses import NO_STORE, JsonResponse
from services.gateway.views import generations as view
from sfd.jobs.v1 import job_pb2, job_service_pb2
from sfd.video.v1 import generation_service_pb2 as rpc

router = APIRouter(tags=["generations"])
_PATH = "/v1/video/generations"
_GENERATION = "Generation"
_KEPT = "private, max-age=3600"
_FILE = re.compile(r"(gen_[0-9a-f]{12})\.mp4")


@router.post(
    _PATH,
    response_model=None,
    responses={200: {"model": view.VideoGenerationResponse}, **docs.errors(400, 413, 415, 422)},
    openapi_extra=docs.body(view.VideoGenerationRequest),
)
async def create(request: Request) -> JsonResponse:
    """Accepts a film; poll it under its id. What is made otherwise than asked is told in `adjustments` and `X-SFD-Warning`."""
    parsed = await bodies.read(request, view.VideoGenerationRequest)
    body = parsed.value
    wish = rpc.VideoWish(
        model=body.model,
        prompt=body.prompt,
        aspect_ratio="" if body.size else body.aspect_ratio or "",
        size=body.size or "",
        legacy=True,
    )
    if body.duration is not None:
        wish.seconds = body.duration
    reply = await generations.accept(gateway(request), headers.request_key(request), body, wish)
    told = {**headers.ignored(parsed.ignored), **headers.warned(generations.told(reply))}
    return JsonResponse(view.generation_json(reply.run), headers={"Cache-Control": NO_STORE, **told})


@router.get(_PATH, response_model=None, responses={200: {"model": list[view.VideoGenerationResponse]}})
async def list_generations(
    request: Request,
    skip: Annotated[int, Query(ge=0, le=100_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    provider: Annotated[str | None, Query(max_length=64)] = None,
    status: Annotated[str | None, Query(max_length=64)] = None,
) -> JsonResponse:
    """Films, newest first, in a bare array."""
    if status and status not in view.STATES:
        return JsonResponse([])
    house = gateway(request)
    reply = await house.backends.jobs.ListRuns(
        job_service_pb2.ListRunsRequest(
            kind=generations.KIND,
            label=provider or "",
            state=view.STATES.get(status or "", job_pb2.JOB_STATE_UNSPECIFIED),
            page_size=limit,
            offset=skip,
        ),
        timeout=RPC_SECONDS,
    )
    return JsonResponse(await generations.shown(house, reply.runs), headers={"Cache-Control": NO_STORE})


@router.get(
    _PATH + "/{generation_id}",
    response_model=None,
    responses={200: {"model": view.VideoGenerationResponse}, **docs.errors(404)},
)
async def get_generation(request: Request, generation_id: str) -> JsonResponse:
    """Where a film stands."""
    house = gateway(request)
    run = await generations.find(house, generation_id, _GENERATION)
    (told,) = await generations.shown(house, [run])
    return JsonResponse(told, headers={"Cache-Control": NO_STORE})


@router.delete(
    _PATH + "/{generation_id}",
    response_model=None,
    responses={200: {"model": view.GenerationDeleted}, **docs.errors(404, 409)},
)
async def delete_generation(request: Request, generation_id: str) -> JsonResponse:
    """Removes a film and its bytes; one under way is cancelled first. What it cost stays in the usage."""
    house = gateway(request)
    await generations.remove(house, await generations.find(house, generation_id, _GENERATION))
    return JsonResponse({"message": "Generation deleted successfully"})


@router.post(
    _PATH + "/{generation_id}/cancel",
    response_model=None,
    responses={200: {"model": view.VideoGenerationResponse}, **docs.errors(404)},
)
async def cancel_generation(request: Request, generation_id: str) -> JsonResponse:
    """Asks a film to stop; the order is passed on to the vendor. One that has ended stays as it is."""
    house = gateway(request)
    run = await generations.find(house, generation_id, _GENERATION)
    after = await generations.cancel(house, run, headers.request_key(request))
    (told,) = await generations.shown(house, [after])
    return JsonResponse(told, headers={"Cache-Control": NO_STORE})


@router.head("/videos/{file}", response_model=None, include_in_schema=False)
@router.get(
    "/videos/{file}",
    response_model=None,
    responses={
        200: {"description": "The film", "content": docs.BYTES},
        206: {"description": "A part of the film", "content": docs.BYTES},
        304: {"description": "The film has not changed"},
        **docs.errors(404, 416),
    },
)
async def film(request: Request, file: str) -> Response:
    """The film of a generation, with ranges."""
    found = _FILE.fullmatch(file)
    if found is None:
        raise generations.missing(_GENERATION)
    house = gateway(request)
    run = await generations.find(house, found[1], _GENERATION)
    try:
        return await generations.content(request, house, run, "video", _KEPT)
    except Problem as problem:
        if problem.reason != "video_not_ready":
            raise
        # The contract's file is not there before there is a film.
        raise Problem(404, "Not ready", problem.message, detail=problem.message, reason=problem.reason) from None
