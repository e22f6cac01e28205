"""Request bodies: JSON read strictly, checked against a model, with every refusal as a 4xx that names the field."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails
from starlette.requests import Request

from kit.jsonio import has_too_many_values
from services.gateway.problems import Json, Problem, bad_request, invalid, invalid_many

BAD_JSON = "Invalid JSON in request body"
MAX_DEPTH = 64
MAX_INT = 2**63 - 1
_OFF_LOOP = 64 * 1024
_TOO_LARGE_INT = 1 << 70
_SCALARS = frozenset({str, int, float, bool, type(None)})


class Body(BaseModel):
    """Base of request bodies: no coercion between types; what is not known is kept aside and named to the caller."""

    model_config = ConfigDict(strict=True, extra="allow", populate_by_name=True, regex_engine="rust-regex")


class StrictBody(Body):
    """Base of bodies that no older contract has: what is not known is refused."""

    model_config = ConfigDict(extra="forbid")


B = TypeVar("B", bound=Body)


@dataclass(frozen=True)
class Parsed(Generic[B]):
    """A body that fits its model, and the paths of the fields that were ignored."""

    value: B
    ignored: tuple[str, ...]


async def read_json(request: Request, *, empty: bool = False) -> dict[str, Any]:
    """Returns the JSON object of the body; with `empty`, an absent body is an empty object.

    Raises a 415, 400 or 422 problem.
    """
    raw = await request.body()
    if not raw.strip():
        if empty:
            return {}
        raise bad_request(BAD_JSON, "bad_json", title="Invalid JSON")
    check_content_type(request.headers.get("content-type", ""))
    if len(raw) > _OFF_LOOP:
        return await asyncio.to_thread(parse_object, raw)
    return parse_object(raw)


async def read(request: Request, model: type[B], *, empty: bool = False) -> Parsed[B]:
    """Returns the body as `model`; raises a 415, 400 or 422 problem."""
    return fit(model, await read_json(request, empty=empty))


def check_content_type(header: str) -> None:
    """Raises a 415 problem unless the header names JSON in UTF-8."""
    if header == "application/json":
        return
    kind, _, parameters = header.lower().partition(";")
    kind = kind.strip()
    charset = parameters.replace(" ", "").replace('"', "").partition("charset=")[2].split(";")[0]
    if (kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))) and charset in (
        "",
        "utf-8",
        "utf8",
    ):
        return
    raise Problem(
        415,
        "Unsupported media type",
        "Send the body as application/json in UTF-8.",
        reason="unsupported_media_type",
        headers={"Accept": "application/json"},
    )


def parse_object(raw: bytes) -> dict[str, Any]:
    """Returns the object that `raw` holds.

    Raises a 400 problem for what is not JSON (RFC 8259) in UTF-8, for duplicate keys and for deep nesting, and a 422 problem for
    NUL, lone surrogates, numbers that are not finite and integers beyond 64 bits. More values than a reader may hold up the process
    with are a 413 problem.
    """
    if has_too_many_values(raw):
        raise Problem(413, "Too large", "The JSON has too many values.", reason="too_many_values")
    try:
        value = _READER.decode(raw.decode("utf-8"))
    except _DuplicateKey:
        raise bad_request(
            "The same key occurs twice in one JSON object", "duplicate_key", title="Invalid JSON"
        ) from None
    except RecursionError:
        raise bad_request("The JSON is nested too deeply", "too_deep", title="Invalid JSON") from None
    except ValueError:
        raise bad_request(BAD_JSON, "bad_json", title="Invalid JSON") from None
    if not isinstance(value, dict):
        raise invalid((), "Input should be a JSON object", "dict_type")
    check_values(value)
    return value


def check_values(value: Json, path: tuple[str | int, ...] = ()) -> None:
    """Raises a problem for what no store can keep: see `parse_object`."""
    match value:
        case str():
            check_text(value, path)
        case bool() | None:
            return
        case int():
            if not -MAX_INT - 1 <= value <= MAX_INT:
                raise invalid(path, "The integer does not fit into 64 bits", "int_too_large")
        case float():
            if not math.isfinite(value):
                raise invalid(path, "The number is not finite", "finite_number")
        case dict() | list():
            if len(path) >= MAX_DEPTH:
                raise bad_request("The JSON is nested too deeply", "too_deep", title="Invalid JSON")
            if isinstance(value, list):
                for index, item in enumerate(value):
                    check_values(item, (*path, index))
            else:
                for key, item in value.items():
                    check_text(key, path)
                    check_values(item, (*path, key))


def check_text(text: str, path: Iterable[str | int], where: str = "body") -> None:
    """Raises a 422 problem for NUL and lone surrogates."""
    if "\0" in text:
        raise invalid(path, "The text contains a NUL character", "nul_character", where=where)
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            # A path may end in the very key that is broken, so the key itself is never echoed.
            raise invalid(path, "The text contains a lone surrogate", "lone_surrogate", where=where) from None


def fit(model: type[B], data: dict[str, Any]) -> Parsed[B]:
    """Returns `data` as `model`; raises a 422 problem that names every wrong field."""
    try:
        value = model.model_validate(data)
    except ValidationError as error:
        raise refusal(error.errors(include_url=False, include_context=False)) from None
    return Parsed(value, tuple(_extras(value, "")))


def refusal(problems: list[ErrorDetails]) -> Problem:
    """Returns the 422 for pydantic's findings."""
    return invalid_many([(list(p["loc"]), p["msg"], p["type"], _echo(p["input"])) for p in problems])


def _echo(value: object) -> Json:
    """Returns a value fit to be shown again: short scalars only."""
    if isinstance(value, str):
        return value[:200]
    return value if isinstance(value, bool | int | float) else None


def _extras(value: object, path: str) -> Iterable[str]:
    if isinstance(value, BaseModel):
        for key in value.model_extra or ():
            yield f"{path}.{key}" if path else key
        for name, inner in vars(value).items():
            if type(inner) not in _SCALARS:
                yield from _extras(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, BaseModel):
                yield from _extras(item, f"{path}[{index}]")


class _DuplicateKey(Exception):
    pass


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _DuplicateKey
    return found


def _integer(text: str) -> int:
    # Python refuses, slowly, to read thousands of digits; twenty are enough to know that it is too large.
    return int(text) if len(text) <= 20 else _TOO_LARGE_INT


def _not_a_number(_: str) -> float:
    return math.nan


_READER = json.JSONDecoder(object_pairs_hook=_no_duplicates, parse_int=_integer, parse_constant=_not_a_number)
