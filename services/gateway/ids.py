"""Ids and cursors in paths and queries: what cannot be one of ours is not looked for."""

from __future__ import annotations

import re
import zlib

from services.gateway.problems import bad_request, missing

_PUBLIC = re.compile(r"[A-Za-z0-9._-]{1,128}")
_SHOWN = 128


def checked(kind: str, public_id: str) -> str:
    """Returns the id; raises the contract's 404 for one that nothing of `kind` can have."""
    if _PUBLIC.fullmatch(public_id) is None:
        raise missing(kind, public_id[:_SHOWN])
    return public_id


def tagged(kind: str, within: str, token: str) -> str | None:
    """Returns the cursor of a list: its page token, marked with the list it belongs to; None at the end."""
    return f"{_mark(kind, within)}.{token}" if token else None


def cursor_of(text: str | None, kind: str, within: str = "") -> str:
    """Returns the page token of a cursor, empty for none; raises a 400 problem for what is not a cursor of this list."""
    if not text:
        return ""
    mark, dot, token = text.partition(".")
    if len(text) > 1024 or not text.isascii() or not text.isprintable() or not dot or mark != _mark(kind, within):
        raise bad_request("The cursor is not one of ours.", "bad_cursor", field="cursor")
    return token


def _mark(kind: str, within: str) -> str:
    return zlib.crc32(f"{kind} {within}".encode()).to_bytes(4, "big").hex()
