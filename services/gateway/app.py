"""The application: routes, how errors look, and the edge around both."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from kit.errors import Internal, SfdError
from kit.identity import Signer
from services.gateway import auth, backends, openapi
from services.gateway.config import GatewaySettings
from services.gateway.edge import Edge
from services.gateway.feed import Feeds
from services.gateway.flights import Flights, one_at_a_time
from services.gateway.gateway import Gateway
from services.gateway.keyless import Keyless
from services.gateway.problems import Problem, invalid_many
from services.gateway.responses import JsonResponse, error_response
from services.gateway.routes import (
    again,
    asset_library,
    budgets,
    characters,
    dramas,
    entity_assets,
    episodes,
    events,
    generate,
    generations,
    graphql,
    hooks,
    jobs,
    keys,
    media,
    meta,
    models,
    plan,
    production,
    scenes,
    submissions,
    takes,
    usage,
    videos,
    webhooks,
)
from services.gateway.views.faces import VERSION
from services.gateway.wakeups import Wakeups, open_wakeups
from services.gateway.webhooks.compose import open_webhooks

ROUTERS = (
    *(meta.router, dramas.router, production.router, jobs.router, submissions.router, events.router, media.router),
    *(characters.router, episodes.router, scenes.router, entity_assets.router, generate.router),
    *(keys.router, usage.router, budgets.router),
    *(plan.router, takes.router, again.router, asset_library.router, webhooks.router, graphql.router),
    *(generations.router, videos.router, models.router, hooks.router),
)
_HTTP_REASONS = {404: "not_found", 405: "method_not_allowed"}


def create_app(house: Gateway) -> FastAPI:
    """Returns the application over what the process has put together.

    Raises ValueError when a route has no access rule.
    """
    app = mounted()
    bare = auth.without_rule(route_paths())
    if bare:
        raise ValueError(f"routes without an access rule: {', '.join(bare)}")
    app.state.gateway = house
    app.state.describe = openapi.describe(app)
    app.add_exception_handler(SfdError, _on_error)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_bug)
    return app


def mounted() -> FastAPI:
    """Returns the application with its routes alone: enough to be described, not to answer."""
    app = FastAPI(
        title="Drama API Worker",
        version=VERSION,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.flights = Flights()
    for router in ROUTERS:
        # It ends with the handler, before the answer leaves: who has the answer may repeat the request.
        app.include_router(router, dependencies=[Depends(one_at_a_time, scope="function")])
    return app


def route_paths() -> list[str]:
    """Returns the path of every route, as the documentation spells it: without converters."""
    return sorted({str(getattr(route, "path_format", "")) for router in ROUTERS for route in router.routes})


@asynccontextmanager
async def compose(settings: GatewaySettings) -> AsyncIterator[tuple[Edge, Wakeups]]:
    """Puts the process together and yields its ASGI application and its wake-ups; all is closed in reverse at the end."""
    async with AsyncExitStack() as stack:
        signer = Signer(settings.internal_secret.get_secret_value())
        stubs = await stack.enter_async_context(
            backends.connect(
                storage=settings.storage_addr, story=settings.story_addr, video=settings.video_addr, signer=signer
            )
        )
        wakeups = await stack.enter_async_context(open_wakeups(settings.nats_url.get_secret_value()))
        # Presigned URLs lead to the house's own bucket: no proxy of the environment may see them.
        client = httpx.AsyncClient(
            timeout=httpx.Timeout(10, read=30),
            limits=httpx.Limits(max_connections=200, max_keepalive_connections=50),
            trust_env=False,
        )
        await stack.enter_async_context(client)
        hooks = await stack.enter_async_context(open_webhooks(settings, stubs, wakeups))
        house = Gateway(
            settings=settings,
            backends=stubs,
            wakeups=wakeups,
            feeds=Feeds(stubs, wakeups),
            http=client,
            webhook_secrets=hooks.secrets,
            webhook_rules=hooks.rules,
        )
        keys = auth.KeyRing(settings.keys, open_mode=settings.open_mode)
        keyless = Keyless(settings.media_keyless, on_loopback=settings.on_loopback, origins=settings.origins)
        yield Edge(create_app(house), keys, keyless, settings.origins), wakeups


async def _on_error(request: Request, error: Exception) -> JsonResponse:
    if not isinstance(error, SfdError):
        raise error
    return error_response(error, request.url.path)


async def _on_invalid(request: Request, error: Exception) -> JsonResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    wrong = [
        (list(one["loc"][1:]), str(one["msg"]), str(one["type"]), str(one.get("input", ""))[:200])
        for one in error.errors()
    ]
    where = str(error.errors()[0]["loc"][0])
    return error_response(invalid_many([(p, m, k, v) for p, m, k, v in wrong], where=where), request.url.path)


async def _on_bug(request: Request, __: Exception) -> JsonResponse:
    # It is raised again behind this answer, and logged whole at the edge.
    return error_response(Internal("Something went wrong inside."), request.url.path)


async def _on_http(request: Request, error: Exception) -> JsonResponse:
    if not isinstance(error, HTTPException):
        raise error
    headers = dict(error.headers or {})
    if error.status_code == 405:
        # Each method is a route of its own, and only the first one that fits the path has spoken.
        fitting = [
            route for router in ROUTERS for route in router.routes if route.matches(request.scope)[0] != Match.NONE
        ]
        headers["Allow"] = ", ".join(
            sorted({method for route in fitting for method in getattr(route, "methods", None) or ()})
        )
    return error_response(
        Problem(
            error.status_code,
            error.detail,
            error.detail,
            detail=error.detail,
            reason=_HTTP_REASONS.get(error.status_code, "bad_request"),
            headers=headers,
        ),
        request.url.path,
    )
