"""Keeping logs small while their writers hold them open."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

MAX_BYTES = 10 << 20
KEEP = 3


def rotate(log: Path, max_bytes: int = MAX_BYTES) -> bool:
    """Move a log over the size to `.1` (`.1` to `.2`, and so on) and return whether that was done.

    The file is copied and emptied in place, because the process goes on writing to it at its end; a line written between
    the two can be lost, which is the price of a log that survives the supervisor.
    """
    try:
        if log.stat().st_size < max_bytes:
            return False
    except FileNotFoundError:
        return False
    for number in range(KEEP, 1, -1):
        older = log.with_name(f"{log.name}.{number - 1}")
        if older.exists():
            older.replace(log.with_name(f"{log.name}.{number}"))
    shutil.copyfile(log, log.with_name(f"{log.name}.1"))
    os.truncate(log, 0)
    return True
