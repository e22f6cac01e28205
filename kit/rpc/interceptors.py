"""What happens around every RPC: who calls, how long it may take, which error it ends with.

The request is parsed inside, not by gRPC: a malformed message is INVALID_ARGUMENT with a fixed text instead of UNKNOWN with our
internals, and a handler's exception never reaches a client.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from typing import Any, TypeAlias, cast

import grpc
import structlog
from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.message import DecodeError, Message

from kit import errors
from kit.context import Caller, Role, call_scope, new_request_id
from kit.identity import Signer
from kit.rpc.status import to_status
from kit.telemetry import RPC_SECONDS
from sfd.options.v1 import access_pb2

log = structlog.get_logger("rpc")
UNARY_CAP = 30.0
STREAM_CAP = 3600.0
WRITE_SECONDS = 30.0
"""How long the reader of a stream may leave one message unread; what waits for it is that message alone."""
_FAREWELL_SECONDS = 1.0
_OPEN_PREFIXES = ("/grpc.health.v1.", "/grpc.reflection.")

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
_Unary: TypeAlias = Callable[[Any, Context], Awaitable[Any]]
_Stream: TypeAlias = Callable[[Any, Context], AsyncGenerator[Any, None]]


def rules_of(services: Sequence[ServiceDescriptor]) -> dict[str, Role]:
    """Returns the rule of every method by its full path; raises ValueError for a method without one."""
    rules: dict[str, Role] = {}
    for service in services:
        for method in service.methods:
            value = method.GetOptions().Extensions[access_pb2.access]
            if value == access_pb2.ACCESS_UNSPECIFIED:
                raise ValueError(f"{service.full_name}.{method.name} has no access rule")
            rules[f"/{service.full_name}/{method.name}"] = Role(value)
    return rules


class HouseInterceptor(grpc.aio.ServerInterceptor):
    """Wraps each handler once: identity, rule, deadline, request id, parsing, errors, log line, metric."""

    def __init__(self, signer: Signer, rules: Mapping[str, Role], *, write_seconds: float = WRITE_SECONDS) -> None:
        self._signer = signer
        self._rules = rules
        self._write_seconds = write_seconds
        self._wrapped: dict[str, grpc.RpcMethodHandler[Any, Any]] = {}
        self.active = 0
        """How many calls are being answered now."""

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[grpc.RpcMethodHandler[Any, Any] | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler[Any, Any] | None:
        """Returns the wrapped handler of the method; None for a method that nobody serves."""
        method = handler_call_details.method
        if method in self._wrapped:
            return self._wrapped[method]
        handler = await continuation(handler_call_details)
        if handler is None or method.startswith(_OPEN_PREFIXES):
            return handler
        wrapped = self._wrap(method, handler)
        self._wrapped[method] = wrapped
        return wrapped

    def _wrap(self, method: str, handler: grpc.RpcMethodHandler[Any, Any]) -> grpc.RpcMethodHandler[Any, Any]:
        parse = cast("Callable[[bytes], Message]", handler.request_deserializer)
        if handler.unary_unary is not None:
            return grpc.unary_unary_rpc_method_handler(
                self._unary(method, parse, cast("_Unary", handler.unary_unary)), None, handler.response_serializer
            )
        if handler.unary_stream is not None:
            return grpc.unary_stream_rpc_method_handler(
                self._stream(method, parse, cast("_Stream", handler.unary_stream)), None, handler.response_serializer
            )
        raise ValueError(f"{method}: requests are never streamed in this house")

    def _enter(self, method: str, context: Context) -> tuple[Caller, str]:
        metadata = {key: value for key, value in context.invocation_metadata() or () if isinstance(value, str)}
        request = metadata.get("x-request-id", "")[:64] or new_request_id()
        token = metadata.get("authorization", "").removeprefix("Bearer ")
        rule = self._rules.get(method)
        if rule is None:
            raise errors.PermissionDenied("This method has no rule.", request_id=request)
        try:
            who = self._signer.verify(token)
        except errors.Unauthenticated as error:
            error.request_id = request
            raise
        if who.role < rule:
            raise errors.PermissionDenied("This caller may not do that.", request_id=request)
        return who, request

    def _unary(
        self, method: str, parse: Callable[[bytes], Message], call: _Unary
    ) -> Callable[[bytes, Context], Awaitable[Any]]:
        async def handle(raw: bytes, context: Context) -> Any:
            started = time.perf_counter()
            request_id = ""
            self.active += 1
            try:
                who, request_id = self._enter(method, context)
                seconds = _seconds(context, UNARY_CAP)
                with call_scope(request=request_id, seconds=seconds, who=who):
                    async with asyncio.timeout(seconds):
                        reply = await call(_parse(parse, raw), context)
                RPC_SECONDS.labels(method, "OK").observe(time.perf_counter() - started)
                return reply
            except Exception as error:
                await _abort(method, context, error, request_id, started)
                raise
            finally:
                self.active -= 1

        return handle

    def _stream(
        self, method: str, parse: Callable[[bytes], Message], call: _Stream
    ) -> Callable[[bytes, Context], Awaitable[None]]:
        # It writes by itself: a generator that gRPC no longer asks would end later, in a context that is not its own.
        async def handle(raw: bytes, context: Context) -> None:
            started = time.perf_counter()
            request_id = ""
            self.active += 1
            try:
                who, request_id = self._enter(method, context)
                with call_scope(request=request_id, seconds=_seconds(context, STREAM_CAP), who=who):
                    async with aclosing(call(_parse(parse, raw), context)) as replies:
                        async for reply in replies:
                            await self._write(context, reply)
                RPC_SECONDS.labels(method, "OK").observe(time.perf_counter() - started)
            except _Unread as unread:
                # The status waits behind the message, for a reader who comes back; nothing else of the call waits with it.
                with suppress(TimeoutError):
                    async with asyncio.timeout(_FAREWELL_SECONDS):
                        await _abort(method, context, unread, request_id, started)
            except Exception as error:
                await _abort(method, context, error, request_id, started)
                raise
            finally:
                self.active -= 1

        return handle

    async def _write(self, context: Context, reply: Any) -> None:
        """Returns when the reader's window has taken the message; raises `_Unread`."""
        try:
            async with asyncio.timeout(self._write_seconds):
                await context.write(reply)
        except TimeoutError:
            raise _Unread("The stream was not read. Watch again from where you are.", reason="unread") from None


class _Unread(errors.DeadlineExceeded):
    """The reader of a stream does not read."""


def _parse(parse: Callable[[bytes], Message], raw: bytes) -> Message:
    try:
        return parse(raw)
    except (DecodeError, UnicodeDecodeError) as error:
        raise errors.InvalidInput("The message cannot be read.", reason="malformed_message") from error


def _seconds(context: Context, cap: float) -> float:
    left = context.time_remaining()
    return cap if left is None else min(cap, left)


async def _abort(method: str, context: Context, error: Exception, request_id: str, started: float) -> None:
    """Ends the call with the error's status; an unexpected one is logged whole and told as `internal`."""
    if isinstance(error, grpc.aio.AbortError):
        return
    if isinstance(error, NotImplementedError):
        # What the generated base class raises: the contract has the method and this process does not.
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, "This method is not served here.")
    if isinstance(error, TimeoutError):
        known: errors.SfdError = errors.DeadlineExceeded("The time for this call was up.")
    elif isinstance(error, errors.SfdError):
        known = error
    else:
        known = errors.Internal("Something went wrong inside.")
        log.error("rpc_failed", method=method, request_id=request_id, exc_info=error)
    RPC_SECONDS.labels(method, known.reason).observe(time.perf_counter() - started)
    await context.abort_with_status(to_status(known, known.request_id or request_id or new_request_id()))
