"""The billing ledger: one fsynced JSON line per accepted call. It is the referee of every paid-twice question."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from simulator.jsons import Json, as_int, compact


def key_tail(key: str) -> str:
    """Return a short hash of the key's last eight characters: tells keys apart without keeping them."""
    return hashlib.sha256(key[-8:].encode()).hexdigest()[:12]


class Ledger:
    """An append-only file of accepted calls. A torn last line (the process was killed while writing) is cut off at opening."""

    def __init__(self, path: Path) -> None:
        """Open or create the file; raise OSError if that is impossible."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.entries: list[Json] = []
        whole = 0
        if path.exists():
            for line in path.read_bytes().splitlines(keepends=True):
                try:
                    entry = json.loads(line)
                except ValueError:
                    break
                if not line.endswith(b"\n") or not isinstance(entry, dict):
                    break
                self.entries.append(entry)
                whole += len(line)
            os.truncate(path, whole)
        self._n = max((as_int(e.get("n"), 0) for e in self.entries), default=0)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._lock = threading.Lock()
        # A thread of its own: pictures being drawn in the common pool must not delay an acceptance.
        self._thread = ThreadPoolExecutor(1, "ledger")

    async def append(self, fields: Json) -> Json:
        """Write one accepted call and return its entry once it is on the disk."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._append, fields)

    def _append(self, fields: Json) -> Json:
        with self._lock:
            entry: Json = {"n": self._n + 1, "time": time.time(), **fields, "accepted": True}
            os.write(self._file, compact(entry) + b"\n")
            os.fsync(self._file)
            self._n += 1
            self.entries.append(entry)
            return entry

    def clear(self) -> None:
        """Forget everything, also on the disk: only for `POST /_sim/reset`."""
        with self._lock:
            os.ftruncate(self._file, 0)
            os.fsync(self._file)
            self.entries.clear()
            self._n = 0

    def close(self) -> None:
        """Finish writing and close the file."""
        self._thread.shutdown()
        os.close(self._file)
