"""Log lines on their way to standard error, several in one write."""

from __future__ import annotations

import asyncio
import atexit
import threading
from typing import TextIO

_MOST = 1000


class Lines:
    """A log that writes lines of a running event loop together, at most `seconds` after the first; 0 writes each at once.

    Each write is a system call that lets another thread take the interpreter: under load that costs more than the request that the
    line is about. A warning or worse is written at once, with all before it, and so is what has no loop.
    """

    def __init__(self, stream: TextIO, seconds: float = 0.0) -> None:
        self._stream = stream
        self._seconds = seconds
        self._lines: list[str] = []
        self._due = False
        self._lock = threading.Lock()
        atexit.register(self.flush)

    def info(self, line: str) -> None:
        """Takes a line."""
        with self._lock:
            self._lines.append(line)
            if self._due and len(self._lines) < _MOST:
                return
            self._due = self._soon()
        if not self._due:
            self.flush()

    msg = debug = info

    def error(self, line: str) -> None:
        """Writes a line, and all before it."""
        with self._lock:
            self._lines.append(line)
        self.flush()

    warning = critical = error

    def _soon(self) -> bool:
        """Returns whether the loop at hand will write what is there."""
        if not self._seconds or len(self._lines) >= _MOST:
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
            lines, self._lines = self._lines, []
            if lines and not self._stream.closed:
                self._stream.write("\n".join(lines) + "\n")
                self._stream.flush()
