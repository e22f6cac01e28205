"""What the tests of all film vendors use: pictures, fitted calls, waiting for an end."""

from __future__ import annotations

import asyncio
import io
from typing import Any

from PIL import Image

from kit.providers import catalogue
from kit.providers.base import Accepted, Adapter, Call, Finished, Pending, Refused
from kit.providers.fitting import FilmWish, film_price, fit
from simulator.jsons import Json, as_dict
from simulator.testing import RunningSimulator

SUBMISSION = "0199-submission"


def picture(shade: int = 90) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (72, 128), (shade, 90, 160)).save(buffer, "PNG")
    return buffer.getvalue()


def fitted(vendor: str, model: str = "", *, callback: str = "", **wish: Any) -> tuple[Call, int]:
    """A call as the house makes it, and its price by the house's catalogue."""
    row = catalogue.resolve("video", vendor, model).model
    film = fit(row, FilmWish(**{"prompt": "A pier at night", "ratio": "9:16", **wish}))
    files = {name: picture(20 + n) for n, name in enumerate(("image", "last_frame")) if wish.get(name)}
    files |= {f"reference_{n}": picture(100 + n) for n in range(wish.get("references", 0))}
    return Call(SUBMISSION, row.id, film.request(), files, callback=callback), film_price(row, film)


async def accepted(adapter: Adapter, call: Call) -> str:
    taken = await adapter.submit(call)
    assert isinstance(taken, Accepted)
    return taken.operation_id


async def ended(adapter: Adapter, operation_id: str) -> Finished | Refused:
    async with asyncio.timeout(30):
        while isinstance(status := await adapter.poll(operation_id), Pending):
            await asyncio.sleep(0.05)
    return status


def requests(simulator: RunningSimulator) -> Json:
    return as_dict(simulator.stats()["requests"])
