"""How answers are written, and what becomes of an error before and behind the beginning of one."""

from __future__ import annotations

import json
from collections.abc import Iterable, MutableMapping
from typing import Any

import pytest
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from kit.errors import NotFound, SfdError
from services.gateway import app
from services.gateway.auth import KeyRing
from services.gateway.crowd import Seats
from services.gateway.edge import Edge
from services.gateway.keyless import Keyless
from services.gateway.problems import Json, Problem
from services.gateway.responses import JsonResponse


@pytest.mark.parametrize(
    "content",
    [
        {
            "text": "Grüße, 東京 \u2028",
            "number": 1.5,
            "large": 2**63 - 1,
            "none": None,
            "list": [True, "NaN", "Infinity"],
        },
        [0.1 + 0.2, 1e-7, 1e22, -0.0, 5e-324],
        {},
    ],
)
def test_an_answer_reads_back_as_it_was(content: Json) -> None:
    assert json.loads(bytes(JsonResponse(content).body)) == content


def test_a_lone_surrogate_is_written_as_an_escape() -> None:
    assert bytes(JsonResponse({"text": "a\ud800b"}).body) == b'{"text":"a\\ud800b"}'


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_what_is_not_a_number_is_never_written(number: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        JsonResponse({"number": number})


async def told(error: Exception, *, begun: bool) -> list[MutableMapping[str, Any]]:
    """Returns what a client is sent when a route raises `error`, before or behind the beginning of its answer."""

    async def route(_: Scope, __: Receive, send: Send) -> None:
        if begun:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        raise error

    return await asked(app._Errors(route, app._HANDLERS))


async def asked(inner: ASGIApp, seats: Seats | None = None) -> list[MutableMapping[str, Any]]:
    """Returns what `inner` behind the edge sends."""
    edge = Edge(
        inner,
        KeyRing((), open_mode=True),
        Keyless("never", on_loopback=True, origins=None),
        None,
        seats or Seats(5, "requests"),
    )
    scope: Scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/dramas",
        "query_string": b"",
        "headers": [(b"host", b"127.0.0.1")],
        "server": ("127.0.0.1", 80),
    }
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    await edge(scope, receive, send)
    return sent


ERRORS: Iterable[tuple[Exception, int]] = (
    (NotFound("Drama x not found"), 404),
    (Problem(409, "Not ready", "Not ready", reason="not_ready"), 409),
    (SfdError("?"), 500),
    (HTTPException(404), 404),
    (KeyError("x"), 500),
)


@pytest.mark.parametrize(("error", "status"), ERRORS)
async def test_an_error_is_answered_once_with_an_id(error: Exception, status: int) -> None:
    start, content = await told(error, begun=False)
    assert start["status"] == status
    assert json.loads(content["body"])["request_id"] == dict(start["headers"])[b"x-request-id"].decode()


@pytest.mark.parametrize("error", [error for error, _ in ERRORS])
async def test_behind_the_beginning_of_an_answer_nothing_is_added(error: Exception) -> None:
    assert [message["type"] for message in await told(error, begun=True)] == ["http.response.start"]


async def test_a_seat_is_free_again_after_an_error() -> None:
    seats = Seats(1, "requests")

    async def breaks(_: Scope, __: Receive, ___: Send) -> None:
        raise KeyError("x")

    for _ in range(3):
        (start, *_rest) = await asked(breaks, seats)
        assert start["status"] == 500
    with seats.taken("00000000-0000-7000-8000-000000000001"):
        (start, *_rest) = await asked(breaks, seats)
    assert start["status"] == 429
