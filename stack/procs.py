"""What the kernel knows about processes, read from /proc (Linux)."""

from __future__ import annotations

import contextlib
import os
import signal
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

PROC = Path("/proc")
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
MIB = 1 << 20


def _stat(pid: int) -> list[str] | None:
    try:
        text = (PROC / str(pid) / "stat").read_text()
    except OSError:
        return None
    # The name in parentheses may hold spaces and parentheses of its own; the fields follow the last one (see proc(5)).
    return text[text.rindex(")") + 2 :].split()


def started_at(pid: int) -> int | None:
    """When the process started, in clock ticks since boot: with the id it names one process. None when gone."""
    fields = _stat(pid)
    return None if fields is None or fields[0] == "Z" else int(fields[19])


def is_same(pid: int, start: int) -> bool:
    """Whether the process with this id is still the one that started then."""
    return started_at(pid) == start


def uptime_s(pid: int) -> float:
    """For how many seconds the process has run; 0 when it is gone."""
    start = started_at(pid)
    if start is None:
        return 0.0
    since_boot = float((PROC / "uptime").read_text().split()[0])
    return max(0.0, since_boot - start / TICKS_PER_S)


def descendants(pid: int) -> list[int]:
    """All living descendants of a process, parents before children."""
    children: defaultdict[int, list[int]] = defaultdict(list)
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            fields = _stat(int(entry.name))
            if fields is not None:
                children[int(fields[1])].append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        nearer = children[waiting.pop()]
        found += nearer
        waiting += nearer
    return found


def rss_mib(pids: Iterable[int]) -> float:
    """The resident memory of the processes in MiB, summed; pages that several share count for each."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            total += int((PROC / str(pid) / "statm").read_text().split()[1]) * PAGE_BYTES
    return total / MIB


def pss_mib(pids: Iterable[int]) -> float:
    """The proportional share of memory of the processes in MiB: shared pages count once over all. Needs the same user."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
            total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    return total / MIB


def signal_all(pids: Iterable[int], number: signal.Signals) -> None:
    """Send the signal to each process that still exists."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
