"""The one error tree of the house.

SfdError
├── InvalidInput      the caller must change something; `field` names it
├── Unauthenticated   nobody is known
├── PermissionDenied  somebody is known and may not
├── NotFound          it is not there, or not theirs: both look the same
├── Conflict          somebody else changed it first
├── AlreadyExists     the id is taken, or the same request id came with another request
├── NotReady          the state is not right for this
├── Exhausted         a limit, a quota or a ceiling
├── Unavailable       a part of the house or a vendor is away; try again
├── DeadlineExceeded  the time was up
└── Internal          a bug; the logs tell the rest under the request id

Each becomes a `google.rpc.Status` in `kit.rpc.status` and a body in the gateway; nothing else does.
"""

from __future__ import annotations


class SfdError(Exception):
    """Base of all expected errors.

    `reason` is a stable lower-snake word, `message` a sentence for a person, `field` a path or empty, `retryable` says that the
    same call may succeed later, `charged` that a vendor has or may have billed.
    """

    default_reason = "internal"
    default_retryable = False

    def __init__(
        self,
        message: str,
        *,
        reason: str | None = None,
        field: str = "",
        retryable: bool | None = None,
        charged: bool = False,
        request_id: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason or self.default_reason
        self.field = field
        self.retryable = self.default_retryable if retryable is None else retryable
        self.charged = charged
        self.request_id = request_id


class InvalidInput(SfdError):
    """The caller must change something."""

    default_reason = "invalid_input"


class Unauthenticated(SfdError):
    """Nobody is known."""

    default_reason = "unauthenticated"


class PermissionDenied(SfdError):
    """Somebody is known and may not."""

    default_reason = "permission_denied"


class NotFound(SfdError):
    """It is not there, or not theirs."""

    default_reason = "not_found"


class Conflict(SfdError):
    """Somebody else changed it first."""

    default_reason = "conflict"


class AlreadyExists(SfdError):
    """The id is taken."""

    default_reason = "already_exists"


class NotReady(SfdError):
    """The state is not right for this."""

    default_reason = "not_ready"


class Exhausted(SfdError):
    """A limit, a quota or a ceiling."""

    default_reason = "exhausted"
    default_retryable = True


class Unavailable(SfdError):
    """A part of the house, or a vendor, is away."""

    default_reason = "unavailable"
    default_retryable = True


class DeadlineExceeded(SfdError):
    """The time was up."""

    default_reason = "deadline_exceeded"
    default_retryable = True


class Internal(SfdError):
    """A bug."""

    default_reason = "internal"
