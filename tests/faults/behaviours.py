"""What vendors do wrong by themselves, as faults of the simulator, and what must come of it at each of the five."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.faults.kinds import ANSWER_SECONDS, VENDORS

DONE, HELD, FAILED = "succeeded", "held", "failed"


def _always(_: str) -> str:
    return DONE


def _blind_asks(vendor: str) -> str:
    """A lost answer is found again wherever there is a key, a list or a callback."""
    return HELD if vendor == "none_blind" else DONE


@dataclass(frozen=True)
class Behaviour:
    """A fault, the call that it hits, and the outcome by vendor; `entries` is how often the ledger has it."""

    name: str
    fault: dict[str, Any]
    match: dict[str, Any] = field(default_factory=dict)
    outcome: Callable[[str], str] = _always
    entries: int = 1


LATE = ANSWER_SECONDS + 1.0
BEHAVIOURS = (
    Behaviour("accepts and drops the connection", {"type": "cut_after"}, outcome=_blind_asks),
    Behaviour("accepts and answers 502", {"type": "status", "status": 502, "accepted": True}, outcome=_blind_asks),
    Behaviour("accepts and answers too late", {"type": "slow", "seconds": LATE, "when": "after"}, outcome=_blind_asks),
    Behaviour(
        "accepts after the caller has gone", {"type": "slow", "seconds": LATE, "when": "before"}, outcome=_blind_asks
    ),
    Behaviour("calls back three times", {"type": "duplicate_webhook"}),
    Behaviour("calls back before it answers", {"type": "early_webhook"}),
    Behaviour("has no product any more", {"type": "expired_content", "status": 410}, outcome=lambda _: FAILED),
    Behaviour("answers 403 to a poll", {"type": "status", "status": 403}, {"op": "read", "times": 2}),
    Behaviour("is a storm of 429", {"type": "status", "status": 429, "retry_after": 0.2}, {"times": 6}),
    Behaviour("fails as it seems, and succeeds late", {"type": "looks_failed"}, {"op": "read", "times": 3}),
    Behaviour(
        "knows nothing of its own job for a while", {"type": "status", "status": 404}, {"op": "read", "times": 3}
    ),
    Behaviour("fails and bills", {"type": "fail_job"}, outcome=lambda _: FAILED),
)
CELLS = [(behaviour, vendor) for behaviour in BEHAVIOURS for vendor in VENDORS]
