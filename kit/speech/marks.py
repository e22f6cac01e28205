"""Punctuation, as the voices hear it."""

from __future__ import annotations

SILENT = frozenset(';:,.!?—…"()“” ')
"""Characters of the voices' alphabet that are heard as a pause or not at all."""

_ASIAN = "，、。．！？：；（）「」『』《》【】～~–\u3000"
_PLAIN = ",,..!?:;()“”“”“”“”——— "
_TABLE = str.maketrans(dict(zip(_ASIAN, _PLAIN, strict=True)))


def plain(text: str) -> str:
    """The text with full-width and typographic punctuation replaced, character by character, by what the voices know."""
    return text.translate(_TABLE)


def pauses(text: str) -> str:
    """Only the punctuation of the text, as the voices know it, without spaces."""
    return "".join(c for c in plain(text) if c in SILENT and c != " ")
