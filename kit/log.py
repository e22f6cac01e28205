"""JSON lines on standard error: a static event name and fields; ids, not objects; never a secret."""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import structlog
from pydantic_core import PydanticSerializationError, to_json

from kit.context import request_id
from kit.lines import Event, Lines

_SECRET_KEYS = re.compile(r"(secret|password|token|api_?key|authorization|dsn|signature)", re.IGNORECASE)
_SECRET_TEXT = re.compile(
    r"(sk-[A-Za-z0-9_-]{8,}|AIza[A-Za-z0-9_-]{10,}|Bearer\s+[A-Za-z0-9._~+/-]{8,}|X-Amz-Signature=[0-9a-f]+|://[^/\s:@]+:[^@\s]+@)"
)


_WRITER = json.JSONEncoder(ensure_ascii=False, default=repr)
_PLAIN = frozenset({int, float, bool, type(None)})


def redact(text: str) -> str:
    """Returns `text` with anything that looks like a key, a token, a signature or a password in a URL masked."""
    # Every match has one of these in it; most texts have none, and to look for them costs a tenth of what the pattern does.
    if "sk-" in text or "AIza" in text or "Bearer" in text or "X-Amz" in text or "://" in text:
        return _SECRET_TEXT.sub("[redacted]", text)
    return text


@lru_cache(maxsize=1024)
def _is_secret(key: str) -> bool:
    """Returns whether a field of this name holds a secret; names are few and written in the code."""
    return bool(_SECRET_KEYS.search(key))


def _mask(event: Event) -> bool:
    """Masks secrets; returns whether what is left is texts, numbers and nothing else."""
    plain = True
    for key, value in event.items():
        if _is_secret(key):
            event[key] = "[redacted]"
        elif isinstance(value, str):
            event[key] = redact(value)
        elif type(value) not in _PLAIN:
            plain = False
    return plain


def _render(event: Event) -> str:
    event["timestamp"] = datetime.fromtimestamp(event["timestamp"], UTC).isoformat().replace("+00:00", "Z")
    # The faster writer would look into objects; the other one shows what they say of themselves.
    if _mask(event):
        with suppress(PydanticSerializationError):
            return to_json(event, inf_nan_mode="constants").decode()
    return _WRITER.encode(event)


def _hand_over(_: Any, __: str, event: Event) -> tuple[tuple[Event], dict[str, Any]]:
    return (event,), {}


def configure_logging(service: str, level: str = "INFO", *, together: float = 0.0) -> None:
    """Sets the process's log: one JSON object a line. Lines may wait `together` seconds to be written with others; warnings never do."""
    lines = Lines(sys.stderr, _render, together)

    def _sign(_: Any, method: str, event: Event) -> Event:
        event["service"] = service
        if known := request_id():
            event.setdefault("request_id", known)
        event["level"] = method
        event["timestamp"] = time.time()
        if "exc_info" in event:
            event = structlog.processors.format_exc_info(_, method, event)
        return event

    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format='{"event":"library","text":"%(message)s"}', force=True
    )
    structlog.configure(
        processors=[
            _sign,
            _hand_over,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=lambda *_: lines,
        cache_logger_on_first_use=True,
    )
