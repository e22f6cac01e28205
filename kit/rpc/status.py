"""One table: domain error <-> `google.rpc.Status`.

The status carries `sfd.errors.v1.Error` as its only detail, packed by hand into a `google.protobuf.Any`: details ride in trailers,
which have a hard limit of 16 KiB, so texts are cut.
"""

from __future__ import annotations

import grpc
from google.rpc import status_pb2
from grpc_status import rpc_status

from kit import errors
from sfd.errors.v1 import error_pb2

_MAX_TEXT = 1000

_CODES: tuple[tuple[type[errors.SfdError], grpc.StatusCode], ...] = (
    (errors.InvalidInput, grpc.StatusCode.INVALID_ARGUMENT),
    (errors.Unauthenticated, grpc.StatusCode.UNAUTHENTICATED),
    (errors.PermissionDenied, grpc.StatusCode.PERMISSION_DENIED),
    (errors.NotFound, grpc.StatusCode.NOT_FOUND),
    (errors.Conflict, grpc.StatusCode.ABORTED),
    (errors.AlreadyExists, grpc.StatusCode.ALREADY_EXISTS),
    (errors.NotReady, grpc.StatusCode.FAILED_PRECONDITION),
    (errors.Exhausted, grpc.StatusCode.RESOURCE_EXHAUSTED),
    (errors.Unavailable, grpc.StatusCode.UNAVAILABLE),
    (errors.DeadlineExceeded, grpc.StatusCode.DEADLINE_EXCEEDED),
    (errors.Internal, grpc.StatusCode.INTERNAL),
)
_BY_CODE = {code: kind for kind, code in _CODES}


def code_of(error: errors.SfdError) -> grpc.StatusCode:
    """Returns the gRPC code of a domain error; INTERNAL for one that is not in the table."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), grpc.StatusCode.INTERNAL)


def to_proto(error: errors.SfdError, request_id: str = "") -> error_pb2.Error:
    """Returns the wire form of a domain error."""
    return error_pb2.Error(
        reason=error.reason,
        message=error.message[:_MAX_TEXT],
        field=error.field[:_MAX_TEXT],
        retryable=error.retryable,
        charged=error.charged,
        request_id=error.request_id or request_id,
    )


def to_status(error: errors.SfdError, request_id: str) -> grpc.Status:
    """Returns what `context.abort_with_status` takes."""
    status = status_pb2.Status(code=code_of(error).value[0], message=error.message[:_MAX_TEXT])
    status.details.add().Pack(to_proto(error, request_id))
    converted: grpc.Status = rpc_status.to_status(status)
    return converted


def from_proto(detail: error_pb2.Error, code: grpc.StatusCode = grpc.StatusCode.INTERNAL) -> errors.SfdError:
    """Returns the domain error of a wire form; `code` chooses the branch of the tree."""
    return _BY_CODE.get(code, errors.Internal)(
        detail.message,
        reason=detail.reason,
        field=detail.field,
        retryable=detail.retryable,
        charged=detail.charged,
        request_id=detail.request_id,
    )


def from_rpc_error(error: grpc.aio.AioRpcError) -> errors.SfdError:
    """Returns the domain error that a failed call stands for."""
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            status = status_pb2.Status.FromString(value if isinstance(value, bytes) else value.encode("latin-1"))
            for any_detail in status.details:
                detail = error_pb2.Error()
                if any_detail.Unpack(detail):
                    return from_proto(detail, error.code())
    match error.code():
        case grpc.StatusCode.UNAVAILABLE | grpc.StatusCode.CANCELLED:
            return errors.Unavailable("A part of the house is away. Try again.")
        case grpc.StatusCode.DEADLINE_EXCEEDED:
            return errors.DeadlineExceeded("The time for this call was up.")
        case grpc.StatusCode.RESOURCE_EXHAUSTED:
            return errors.Exhausted(
                "The message is larger than the limit.", reason="message_too_large", retryable=False
            )
        case _:
            return errors.Internal("Something went wrong inside.")
