"""A service that buys films with the house's real adapters: its registry, keys, catalogue and prices. Run as a process by the fault tests.

Each job buys its film, then fails once for a reason of its own: the next attempt must find the film bought.
"""

from __future__ import annotations

import asyncio
import os
from typing import Any

from google.protobuf import struct_pb2

from kit.config import load
from kit.jobs.handler import Done, Handler, JobContext, JobFailed, Outcome
from kit.jobs.order import Order
from kit.jobs.paid import PaidCalls
from kit.log import configure_logging
from kit.providers.catalogue import resolve
from kit.providers.catalogue.model import Model
from kit.providers.fitting import FilmWish, FittedFilm, film_price, fit
from kit.service import House, Parts, run_service
from services.video.config import VideoSettings
from services.video.keyring import OPERATOR_KEY, Keys
from services.video.registry import callbacks_of, film_vendors, operator_keys
from services.video.vendors import Filmers
from tests.faults.buyer import QUEUE, Wish, become, note_lease
from tests.faults.wire import install

PRELOAD = (
    "tests.faults.vendor_buyer",
    *(
        f"services.video.providers.{name}"
        for name in ("openai", "veo", "runway", "luma", "fal", "replicate", "kling", "minimax", "seedance")
    ),
)


def fitted(vendor: str, model: str, prompt: str) -> tuple[Model, FittedFilm, int]:
    """Returns the row, what it is asked for and its price: words alone, its shortest film."""
    row = resolve("video", vendor, model).model
    film = fit(row, FilmWish(prompt, seconds=min(row.seconds)))
    return row, film, film_price(row, film)


def run(wish: Wish) -> None:
    """Runs until SIGTERM; the body of a process."""
    become(wish)
    install()
    configure_logging("buyer", "INFO")
    settings = load(VideoSettings)

    async def build(house: House) -> Parts:
        desk = Desk(settings, house)
        return Parts(handlers=[Handler(kind, struct_pb2.Struct, desk.buy) for kind in wish.kinds], slots=wish.slots)

    asyncio.run(run_service(settings, name="buyer", address="", queue=QUEUE, build=build, role="work"))


class Desk:
    """The handler, over what the video service is made of."""

    def __init__(self, settings: VideoSettings, house: House) -> None:
        self._callbacks = callbacks_of(settings)
        self._filmers = Filmers(film_vendors(settings), Keys(operator_keys(settings)), settings.submit_seconds)
        house.stack.push_async_callback(self._filmers.close)

    async def buy(self, context: JobContext, wish: struct_pb2.Struct) -> Outcome:
        """Buys one film; the first attempt fails after it."""
        asked: dict[str, Any] = dict(wish)
        vendor = str(asked["vendor"])
        note_lease(context)
        row, film, price = fitted(vendor, str(asked["model"]), str(asked["prompt"]))
        order = Order(
            purpose="film-0",
            model=row.id,
            request=film.request(),
            price_nano_usd=price,
            key_id=OPERATOR_KEY,
            key_slots=row.key_slots,
            callback=lambda submission: self._callbacks.url(vendor, row.id, OPERATOR_KEY, submission),
        )
        async with self._filmers.filmer(context.job.account_id, vendor, OPERATOR_KEY) as adapter:
            answer = await PaidCalls(context, adapter).buy(order)
        if context.job.attempt == 0:
            raise JobFailed("Something after the purchase went wrong.", retryable=True, delay=0.1)
        told = struct_pb2.Struct()
        told.update({"pid": os.getpid(), "lease": context.lease.lease_id, "bytes": len(answer.body)})
        return Done(told)
