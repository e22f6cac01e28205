"""Stored bytes, for whoever has the URL: image and video tags send no key."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

import httpx
import structlog
from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from kit.context import Role, acting_as
from kit.errors import Unavailable
from kit.rpc.client import SYSTEM
from services.gateway import docs, problems
from services.gateway.backends import RPC_SECONDS
from services.gateway.gateway import Gateway, gateway
from services.gateway.ranges import NotSatisfiable, Slice, matches, slice_of
from sfd.assets.v1 import asset_pb2, asset_service_pb2

router = APIRouter(tags=["media"])
log = structlog.get_logger("gateway")
HEAD_SECONDS = 10.0
"""How long the bucket may take to begin its answer; once it sends, each part has the client's own read timeout."""
_NAME = re.compile(r"([0-9a-f]{32})\.([a-z0-9]{1,8})")
_SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


@dataclass(frozen=True)
class Stored:
    """What is told of stored bytes before they are sent."""

    sha256: str
    bytes: int
    content_type: str


@router.head("/media/{name}", response_model=None, include_in_schema=False)
@router.get(
    "/media/{name}",
    response_model=None,
    responses={
        200: {"description": "The bytes", "content": docs.BYTES},
        206: {"description": "A part of the bytes", "content": docs.BYTES},
        302: {"description": "The bytes are elsewhere, for a while"},
        304: {"description": "The bytes have not changed; they never do"},
        **docs.errors(404, 416),
    },
)
async def media(request: Request, name: str) -> Response:
    """The bytes of a media URL, with ranges."""
    house = gateway(request)
    found = _NAME.fullmatch(name)
    if found is None:
        raise problems.missing("Media", name[:128])
    with problems.known_as("Media", name), acting_as(SYSTEM.account_id, Role.OPERATOR):
        place = await house.backends.assets.ResolveMedia(
            asset_service_pb2.ResolveMediaRequest(capability=found[1]), timeout=RPC_SECONDS
        )
    asset = place.asset
    if asset.state != asset_pb2.ASSET_STATE_LIVE:
        raise problems.missing("Media", name)
    if place.public_url and request.method == "GET":
        return RedirectResponse(place.public_url, 302, {"Cache-Control": "private, no-store", **_SAFE})
    found_bytes = Stored(asset.sha256, asset.bytes, asset.content_type)
    kept = {"Cache-Control": "public, max-age=31536000, immutable"}
    return await send(request, house, found_bytes, place.internal_url, kept)


async def send(
    request: Request, house: Gateway, stored: Stored, internal_url: str, extra: Mapping[str, str]
) -> Response:
    """Answers a GET or HEAD with stored bytes, or the part of them that is asked for; raises `Unavailable`."""
    etag = f'"{stored.sha256}"'
    told = {**_SAFE, "ETag": etag, "Accept-Ranges": "bytes", **extra}
    if matches(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=told)
    told["Content-Type"] = stored.content_type or "application/octet-stream"
    condition = request.headers.get("if-range")
    wanted = request.headers.get("range") if condition is None or condition.strip() == etag else None
    try:
        part = slice_of(wanted, stored.bytes)
    except NotSatisfiable:
        text = "The range lies outside the bytes."
        told = {**_SAFE, "Content-Range": f"bytes */{stored.bytes}"}
        raise problems.Problem(
            416, "Range not satisfiable", text, detail=text, reason="range_not_satisfiable", field="Range", headers=told
        ) from None
    if part is not None:
        told["Content-Range"] = f"bytes {part.first}-{part.last}/{stored.bytes}"
    told["Content-Length"] = str(part.length if part else stored.bytes)
    status = 206 if part else 200
    if request.method == "HEAD":
        return Response(status_code=status, headers=told)
    upstream = await _open(house, internal_url, part)
    return StreamingResponse(_relay(upstream), status, told)


async def _open(house: Gateway, url: str, part: Slice | None) -> httpx.Response:
    asked = {"Accept-Encoding": "identity"}
    if part is not None:
        asked["Range"] = f"bytes={part.first}-{part.last}"
    try:
        async with asyncio.timeout(HEAD_SECONDS):
            answer = await house.http.send(house.http.build_request("GET", url, headers=asked), stream=True)
    except (httpx.HTTPError, TimeoutError) as error:
        raise Unavailable("The bytes cannot be reached. Try again.", reason="bucket_unavailable") from error
    if answer.status_code != (206 if part else 200):
        await answer.aclose()
        log.warning("bucket_refused", status=answer.status_code)
        raise Unavailable("The bytes cannot be reached. Try again.", reason="bucket_unavailable")
    return answer


async def _relay(answer: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for chunk in answer.aiter_raw(64 * 1024):
            yield chunk
    finally:
        await answer.aclose()
