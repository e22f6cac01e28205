"""Channels to other services: identity, request id and deadline travel; errors come back as the domain's own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from types import TracebackType
from typing import Any, Generic, TypeVar

import grpc

from kit.context import Caller, Role, caller, new_request_id, remaining, request_id
from kit.errors import Unauthenticated
from kit.identity import Signer
from kit.rpc.options import CLIENT
from kit.rpc.status import from_rpc_error

DEFAULT_SECONDS = 30.0
STREAM_SECONDS = 3600.0
Q = TypeVar("Q")
A = TypeVar("A")
_Metadata = tuple[tuple[str, str], ...]


class _Identity:
    def __init__(self, signer: Signer, default: Caller | None) -> None:
        self._signer = signer
        self._default = default

    def metadata(self) -> _Metadata:
        """Returns token and request id; raises `Unauthenticated` where nobody calls."""
        who = caller() or self._default
        if who is None:
            raise Unauthenticated("No caller is set for this call.")
        return (
            ("authorization", f"Bearer {self._signer.mint(who)}"),
            ("x-request-id", request_id() or new_request_id()),
        )


class _Unary(Generic[Q, A]):
    """Calls one method with one answer."""

    def __init__(self, call: Callable[..., Awaitable[A]], identity: _Identity) -> None:
        self._call = call
        self._identity = identity

    async def __call__(self, request: Q, *, timeout: float | None = None, wait_for_ready: bool | None = None) -> A:
        """Returns the reply; raises the domain error that the status stands for."""
        cap = DEFAULT_SECONDS if timeout is None else min(timeout, DEFAULT_SECONDS)
        try:
            return await self._call(
                request,
                timeout=remaining(cap),
                metadata=self._identity.metadata(),
                wait_for_ready=wait_for_ready,
            )
        except grpc.aio.AioRpcError as error:
            raise from_rpc_error(error) from None


class _Stream(Generic[Q, A]):
    """Calls one method with a streamed answer."""

    def __init__(self, call: Callable[..., Any], identity: _Identity) -> None:
        self._call = call
        self._identity = identity

    async def __call__(
        self, request: Q, *, timeout: float | None = None, wait_for_ready: bool | None = None
    ) -> AsyncIterator[A]:
        """Yields the replies as they come; leaving the loop cancels the call. Raises as `_Unary` does."""
        cap = STREAM_SECONDS if timeout is None else min(timeout, STREAM_SECONDS)
        call = self._call(
            request, timeout=remaining(cap), metadata=self._identity.metadata(), wait_for_ready=wait_for_ready
        )
        try:
            async for reply in call:
                yield reply
        except grpc.aio.AioRpcError as error:
            raise from_rpc_error(error) from None
        finally:
            call.cancel()


class HouseChannel(grpc.aio.Channel):
    """A channel whose calls carry identity, request id and deadline, and whose errors are the domain's.

    The same as gRPC's interceptors would do, without their second task and call object around every call: they cost more than the call.
    """

    def __init__(self, inner: grpc.aio.Channel, identity: _Identity) -> None:
        self._inner = inner
        self._identity = identity

    def unary_unary(self, method: str, *args: Any, **kwargs: Any) -> Any:
        """Returns what calls the method: `await call(request, timeout=seconds)`."""
        return _Unary(self._inner.unary_unary(method, *args, **kwargs), self._identity)

    def unary_stream(self, method: str, *args: Any, **kwargs: Any) -> Any:
        """Returns what calls the method: `async for reply in call(request)`."""
        return _Stream(self._inner.unary_stream(method, *args, **kwargs), self._identity)

    def stream_unary(self, method: str, *args: Any, **kwargs: Any) -> Any:
        """Raises NotImplementedError: requests are never streamed in this house."""
        raise NotImplementedError(method)

    def stream_stream(self, method: str, *args: Any, **kwargs: Any) -> Any:
        """Raises NotImplementedError: requests are never streamed in this house."""
        raise NotImplementedError(method)

    async def close(self, grace: float | None = None) -> None:
        """Closes the channel; calls under way get `grace` seconds."""
        await self._inner.close(grace)

    def get_state(self, try_to_connect: bool = False) -> grpc.ChannelConnectivity:
        """Returns whether it is connected."""
        return self._inner.get_state(try_to_connect)

    async def wait_for_state_change(self, last_observed_state: grpc.ChannelConnectivity) -> None:
        """Returns when the state is another one."""
        await self._inner.wait_for_state_change(last_observed_state)

    async def channel_ready(self) -> None:
        """Returns once it is connected."""
        await self._inner.channel_ready()

    async def __aenter__(self) -> HouseChannel:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


def channel(address: str, signer: Signer, *, default: Caller | None = None) -> HouseChannel:
    """Returns an open channel to `host:port`; close it when done.

    `default` is the caller when none is set in the context: workers and background loops pass their own.
    """
    return HouseChannel(grpc.aio.insecure_channel(address, options=list(CLIENT)), _Identity(signer, default))


SYSTEM = Caller("00000000-0000-0000-0000-000000000000", Role.OPERATOR)
"""The house itself, in background loops that belong to no account."""
