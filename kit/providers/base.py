"""The three calls an adapter makes, and what it says about them.

An adapter is a client (authentication, base URL, lifecycle) and a mapping (our request <-> the wire); the facts about its models are
rows of `kit.providers.catalogue`. It sends each request once: an SDK's own retries are off, because no SDK of the field sends an
idempotency key and a retried submit pays twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from kit.errors import SfdError


class Idempotency(StrEnum):
    """What a vendor does with a repeated key on its submit call; the key is the submission's id.

    All but `NONE` make a lost call safe to send again: `REPLAY` gives the first answer, `REJECT` refuses and says which call was the
    first (its adapter returns that one as `Accepted`), `BILL_ONCE` may do the work again and bills it once.
    """

    REPLAY = "replay"
    REJECT = "reject"
    BILL_ONCE = "bill_once"
    NONE = "none"


@dataclass(frozen=True)
class Call:
    """One request: `request` is what was frozen and hashed, `files` the bytes it names, by name.

    `urls` are where a vendor can read the same bytes for a while, by the same names, for vendors that take no bytes; `callback` is where it
    may call back, empty for nowhere. Neither is part of what was frozen: they are made anew at each try. `told` is for a lookup alone:
    what a callback called the operation, a hint to be proved at the vendor; empty for nothing.
    """

    submission_id: str
    model: str
    request: Mapping[str, Any]
    files: Mapping[str, bytes] = field(default_factory=dict)
    urls: Mapping[str, str] = field(default_factory=dict)
    callback: str = ""
    told: str = ""


@dataclass(frozen=True)
class Accepted:
    """The vendor works on it: ask later under `operation_id`."""

    operation_id: str


@dataclass(frozen=True)
class Answer:
    """The vendor's product. `cost_nano_usd` is None when its units are unknown; `units` are kept for the bill."""

    body: bytes
    content_type: str
    units: Mapping[str, Any] = field(default_factory=dict)
    cost_nano_usd: int | None = None


@dataclass(frozen=True)
class Pending:
    """Not done. `progress` is 0 to 1 or None; `after` the seconds the vendor asks to wait, or None."""

    progress: float | None = None
    after: float | None = None


@dataclass(frozen=True)
class Finished:
    """Done: the bytes can be fetched."""

    units: Mapping[str, Any] = field(default_factory=dict)
    cost_nano_usd: int | None = None


@dataclass(frozen=True)
class Refused:
    """Ended by the vendor without a product."""

    reason: str
    message: str
    charged: bool = False
    retryable: bool = False


class NotAccepted(SfdError):
    """Proof that the vendor took nothing: a refused connection, a 4xx, a 429. Sending again is safe."""

    default_reason = "vendor_refused"

    def __init__(
        self, message: str, *, reason: str = "vendor_refused", retryable: bool = False, after: float | None = None
    ) -> None:
        super().__init__(message, reason=reason, retryable=retryable)
        self.after = after


class OutcomeUnknown(SfdError):
    """The request may have reached the vendor, and no answer says so. Never send again by itself."""

    default_reason = "outcome_unknown"


class KeyRefused(SfdError):
    """The vendor does not take this key. `reason` is `invalid_key`, or `quota_exceeded` for one that is right but spent."""

    default_reason = "invalid_key"


class VendorAway(SfdError):
    """A read (poll, fetch, lookup) failed; nothing is lost, ask again later."""

    default_reason = "vendor_away"
    default_retryable = True


class NotSeen(SfdError):
    """The vendor can be asked for lost submissions and has none of ours so far; until ours is `seconds` old it may still turn up.

    Raised by a `lookup` whose vendor lists its calls or calls back: what is on its way is not a question for a person yet.
    """

    default_reason = "not_seen"

    def __init__(self, message: str, *, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds


class Adapter(Protocol):
    """One vendor's way to do one kind of work."""

    vendor: str
    idempotency: Idempotency
    resend_unknown: bool
    """True for text: cheap enough to be sent again after an unknown outcome, booked as a second call."""

    async def submit(self, call: Call) -> Accepted | Answer:
        """Sends the request once; raises `NotAccepted` or `OutcomeUnknown`, nothing else."""

    async def poll(self, operation_id: str) -> Pending | Finished | Refused:
        """Asks once; raises `VendorAway`."""

    async def fetch(self, operation_id: str) -> Answer:
        """Returns the bytes of a finished operation; raises `VendorAway` or `NotAccepted` when they are gone."""

    async def lookup(self, call: Call, since: float) -> Accepted | None:
        """Looks for a lost submission made after `since` (Unix seconds); None when the vendor cannot tell.

        Raises `VendorAway`, and `NotSeen` when the vendor can tell and has not seen it so far.
        """

    async def cancel(self, operation_id: str) -> None:
        """Asks the vendor to stop; does nothing when it cannot."""


class KeyCheck(Protocol):
    """What an adapter of films can do beside: tell whether its key works, without paying."""

    async def check_key(self) -> None:
        """Returns when the vendor takes the key; raises `KeyRefused`, and `VendorAway` when it cannot be asked."""
