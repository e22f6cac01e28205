"""Ids: UUIDv7 inside (RFC 9562: time first, so that indexes grow at their end), short random ones outside."""

from __future__ import annotations

import base64
import binascii
import json
import os
import string
import time
import uuid

from kit.errors import InvalidInput

_ALPHABET = string.ascii_lowercase + string.digits


def uuid7() -> uuid.UUID:
    """Returns a new UUIDv7."""
    chance = int.from_bytes(os.urandom(10), "big")
    value = (time.time_ns() // 1_000_000 & ((1 << 48) - 1)) << 80
    value |= 0x7 << 76 | (chance >> 68 & 0xFFF) << 64
    value |= 0b10 << 62 | chance & ((1 << 62) - 1)
    return uuid.UUID(int=value)


def public_id(prefix: str) -> str:
    """Returns `prefix_` and 12 random characters of `[a-z0-9]`, from 96 bits: no character is likelier than another by more than 2e-10."""
    number = int.from_bytes(os.urandom(12), "big")
    letters = []
    for _ in range(12):
        number, digit = divmod(number, 36)
        letters.append(_ALPHABET[digit])
    return f"{prefix}_{''.join(letters)}"


def as_uuid(text: str) -> uuid.UUID | None:
    """Returns the UUID that `text` spells, or None."""
    try:
        return uuid.UUID(text) if len(text) == 36 else None
    except ValueError:
        return None


def page_token(*keys: str) -> str:
    """Returns an opaque token that stands for the last row of a page."""
    return base64.urlsafe_b64encode(json.dumps(keys).encode()).decode().rstrip("=")


def read_page_token(token: str, count: int) -> list[str]:
    """Returns the keys of a token; raises `InvalidInput` for one that this house did not give."""
    try:
        if len(token) > 512:
            raise ValueError("too long")
        keys = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        if not (
            isinstance(keys, list) and len(keys) == count and all(isinstance(k, str) and "\x00" not in k for k in keys)
        ):
            raise ValueError("not ours")
    except (ValueError, binascii.Error, RecursionError) as error:
        raise InvalidInput("The page token is not one of ours.", field="page_token", reason="bad_page_token") from error
    return keys


def page_size(asked: int, *, default: int = 100, limit: int = 1000) -> int:
    """Returns how many rows to read; raises `InvalidInput` for a negative number, cuts a large one."""
    if asked < 0:
        raise InvalidInput("page_size must not be negative.", field="page_size")
    return min(asked or default, limit)
