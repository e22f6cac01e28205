"""Small readers for JSON of unknown shape: each gives the wanted type or an empty value, never an exception."""

from __future__ import annotations

import json

Json = dict[str, object]


def as_dict(value: object) -> Json:
    """Return `value` if it is a JSON object, else an empty one."""
    return {str(k): v for k, v in value.items()} if isinstance(value, dict) else {}


def as_list(value: object) -> list[object]:
    """Return `value` if it is a JSON array, else an empty one."""
    return list(value) if isinstance(value, list) else []


def as_str(value: object) -> str:
    """Return `value` if it is a string, else an empty one."""
    return value if isinstance(value, str) else ""


def as_number(value: object, default: float) -> float:
    """Return a number, also one spelt as a string as Google's int64 fields are, else `default`."""
    if isinstance(value, bool):
        return default
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return default
    return default


def as_int(value: object, default: int) -> int:
    """Return a whole number (see `as_number`), else `default`."""
    return int(as_number(value, default))


def pick(source: Json, name: str) -> object:
    """Return a field by its camelCase name or its snake_case spelling: protobuf's JSON accepts both."""
    if name in source:
        return source[name]
    snake = "".join("_" + c.lower() if c.isupper() else c for c in name)
    return source.get(snake)


def compact(value: object) -> bytes:
    """Return `value` as compact UTF-8 JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
