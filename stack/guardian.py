"""Ends the process groups of a supervisor that died without stopping them. Standard library only.

The kernel already signals each direct child of a dead supervisor; this catches what those children had started. It reads
`+GROUP` and `-GROUP` lines from its standard input and acts when that closes with groups still listed.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time

GRACE_S = 1.0  # Postgres ends by itself meanwhile


def main() -> None:
    """Follow the list until the pipe closes, then kill the groups still on it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        if line[0] == "+":
            groups.add(group)
        else:
            groups.discard(group)
    if groups:
        time.sleep(GRACE_S)
    for group in groups:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    main()
