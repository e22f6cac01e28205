"""Finding a request's route by its path, segment by segment: the house has more routes than a request can try one after the other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from inspect import iscoroutinefunction, signature
from operator import attrgetter
from typing import Any, get_type_hints

from fastapi.middleware.asyncexitstack import AsyncExitStackMiddleware
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway.flights import Flights

_ANY = "{}"


@dataclass(frozen=True)
class _Entry:
    """A route, its place in the order of declaration, and what serves it."""

    place: int
    route: Route
    serve: ASGIApp


@dataclass
class _Node:
    """What may follow the segments so far: by text, and under `_ANY` for a parameter. `ends` end here, `rest` take all that follows."""

    following: dict[str, _Node] = field(default_factory=dict)
    ends: list[_Entry] = field(default_factory=list)
    rest: list[_Entry] = field(default_factory=list)


class RouteTable:
    """All routes as one application. What fits a path is tried in the order in which it was declared, each by its own rules.

    A write holds its `Idempotency-Key` in `flights` until its answer begins.
    """

    def __init__(self, routes: Iterable[BaseRoute], flights: Flights) -> None:
        self._root = _Node()
        self._flights = flights
        for place, route in enumerate(routes):
            if not isinstance(route, Route):
                raise ValueError(f"{route!r} has no path of its own")
            # FastAPI closes what it opens for a request, files of forms for one, with the stack that this keeps.
            serve = _plainly(route.endpoint) if _is_plain(route) else AsyncExitStackMiddleware(route.handle)
            self._add(_Entry(place, route, serve))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves a request by its route; raises HTTPException where there is none, and as `Flights.one`."""
        serve = self._select(scope)
        key = self._flights.key_of(scope)
        if not key:
            await serve(scope, receive, send)
            return
        with self._flights.one(key) as landed:

            async def tell(message: Message) -> None:
                # Whoever has the answer may repeat the request.
                landed()
                await send(message)

            await serve(scope, receive, tell)

    def _select(self, scope: Scope) -> ASGIApp:
        """Returns what serves the first route that fits path and method, else what refuses the method; notes in `scope` what fits."""
        other: tuple[Route, Scope] | None = None
        found = list(self._fitting(scope["path"]))
        if len(found) > 1:
            found.sort(key=attrgetter("place"))
        for entry in found:
            match, child = entry.route.matches(scope)
            if match is Match.FULL:
                scope.update(child)
                return entry.serve
            if match is Match.PARTIAL and other is None:
                other = entry.route, child
        if other is None:
            raise HTTPException(404)
        scope.update(other[1])
        return other[0].handle

    def _add(self, entry: _Entry) -> None:
        node = self._root
        for segment in entry.route.path.split("/"):
            if segment.endswith(":path}"):
                node.rest.append(entry)
                return
            node = node.following.setdefault(_ANY if "{" in segment else segment, _Node())
        node.ends.append(entry)

    def _fitting(self, path: str) -> Iterator[_Entry]:
        nodes = [self._root]
        for segment in path.split("/"):
            after: list[_Node] = []
            for node in nodes:
                yield from node.rest
                after += [one for key in (segment, _ANY) if (one := node.following.get(key)) is not None]
            nodes = after
        for node in nodes:
            yield from node.ends


def _is_plain(route: Route) -> bool:
    """True when an endpoint takes its request, by that name, and texts of its path, and makes the answer itself."""
    if not iscoroutinefunction(route.endpoint):
        return False
    hints, parameters = get_type_hints(route.endpoint, include_extras=True), set(signature(route.endpoint).parameters)
    answer = hints.get("return")
    return (
        isinstance(answer, type)
        and issubclass(answer, Response)
        and hints.get("request") is Request
        and parameters == {"request", *route.param_convertors}
        and all(hints[name] is str for name in route.param_convertors)
    )


def _plainly(endpoint: Callable[..., Awaitable[Any]]) -> ASGIApp:
    """Returns what calls such an endpoint. Nothing is read, checked or injected for it: FastAPI would only take its time.

    Errors are answered where all are, around the routes.
    """

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        response = await endpoint(Request(scope, receive, send), **scope["path_params"])
        await response(scope, receive, send)

    return serve
