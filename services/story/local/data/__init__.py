"""Word tables and story grammars of the local writer, by language and purpose."""

from __future__ import annotations


def words(text: str) -> tuple[str, ...]:
    """Return the words of a table that is written as running text."""
    return tuple(text.split())
