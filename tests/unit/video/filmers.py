"""What the tests of vendors' film adapters share: orders fitted to a row, waiting for an end, and what a bad submit proves."""

from __future__ import annotations

import asyncio
import io
from dataclasses import dataclass
from typing import Any

import pytest
from PIL import Image

from kit.providers.base import Adapter, Call, Finished, NotAccepted, OutcomeUnknown, Pending, Refused
from kit.providers.catalogue import load
from kit.providers.catalogue.model import Model
from kit.providers.fitting import FilmWish, film_price, fit, legal_seconds, legal_sizes
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


def legal_wishes(model: Model) -> list[dict[str, Any]]:
    """A wish for every size of every way of making, at its shortest and its longest."""
    given: dict[str, dict[str, Any]] = {
        "text": {},
        "image": {"image": True},
        "last_frame": {"image": True, "last_frame": True},
        "references": {"references": model.max_references},
        "video": {"video": True},
    }
    wishes = []
    for mode in model.film.modes if model.film else ():
        for size in legal_sizes(model, mode) or ("",):
            lengths = legal_seconds(model, mode, size)
            wishes += [given[mode] | {"size": size, "seconds": length} for length in {lengths[0], lengths[-1]}]
    return wishes


@dataclass(frozen=True)
class Broken:
    """A submit that goes wrong: the simulator's fault, what it proves, and how many films are billed for it."""

    fault: str
    fields: tuple[tuple[str, object], ...]
    expected: type[NotAccepted | OutcomeUnknown]
    reason: str = "outcome_unknown"
    retryable: bool = False
    billed: int = 0

    def __str__(self) -> str:
        return "-".join([self.fault, *(str(value) for _, value in self.fields)])


def _status(status: int, reason: str, retryable: bool = False) -> Broken:
    return Broken("status", (("status", status),), NotAccepted, reason, retryable)


BROKEN = [
    _status(400, "vendor_refused"),
    _status(401, "vendor_key_refused"),
    _status(402, "vendor_quota"),
    _status(409, "vendor_refused", True),
    _status(422, "vendor_refused"),
    _status(429, "vendor_busy", True),
    _status(503, "vendor_overloaded", True),
    Broken("status", (("status", 500), ("accepted", True)), OutcomeUnknown, billed=1),
    Broken("status", (("status", 502), ("accepted", True)), OutcomeUnknown, billed=1),
    Broken("late_success", (), OutcomeUnknown, billed=1),
    Broken("cut_before", (), OutcomeUnknown),
    Broken("cut_after", (), OutcomeUnknown, billed=1),
    Broken("half_body", (), OutcomeUnknown, billed=1),
    Broken("malformed", (("variant", "body"),), OutcomeUnknown, billed=1),
]


async def proves(case: Broken, filmer: Adapter, vendors: RunningSimulator, call: Call) -> None:
    """Checks what a broken submit raises, what is billed for it, and that it was sent exactly once."""
    vendors.fault(case.fault, match={}, **dict(case.fields))
    with pytest.raises(case.expected) as raised:
        await filmer.submit(call)
    assert (raised.value.reason, raised.value.retryable) == (case.reason, case.retryable)
    assert len(vendors.ledger()) == case.billed
    assert submits(vendors, filmer.vendor) == 1
