"""The application: routes, how errors look, and the edge around both."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, TypeAlias

import httpx
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send

from kit.errors import Internal, SfdError
from kit.identity import Signer
from services.gateway import auth, backends, openapi
from services.gateway.callbacks.desk import open_callbacks
from services.gateway.config import GatewaySettings
from services.gateway.crowd import Seats
from services.gateway.edge import Edge, has_begun
from services.gateway.feed import Feeds
from services.gateway.flights import Flights
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
from services.gateway.table import RouteTable
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
_ABOUT: dict[str, Any] = {
    "title": "Drama API Worker",
    "version": VERSION,
    "openapi_url": None,
    "docs_url": None,
    "redoc_url": None,
    "redirect_slashes": False,
    "telemetry": {"tracing": False, "metrics": False, "logs": False},
}
_Handler: TypeAlias = Callable[[Request, Exception], Awaitable[JsonResponse]]
_HTTP_REASONS = {404: "not_found", 405: "method_not_allowed"}


def create_app(house: Gateway) -> FastAPI:
    """Returns the application over what the process has put together.

    Raises ValueError when a route has no access rule.
    """
    app = _App(**_ABOUT)
    bare = auth.without_rule(route_paths())
    if bare:
        raise ValueError(f"routes without an access rule: {', '.join(bare)}")
    app.state.gateway = house
    app.state.describe = openapi.describe(mounted())
    return app


def mounted() -> FastAPI:
    """Returns the application with its routes alone: enough to be described, not to answer."""
    app = FastAPI(**_ABOUT)
    for router in ROUTERS:
        app.include_router(router)
    return app


class _App(FastAPI):
    """The routes with what answers errors around them, and nothing else: the edge has limits, traces and log lines of its own."""

    def build_middleware_stack(self) -> ASGIApp:
        """Returns what serves a request. Routes that FastAPI includes one by one are tried one by one, each time."""
        routes = RouteTable((route for router in ROUTERS for route in router.routes), Flights())
        return _Errors(routes, _HANDLERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request, without the telemetry that is turned off."""
        scope["app"] = self
        if self.middleware_stack is None:
            self.middleware_stack = self.build_middleware_stack()
        await self.middleware_stack(scope, receive, send)


class _Errors:
    """Answers what the routes raise, each kind in its form; a bug is raised again behind its answer, for the log.

    Starlette's own two layers wrap every message twice to know whether an answer has begun: the edge knows.
    """

    def __init__(self, app: ASGIApp, handlers: Mapping[type[Exception], _Handler]) -> None:
        self._app = app
        self._handlers = handlers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except Exception as error:
            kind = next(kind for kind in type(error).__mro__ if kind in self._handlers)
            if not has_begun(scope):
                response = await self._handlers[kind](Request(scope), error)
                await response(scope, receive, send)
            elif kind is not Exception:
                raise RuntimeError("An error came behind the beginning of an answer.") from error
            if kind is Exception:
                raise


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
            streams=Seats(settings.account_streams, "streams"),
            callbacks=await stack.enter_async_context(open_callbacks(settings)),
            webhook_secrets=hooks.secrets,
            webhook_rules=hooks.rules,
        )
        keys = auth.KeyRing(settings.keys, open_mode=settings.open_mode)
        keyless = Keyless(settings.media_keyless, on_loopback=settings.on_loopback, origins=settings.origins)
        requests = Seats(settings.account_requests, "requests")
        yield Edge(create_app(house), keys, keyless, settings.origins, requests), wakeups


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


_HANDLERS: Mapping[type[Exception], _Handler] = {
    SfdError: _on_error,
    RequestValidationError: _on_invalid,
    HTTPException: _on_http,
    Exception: _on_bug,
}
