"""The jobs of queue `video`: auditions, clips, episodes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kit.errors import NotFound
from kit.fetch import Fetcher
from kit.jobs.handler import Done, Handler, JobContext, JobFailed
from kit.media.specs import SceneSpec
from services.video import local, prompts, specs
from services.video.keyring import LOCAL
from services.video.references import (
    clip_slot,
    clips_in_order,
    first_frame,
    portrait_slot,
    storyboard_slot,
    timelines_of,
)
from services.video.studio import Product, Studio, Wish, model_of
from sfd.video.v1 import film_pb2

AUDITION_SECONDS = 10
CLIP_SECONDS = 10


class Films:
    """The handlers, over a studio. Only vendors start from pictures: the local film maker draws the scene itself, from its words."""

    def __init__(self, studio: Studio, fetcher: Fetcher) -> None:
        self._studio = studio
        self._fetcher = fetcher

    def handlers(self) -> Sequence[Handler[Any]]:
        """Returns the handlers of all kinds of this queue."""
        return (
            Handler("video.audition", film_pb2.AuditionInput, self.audition),
            Handler("video.clip", film_pb2.ClipInput, self.clip),
            Handler("video.assemble", film_pb2.AssembleInput, self.assemble),
        )

    async def audition(self, context: JobContext, job: film_pb2.AuditionInput) -> Done:
        """Lets one character speak about itself in its own voice, 10 seconds."""
        if not job.character.id:
            raise JobFailed("The job names no character.", reason="bad_input")
        who, cast = specs.character(job.character), specs.characters(job.cast)
        style, language = specs.style(job.camera.style), specs.language(job.camera.language)
        seconds = job.duration or AUDITION_SECONDS
        labels = {"character_id": who.id, "type": "character_audition", "tag": "character", "duration_seconds": seconds}
        if job.slot:
            labels |= {"type": "character_video", "asset_id": job.asset_id}
        product = Product(
            drama_id=job.drama_id,
            slot=job.slot or f"character:{who.id}:audition",
            fingerprint=job.camera.fingerprint,
            labels=labels,
            prompt=job.prompt,
        )
        vendor = job.camera.filmer or LOCAL
        async with self._studio.folder(context) as folder:
            if vendor == LOCAL:
                film = await self._studio.shoot(
                    context, folder, local.audition, who, cast or (who,), language, job.prompt, float(seconds)
                )
                return Done(await self._studio.keep(context, film, product, "local"))
            slots = list(job.reference_slots) or [portrait_slot(who.id)]
            frame = await self._frame(context, job.drama_id, job.reference_urls, slots)
            prompt = prompts.audition(
                who,
                room=prompts.room_of(model_of(vendor, job.camera.model)),
                seconds=seconds,
                style=style,
                language=language,
                starts_from_picture=frame is not None,
                wish=job.prompt,
            )
            wish = Wish(prompt, seconds, language, frame)
            film, name = await self._studio.buy(context, folder, vendor, job.camera.model, wish)
            return Done(await self._studio.keep(context, film, product.prompted(prompt), name))

    async def clip(self, context: JobContext, job: film_pb2.ClipInput) -> Done:
        """Films one scene, starting from its storyboard."""
        if not job.scene_id:
            raise JobFailed("The job names no scene.", reason="bad_input")
        cast, lines = specs.characters(job.cast), specs.lines(job.lines)
        here = specs.present(cast, job.present, lines)
        style, language = specs.style(job.camera.style), specs.language(job.camera.language)
        seconds = job.duration or CLIP_SECONDS
        product = Product(
            drama_id=job.drama_id,
            slot=job.slot or clip_slot(job.scene_id),
            fingerprint=job.camera.fingerprint,
            labels={
                "episode_id": job.episode_id,
                "scene_id": job.scene_id,
                "asset_id": job.asset_id,
                "type": "scene_video_clip",
                "tag": "clip",
            },
            prompt=job.prompt,
        )
        vendor = job.camera.filmer or LOCAL
        async with self._studio.folder(context) as folder:
            if vendor == LOCAL:
                # The storyboard is drawn from these words: the film must show the same place.
                words = job.image_prompt or job.prompt
                scene = SceneSpec(
                    id=f"{job.scene_id}/{job.asset_id}" if job.slot else job.scene_id,
                    description=job.description,
                    prompt=words,
                    cast=here,
                    lines=lines,
                    language=language,
                    style=style,
                    seed=job.camera.seed,
                )
                film = await self._studio.shoot(context, folder, local.clip, scene, cast, float(seconds), job.prompt)
                return Done(await self._studio.keep(context, film, product, "local"))
            slots = list(job.reference_slots) or [storyboard_slot(job.scene_id)]
            frame = await self._frame(context, job.drama_id, job.reference_urls, slots)
            prompt = prompts.clip(
                job.description,
                job.image_prompt,
                job.prompt,
                here,
                lines,
                seconds=seconds,
                style=style,
                language=language,
                starts_from_picture=frame is not None,
                room=prompts.room_of(model_of(vendor, job.camera.model)),
            )
            wish = Wish(prompt, seconds, language, frame, lines)
            film, name = await self._studio.buy(context, folder, vendor, job.camera.model, wish)
            return Done(await self._studio.keep(context, film, product.prompted(prompt), name))

    async def _frame(
        self, context: JobContext, drama_id: str, urls: Sequence[str], slots: Sequence[str]
    ) -> bytes | None:
        """The picture that a film starts from: the first that a person has named, else the drama's own; None when there is none."""
        return await self._fetcher.picture(urls[0]) if urls else await first_frame(context, drama_id, slots)

    async def assemble(self, context: JobContext, job: film_pb2.AssembleInput) -> Done:
        """Joins an episode's clips, in scene order, into its film, and checks it."""
        if not job.episode_id:
            raise JobFailed("The job names no episode.", reason="bad_input")
        made = context.parent_outputs("video.clip", film_pb2.FilmOutput)
        clips = clips_in_order(list(job.clip_steps), made, list(job.stored_asset_ids))
        told = await timelines_of(context, job.drama_id, clips, made.values())
        async with self._studio.folder(context) as folder:
            context.report(0.02, "Fetching the clips.")
            paths: list[Path] = []
            timelines: list[Path | None] = []
            for number, asset_id in enumerate(clips):
                context.check()
                paths.append(await context.store.save(asset_id, folder / f"clip-{number:03d}.mp4"))
                timelines.append(await _saved(context, told.get(asset_id, ""), folder / f"clip-{number:03d}.json"))
            film = await self._studio.join(context, folder, local.episode, tuple(paths), tuple(timelines))
            product = Product(
                drama_id=job.drama_id,
                slot=f"episode:{job.episode_id}:film",
                fingerprint=job.fingerprint,
                labels={
                    "episode_id": job.episode_id,
                    "type": "episode_film",
                    "tag": "episode",
                    "clips": list(clips),
                },
            )
            return Done(await self._studio.keep(context, film, product, "local"))


async def _saved(context: JobContext, asset_id: str, path: Path) -> Path | None:
    """Writes a timeline to `path`; None when there is none, or its bytes are gone: a film does not fail for it."""
    try:
        return await context.store.save(asset_id, path) if asset_id else None
    except NotFound:
        return None
