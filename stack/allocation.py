"""The ports of a named stack: near the well-known ones, the same at every start while they are free."""

from __future__ import annotations

import contextlib
import fcntl
import json
from collections.abc import Iterator
from pathlib import Path

from stack import ports, procs
from stack.layout import Layout
from stack.programs import DEFAULT_PORTS
from stack.s3 import PORT_NAMES
from stack.server import write_private

INNER = [f"s3:{name}" for name in PORT_NAMES if name != "s3"]  # SeaweedFS' own, which nobody needs to know


@contextlib.contextmanager
def file_lock(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on the file; waits for another holder. Released by the kernel if the holder dies."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def read_ports(layout: Layout) -> dict[str, int]:
    """The ports this name had last, empty when it never ran."""
    try:
        table: dict[str, int] = json.loads(layout.ports.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return table


def allocate(layout: Layout) -> dict[str, int]:
    """Choose and write down a free port for everything. Raises OSError when there are none.

    Two stacks of one home that start at the same time do not choose alike: the choice is made under a lock, and the
    written ports of every other living stack count as taken.
    """
    with file_lock(layout.home / ".lock"):
        taken: set[int] = set()
        for other in layout.home.iterdir():
            if other.name != layout.name and (other / "run" / "ports.json").exists():
                neighbour = Layout(layout.home, other.name)
                if supervisor_pid(neighbour):
                    taken.update(read_ports(neighbour).values())
        last = read_ports(layout)
        chosen = ports.choose(DEFAULT_PORTS | {name: last[name] for name in DEFAULT_PORTS if name in last}, taken)
        taken.update(chosen.values())
        inner = {name: last[name] for name in INNER if name in last}
        if len(inner) < len(INNER) or not all(ports.is_free(port) and port not in taken for port in inner.values()):
            fresh = [port for port in ports.free_ports(len(INNER) + len(taken)) if port not in taken]
            inner = dict(zip(INNER, fresh, strict=False))
        chosen |= inner
        write_private(layout.ports, json.dumps(chosen, indent=1))
    return chosen


def supervisor_pid(layout: Layout) -> int:
    """The process id of the living supervisor of this name, or 0. A record of a dead one, or of a process that has its
    number now, counts as none."""
    try:
        record = json.loads(layout.record.read_text())
        pid, start = int(record["pid"]), int(record["start"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return 0
    return pid if procs.is_same(pid, start) else 0
