"""Films in OpenAI's form, whoever makes them: its SDK works against this gateway as it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.responses import Response

from kit.providers.catalogue import house as catalogue
from services.gateway import body as bodies
from services.gateway import docs, generations, headers, sources
from services.gateway.backends import RPC_SECONDS
from services.gateway.gateway import gateway
from services.gateway.problems import Json, Problem, bad_request, invalid
from services.gateway.responses import NO_STORE, JsonResponse
from services.gateway.views import videos as view
from services.gateway.views.generations import labels_of, made_by, result_of
from sfd.jobs.v1 import job_pb2, job_service_pb2
from sfd.video.v1 import generation_service_pb2 as rpc

router = APIRouter(tags=["videos"])
_PATH = "/v1/videos"
_VIDEO = "Video"
_MULTIPART_FAULTS = (MultiPartException, ValueError, KeyError)
_FORM: dict[str, Any] = {
    "schema": {
        "type": "object",
        "required": ["prompt"],
        "properties": {
            **{name: {"type": "string"} for name in ("prompt", "model", "seconds", "size", "provider")},
            "input_reference": {"type": "string", "format": "binary"},
        },
    }
}


def _documented() -> dict[str, Any]:
    told = docs.body(view.CreateVideoBody)
    told["requestBody"]["content"]["multipart/form-data"] = _FORM
    return told


def _edit_documented() -> dict[str, Any]:
    told = docs.body(view.EditBody)
    told["requestBody"]["content"]["multipart/form-data"] = {
        "schema": {
            "type": "object",
            "required": ["prompt", "video[id]"],
            "properties": {"prompt": {"type": "string"}, "video[id]": {"type": "string"}},
        }
    }
    return told


@router.post(
    _PATH,
    response_model=None,
    responses={200: {"model": view.VideoReply}, **docs.errors(400, 413, 415, 422)},
    openapi_extra=_documented(),
)
async def create(request: Request) -> JsonResponse:
    """Accepts a film. A form may carry the first frame as a file; our own fields (`provider`, `audio`, ...) go along in either form."""
    key = headers.request_key(request)
    house = gateway(request)
    if request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        data, picture = await _form(request)
    else:
        data, picture = await bodies.read_json(request), b""
    parsed = bodies.fit(view.CreateVideoBody, data)
    body = parsed.value
    if picture:
        body.image = await sources.store_picture(house, picture, "input_reference", key)
    elif body.input_reference is not None:
        body.image = _named(body.input_reference)
    wish = rpc.VideoWish(model=body.model or view.DEFAULT_MODEL, prompt=body.prompt, size=body.size or "")
    wish.seconds = float(body.seconds or view.DEFAULT_SECONDS)
    reply = await generations.accept(house, key, body, wish)
    told = {**headers.ignored(parsed.ignored), **headers.warned(generations.told(reply))}
    answer = view.video_json(reply.run)
    return JsonResponse(answer, headers={"Cache-Control": NO_STORE, **_pace(answer), **told})


def _named(reference: view.InputReference | str) -> str:
    if isinstance(reference, str):
        return reference
    named = reference.file_id or reference.image_url
    if not named:
        raise invalid(("input_reference",), "Needs file_id or image_url", "missing")
    return named


async def _form(request: Request) -> tuple[dict[str, Any], bytes]:
    """Returns the fields of a form, read as their JSON values, and the first frame's bytes."""
    try:
        form = await request.form(max_files=1, max_fields=40, max_part_size=1 << 20)
    except _MULTIPART_FAULTS:
        raise bad_request("Invalid multipart data in request body", "bad_multipart") from None
    try:
        fields: dict[str, Any] = {}
        picture = b""
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                if name != "input_reference":
                    raise invalid((name[:64],), "Input should be a text", "string_type")
                picture = await value.read()
                continue
            bodies.check_text(value, (name,))
            outer, bracket, inner = name.partition("[")
            if bracket and inner == "]":
                fields.setdefault(outer, []).append(value)
            elif bracket:
                fields.setdefault(outer, {})[inner.rstrip("]")] = value
            else:
                fields[name] = _value(name, value)
        return fields, picture
    finally:
        await form.close()


def _value(name: str, text: str) -> Any:
    if name == "audio" and text in ("true", "false"):
        return text == "true"
    return int(text) if name in ("seed", "fps") and text.isdecimal() and len(text) < 20 else text


@router.get(_PATH, response_model=None, responses={200: {"model": view.VideoList}, **docs.errors(404)})
async def list_videos(
    request: Request,
    after: Annotated[
        str | None,
        Query(
            max_length=64,
            description="Only those behind this one: the last of the page before.",
            json_schema_extra={"example": "video_0123456789ab"},
        ),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    order: Annotated[Literal["asc", "desc"], Query()] = "desc",
) -> JsonResponse:
    """Films of the account; `after` is the last one's id of the page before."""
    house = gateway(request)
    behind = (await generations.find(house, after, _VIDEO)).id if after else ""
    reply = await house.backends.jobs.ListRuns(
        job_service_pb2.ListRunsRequest(
            kind=generations.KIND, page_size=limit, after_run=behind, oldest_first=order == "asc"
        ),
        timeout=RPC_SECONDS,
    )
    rows: list[Json] = [view.video_json(run) for run in reply.runs]
    ids = [view.video_id(run.public_id) for run in reply.runs]
    return JsonResponse(
        {
            "object": "list",
            "data": rows,
            "first_id": ids[0] if ids else None,
            "last_id": ids[-1] if ids else None,
            "has_more": bool(reply.next_page_token),
        },
        headers={"Cache-Control": NO_STORE},
    )


@router.get(_PATH + "/{video_id}", response_model=None, responses={200: {"model": view.VideoReply}, **docs.errors(404)})
async def get_video(request: Request, video_id: str) -> JsonResponse:
    """Where a film stands; `openai-poll-after-ms` says when it is worth asking again."""
    house = gateway(request)
    run = await generations.find(house, video_id, _VIDEO)
    answer = view.video_json(run)
    return JsonResponse(answer, headers={"Cache-Control": NO_STORE, **_pace(answer)})


def _pace(answer: Mapping[str, Json]) -> dict[str, str]:
    return {"openai-poll-after-ms": "1000" if answer["provider"] == "local" else "2000"}


@router.delete(
    _PATH + "/{video_id}", response_model=None, responses={200: {"model": view.VideoDeleted}, **docs.errors(404, 409)}
)
async def delete_video(request: Request, video_id: str) -> JsonResponse:
    """Removes a film and its bytes; one under way is cancelled first. What it cost stays in the usage."""
    house = gateway(request)
    run = await generations.find(house, video_id, _VIDEO)
    await generations.remove(house, run)
    return JsonResponse({"id": view.video_id(run.public_id), "object": "video.deleted", "deleted": True})


@router.post(
    _PATH + "/{video_id}/cancel",
    response_model=None,
    responses={200: {"model": view.VideoReply}, **docs.errors(404)},
)
async def cancel_video(request: Request, video_id: str) -> JsonResponse:
    """Asks a film to stop; the order is passed on to the vendor. One that has ended stays as it is."""
    house = gateway(request)
    run = await generations.find(house, video_id, _VIDEO)
    after = await generations.cancel(house, run, headers.request_key(request))
    return JsonResponse(view.video_json(after), headers={"Cache-Control": NO_STORE})


@router.get(
    _PATH + "/{video_id}/content",
    response_model=None,
    responses={
        200: {"description": "The bytes", "content": docs.BYTES},
        206: {"description": "A part of the bytes", "content": docs.BYTES},
        304: {"description": "The bytes have not changed"},
        **docs.errors(404, 409, 416),
    },
)
async def video_content(
    request: Request, video_id: str, variant: Annotated[Literal["video", "thumbnail", "spritesheet"], Query()] = "video"
) -> Response:
    """The film, a still of it, or a sheet of ten stills."""
    house = gateway(request)
    run = await generations.find(house, video_id, _VIDEO)
    return await generations.content(request, house, run, variant, "private, max-age=3600")


@router.post(
    _PATH + "/{video_id}/remix",
    response_model=None,
    responses={200: {"model": view.VideoReply}, **docs.errors(400, 404, 409, 413, 415, 422)},
    openapi_extra=docs.body(view.RemixBody),
)
async def remix(request: Request, video_id: str) -> JsonResponse:
    """Makes a film again with another prompt: from the film itself where its model can, else anew in the same length and size."""
    parsed = await bodies.read(request, view.RemixBody)
    return await _again(request, video_id, parsed.value.prompt, headers.ignored(parsed.ignored))


@router.post(
    _PATH + "/edits",
    response_model=None,
    responses={200: {"model": view.VideoReply}, **docs.errors(400, 404, 409, 413, 415, 422)},
    openapi_extra=_edit_documented(),
)
async def edit(request: Request) -> JsonResponse:
    """As `remix`, with the film named in the body, in JSON or a form: the newer spelling of OpenAI's."""
    if request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        data, _ = await _form(request)
    else:
        data = await bodies.read_json(request)
    parsed = bodies.fit(view.EditBody, data)
    named = parsed.value.video
    name = named if isinstance(named, str) else named.id
    return await _again(request, name, parsed.value.prompt, headers.ignored(parsed.ignored))


async def _again(request: Request, video_id: str, prompt: str, told: Mapping[str, str]) -> JsonResponse:
    house = gateway(request)
    run = await generations.find(house, video_id, _VIDEO)
    if run.state != job_pb2.JOB_STATE_SUCCEEDED:
        raise Problem(409, "Not ready", "The film is not ready.", reason="video_not_ready")
    labels = labels_of(run)
    vendor, _, model = made_by(run).partition("/")
    known = next((m for m in catalogue().models if (m.kind, m.vendor, m.id) == ("video", vendor, model)), None)
    wish = rpc.VideoWish(
        model=model or vendor,
        provider=vendor,
        prompt=prompt,
        seconds=float(labels.get("seconds") or view.DEFAULT_SECONDS),
        size=str(labels.get("size") or ""),
    )
    if known is not None and known.film is not None and "video" in known.film.modes:
        wish.video = str(result_of(run).get("asset_id", ""))
    about = {"remixed_from_video_id": view.video_id(run.public_id)}
    reply = await generations.submit(house, wish, headers.request_key(request), about)
    more = {**told, **headers.warned(generations.told(reply))}
    return JsonResponse(view.video_json(reply.run), headers={"Cache-Control": NO_STORE, **more})
