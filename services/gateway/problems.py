"""Errors as the REST contract shows them: one body for every error of the house."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeAlias

from kit import errors

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"


class Problem(errors.SfdError):
    """An error whose status and `detail` the contract fixes; the rest of the body is built like every other's."""

    def __init__(
        self,
        status: int,
        title: str,
        message: str,
        *,
        detail: Json = None,
        reason: str,
        field: str = "",
        retryable: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message, reason=reason, field=field, retryable=retryable)
        self.status = status
        self.title = title
        self.detail = detail
        self.headers = dict(headers or {})


_STATUS: tuple[tuple[type[errors.SfdError], int, str], ...] = (
    (errors.InvalidInput, 422, "Invalid request"),
    (errors.PermissionDenied, 403, "Forbidden"),
    (errors.NotFound, 404, "Not found"),
    (errors.Conflict, 409, "Conflict"),
    (errors.AlreadyExists, 409, "Already exists"),
    (errors.NotReady, 409, "Not ready"),
    (errors.Exhausted, 429, "Limit reached"),
    (errors.Unavailable, 503, "Service unavailable"),
    (errors.DeadlineExceeded, 504, "Timed out"),
)
_SAME_KEY_OTHER_BODY = frozenset({"idempotency_key_reused", "request_id_reused", "asset_exists"})
_KINDS = {
    f"{kind.lower()}_not_found": kind
    for kind in (
        "Drama",
        "Character",
        "Episode",
        "Scene",
        "Asset",
        "Job",
        "Take",
        "Webhook",
        "Delivery",
        "Key",
        "Budget",
    )
} | {"entity_asset_not_found": "Asset"}
_RETRY_AFTER = {409: "1", 429: "5", 503: "2", 504: "5"}
_OURS: Mapping[str | int, str] = {
    "metadata_json": "metadata",
    "reference_urls": "reference_images",
    "ceiling_nano_usd": "ceiling_usd",
    "episode_ids": "episodes",
    "daily_nano_usd": "daily_usd",
    "monthly_nano_usd": "monthly_usd",
    "job_nano_usd": "per_job_usd",
    "key_number": "key_id",
    "nano_usd": "usd",
}
"""Fields that the protos call otherwise than the bodies do."""
_INDEX = re.compile(r"[^.\[\]]+|\[\d+\]")


def missing(kind: str, public_id: str) -> Problem:
    """Returns the contract's 404 for a thing of `kind`, such as `Drama`."""
    title, message = f"{kind} not found", f"{kind} {public_id} not found"
    return Problem(404, title, message, detail={"error": title, "message": message}, reason="not_found")


def bad_request(message: str, reason: str = "bad_request", *, title: str = "Bad request", field: str = "") -> Problem:
    """Returns a 400 with a text as its detail."""
    return Problem(400, title, message, detail=message, reason=reason, field=field)


def invalid(path: Iterable[str | int], message: str, kind: str = "value_error", *, where: str = "body") -> Problem:
    """Returns a 422 in FastAPI's form for one wrong field; an empty path blames the whole of `where`."""
    return invalid_many([(list(path), message, kind, None)], where=where)


def invalid_many(wrong: list[tuple[list[str | int], str, str, Json]], *, where: str = "body") -> Problem:
    """Returns a 422 for several wrong fields, each (path, message, type of error, value); at most 50 are told."""
    detail: list[Json] = [
        {"type": kind, "loc": [where, *path], "msg": message, "input": value}
        for path, message, kind, value in wrong[:50]
    ]
    path, message = wrong[0][0], wrong[0][1]
    field = field_text(path)
    text = f"{field}: {message}" if field else message
    return Problem(422, "Validation failed", text, detail=detail, reason="invalid_input", field=field)


def field_text(path: Iterable[str | int]) -> str:
    """Returns a path such as `drama.characters[0].name`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text[:300]


def field_path(text: str) -> list[str | int]:
    """Returns the parts of a path such as `drama.characters[0].name`."""
    return [int(part[1:-1]) if part.startswith("[") else part for part in _INDEX.findall(text)]


def kind_named(error: errors.NotFound) -> str:
    """Returns the kind of thing that is not there, such as `Drama`; empty when neither reason nor text name one."""
    # A service that gives no reason of its own still names the kind in its text: "Episode ep09 not found".
    return _KINDS.get(error.reason) or _KINDS.get(f"{error.message.partition(' ')[0].lower()}_not_found", "")


@contextmanager
def known_as(kind: str, public_id: str) -> Iterator[None]:
    """Turns the house's NotFound into the contract's 404: for the kind that it names, else for a thing of `kind`."""
    try:
        yield
    except errors.NotFound as error:
        named = kind_named(error) or kind
        if named == kind or not error.message.startswith(f"{named} "):
            raise missing(kind, public_id) from None
        title = f"{named} not found"
        detail: Json = {"error": title, "message": error.message}
        raise Problem(404, title, error.message, detail=detail, reason="not_found") from None


@contextmanager
def in_text() -> Iterator[None]:
    """Tells a 404 in a text, as the contract does on the cover's routes alone."""
    try:
        yield
    except Problem as problem:
        if problem.status != 404:
            raise
        raise Problem(404, problem.title, problem.message, detail=problem.title, reason="not_found") from None


def answer_to(error: errors.SfdError) -> tuple[int, dict[str, Json], dict[str, str]]:
    """Returns status, body (without the request id) and headers for an error. What is not expected is told as a bug."""
    problem = error if isinstance(error, Problem) else _problem(error)
    headers = dict(problem.headers)
    if problem.status in _RETRY_AFTER and problem.retryable:
        headers.setdefault("Retry-After", _RETRY_AFTER[problem.status])
    detail = problem.detail
    if detail is None:
        detail = {"error": problem.title, "message": problem.message}
    body: dict[str, Json] = {
        "detail": detail,
        "error": problem.title,
        "message": problem.message,
        "reason": problem.reason,
        "field": problem.field,
        "retryable": problem.retryable,
        "charged": error.charged,
    }
    return problem.status, body, headers


def _problem(error: errors.SfdError) -> Problem:
    if isinstance(error, errors.InvalidInput):
        if error.field.endswith("page_token"):
            return bad_request("The cursor is not one of ours.", "bad_cursor", field="cursor")
        path = [_OURS.get(part, part) for part in field_path(error.field.removeprefix("options."))]
        problem = invalid(path, error.message, error.reason)
        problem.reason = error.reason
        return problem
    if error.reason == "message_too_large":
        return Problem(413, "Too large", error.message, reason=error.reason)
    if isinstance(error, errors.AlreadyExists) and error.reason in _SAME_KEY_OTHER_BODY:
        return Problem(422, "Key was used before", error.message, reason=error.reason, field="Idempotency-Key")
    for kind, status, title in _STATUS:
        if isinstance(error, kind):
            return Problem(
                status, title, error.message, reason=error.reason, field=error.field, retryable=error.retryable
            )
    return Problem(500, "Internal error", "Something went wrong inside.", reason="internal")
