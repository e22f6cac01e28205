"""What the process says about itself."""

from __future__ import annotations

import ipaddress
from typing import cast

from fastapi import APIRouter, Request
from fastapi.openapi.docs import get_redoc_html, get_swagger_ui_html
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from services.gateway.gateway import gateway
from services.gateway.responses import JsonResponse
from services.gateway.views.faces import Face

router = APIRouter()


def _face(request: Request) -> Face:
    return cast("Face", request.scope["sfd.face"])


@router.get("/", response_model=None, tags=["meta"])
async def root(request: Request) -> JsonResponse:
    """Says which API this is."""
    return JsonResponse(_face(request).root())


@router.get("/health", response_model=None, tags=["meta"])
async def health(request: Request) -> JsonResponse:
    """Says that the process answers. Services behind it have their own health checks."""
    body = _face(request).health()
    build = gateway(request).settings.build
    return JsonResponse({**body, "build": build} if build else body, headers={"Cache-Control": "no-store"})


@router.get("/openapi.json", response_model=None, include_in_schema=False)
async def openapi(request: Request) -> JsonResponse:
    """The OpenAPI document."""
    return JsonResponse(request.app.state.describe(_face(request).title))


@router.get("/docs", response_model=None, include_in_schema=False)
async def docs(request: Request) -> HTMLResponse:
    """The documentation, to be tried out."""
    return get_swagger_ui_html(openapi_url="/openapi.json", title=_face(request).title)


@router.get("/redoc", response_model=None, include_in_schema=False)
async def redoc(request: Request) -> HTMLResponse:
    """The documentation, to be read."""
    return get_redoc_html(openapi_url="/openapi.json", title=_face(request).title)


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
