"""The job `video.generate`: one film of no drama, from the first vendor that takes it, or from the local film maker."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kit.cpu import CpuPool
from kit.errors import NotFound
from kit.fetch import Fetcher
from kit.jobs.handler import Done, GiveBack, Handler, JobContext, JobFailed
from kit.jobs.order import NotTaken, Order
from kit.jobs.paid import PaidCalls
from kit.jobs.room import Place
from kit.jobs.store import Facts
from kit.jsonio import load_object
from kit.media.ffmpeg import MediaError
from kit.media.specs import SceneSpec
from kit.providers.base import NotAccepted
from kit.telemetry import span
from kit.wording import language_of, seed_of
from services.video import foreign, local, stills
from services.video.callbacks import NOWHERE, Callbacks
from services.video.orders import is_sent, reading_url
from services.video.vendors import Filmers
from services.video.workdir import watched, work_folder
from sfd.dramas.v1 import drama_pb2
from sfd.jobs.v1 import job_pb2
from sfd.video.v1 import generation_pb2

S = job_pb2.SubmissionState
KIND = "video.generate"
_PURPOSE = "film-"
_OVER = (S.SUBMISSION_STATE_FAILED, S.SUBMISSION_STATE_ABANDONED)
_FRAMES = ("image", "last_frame")


@dataclass(frozen=True)
class Made:
    """A film on disk and who made it."""

    path: Path
    generator: str
    choice: int


class Generations:
    """The handler. `callbacks` says where vendors may call back.

    At most `downloads` films are in memory at once, and at most `finishing` are fetched, looked at and stored: the next ones wait at
    their vendors, where they take no slot from those that are still to be asked for.
    """

    def __init__(
        self,
        filmers: Filmers,
        cpu: CpuPool,
        fetcher: Fetcher,
        root: Path,
        callbacks: Callbacks = NOWHERE,
        downloads: int = 4,
        finishing: int = 6,
    ) -> None:
        self._filmers = filmers
        self._cpu = cpu
        self._fetcher = fetcher
        self._root = root
        self._callbacks = callbacks
        self._room = asyncio.Semaphore(downloads)
        self._finishing = asyncio.Semaphore(finishing)

    def handlers(self) -> Sequence[Handler[Any]]:
        """Returns the handler of `video.generate`."""
        return (Handler(KIND, generation_pb2.GenerationInput, self.generate),)

    async def generate(self, context: JobContext, job: generation_pb2.GenerationInput) -> Done:
        """Films, looks at what came, and stores it with its stills."""
        if not job.choices:
            raise JobFailed("The job names nobody who could make it.", reason="bad_input")
        turn = Place(self._finishing)
        try:
            return await self._finished(context, job, turn)
        finally:
            turn.leave()

    async def _finished(self, context: JobContext, job: generation_pb2.GenerationInput, turn: Place) -> Done:
        async with work_folder(self._root, context.job.id) as folder:
            made = await self._made(context, job, folder, turn)
            work = self._cpu.run(stills.look, made.path, folder)
            try:
                seen = await watched(context, folder, work, "Looking at the film.")
            except stills.BadFilm as error:
                paid = made.generator != "local"
                raise JobFailed(str(error), reason="bad_film", retryable=True, charged=paid) from error
            return await self._kept(context, job, made, seen)

    async def _made(self, context: JobContext, job: generation_pb2.GenerationInput, folder: Path, turn: Place) -> Made:
        """Asks one after the other; the next only after proof that the one before has taken nothing."""
        last = len(job.choices) - 1
        for place in range(min(last, first_place(context)), last + 1):
            try:
                return await self._ask(context, job, place, folder, turn)
            except NotTaken:
                if place == last:
                    raise
            except GiveBack as error:
                # Asked to come again later, a vendor has taken nothing either.
                if place == last or not isinstance(error.__cause__, NotAccepted):
                    raise
            context.report(0.02, f"{job.choices[place].vendor} has not taken it; the next one is asked.")
        raise AssertionError("unreachable")

    async def _ask(
        self, context: JobContext, job: generation_pb2.GenerationInput, place: int, folder: Path, turn: Place
    ) -> Made:
        choice = job.choices[place]
        request = {"prompt": job.prompt, **load_object(choice.request_json, "request_json")}
        if choice.vendor == "local":
            return Made(await self._drawn(context, job, request, folder), "local", place)
        purpose = f"{_PURPOSE}{place}"
        files: dict[str, bytes] = {}
        urls: dict[str, str] = {}
        if not is_sent(context.lease.submissions, purpose):
            files, urls = await self._sources(context, job.sources, request, folder)
        order = Order(
            purpose=purpose,
            model=choice.model,
            request=request
            | ({"files": {n: hashlib.sha256(d).hexdigest() for n, d in files.items()}} if files else {}),
            price_nano_usd=choice.price_nano_usd,
            key_id=choice.key_id,
            key_slots=choice.key_slots,
            own_price=choice.own_price,
            files=files,
            urls=urls,
            callback=lambda made: self._callbacks.url(choice.vendor, choice.model, choice.key_id, made),
            poll_seconds=self._callbacks.pace(choice.vendor, choice.model, choice.key_id),
        )
        path = folder / "vendor.mp4"
        async with self._filmers.filmer(context.job.account_id, choice.vendor, choice.key_id) as adapter:
            with span("model.film", kind=KIND, filmer=choice.vendor, model=choice.model):
                await PaidCalls(context, adapter, self._room, turn).buy_file(order, path)
        return Made(path, f"{choice.vendor}/{choice.model}", place)

    async def _drawn(
        self, context: JobContext, job: generation_pb2.GenerationInput, request: Mapping[str, Any], folder: Path
    ) -> Path:
        """The local film maker's film of a prompt, in the wished frame."""
        prompt = str(request["prompt"])
        scene = SceneSpec(
            id=job.generation_id,
            description=prompt,
            prompt=prompt,
            cast=(),
            language=language_of(drama_pb2.Drama(premise=prompt)),
            seed=int(request.get("seed") or seed_of(prompt)),
        )
        context.report(0.05, "Filming.")
        try:
            work = self._cpu.run(local.clip, folder, scene, (), float(request["seconds"]))
            film = await watched(context, folder, work, "Filming.")
            framing = self._cpu.run(stills.reframe, film.path, folder, str(request["size"] or "1080x1920"))
            return await watched(context, folder, framing, "Setting the film into its frame.")
        except (MediaError, stills.BadFilm) as error:
            raise JobFailed(str(error)[:800], reason="media_failed", retryable=True) from error

    async def _sources(
        self,
        context: JobContext,
        sources: Sequence[generation_pb2.GenerationSource],
        request: Mapping[str, Any],
        folder: Path,
    ) -> tuple[dict[str, bytes], dict[str, str]]:
        """What the film starts from: the bytes, and where a vendor can read the same bytes for a while."""
        files: dict[str, bytes] = {}
        urls: dict[str, str] = {}
        for source in sources:
            context.check()
            try:
                data = (
                    await context.store.get(source.asset_id)
                    if source.asset_id
                    else await self._fetcher.picture(source.url)
                )
            except NotFound as error:
                raise JobFailed(f"What {source.name} names is not there any more.", reason="source_gone") from error
            if source.name in _FRAMES and request.get("size"):
                # Hosts take a frame only in the film's own shape.
                try:
                    work = self._cpu.run(foreign.frame, data, str(request["size"]))
                    data = await watched(context, folder, work, "")
                except foreign.BadFilm as error:
                    raise JobFailed(str(error), reason="bad_picture") from error
            files[source.name] = data
            urls[source.name] = await reading_url(context, data, "video" if source.name == "video" else "image")
        return files, urls

    async def _kept(
        self, context: JobContext, job: generation_pb2.GenerationInput, made: Made, seen: stills.Seen
    ) -> Done:
        context.check()
        context.report(0.92, "Storing the film.")
        labels = {
            "generation_id": job.generation_id,
            "job_id": context.job.public_id or context.job.id,
            "prompt": job.prompt[:4000],
            "source": "ai_generation",
            "generator": made.generator,
        }
        about = Facts(seen.width, seen.height, seen.duration, {**labels, "type": "generated_video"})
        film = await context.store.put(seen.path, "video", about)
        belongs = {**labels, "film": film.id}
        thumbnail = await context.store.put(seen.thumbnail, "image", Facts(metadata={**belongs, "type": "thumbnail"}))
        sheet = await context.store.put(seen.spritesheet, "image", Facts(metadata={**belongs, "type": "spritesheet"}))
        output = generation_pb2.GenerationOutput(
            stored_asset_id=film.id,
            thumbnail_asset_id=thumbnail.id,
            spritesheet_asset_id=sheet.id,
            duration=seen.duration,
            width=seen.width,
            height=seen.height,
            generator=made.generator,
            sha256=film.sha256,
            choice=made.choice,
        )
        result = {
            "url": film.url,
            "asset_id": film.id,
            "thumbnail_asset_id": thumbnail.id,
            "spritesheet_asset_id": sheet.id,
            "duration": round(seen.duration, 3),
            "width": seen.width,
            "height": seen.height,
            "generator": made.generator,
        }
        # A list of one provider's films has those that it made, not those that it was asked for first.
        return Done(output, run_result=json.loads(json.dumps(result)), run_label=made.generator.partition("/")[0])


def first_place(context: JobContext) -> int:
    """Returns the choice to go on with: the last whose call this attempt has sent, or that an earlier one left open; else the first."""
    tried = str(context.job.attempt)
    places = [0]
    for one in context.lease.submissions:
        name, _, attempt = one.purpose.rpartition("/")
        if name.startswith(_PURPOSE) and (attempt == tried or one.state not in _OVER):
            places.append(int(name.removeprefix(_PURPOSE)))
    return max(places)
