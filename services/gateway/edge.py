"""What happens around every request: its id, its limits, its key, its log line. Pure ASGI: no task, no copy of a body."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from functools import lru_cache
from typing import TypeAlias, cast

import structlog
from prometheus_client import Counter, Histogram
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from kit.context import Caller, call_scope, new_request_id
from kit.errors import Internal, SfdError
from services.gateway import sources, uploads
from services.gateway.auth import Access, KeyRing, rule_for
from services.gateway.crowd import FULL, Seats, full_house
from services.gateway.keyless import Keyless
from services.gateway.problems import Problem, bad_request
from services.gateway.protocol import CYCLE
from services.gateway.responses import error_response
from services.gateway.views.faces import DRAMA, FACES, Face

log = structlog.get_logger("gateway")

JSON_LIMIT = 1 << 20
DRAMA_LIMIT = 8 << 20
MAX_HEADERS = 100
MAX_HEADER_BYTES = 60 << 10
MAX_URL = 8 << 10
DRAIN_LIMIT = 32 << 20
DRAIN_SECONDS = 3.0
BODY_SECONDS = 20.0
"""How long a client may pause while it sends a body."""
SEND_SECONDS = 60.0
"""How long a client may leave what is sent to it unread: behind a part of a film waits a connection to the bucket."""

HTTP_SECONDS = Histogram("sfd_http_seconds", "Time to the end of an answer", ["method", "route", "status"])
HTTP_OPEN = Counter("sfd_http_requests_total", "Requests taken", ["face"])
_OPEN = {name: HTTP_OPEN.labels(name) for name in FACES}
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_HEAD = "sfd.head"
Head: TypeAlias = dict[bytes, list[bytes]]
"""A request's headers by name: the edge asks for many of them, and looks through all of them once."""
_EXPOSED = (
    *("ETag", "X-Request-Id", "X-SFD-Warning", "X-SFD-Ignored", "Preference-Applied", "Retry-After", "Location"),
    *("Content-Range", "Accept-Ranges"),
)
_ALLOWED = (
    *("Authorization", "X-API-Key", "Content-Type", "If-Match", "If-None-Match", "Idempotency-Key", "Prefer"),
    *("Last-Event-ID", "X-Request-Id", "Range", "If-Range"),
)


class Edge:
    """Outermost: gives the request its id and its face, keeps size limits, writes the log line, ends what broke."""

    def __init__(
        self, app: ASGIApp, keys: KeyRing, keyless: Keyless, origins: tuple[str, ...] | None, requests: Seats
    ) -> None:
        gate = _Gate(app, keys, keyless, requests)
        self._gate = gate
        self._inner = {face: _with_cors(gate, origins or face.origins) for face in FACES.values()}
        self._faces: dict[int, Face] = {}

    def bind(self, ports: Mapping[int, Face]) -> None:
        """Says which port shows which face; an unknown port shows the drama's."""
        self._faces = dict(ports)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request; never raises but for cancellation."""
        if scope["type"] != "http":
            return
        started = time.perf_counter()
        server = scope.get("server")
        face = self._faces.get(server[1], DRAMA) if server else DRAMA
        scope["sfd.face"] = face
        head: Head = {}
        for name, value in scope["headers"]:
            head.setdefault(name, []).append(value)
        scope[_HEAD] = head
        told = head.get(b"x-request-id", (b"",))[0]
        request_id = told.decode() if _REQUEST_ID.fullmatch(told) else new_request_id()
        crossing = b"origin" in head
        answer = _Answer(send, request_id, scope.get(CYCLE), crossing=crossing)
        # What CORS adds to an answer for no origin is the `Vary` that every answer has.
        inner = self._inner[face] if crossing else self._gate
        _OPEN[face.name].inc()
        with call_scope(request=request_id):
            try:
                _check_head(scope, head)
                await inner(scope, _Limited(scope, receive), answer)
            except SfdError as error:
                if not answer.status:
                    await error_response(error, scope["path"])(scope, receive, answer)
            except ClientDisconnect:
                answer.status = answer.status or 499
            except Exception as error:
                log.error("request_failed", path=scope["path"][:200], exc_info=error)
                if not answer.status:
                    await error_response(Internal("Something went wrong inside."), scope["path"])(
                        scope, receive, answer
                    )
            finally:
                _report(scope, answer.status, time.perf_counter() - started)


class _Answer:
    """Marks each answer with the request's id, remembers its status, and gives up on a client that does not read."""

    def __init__(self, send: Send, request_id: str, cycle: RequestResponseCycle | None, *, crossing: bool) -> None:
        self._send = send
        self._id = request_id.encode()
        self._flow = cycle.flow if cycle else None
        self._crossing = crossing
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = cast("int", message["status"])
            headers = [*message.get("headers", ()), (b"x-request-id", self._id)]
            names = {name for name, _ in headers}
            if self._crossing and b"access-control-allow-origin" not in names:
                # A foreign origin is told nothing about what others may do.
                headers = [(name, value) for name, value in headers if not name.startswith(b"access-control-")]
            if b"x-content-type-options" not in names:
                headers.append((b"x-content-type-options", b"nosniff"))
            if b"vary" not in names:
                headers.append((b"vary", b"Origin"))
            message = {**message, "headers": headers}
        if self._flow is not None and not self._flow.write_paused:
            # What is written now is not waited for: only a client that is behind needs a limit.
            await self._send(message)
            return
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._send(message)
        except TimeoutError:
            raise ClientDisconnect from None


class _Limited:
    """The body, counted as it comes and never waited for without an end."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._receive = receive
        self._cycle: RequestResponseCycle | None = scope.get(CYCLE)
        self._left = _limit(scope)
        self._done = False

    async def __call__(self) -> Message:
        if self._done:
            return await self._receive()
        message = await self._next()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                await _drain(self._receive, message)
                raise _too_large()
        self._done = not message.get("more_body", False)
        return message

    async def _next(self) -> Message:
        if self._cycle is not None and not self._cycle.more_body:
            # All of it is here: nothing is waited for.
            return await self._receive()
        try:
            async with asyncio.timeout(BODY_SECONDS):
                return await self._receive()
        except TimeoutError:
            raise Problem(
                408, "Request timeout", "The body came too slowly.", reason="slow_body", headers={"Connection": "close"}
            ) from None


class _Gate:
    """Lets in whoever the route's rule admits; the rest of the request runs as that caller."""

    def __init__(self, app: ASGIApp, keys: KeyRing, keyless: Keyless, requests: Seats) -> None:
        self._app = app
        self._keys = keys
        self._keyless = keyless
        self._requests = requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with ExitStack() as seat:
            try:
                who = self._identify(scope) if rule_for(scope["path"]) is Access.ACCOUNT else None
                if who is not None:
                    seat.enter_context(self._requests.taken(who.account_id))
                head: Head = scope[_HEAD]
                declared = head.get(b"content-length")
                if declared and int(declared[0]) > _limit(scope):
                    if b"expect" not in head:
                        await _drain(receive, {"more_body": True})
                    raise _too_large()
            except SfdError as error:
                await error_response(error, scope["path"])(scope, receive, send)
                return
            with call_scope(who=who):
                await self._app(scope, receive, send)

    def _identify(self, scope: Scope) -> Caller:
        head: Head = scope[_HEAD]
        keys, tokens = head.get(b"x-api-key", ()), head.get(b"authorization", ())
        if len(keys) > 1 or len(tokens) > 1:
            raise bad_request("Send one key only", "two_keys")
        if not keys and not tokens and self._keyless.admits(scope):
            return self._keys.builtin
        return self._keys.identify(
            keys[0].decode("latin-1") if keys else None, tokens[0].decode("latin-1") if tokens else None
        )


def _check_head(scope: Scope, head: Head) -> None:
    """Raises a problem for a head that no honest client sends."""
    if FULL in scope:
        raise full_house()
    if scope["http_version"] not in ("1.0", "1.1"):
        raise bad_request("Send HTTP/1.1", "bad_http")
    if len(scope.get("raw_path") or b"") + len(scope.get("query_string") or b"") > MAX_URL:
        raise Problem(414, "URI too long", "The URL is longer than 8 KiB.", reason="uri_too_long")
    headers = scope["headers"]
    if len(headers) > MAX_HEADERS or sum(len(name) + len(value) for name, value in headers) > MAX_HEADER_BYTES:
        raise Problem(431, "Headers too large", "There are too many headers.", reason="headers_too_large")
    if scope["http_version"] == "1.1" and len(head.get(b"host", ())) != 1:
        # RFC 9112, 3.2: who disagrees about the host disagrees about the request.
        raise bad_request("Send exactly one Host header", "bad_host")
    if any(b"_" in name for name in head):
        # Behind some proxies `x_user` and `x-user` become one: none of them is ours.
        raise bad_request("Header names must not contain underscores", "bad_header")


def _limit(scope: Scope) -> int:
    if scope["path"] == uploads.PATH:
        return uploads.BODY_LIMIT
    if scope["path"] in ("/v1/video/generations", "/v1/videos"):
        return sources.BODY_LIMIT
    return DRAMA_LIMIT if scope["path"] == "/dramas" else JSON_LIMIT


def _too_large() -> Problem:
    return Problem(
        413, "Too large", "The body is larger than the limit.", reason="body_too_large", headers={"Connection": "close"}
    )


async def _drain(receive: Receive, message: Message) -> None:
    """Throws the rest of a body away, within reason: a connection closed on a client that still sends loses the answer."""
    left = DRAIN_LIMIT
    with suppress(TimeoutError, Problem):
        async with asyncio.timeout(DRAIN_SECONDS):
            while message.get("more_body", False) and left > 0:
                message = await receive()
                left -= len(message.get("body", b""))


@lru_cache(maxsize=4096)
def _seconds_of(method: str, route: str, status: int) -> Histogram:
    return HTTP_SECONDS.labels(method, route, str(status))


def _report(scope: Scope, status: int, seconds: float) -> None:
    route = getattr(scope.get("route"), "path", "none")
    _seconds_of(scope["method"] if route != "none" else "ANY", route, status).observe(seconds)
    log.info("request", method=scope["method"], route=route, status=status, ms=round(seconds * 1000, 1))


def _with_cors(app: ASGIApp, origins: tuple[str, ...]) -> ASGIApp:
    return CORSMiddleware(
        app,
        allow_origins=list(origins),
        allow_credentials=True,
        allow_methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
        allow_headers=list(_ALLOWED),
        expose_headers=list(_EXPOSED),
    )
