"""What a job buys, and the proof that nothing was bought."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kit.jobs.handler import JobFailed
from kit.providers.base import Call


@dataclass(frozen=True)
class Order:
    """What to buy: the frozen request, the bytes it names, the price held, and the vendor key it is sent with."""

    purpose: str
    model: str
    request: Mapping[str, Any]
    price_nano_usd: int
    key_id: str = "env"
    key_slots: int = 0
    files: Mapping[str, bytes] = field(default_factory=dict)
    urls: Mapping[str, str] = field(default_factory=dict)
    own_price: bool = False
    """The price is what the account pays by its own contract: what the vendor says of the cost is at its list price and does not count."""
    callback: Callable[[str], str] = lambda submission_id: ""
    """Gives the URL at which the vendor may call back for a submission; empty for nowhere."""
    poll_seconds: float = 0.0
    """The least time between two polls of a vendor that is at work: longer where it calls back when it is done."""

    def call(self, submission_id: str, told: str = "") -> Call:
        """Returns it as an adapter is asked."""
        return Call(submission_id, self.model, self.request, self.files, self.urls, self.callback(submission_id), told)


class NotTaken(JobFailed):
    """The vendor has provably not taken the call: another one may be asked instead."""
