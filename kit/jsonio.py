"""JSON as the house writes it: compact, UTF-8, no NaN."""

from __future__ import annotations

import json
import math
from typing import Any

from kit.errors import InvalidInput

_MAX_DEPTH = 100
MAX_VALUES = 600_000
"""Values in one JSON text from outside: the reader builds them all without letting any other thread run, some millions take seconds."""


def has_too_many_values(data: bytes) -> bool:
    """Returns whether a JSON text may hold more than `MAX_VALUES` values; commas and brackets within texts count too."""
    return len(data) > MAX_VALUES and sum(data.count(sign) for sign in (b",", b"[", b"{")) > MAX_VALUES


def dumps(value: Any) -> str:
    """Returns compact JSON; raises ValueError for NaN and infinities."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def canonical(value: Any) -> str:
    """Returns compact JSON with sorted keys: equal values give equal text, fit to be hashed."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False, sort_keys=True)


def load_object(text: str, field: str) -> dict[str, Any]:
    """Returns the object that `text` holds, or an empty one for empty text; raises `InvalidInput` naming `field`.

    What could be read but never written again is refused too: NaN and infinities, lone surrogates, more than 100 levels.
    """
    if not text:
        return {}
    try:
        value = json.loads(text, parse_constant=_refuse, parse_float=_finite)
        if "\\ud" in text.lower():
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"{field} is not JSON.", field=field) from error
    if text.count("{") + text.count("[") > _MAX_DEPTH and _depth(value) > _MAX_DEPTH:
        raise InvalidInput(f"{field} is nested too deeply.", field=field)
    if not isinstance(value, dict):
        raise InvalidInput(f"{field} must be a JSON object.", field=field)
    return value


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not JSON")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError("the number is too large")
    return value


def _depth(value: object) -> int:
    """Returns how many levels `value` has, level by level: recursion would fail on what it is to measure."""
    depth, level = 0, [value]
    while level:
        depth += 1
        level = [
            item
            for one in level
            if isinstance(one, dict | list)
            for item in (one.values() if isinstance(one, dict) else one)
        ]
    return depth
