"""How an error looks on a path: the drama contract's body unless the path belongs to another contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel

from services.gateway.problems import Json
from services.gateway.views.replies import ErrorReply

_TYPES: Final[Mapping[int, str]] = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    409: "conflict_error",
    429: "rate_limit_error",
}


class OpenAIError(BaseModel):
    """What went wrong: `code` is a stable word, `param` the field, when it is one."""

    message: str
    type: str
    param: str | None = None
    code: str | None = None


class OpenAIErrorReply(BaseModel):
    """An error in OpenAI's form."""

    error: OpenAIError
    request_id: str


class MediaError(BaseModel):
    """An error of the media contract: `detail` is its text; reason and field are for machines."""

    detail: str
    reason: str
    field: str
    request_id: str


@dataclass(frozen=True)
class Shape:
    """The errors of some paths: `covers` tells which, `model` documents them, `render` makes the body from (status, house's body)."""

    model: type[BaseModel]
    covers: Callable[[str], bool]
    render: Callable[[int, dict[str, Json]], dict[str, Json]]


def _media(status: int, body: dict[str, Json]) -> dict[str, Json]:
    return {
        "detail": body.get("message"),
        **{key: body[key] for key in ("reason", "field", "request_id") if key in body},
    }


def _is_media(path: str) -> bool:
    return path.startswith(("/v1/", "/videos/"))


def _openai(status: int, body: dict[str, Json]) -> dict[str, Json]:
    error: dict[str, Json] = {
        "message": body.get("message"),
        "type": _TYPES.get(status, "server_error" if status >= 500 else "invalid_request_error"),
        "param": body.get("field") or None,
        "code": body.get("reason") or None,
    }
    return {"error": error, **{key: body[key] for key in ("request_id",) if key in body}}


def _is_openai(path: str) -> bool:
    return any(path == start or path.startswith(f"{start}/") for start in ("/v1/videos", "/v1/models", "/v1/audio"))


def _as_it_is(status: int, body: dict[str, Json]) -> dict[str, Json]:
    return body


SHAPES: Final[tuple[Shape, ...]] = (
    # The first that covers the path counts; a narrower one goes before a wider one.
    Shape(OpenAIErrorReply, _is_openai, _openai),
    Shape(MediaError, _is_media, _media),
)
_DRAMA: Final = Shape(ErrorReply, lambda path: True, _as_it_is)


def shape_of(path: str) -> Shape:
    """Returns the errors' shape on a path, also on a route's path with its parameters in braces."""
    return next((shape for shape in SHAPES if shape.covers(path)), _DRAMA)


def shaped(path: str, status: int, body: dict[str, Json]) -> dict[str, Json]:
    """Returns the body of an error as the contract of its path has it."""
    return shape_of(path).render(status, body)
