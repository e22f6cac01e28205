"""How much of a page fits into one message: rows are small or large, and a message has one limit."""

from __future__ import annotations

from collections.abc import Iterable

from google.protobuf.message import Message

PAGE_BYTES = 8 << 20


def fitting(messages: Iterable[Message], limit: int = PAGE_BYTES) -> int:
    """Returns how many of the first messages come to at most `limit` bytes; at least one of them."""
    count = 0
    for message in messages:
        limit -= message.ByteSize() + 8
        if limit < 0 and count:
            break
        count += 1
    return count
