"""How an error looks on a path: the drama contract's body unless the path belongs to another contract."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel

from services.gateway.problems import Json
from services.gateway.views.replies import ErrorReply


class MediaError(BaseModel):
    """An error of the media contract."""

    detail: str
    request_id: str


@dataclass(frozen=True)
class Shape:
    """The errors of some paths: `covers` tells which, `model` documents them, `render` makes the body from (status, house's body)."""

    model: type[BaseModel]
    covers: Callable[[str], bool]
    render: Callable[[int, dict[str, Json]], dict[str, Json]]


def _media(status: int, body: dict[str, Json]) -> dict[str, Json]:
    return {"detail": body.get("message"), **{key: body[key] for key in ("request_id",) if key in body}}


def _is_media(path: str) -> bool:
    return path.startswith(("/v1/", "/videos/"))


def _as_it_is(status: int, body: dict[str, Json]) -> dict[str, Json]:
    return body


SHAPES: Final[tuple[Shape, ...]] = (
    # The first that covers the path counts; a narrower one goes before a wider one.
    Shape(MediaError, _is_media, _media),
)
_DRAMA: Final = Shape(ErrorReply, lambda path: True, _as_it_is)


def shape_of(path: str) -> Shape:
    """Returns the errors' shape on a path, also on a route's path with its parameters in braces."""
    return next((shape for shape in SHAPES if shape.covers(path)), _DRAMA)


def shaped(path: str, status: int, body: dict[str, Json]) -> dict[str, Json]:
    """Returns the body of an error as the contract of its path has it."""
    return shape_of(path).render(status, body)
