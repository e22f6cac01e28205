"""The end of a process: SIGTERM and SIGINT become an event, because the default kills without any `finally`."""

from __future__ import annotations

import asyncio
import signal


def stop_event() -> asyncio.Event:
    """Returns an event that the first SIGTERM or SIGINT sets; call it from the running loop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop
