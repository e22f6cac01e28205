"""Faults that can be switched on: which call they hit and what they do to it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from simulator.jsons import Json, as_dict, as_int, as_number, as_str

TYPES = frozenset(
    {
        "status",
        "slow",
        "cut_before",
        "cut_after",
        "half_body",
        "malformed",
        "refusal",
        "late_success",
        "fail_job",
        "expired_content",
        "stall",
        "duplicate_webhook",
        "early_webhook",
        "late_webhook",
        "out_of_order_webhook",
        "forged_webhook",
        "no_webhook",
        "looks_failed",
    }
)


class BadFaultError(ValueError):
    """A fault that cannot be understood; the message says why."""


@dataclass(frozen=True)
class Fault:
    """What happens to a call. Which fields count depends on `type`; the README lists them."""

    type: str
    status: int = 500
    retry_after: float | None = None
    seconds: float = 1.0
    when: str = "before"
    accepted: bool = False
    variant: str = ""
    code: str = ""
    message: str = ""

    @classmethod
    def of(cls, source: Json) -> Fault:
        """Return the fault described by JSON; raise BadFaultError for an unknown type or position."""
        kind, when = as_str(source.get("type")), as_str(source.get("when")) or "before"
        if kind not in TYPES:
            raise BadFaultError(f"unknown fault type {kind!r}; known: {', '.join(sorted(TYPES))}")
        if when not in ("before", "after"):
            raise BadFaultError("`when` must be `before` or `after` (acceptance)")
        retry = source.get("retry_after")
        status = as_int(
            source.get("status"), 504 if kind == "late_success" else 404 if kind == "expired_content" else 500
        )
        if not 400 <= status <= 599:
            raise BadFaultError("`status` must be between 400 and 599")
        return cls(
            type=kind,
            status=status,
            retry_after=None if retry is None else as_number(retry, 1.0),
            seconds=as_number(source.get("seconds"), 0.0 if kind == "late_success" else 1.0),
            when=when,
            accepted=source.get("accepted") in (True, "true", "1", 1),
            variant=as_str(source.get("variant")),
            code=as_str(source.get("code")),
            message=as_str(source.get("message")),
        )

    @classmethod
    def of_header(cls, text: str) -> Fault:
        """Return the fault of an `x-sim-fault` header: JSON, or `type;name=value;...`; raise BadFaultError."""
        if text.lstrip().startswith("{"):
            try:
                return cls.of(as_dict(json.loads(text)))
            except ValueError as error:
                raise BadFaultError(str(error)) from error
        kind, *pairs = text.split(";")
        return cls.of(
            {"type": kind.strip(), **{p.partition("=")[0].strip(): p.partition("=")[2].strip() for p in pairs}}
        )


@dataclass(frozen=True)
class Facts:
    """What a rule can look at: `op` is submit, read, list, content, delete or models."""

    vendor: str
    kind: str
    op: str
    path: str
    model: str = ""
    prompt: str = ""


@dataclass
class Rule:
    """A fault and the calls it hits: the `nth` matching one first (1 = at once), then `times` in all (0 = without end)."""

    match: Json
    fault: Fault
    nth: int = 1
    times: int = 1
    seen: int = 0
    done: int = field(default=0)

    @classmethod
    def of(cls, source: Json) -> Rule:
        """Return the rule of `POST /_sim/faults`; raise BadFaultError."""
        match = as_dict(source.get("match"))
        known = {"vendor", "kind", "op", "path_regex", "model", "prompt_contains", "nth", "times"}
        if unknown := set(match) - known:
            raise BadFaultError(f"unknown match fields {sorted(unknown)}; known: {sorted(known)}")
        try:
            re.compile(as_str(match.get("path_regex")))
        except re.error as error:
            raise BadFaultError(f"path_regex: {error}") from error
        nth, times = as_int(match.get("nth"), 1), as_int(match.get("times"), 1)
        return cls(match, Fault.of(as_dict(source.get("fault"))), max(1, nth), max(0, times))

    def hits(self, facts: Facts) -> bool:
        """Count a matching call and return whether the fault applies to it."""
        m = self.match
        # Without a path or an operation only the paid calls are meant: polls should not use a rule up.
        op = as_str(m.get("op")) or ("any" if m.get("path_regex") else "submit")
        same = all(not m.get(n) or m[n] == getattr(facts, n) for n in ("vendor", "kind", "model"))
        words = as_str(m.get("prompt_contains")) in facts.prompt and re.search(as_str(m.get("path_regex")), facts.path)
        if not (same and words and op in ("any", facts.op)) or (self.times and self.done >= self.times):
            return False
        self.seen += 1
        if self.seen < self.nth:
            return False
        self.done += 1
        return True


class Faults:
    """The rules switched on, tried in order; the first that applies wins."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []

    def take(self, facts: Facts, header: str) -> Fault | None:
        """Return the fault for this call or None; a header wins over the rules. Raise BadFaultError for a bad header."""
        if header:
            return Fault.of_header(header)
        return next((r.fault for r in self.rules if r.hits(facts)), None)
