"""Channels to other services: identity, request id and deadline travel; errors come back as the domain's own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import grpc

from kit.context import Caller, Role, caller, new_request_id, remaining, request_id
from kit.errors import Unauthenticated
from kit.identity import Signer
from kit.rpc.options import CLIENT
from kit.rpc.status import from_rpc_error

DEFAULT_SECONDS = 30.0
STREAM_SECONDS = 3600.0


class _Identity:
    def __init__(self, signer: Signer, default: Caller | None) -> None:
        self._signer = signer
        self._default = default

    def apply(self, details: grpc.aio.ClientCallDetails, cap: float) -> grpc.aio.ClientCallDetails:
        """Returns the details with token, request id and the smaller of the deadlines."""
        who = caller() or self._default
        if who is None:
            raise Unauthenticated("No caller is set for this call.")
        metadata = grpc.aio.Metadata(*(details.metadata or ()))
        metadata.add("authorization", f"Bearer {self._signer.mint(who)}")
        metadata.add("x-request-id", request_id() or new_request_id())
        timeout = min(remaining(cap), details.timeout if details.timeout is not None else cap)
        return grpc.aio.ClientCallDetails(
            details.method, timeout, metadata, details.credentials, details.wait_for_ready
        )


class UnaryInterceptor(grpc.aio.UnaryUnaryClientInterceptor):
    """Around every unary call."""

    def __init__(self, identity: _Identity) -> None:
        self._identity = identity

    async def intercept_unary_unary(
        self,
        continuation: Callable[[grpc.aio.ClientCallDetails, Any], Any],
        client_call_details: grpc.aio.ClientCallDetails,
        request: Any,
    ) -> Any:
        """Returns the reply; raises the domain error that the status stands for."""
        call = await continuation(self._identity.apply(client_call_details, DEFAULT_SECONDS), request)
        try:
            return await call
        except grpc.aio.AioRpcError as error:
            raise from_rpc_error(error) from None


class StreamInterceptor(grpc.aio.UnaryStreamClientInterceptor):
    """Around every call with a streamed answer."""

    def __init__(self, identity: _Identity) -> None:
        self._identity = identity

    async def intercept_unary_stream(
        self,
        continuation: Callable[[grpc.aio.ClientCallDetails, Any], Any],
        client_call_details: grpc.aio.ClientCallDetails,
        request: Any,
    ) -> AsyncIterator[Any]:
        """Returns the replies as they come; leaving the loop cancels the call."""
        call = await continuation(self._identity.apply(client_call_details, STREAM_SECONDS), request)

        async def replies() -> AsyncIterator[Any]:
            try:
                async for reply in call:
                    yield reply
            except grpc.aio.AioRpcError as error:
                raise from_rpc_error(error) from None
            finally:
                call.cancel()

        return replies()


def channel(address: str, signer: Signer, *, default: Caller | None = None) -> grpc.aio.Channel:
    """Returns an open channel to `host:port`; close it when done.

    `default` is the caller when none is set in the context: workers and background loops pass their own.
    """
    identity = _Identity(signer, default)
    return grpc.aio.insecure_channel(
        address, options=list(CLIENT), interceptors=[UnaryInterceptor(identity), StreamInterceptor(identity)]
    )


SYSTEM = Caller("00000000-0000-0000-0000-000000000000", Role.OPERATOR)
"""The house itself, in background loops that belong to no account."""
