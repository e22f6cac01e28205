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
from kit.jobs.handler import JobContext, JobFailed
from kit.jobs.paid import Order, PaidCalls
from kit.jobs.store import Facts
from kit.media.ffmpeg import MediaError
from kit.media.specs import LineSpec
from kit.providers import catalogue
from kit.providers.base import Adapter
from kit.telemetry import span
from services.video import foreign
from services.video.foreign import BadFilm, Film
from services.video.workdir import watched, work_folder
from sfd.video.v1 import film_pb2

P = ParamSpec("P")
_PICTURE_SIZES = "720x1280"


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
    """The film makers of this process. `vendors` opens one by name, at most once; work folders are made under `root`."""

    def __init__(self, cpu: CpuPool, vendors: Mapping[str, Callable[[], Adapter]], root: Path) -> None:
        self._cpu = cpu
        self._vendors = vendors
        self._opened: dict[str, Adapter] = {}
        self._root = root

    def filmer(self, name: str) -> Adapter | None:
        """Returns the vendor of that name, or None for the local film maker; raises `JobFailed` for one that is not set up."""
        if name in ("", "local"):
            return None
        if name not in self._opened:
            if name not in self._vendors:
                raise JobFailed(f"There is no film maker {name!r}.", reason="unknown_vendor")
            self._opened[name] = self._vendors[name]()
        return self._opened[name]

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
        self, context: JobContext, folder: Path, adapter: Adapter, model_name: str, wish: Wish
    ) -> tuple[Film, str]:
        """Returns what the vendor films, paid once and in the house's form, and the model's name.

        Raises `GiveBack` while the vendor is at work, `JobFailed` when it refuses or its film cannot be used.
        """
        model = catalogue.resolve("video", adapter.vendor, model_name).model
        seconds = legal_seconds(wish.seconds, model.seconds)
        request: dict[str, Any] = {
            "prompt": wish.prompt,
            "seconds": str(seconds),
            "size": nearest_size(model.sizes),
            "wanted_seconds": wish.seconds,
        }
        files: dict[str, bytes] = {}
        if wish.frame is not None and model.max_references:
            # Hosts take a first frame only in the film's own size.
            framed = await watched(context, folder, self._cpu.run(foreign.frame, wish.frame, request["size"]), "")
            files["input_reference"] = framed
            request["input_reference"] = {"sha256": hashlib.sha256(framed).hexdigest()}
        order = Order(
            purpose="film",
            model=model.id,
            request=request,
            price_nano_usd=catalogue.price(model, seconds=seconds),
            # Limits of hosts are per kind of work; pictures must not wait for films.
            key_id="env:video",
            key_slots=model.key_slots,
            files=files,
        )
        with span("model.film", kind=context.job.kind, filmer=adapter.vendor, model=model.id):
            answer = await PaidCalls(context, adapter).buy(order)
        source = folder / "vendor.mp4"
        await asyncio.to_thread(source.write_bytes, answer.body)
        longest = float(wish.seconds) if seconds > wish.seconds else None
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


def legal_seconds(wanted: int, legal: Sequence[int]) -> int:
    """Returns the shortest legal length that holds `wanted` seconds, else the longest legal one."""
    return min((s for s in legal if s >= wanted), default=max(legal, default=wanted))


def nearest_size(legal: Sequence[str]) -> str:
    """Returns the legal size (`720x1280`) whose proportions are nearest to 9:16, the larger one of two equals."""

    def far(size: str) -> tuple[float, int]:
        width, height = (int(part) for part in size.split("x"))
        return round(abs(width / height - 9 / 16), 4), -width * height

    return min(legal, key=far, default=_PICTURE_SIZES)
