"""Ids and cursors in paths and queries: what cannot be one of ours is not looked for."""

from __future__ import annotations

import re

from services.gateway.problems import bad_request, missing

_PUBLIC = re.compile(r"[A-Za-z0-9._-]{1,128}")
_SHOWN = 128


def checked(kind: str, public_id: str) -> str:
    """Returns the id; raises the contract's 404 for one that nothing of `kind` can have."""
    if _PUBLIC.fullmatch(public_id) is None:
        raise missing(kind, public_id[:_SHOWN])
    return public_id


def cursor_of(text: str | None) -> str:
    """Returns the page token of a cursor, empty for none; raises a 400 problem for what is surely not ours."""
    if not text:
        return ""
    if len(text) > 1024 or not text.isascii() or not text.isprintable():
        raise bad_request("The cursor is not one of ours.", "bad_cursor", field="cursor")
    return text
