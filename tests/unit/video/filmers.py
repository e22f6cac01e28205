"""What the tests of vendors' film adapters share: orders fitted to a row, waiting for an end, and what a bad submit proves."""

from __future__ import annotations

import asyncio
import io
from typing import Any

from PIL import Image

from kit.providers.base import Adapter, Call, Finished, Pending, Refused
from kit.providers.catalogue import load
from kit.providers.catalogue.model import Model
from kit.providers.fitting import FilmWish, film_price, fit
from simulator.testing import RunningSimulator

SUBMISSION = "0199-submission"
ROWS = [model for model in load().models if model.kind == "video"]
URLS = "https://media.example/files"


def picture(width: int = 64, height: int = 64) -> bytes:
    """A small PNG that looks like something."""
    buffer = io.BytesIO()
    Image.radial_gradient("L").convert("RGB").resize((width, height)).save(buffer, "PNG")
    return buffer.getvalue()


def noise(pixels: int) -> bytes:
    """A PNG that does not get smaller: about three bytes a pixel."""
    buffer = io.BytesIO()
    Image.effect_noise((pixels, pixels), 200).convert("RGB").save(buffer, "BMP")
    return buffer.getvalue()


def row(vendor: str, name: str) -> Model:
    """A model's row."""
    return next(model for model in ROWS if (model.vendor, model.id) == (vendor, name))


def order(model: Model, prompt: str = "A pier at night", *, callback: str = "", **wish: Any) -> Call:
    """A call as the service makes it: fitted to the row, with bytes and temporary URLs under the same names."""
    fitted = fit(model, FilmWish(prompt, **wish))
    names = [name for name in ("image", "last_frame") if wish.get(name)]
    names += [f"reference_{n}" for n in range(wish.get("references", 0))]
    files = {name: picture() for name in names}
    if wish.get("video"):
        files["video"] = b"\x00\x00\x00\x18ftypmp42" + bytes(100)
    urls = {name: f"{URLS}/{name}" for name in files}
    return Call(SUBMISSION, model.id, fitted.request(), files, urls, callback)


def catalogue_price(model: Model, **wish: Any) -> int:
    """What the catalogue says that an order costs."""
    return film_price(model, fit(model, FilmWish("A pier at night", **wish)), wish.get("references", 0))


async def finished(filmer: Adapter, operation_id: str) -> Finished | Refused:
    """Asks until the film has ended, faster than a vendor asks for."""
    async with asyncio.timeout(60):
        while isinstance(status := await filmer.poll(operation_id), Pending):
            await asyncio.sleep(0.05)
    return status


def submits(vendors: RunningSimulator, vendor: str) -> object:
    """How often a submit of a vendor has reached the simulator."""
    requests = vendors.stats()["requests"]
    assert isinstance(requests, dict)
    return requests.get(f"{vendor}.video.submit", 0)
