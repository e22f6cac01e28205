"""Byte ranges (RFC 9110, 14) and conditions of a GET on bytes that never change."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ONE = re.compile(r"bytes=[ \t]*(\d{0,19})-(\d{0,19})[ \t]*")


@dataclass(frozen=True)
class Slice:
    """Bytes `first` to `last`, both included."""

    first: int
    last: int

    @property
    def length(self) -> int:
        """How many bytes it has."""
        return self.last - self.first + 1


class NotSatisfiable(Exception):
    """The range lies outside the bytes."""


def slice_of(header: str | None, size: int) -> Slice | None:
    """Returns the slice that a `Range` header asks for; None for the whole.

    Several ranges, other units and malformed ones are answered with the whole, as the RFC permits. Raises NotSatisfiable.
    """
    found = _ONE.fullmatch(header) if header else None
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        length = min(int(found[2]), size)
        if not length:
            raise NotSatisfiable
        return Slice(size - length, size - 1)
    first = int(found[1])
    last = min(int(found[2]), size - 1) if found[2] else size - 1
    if found[2] and int(found[2]) < first:
        return None
    if first >= size:
        raise NotSatisfiable
    return Slice(first, last)


def matches(header: str | None, etag: str) -> bool:
    """Returns whether an `If-None-Match` names the ETag (given with its quotes)."""
    if not header:
        return False
    return header.strip() == "*" or any(part.strip().removeprefix("W/") == etag for part in header.split(","))
