"""The table of routes finds what trying all routes one by one would find."""

from __future__ import annotations

import re
from typing import Any

import pytest
from starlette.exceptions import HTTPException
from starlette.routing import Match, Route

from services.gateway.app import ROUTERS
from services.gateway.flights import Flights
from services.gateway.table import RouteTable

ROUTES = [route for router in ROUTERS for route in router.routes if isinstance(route, Route)]
PATHS = sorted(
    {re.sub(r"\{[^}]*\}", part, route.path) for route in ROUTES for part in ("abc", "a.b-c", "list", "videos")}
)
OTHERS = ["", "/", "//", "/dramas/", "/dramas//jobs", "/v1", "/v1/", "/v1/models/a/b/c", "/no/such/path", "/docs/a/b"]
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW")


def one_by_one(scope: dict[str, Any]) -> tuple[Match, Route | None]:
    partial = None
    for route in ROUTES:
        match, _ = route.matches(scope)
        if match is Match.FULL:
            return match, route
        if match is Match.PARTIAL and partial is None:
            partial = route
    return (Match.PARTIAL, partial) if partial else (Match.NONE, None)


@pytest.mark.parametrize("method", METHODS)
def test_every_path_leads_to_the_same_route(method: str) -> None:
    table = RouteTable(ROUTES, Flights())
    seen: set[int] = set()
    for path in PATHS + OTHERS:
        scope: dict[str, Any] = {"type": "http", "path": path, "method": method, "headers": []}
        match, route = one_by_one(dict(scope))
        if route is None:
            with pytest.raises(HTTPException) as missing:
                table._select(scope)
            assert missing.value.status_code == 404
            continue
        table._select(scope)
        assert scope["route"] is route, (method, path, match)
        seen.add(id(route))
    if method == "GET":
        gets = [route for route in ROUTES if "GET" in (route.methods or ())]
        assert {id(route) for route in gets} <= seen, "each route is found by some path"


def test_what_has_no_path_is_refused() -> None:
    from starlette.routing import Host

    with pytest.raises(ValueError, match="no path"):
        RouteTable([Host("x", app=RouteTable([], Flights()))], Flights())
