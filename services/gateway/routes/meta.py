"""What the process says about itself."""

from __future__ import annotations

import asyncio
import ipaddress
from typing import cast

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse, Response

from services.gateway import docs as pages
from services.gateway.gateway import gateway
from services.gateway.responses import JsonResponse
from services.gateway.views import replies
from services.gateway.views.faces import Face

router = APIRouter()


def _face(request: Request) -> Face:
    return cast("Face", request.scope["sfd.face"])


@router.get("/", response_model=None, tags=["meta"], responses={200: {"model": replies.Root}})
async def root(request: Request) -> JsonResponse:
    """Says which API this is."""
    return JsonResponse(_face(request).root())


@router.get("/health", response_model=None, tags=["meta"], responses={200: {"model": replies.Health}})
async def health(request: Request) -> JsonResponse:
    """Says that the process answers. Services behind it have their own health checks."""
    body = _face(request).health()
    build = gateway(request).settings.build
    return JsonResponse({**body, "build": build} if build else body, headers={"Cache-Control": "no-store"})


@router.get("/openapi.json", response_model=None, include_in_schema=False)
async def openapi(request: Request) -> JsonResponse:
    """The OpenAPI document."""
    # Built at the first wish for it, which takes a moment; the loop does not wait.
    return JsonResponse(await asyncio.to_thread(request.app.state.describe, _face(request).title))


@router.get("/docs", response_model=None, include_in_schema=False)
async def docs(request: Request) -> HTMLResponse:
    """The documentation, to be tried out."""
    return pages.swagger_page(_face(request).title)


@router.get("/docs/{name}", response_model=None, include_in_schema=False)
async def docs_file(name: str) -> FileResponse:
    """A script or style of the documentation's pages: they work without any other network."""
    found = pages.page_file(name)
    if found is None:
        raise HTTPException(404)
    return found


@router.get("/redoc", response_model=None, include_in_schema=False)
async def redoc(request: Request) -> HTMLResponse:
    """The documentation, to be read."""
    return pages.redoc_page(_face(request).title)


@router.get("/metrics", response_model=None, include_in_schema=False)
async def metrics(request: Request) -> Response:
    """Numbers for Prometheus; only this machine may read them, and no proxy on its behalf."""
    host = request.client.host if request.client else ""
    if not _is_loopback(host) or "x-forwarded-for" in request.headers or "forwarded" in request.headers:
        raise HTTPException(404)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
