"""Log lines on their way to standard error, several at a time."""

from __future__ import annotations

import asyncio
import atexit
import threading
from collections.abc import Callable, MutableMapping
from typing import Any, TextIO, TypeAlias

_MOST = 1000
Event: TypeAlias = MutableMapping[str, Any]


class Lines:
    """A log that writes events of a running event loop together, at most `seconds` after the first; 0 writes each at once.

    `render` makes a line of an event. Done for one at a time amidst requests, that and the system call cost several times as much as
    done for many in a row. A warning or worse is written at once, with all before it, and so is what has no loop.
    """

    def __init__(self, stream: TextIO, render: Callable[[Event], str], seconds: float = 0.0) -> None:
        self._stream = stream
        self._render = render
        self._seconds = seconds
        self._events: list[Event] = []
        self._due = False
        self._lock = threading.Lock()
        atexit.register(self.flush)

    def info(self, event: Event) -> None:
        """Takes an event."""
        with self._lock:
            self._events.append(event)
            if self._due and len(self._events) < _MOST:
                return
            self._due = self._soon()
        if not self._due:
            self.flush()

    msg = debug = info

    def error(self, event: Event) -> None:
        """Writes an event, and all before it."""
        with self._lock:
            self._events.append(event)
        self.flush()

    warning = critical = error

    def _soon(self) -> bool:
        """Returns whether the loop at hand will write what is there."""
        if not self._seconds or len(self._events) >= _MOST:
            return False
        try:
            asyncio.get_running_loop().call_later(self._seconds, self.flush)
        except RuntimeError:
            return False
        return True

    def flush(self) -> None:
        """Writes what is there; does nothing once the stream is closed."""
        with self._lock:
            self._due = False
            events, self._events = self._events, []
            if events and not self._stream.closed:
                self._stream.write("".join(self._render(event) + "\n" for event in events))
                self._stream.flush()
