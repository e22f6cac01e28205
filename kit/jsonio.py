"""JSON as the house writes it: compact, UTF-8, no NaN."""

from __future__ import annotations

import json
from typing import Any

from kit.errors import InvalidInput


def dumps(value: Any) -> str:
    """Returns compact JSON; raises ValueError for NaN and infinities."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def canonical(value: Any) -> str:
    """Returns compact JSON with sorted keys: equal values give equal text, fit to be hashed."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False, sort_keys=True)


def load_object(text: str, field: str) -> dict[str, Any]:
    """Returns the object that `text` holds, or an empty one for empty text; raises `InvalidInput` naming `field`."""
    if not text:
        return {}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"{field} is not JSON.", field=field) from error
    if not isinstance(value, dict):
        raise InvalidInput(f"{field} must be a JSON object.", field=field)
    return value
