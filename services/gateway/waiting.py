"""Waiting on behalf of a client: look, wait for a ring or a second, look again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from kit.errors import DeadlineExceeded, Unavailable
from services.gateway.backends import RPC_SECONDS
from services.gateway.gateway import Gateway, account_id
from services.gateway.views.jobs import TERMINAL
from sfd.jobs.v1 import job_pb2, job_service_pb2

T = TypeVar("T")
SYNC_SECONDS = 120.0
"""How long a route that answers with the product waits for it before it answers with the job."""
PAUSE_SECONDS = 0.1
"""The least time between two looks: in a busy account the bell rings at every step of every job, and each look is several calls."""


async def until(house: Gateway, look: Callable[[], Awaitable[T]], enough: Callable[[T], bool], seconds: float) -> T:
    """Returns what `look` finds: the first that is `enough`, or the last one after `seconds` or when the process goes down."""
    end = time.monotonic() + seconds
    # The bell is there before the first look, so nothing that happens between the two is missed.
    with house.wakeups.bell(account_id()) as bell:
        found = await look()
        while not enough(found) and not house.wakeups.stopping:
            left = end - time.monotonic()
            if left <= 0:
                break
            await bell.wait(left)
            await asyncio.sleep(min(PAUSE_SECONDS, left))
            found = await look()
    return found


async def run_end(house: Gateway, run: job_pb2.Run, seconds: float, gone: Callable[[], Awaitable[bool]]) -> job_pb2.Run:
    """Returns the run as it stands once it has ended, or after `seconds`, or when the client is `gone`.

    It was accepted already: a record that is away for a moment is asked again instead of failing the wish.
    """
    last, alone = run, False

    async def look() -> job_pb2.Run:
        nonlocal last, alone
        alone = await gone()
        try:
            reply = await house.backends.jobs.GetRun(job_service_pb2.GetRunRequest(id=run.id), timeout=RPC_SECONDS)
        except (Unavailable, DeadlineExceeded):
            return last
        last = reply.run
        return last

    return await until(house, look, lambda found: alone or found.state in TERMINAL, seconds)
