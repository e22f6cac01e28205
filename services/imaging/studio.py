"""Where pictures are made: by the local painter in a subprocess, or bought once from a vendor, then checked and stored."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ParamSpec, TypeVar

from kit.cpu import CpuPool
from kit.jobs.handler import JobCancelled, JobContext, JobFailed
from kit.jobs.order import Order
from kit.jobs.paid import PaidCalls
from kit.jobs.store import Facts
from kit.providers import catalogue
from kit.providers.base import Adapter
from kit.telemetry import span
from services.imaging import fitting
from services.imaging.fitting import BadPicture, Picture
from services.imaging.references import CANVAS, Reference
from sfd.imaging.v1 import picture_pb2

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Painter:
    """A vendor's way to draw.

    `ratio` is true when the host can be asked for 9:16 itself; else an empty 9:16 picture comes before the references, and with
    `led` also where there are none.
    """

    adapter: Adapter
    ratio: bool
    led: bool = False


@dataclass(frozen=True)
class Product:
    """What a picture belongs to and was drawn from; `labels` are kept with the stored bytes."""

    drama_id: str
    slot: str
    prompt: str
    labels: Mapping[str, Any] = field(default_factory=dict)


class Studio:
    """The painters of this process. `vendors` opens a painter by name, at most once."""

    def __init__(
        self, cpu: CpuPool, vendors: Mapping[str, Callable[[], Painter]], guide: Callable[[], Awaitable[bytes]]
    ) -> None:
        self._cpu = cpu
        self._vendors = vendors
        self._opened: dict[str, Painter] = {}
        self._guide = guide

    def painter(self, name: str) -> Painter | None:
        """Returns the vendor of that name, or None for the local painter; raises `JobFailed` for one that is not set up."""
        if name in ("", "local"):
            return None
        if name not in self._opened:
            if name not in self._vendors:
                raise JobFailed(f"There is no painter {name!r}.", reason="unknown_vendor")
            self._opened[name] = self._vendors[name]()
        return self._opened[name]

    async def guided(self, painter: Painter, references: Sequence[Reference]) -> list[Reference]:
        """Returns the references with the empty 9:16 picture first, for a host that cannot be asked for the ratio."""
        if painter.ratio or not (references or painter.led):
            return list(references)
        return [Reference(CANVAS, await self._guide()), *references]

    async def looked_at(self, data: bytes) -> bytes:
        """Returns somebody's own picture, checked and small enough to be sent; raises `JobFailed` when it is none."""
        try:
            return await self._cpu.run(fitting.reference, data)
        except BadPicture as error:
            raise JobFailed(str(error), reason="bad_reference") from error

    async def draw(self, context: JobContext, fn: Callable[P, Picture], *args: P.args, **kwargs: P.kwargs) -> Picture:
        """Returns what the local painter draws; raises `JobCancelled` as soon as a person cancels."""
        context.report(0.1, "Drawing.")
        with span("model.paint", kind=context.job.kind, painter="local"):
            return await until_cancelled(context, self._cpu.run(fn, *args, **kwargs))

    async def buy(
        self,
        context: JobContext,
        painter: Painter,
        brush: picture_pb2.Brush,
        prompt: str,
        references: Sequence[Reference],
    ) -> Picture:
        """Returns what the vendor draws, paid once, cropped to the house's size.

        Raises `JobFailed`: `model_refused` for a policy's refusal, `bad_picture` for a product that cannot be used.
        """
        adapter = painter.adapter
        model = catalogue.resolve("image", adapter.vendor, brush.model).model
        named = [(f"{number}-{ref.name}", ref) for number, ref in enumerate(references[: model.max_references], 1)]
        order = Order(
            purpose="picture",
            model=model.id,
            request={
                "prompt": prompt,
                "size": model.sizes[0] if model.sizes else "",
                "aspect_ratio": "9:16",
                "references": [{"name": name, "sha256": ref.sha256} for name, ref in named],
            },
            price_nano_usd=catalogue.price(model, images=1),
            # Limits of hosts are per kind of work; texts must not wait for pictures.
            key_id="env:image",
            key_slots=model.key_slots,
            files={name: ref.data for name, ref in named},
        )
        context.report(0.1, f"{adapter.vendor} is drawing.")
        with span("model.paint", kind=context.job.kind, painter=adapter.vendor, model=model.id):
            answer = await PaidCalls(context, adapter).buy(order)
        context.report(0.8, "Checking the picture.")
        try:
            return await until_cancelled(context, self._cpu.run(fitting.fit, answer.body))
        except BadPicture as error:
            raise JobFailed(str(error), reason="bad_picture", retryable=True, charged=True) from error

    async def keep(
        self, context: JobContext, picture: Picture, brush: picture_pb2.Brush, product: Product
    ) -> picture_pb2.PictureOutput:
        """Stores a picture and returns the job's output."""
        context.check()
        context.report(0.9, "Storing the picture.")
        vendor = self.painter(brush.painter)
        name = "local" if vendor is None else catalogue.resolve("image", brush.painter, brush.model).model.name
        labels = {
            "drama_id": product.drama_id,
            "job_id": context.job.public_id or context.job.id,
            "prompt": product.prompt,
            "source": "ai_generation",
            "generator": name,
            **product.labels,
        }
        facts = Facts(width=picture.width, height=picture.height, metadata=labels)
        stored = await context.store.put(picture.data, "image", facts)
        return picture_pb2.PictureOutput(
            stored_asset_id=stored.id,
            slot=product.slot,
            fingerprint=brush.fingerprint,
            generator=name,
            sha256=picture.sha256,
            width=picture.width,
            height=picture.height,
            prompt=product.prompt,
            drama_id=product.drama_id,
        )


async def until_cancelled(context: JobContext, work: Awaitable[R]) -> R:
    """Returns what `work` returns; raises `JobCancelled` as soon as a person cancels, and stops the work then."""
    doing = asyncio.ensure_future(work)
    cancelled = asyncio.ensure_future(context.cancel.wait())
    try:
        await asyncio.wait({doing, cancelled}, return_when=asyncio.FIRST_COMPLETED)
        if not doing.done():
            raise JobCancelled
        return doing.result()
    finally:
        cancelled.cancel()
        doing.cancel()
