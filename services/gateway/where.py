"""The path to a thing below a drama, and the 404 of whichever part of it is not there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from kit.errors import NotFound
from services.gateway import problems
from services.gateway.ids import checked


@dataclass(frozen=True)
class Where:
    """Ids along a path; an empty one is not part of it."""

    drama_id: str
    character_id: str = ""
    episode_id: str = ""
    scene_id: str = ""

    @property
    def owner(self) -> tuple[str, str]:
        """The innermost part: its kind and its id."""
        return next(reversed(self._parts()))

    @contextmanager
    def known(self, kind: str = "", public_id: str = "") -> Iterator[None]:
        """Turns the house's NotFound into the contract's 404: for the part that it names, else for `kind` or the innermost part."""
        parts = dict(self._parts())
        if not kind:
            kind, public_id = self.owner
        parts[kind] = public_id
        with problems.known_as(kind, public_id):
            try:
                yield
            except NotFound as error:
                named = problems.kind_named(error)
                if named in parts:
                    raise problems.missing(named, parts[named]) from None
                raise

    def _parts(self) -> list[tuple[str, str]]:
        named = (
            ("Drama", self.drama_id),
            ("Character", self.character_id),
            ("Episode", self.episode_id),
            ("Scene", self.scene_id),
        )
        return [(kind, public_id) for kind, public_id in named if public_id]


def at(drama_id: str, *, character_id: str = "", episode_id: str = "", scene_id: str = "") -> Where:
    """Returns the path; raises the contract's 404 for an id that nothing can have."""
    checked("Drama", drama_id)
    for kind, public_id in (("Character", character_id), ("Episode", episode_id), ("Scene", scene_id)):
        if public_id:
            checked(kind, public_id)
    return Where(drama_id, character_id, episode_id, scene_id)
