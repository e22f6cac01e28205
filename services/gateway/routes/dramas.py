"""Dramas: create in three ways, read, change, remove."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from google.protobuf.field_mask_pb2 import FieldMask

from kit import drama_json
from kit.errors import Conflict, InvalidInput, NotFound
from services.gateway import body as bodies
from services.gateway import docs, headers, problems
from services.gateway.backends import RPC_SECONDS
from services.gateway.flights import IN_FLIGHT
from services.gateway.gateway import Gateway, gateway
from services.gateway.ids import checked, cursor_of, tagged
from services.gateway.premise_form import Reference, list_reference, read_form
from services.gateway.responses import NO_STORE, JsonResponse
from services.gateway.views import drama as view
from services.gateway.views import models, replies
from services.gateway.views.jobs import accepted
from sfd.dramas.v1 import drama_pb2, drama_service_pb2
from sfd.story.v1 import story_pb2, story_service_pb2

router = APIRouter(tags=["dramas"])
_OFF_LOOP = 200
"""Scenes from which a drama is put into JSON in a thread."""


@router.post(
    "/dramas",
    response_model=None,
    responses={
        202: {"model": replies.JobReply, "description": "A premise was accepted"},
        201: {"model": models.DramaBody, "description": "The drama was stored as it is"},
        **docs.errors(400, 409, 412, 413, 415, 422),
    },
    openapi_extra=docs.with_form(docs.body(models.CreateDramaBody, models.PutDramaBody)),
)
async def create(request: Request) -> JsonResponse:
    """Creates a drama: from a premise (JSON), from a premise with a reference picture (multipart), or as it is (`drama`)."""
    if request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        form = await read_form(request, gateway(request))
        return await _generate(request, form.wish, form.reference)
    data = await bodies.read_json(request)
    if "drama" in data:
        return await _store(request, data)
    if "premise" in data:
        return await _generate(request, bodies.fit(models.CreateDramaBody, data), None)
    raise problems.bad_request("Request must include either 'premise' or 'drama'", "neither_premise_nor_drama")


async def _generate(
    request: Request, parsed: bodies.Parsed[models.CreateDramaBody], picture: Reference | None
) -> JsonResponse:
    wish = parsed.value
    options = story_pb2.Options(
        cast=view.cast_of(wish),
        episodes=wish.episodes or 0,
        language=wish.language or "",
        seed=wish.seed or 0,
        scenes=wish.scenes,
        auditions=wish.auditions,
        style=wish.style or "",
    )
    reply = await gateway(request).backends.story.GenerateDrama(
        story_service_pb2.GenerateDramaRequest(
            premise=wish.premise,
            drama_id=wish.id or "",
            options=options,
            reference_image_url=picture.url if picture else "",
            request_id=headers.request_key(request),
        ),
        timeout=RPC_SECONDS,
    )
    if picture is not None:
        await list_reference(gateway(request), picture, reply.drama_id, headers.request_key(request))
    location = f"/dramas/{reply.drama_id}/jobs/{reply.run.public_id}"
    return JsonResponse(
        accepted(
            reply.drama_id,
            reply.run.public_id,
            f"Drama generation job queued. Check status at: {location}",
        ),
        202,
        {"Location": location, **headers.ignored(parsed.ignored), **headers.warned(reply.warnings)},
    )


async def _store(request: Request, data: dict[str, Any]) -> JsonResponse:
    # A drama of a feature film's size takes a while to check; the loop must not wait for it.
    parsed, drama = await asyncio.to_thread(_fit_drama, data)
    tags = headers.if_match(request)
    if headers.if_any_match(request):
        await _there(gateway(request), drama.id)
    try:
        reply = await gateway(request).backends.dramas.PutDrama(
            drama_service_pb2.PutDramaRequest(
                drama=drama,
                request_id=headers.request_key(request),
                if_etag=await _chosen_tag(gateway(request), drama.id, tags),
                create_only=request.headers.get("if-none-match", "").strip() == "*",
            ),
            timeout=RPC_SECONDS,
        )
    except Conflict as error:
        if tags and error.reason != IN_FLIGHT:
            raise headers.precondition_failed() from None
        raise
    extra = {"Location": f"/dramas/{reply.drama.id}", **headers.ignored(parsed.ignored)}
    return await drama_response(reply.drama, 201, extra)


def _fit_drama(data: dict[str, Any]) -> tuple[bodies.Parsed[models.PutDramaBody], drama_pb2.Drama]:
    parsed = bodies.fit(models.PutDramaBody, data)
    return parsed, view.drama_proto(parsed.value.drama)


@router.get(
    "/dramas",
    response_model=None,
    responses={200: {"model": replies.DramaList}, **docs.errors(400, 422)},
)
async def list_dramas(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: Annotated[str | None, Query()] = None,
) -> JsonResponse:
    """Summaries, last changed first."""
    reply = await gateway(request).backends.dramas.ListDramas(
        drama_service_pb2.ListDramasRequest(page_size=limit, page_token=cursor_of(cursor, "dramas")),
        timeout=RPC_SECONDS,
    )
    return JsonResponse(
        {
            "dramas": [drama_json.summary_json(one) for one in reply.dramas],
            "cursor": tagged("dramas", "", reply.next_page_token),
        },
        headers={"Cache-Control": NO_STORE},
    )


@router.get("/dramas/{drama_id}", response_model=None, responses={200: {"model": models.DramaBody}, **docs.errors(404)})
async def get_drama(request: Request, drama_id: str) -> JsonResponse:
    """The whole drama."""
    return await drama_response(await fetch_drama(gateway(request), drama_id))


@router.patch(
    "/dramas/{drama_id}",
    response_model=None,
    responses={200: {"model": models.DramaBody}, **docs.errors(400, 404, 409, 412, 413, 415, 422)},
    openapi_extra=docs.body(models.UpdateDramaBody),
)
async def update_drama(request: Request, drama_id: str) -> JsonResponse:
    """Changes the fields that were sent; a null clears its field."""
    checked("Drama", drama_id)
    parsed = await bodies.read(request, models.UpdateDramaBody)
    drama, mask = view.changes(drama_id, parsed.value)
    tags = headers.if_match(request)
    house = gateway(request)
    told = headers.ignored(parsed.ignored)
    with problems.known_as("Drama", drama_id):
        tag = await _chosen_tag(house, drama_id, tags)
        if not mask:
            current = await fetch_drama(house, drama_id)
            if tag and current.etag != tag:
                raise headers.precondition_failed()
            return await drama_response(current, 200, told)
        try:
            reply = await house.backends.dramas.UpdateDrama(
                drama_service_pb2.UpdateDramaRequest(
                    drama=drama,
                    update_mask=FieldMask(paths=mask),
                    if_etag=tag,
                    request_id=headers.request_key(request),
                ),
                timeout=RPC_SECONDS,
            )
        except InvalidInput as error:
            error.field = error.field.removeprefix("drama.")
            raise
        except Conflict as error:
            if tags and error.reason != IN_FLIGHT:
                raise headers.precondition_failed() from None
            raise
    return await drama_response(reply.drama, 200, told)


@router.delete(
    "/dramas/{drama_id}",
    response_model=None,
    responses={200: {"model": replies.Deleted}, **docs.errors(404, 412)},
)
async def delete_drama(request: Request, drama_id: str) -> JsonResponse:
    """Removes the drama and everything under it; its open jobs are cancelled."""
    checked("Drama", drama_id)
    house = gateway(request)
    tags = headers.if_match(request)
    with problems.known_as("Drama", drama_id):
        tag = await _chosen_tag(house, drama_id, tags)
        try:
            await house.backends.dramas.DeleteDrama(
                drama_service_pb2.DeleteDramaRequest(
                    drama_id=drama_id, request_id=headers.request_key(request), if_etag=tag
                ),
                timeout=RPC_SECONDS,
            )
        except Conflict as error:
            if tags and error.reason != IN_FLIGHT:
                raise headers.precondition_failed() from None
            raise
    return JsonResponse({"success": True})


@router.get(
    "/dramas/{drama_id}/cover_photo",
    response_model=None,
    responses={200: {"model": replies.CoverPhoto}, **docs.errors(404)},
)
async def cover_photo(request: Request, drama_id: str) -> JsonResponse:
    """Where the cover is."""
    with problems.in_text():
        drama = await fetch_drama(gateway(request), drama_id)
    if not drama.url:
        text = "Cover photo not generated yet"
        raise problems.Problem(404, text, text, detail=text, reason="not_found")
    return JsonResponse({"url": drama.url}, headers={"Cache-Control": NO_STORE})


async def fetch_drama(house: Gateway, drama_id: str) -> drama_pb2.Drama:
    """Returns the drama; raises the contract's 404."""
    with problems.known_as("Drama", checked("Drama", drama_id)):
        reply = await house.backends.dramas.GetDrama(
            drama_service_pb2.GetDramaRequest(drama_id=drama_id), timeout=RPC_SECONDS
        )
    return reply.drama


async def _chosen_tag(house: Gateway, drama_id: str, tags: tuple[str, ...]) -> str:
    """Returns the one ETag to compare with: of several, the one that is current now."""
    if len(tags) < 2:
        return tags[0] if tags else ""
    current = (await fetch_drama(house, drama_id)).etag
    if current not in tags:
        raise headers.precondition_failed()
    return current


async def _there(house: Gateway, drama_id: str) -> None:
    """Raises the 412 of `If-Match: *` when there is no drama of this id."""
    try:
        await house.backends.dramas.GetDrama(drama_service_pb2.GetDramaRequest(drama_id=drama_id), timeout=RPC_SECONDS)
    except NotFound:
        raise headers.precondition_failed() from None


async def drama_response(
    drama: drama_pb2.Drama, status: int = 200, extra: dict[str, str] | None = None
) -> JsonResponse:
    """Returns the answer with the whole drama and its ETag; a long one is put into JSON in a thread."""
    told = {"ETag": f'"{drama.etag}"', "Cache-Control": NO_STORE, **(extra or {})}
    if sum(len(episode.scenes) for episode in drama.episodes) > _OFF_LOOP:
        return await asyncio.to_thread(lambda: JsonResponse(drama_json.drama_json(drama), status, told))
    return JsonResponse(drama_json.drama_json(drama), status, told)
