"""Choosing TCP ports on the loopback interface."""

from __future__ import annotations

import contextlib
import random
import socket
from collections.abc import Iterable, Mapping

HOST = "127.0.0.1"
# Below the kernel's range for outgoing connections (from 32768), so that no client socket takes one before its use.
FIRST, LAST = 20_000, 31_999
SEARCH = 1_000


def _bind(port: int) -> socket.socket | None:
    probe = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind((HOST, port))
        probe.listen(1)
    except OSError:
        probe.close()
        return None
    return probe


def is_free(port: int) -> bool:
    """Whether a server could listen on the loopback port now."""
    probe = _bind(port)
    if probe is None:
        return False
    probe.close()
    return True


def free_ports(count: int) -> list[int]:
    """That many distinct free ports, from a random place so that two processes seldom choose alike. Raises OSError."""
    with contextlib.ExitStack() as held:
        chosen: list[int] = []
        for port in random.sample(range(FIRST, LAST + 1), SEARCH):
            probe = _bind(port)
            if probe is not None:
                held.enter_context(contextlib.closing(probe))
                chosen.append(port)
                if len(chosen) == count:
                    return chosen
    raise OSError(f"fewer than {count} free ports between {FIRST} and {LAST}")


def choose(wanted: Mapping[str, int], taken: Iterable[int] = ()) -> dict[str, int]:
    """For each name the wanted port, or the next free one above it; never one of `taken`, never one twice.

    Raises OSError when a thousand ports in a row are taken.
    """
    used = set(taken)
    result: dict[str, int] = {}
    for name, first in wanted.items():
        for port in range(first, min(first + SEARCH, 65_536)):
            if port not in used and is_free(port):
                result[name] = port
                used.add(port)
                break
        else:
            raise OSError(f"no free port for {name} at or above {first}")
    return result
