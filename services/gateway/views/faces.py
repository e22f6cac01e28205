"""What a listener says about itself: one face for each contract."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from services.gateway.problems import Json

VERSION = "1.0.0"
FaceName = Literal["drama", "media", "captions"]


@dataclass(frozen=True)
class Face:
    """The bodies of `/` and `/health`, the title of the documentation, and who may read answers by default."""

    name: FaceName
    title: str
    root: Callable[[], dict[str, Json]]
    health: Callable[[], dict[str, Json]]
    origins: tuple[str, ...]


def _timestamp() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def _links() -> dict[str, Json]:
    return {"version": VERSION, "docs": "/docs", "openapi": "/openapi.json"}


DRAMA = Face(
    "drama",
    "Drama API Worker",
    lambda: {"message": "Drama API Worker", **_links()},
    lambda: {"status": "ok", "timestamp": _timestamp(), "version": VERSION},
    ("http://localhost:3000", "http://127.0.0.1:3000", "http://localhost:5173", "http://localhost:8000"),
)
MEDIA = Face(
    "media",
    "MediaRouter",
    lambda: {"message": "MediaRouter API", **_links()},
    lambda: {"status": "healthy", "timestamp": _timestamp(), "version": VERSION},
    ("http://localhost:3000", "http://localhost:5173"),
)
CAPTIONS = Face(
    "captions",
    "HOIT Backend API",
    lambda: {"message": "HOIT Backend API", **_links()},
    lambda: {"status": "healthy", "service": "HOIT Backend", "timestamp": _timestamp(), "version": VERSION},
    ("http://localhost:3000", "http://127.0.0.1:3000", "http://localhost:5173", "http://localhost:8000"),
)
FACES: dict[str, Face] = {face.name: face for face in (DRAMA, MEDIA, CAPTIONS)}
