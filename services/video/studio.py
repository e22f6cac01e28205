"""Where films are made: by the local film maker in a subprocess, or bought once from a vendor, then brought into form and stored."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Concatenate, ParamSpec

from kit.cpu import CpuPool
from kit.errors import InvalidInput
from kit.jobs.handler import JobContext, JobFailed
from kit.jobs.order import Order
from kit.jobs.paid import PaidCalls
from kit.jobs.store import Facts
from kit.media.ffmpeg import MediaError
from kit.media.specs import LineSpec
from kit.providers import catalogue
from kit.providers.catalogue import Model
from kit.providers.dramas import SIZE, drama_film
from kit.providers.fitting import film_price
from kit.providers.pricing import OwnPrices
from kit.telemetry import span
from services.video import foreign
from services.video.callbacks import NOWHERE, Callbacks
from services.video.foreign import BadFilm, Film
from services.video.orders import is_sent, key_of, reading_url
from services.video.vendors import Filmers
from services.video.workdir import watched, work_folder
from sfd.video.v1 import film_pb2

P = ParamSpec("P")
PURPOSE = "film"


@dataclass(frozen=True)
class Product:
    """What a film belongs to; `labels` are kept with the stored bytes."""

    drama_id: str
    slot: str
    fingerprint: str
    labels: Mapping[str, Any] = field(default_factory=dict)
    prompt: str = ""

    def prompted(self, prompt: str) -> Product:
        """Returns the same product with the prompt that it was really made from."""
        return replace(self, prompt=prompt)


@dataclass(frozen=True)
class Wish:
    """What a vendor is asked for: `frame` is the first picture's bytes, None without one."""

    prompt: str
    seconds: int
    language: str
    frame: bytes | None
    lines: tuple[LineSpec, ...] = ()


class Studio:
    """The film makers of this process: `filmers` opens vendors, `prices` tells an account's own; work folders are made under `root`."""

    def __init__(
        self,
        cpu: CpuPool,
        filmers: Filmers,
        prices: Callable[[str], Awaitable[OwnPrices]],
        root: Path,
        callbacks: Callbacks = NOWHERE,
    ) -> None:
        self._cpu = cpu
        self._filmers = filmers
        self._prices = prices
        self._root = root
        self._callbacks = callbacks

    def folder(self, context: JobContext) -> AbstractAsyncContextManager[Path]:
        """Returns the context manager of a folder for this lease's files."""
        return work_folder(self._root, context.job.id)

    async def shoot(
        self,
        context: JobContext,
        folder: Path,
        fn: Callable[Concatenate[Path, P], Film],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Film:
        """Returns what the local film maker makes in `folder`; raises `JobCancelled` when a person cancels."""
        context.report(0.05, "Filming.")
        with span("model.film", kind=context.job.kind, filmer="local"):
            work = self._cpu.run(fn, folder, *args, **kwargs)
            return await self._made(watched(context, folder, work, "Filming."))

    async def join(
        self,
        context: JobContext,
        folder: Path,
        fn: Callable[[Path, Sequence[Path], Sequence[Path | None]], Film],
        paths: Sequence[Path],
        timelines: Sequence[Path | None],
    ) -> Film:
        """Returns the film that clips are joined to; raises `JobFailed` for one that cannot be joined or fails its checks."""
        context.report(0.05, "Joining the clips.")
        with span("encoder.assemble", kind=context.job.kind, clips=len(paths)):
            work = self._cpu.run(fn, folder, paths, timelines)
            return await self._made(watched(context, folder, work, "Joining the clips."))

    async def _made(self, work: Awaitable[Film]) -> Film:
        try:
            return await work
        except MediaError as error:
            # A machine that was too busy may do better later; what cannot be filmed at all fails at once each time.
            raise JobFailed(str(error)[:800], reason="media_failed", retryable=True) from error

    async def buy(
        self, context: JobContext, folder: Path, vendor: str, model_name: str, wish: Wish
    ) -> tuple[Film, str]:
        """Returns what the vendor films, paid once and in the house's form, and the model's name.

        Raises `GiveBack` while the vendor is at work, `JobFailed` when it refuses, when there is no key of it, or its film cannot be used.
        """
        account, lease = context.job.account_id, context.lease
        own = await self._prices(account)
        model = own.over(model_of(vendor, model_name))
        try:
            fitted = drama_film(model, wish.prompt, wish.seconds, frame=wish.frame is not None)
        except InvalidInput as error:
            raise JobFailed(error.message, reason=error.reason) from error
        request: dict[str, Any] = {**fitted.request(), "wanted_seconds": wish.seconds}
        files: dict[str, bytes] = {}
        urls: dict[str, str] = {}
        if wish.frame is not None:
            # Vendors take a first frame only in the film's own shape.
            size = fitted.size or SIZE
            framed = await watched(context, folder, self._cpu.run(foreign.frame, wish.frame, size), "")
            files["image"] = framed
            request["files"] = {"image": hashlib.sha256(framed).hexdigest()}
            if not is_sent(lease.submissions, PURPOSE):
                urls["image"] = await reading_url(context, framed, "image")
        key_id = key_of(lease.submissions, PURPOSE) or await self._filmers.key(account, vendor)
        order = Order(
            purpose=PURPOSE,
            model=model.id,
            request=request,
            price_nano_usd=film_price(model, fitted, len(files)),
            # Limits of hosts are per kind of work; pictures must not wait for films.
            key_id=key_id,
            key_slots=model.key_slots,
            own_price=own.has(model),
            files=files,
            urls=urls,
            callback=lambda made: self._callbacks.url(vendor, model.id, key_id, made),
            poll_seconds=self._callbacks.pace(vendor, model.id, key_id),
        )
        async with self._filmers.filmer(account, vendor, key_id) as adapter:
            with span("model.film", kind=context.job.kind, filmer=vendor, model=model.id):
                answer = await PaidCalls(context, adapter).buy(order)
        source = folder / "vendor.mp4"
        await asyncio.to_thread(source.write_bytes, answer.body)
        longest = float(wish.seconds) if fitted.seconds > wish.seconds else None
        work = self._cpu.run(foreign.bring_home, source, folder, wish.lines, wish.language, longest)
        try:
            return await watched(context, folder, work, "Bringing the film into form."), model.name
        except BadFilm as error:
            raise JobFailed(str(error), reason="bad_film", retryable=True, charged=True) from error

    async def keep(self, context: JobContext, film: Film, product: Product, generator: str) -> film_pb2.FilmOutput:
        """Stores a film and its timeline and returns the job's output."""
        context.check()
        context.report(0.92, "Storing the film.")
        labels = {
            "drama_id": product.drama_id,
            "job_id": context.job.public_id or context.job.id,
            "prompt": product.prompt,
            "source": "ai_generation",
            "generator": generator,
            **product.labels,
        }
        facts = Facts(width=film.width, height=film.height, duration=film.duration, metadata=labels)
        stored = await context.store.put(film.path, "video", facts)
        timeline_id = ""
        if film.timeline_path is not None:
            about = Facts(duration=film.duration, metadata={**labels, "type": "timeline", "film": stored.id})
            timeline_id = (await context.store.put(film.timeline_path, "data", about)).id
        return film_pb2.FilmOutput(
            stored_asset_id=stored.id,
            timeline_asset_id=timeline_id,
            slot=product.slot,
            fingerprint=product.fingerprint,
            generator=generator,
            sha256=stored.sha256,
            duration=film.duration,
            prompt=product.prompt,
            drama_id=product.drama_id,
        )


def model_of(vendor: str, name: str) -> Model:
    """Returns the row of a film maker; raises `JobFailed` for one that there is not."""
    try:
        return catalogue.resolve("video", vendor, name).model
    except InvalidInput as error:
        raise JobFailed(error.message, reason=error.reason) from error
