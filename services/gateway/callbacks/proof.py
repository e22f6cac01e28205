"""What a verifier looks at, and how it refuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from services.gateway.problems import Problem

TOLERANCE_SECONDS = 300
"""How far a signed moment may lie from now, before or behind: what the vendors' documentation names."""


@dataclass(frozen=True)
class Callback:
    """A request as it came: `headers` by their names in small letters, the `body` byte by byte."""

    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    def header(self, name: str) -> str:
        """Returns a header; raises the refusal when it is missing."""
        value = self.headers.get(name, "")
        if not value:
            raise unverified()
        return value


class Verifier(Protocol):
    """One vendor's signature."""

    async def verify(self, callback: Callback) -> None:
        """Returns for a callback that the vendor has signed; raises the refusal, or `Unavailable` when its keys cannot be read."""
        ...


def unverified() -> Problem:
    """Returns the refusal of whatever is not proved. It never says what was missing: only a forger would learn from it."""
    text = "This callback cannot be verified."
    headers = {"WWW-Authenticate": 'Callback realm="sfd"'}
    return Problem(401, "Unauthorized", text, detail=text, reason="unverified_callback", headers=headers)
