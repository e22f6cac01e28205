"""A service that buys films: kit's own composition, one handler, the five vendors. Run as a process by the fault tests.

Each job buys its film, then fails once for a reason of its own: the next attempt must find the film bought.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import signal
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from google.protobuf import struct_pb2

from kit.jobs.handler import Done, Handler, JobContext, JobFailed, Outcome
from kit.jobs.order import Order
from kit.jobs.paid import PaidCalls
from kit.providers.base import Adapter
from kit.providers.catalogue import Kind, price, resolve
from kit.service import House, Parts, run_service
from tests.faults.kinds import SECONDS, KindsFilmer

QUEUE = "paying"
VIDEO: Kind = get_args(Kind)[2]
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Wish:
    """How a process is run: its environment, its log, the kinds of jobs it takes and how many at a time."""

    env: dict[str, str]
    log: str
    kinds: tuple[str, ...]
    slots: int = 1
    own: dict[str, str] = field(default_factory=dict)


def become(wish: Wish) -> None:
    """Makes this process the one that is wished: its environment, its log, and an end with its parent's."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    os.setsid()
    out = os.open(wish.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(out, 1)
    os.dup2(out, 2)
    os.environ.update({**wish.env, **wish.own})


def run(wish: Wish) -> None:
    """Runs until SIGTERM; the body of a process."""
    become(wish)
    from kit.config import Settings, load
    from kit.log import configure_logging

    configure_logging("buyer", "INFO")
    settings = load(Settings)

    async def build(house: House) -> Parts:
        desk = Desk(house)
        return Parts(handlers=[Handler(kind, struct_pb2.Struct, desk.buy) for kind in wish.kinds], slots=wish.slots)

    asyncio.run(run_service(settings, name="buyer", address="", queue=QUEUE, build=build, role="work"))


def note_lease(context: JobContext) -> None:
    """Keeps who held which lease, for those who look afterwards."""
    line = json.dumps({"job": context.job.id, "lease": context.lease.lease_id, "pid": os.getpid()}) + "\n"
    with Path(os.environ["BUYER_LEASES"]).open("a") as book:
        book.write(line)


class Desk:
    """The handler and its vendors."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._open: dict[str, KindsFilmer] = {}

    async def buy(self, context: JobContext, wish: struct_pb2.Struct) -> Outcome:
        """Buys one film; the first attempt fails after it."""
        asked: dict[str, Any] = dict(wish)
        vendor = str(asked["vendor"])
        note_lease(context)
        model = resolve(VIDEO, vendor).model
        order = Order(
            "film",
            model.id,
            {"prompt": asked["prompt"], "seconds": SECONDS},
            price(model, seconds=SECONDS),
            key_slots=model.key_slots,
        )
        film = await PaidCalls(context, self._adapter(vendor)).buy(order)
        if context.job.attempt == 0:
            raise JobFailed("Something after the purchase went wrong.", retryable=True, delay=0.1)
        told = struct_pb2.Struct()
        told.update({"pid": os.getpid(), "lease": context.lease.lease_id, "bytes": len(film.body)})
        return Done(told)

    def _adapter(self, vendor: str) -> Adapter:
        if vendor not in self._open:
            found = KindsFilmer(
                vendor,
                resolve(VIDEO, vendor).model.idempotency,
                os.environ["BUYER_VENDORS"],
                os.environ["BUYER_HOOKS"],
                float(os.environ["BUYER_ANSWER_SECONDS"]),
            )
            self._house.stack.push_async_callback(found.close)
            self._open[vendor] = found
        return self._open[vendor]
