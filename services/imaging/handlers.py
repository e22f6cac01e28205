"""The jobs of queue `imaging`: one function for each kind of picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from kit.fetch import Fetcher
from kit.jobs.handler import Done, Handler, JobContext, JobFailed
from kit.media.specs import CharacterSpec, SceneSpec
from services.imaging import local, prompts, specs
from services.imaging.references import GIVEN, Reference, portrait_slot, portraits, slot_pictures
from services.imaging.studio import Product, Studio
from sfd.imaging.v1 import picture_pb2

_COVER_CAST = 3


class Pictures:
    """The handlers, over a studio."""

    def __init__(self, studio: Studio, fetcher: Fetcher) -> None:
        self._studio = studio
        self._fetcher = fetcher

    def handlers(self) -> Sequence[Handler[Any]]:
        """Returns the handlers of all kinds of this queue."""
        return (
            Handler("imaging.portrait", picture_pb2.PortraitInput, self.portrait),
            Handler("imaging.cover", picture_pb2.CoverInput, self.cover),
            Handler("imaging.storyboard", picture_pb2.StoryboardInput, self.storyboard),
        )

    async def portrait(self, context: JobContext, job: picture_pb2.PortraitInput) -> Done:
        """Draws one character, front and half body."""
        if not job.character.id:
            raise JobFailed("The job names no character.", reason="bad_input")
        who, cast = specs.character(job.character), specs.characters(job.cast)
        style = specs.style(job.brush.style)
        painter = self._studio.painter(job.brush.painter)
        slot = job.slot or portrait_slot(who.id)
        if painter is None:
            # The local painter reads a character's words; a person's wish for this picture is part of them. It looks at no pictures.
            prompt = prompts.portrait(who, cast=cast, style=style, wish=job.prompt, framed=not job.slot)
            asked = who if not job.prompt.strip() else _wished(who, job.prompt)
            others = tuple(one for one in cast if one.id != who.id)
            picture = await self._studio.draw(context, local.portrait, asked, (asked, *others), style, job.brush.seed)
        else:
            urls = [*job.reference_urls, *([job.reference_url] if job.reference_url else ())]
            seen = [*await self._given(urls), *await slot_pictures(context, job.drama_id, job.reference_slots)]
            references = await self._studio.guided(painter, seen)
            prompt = prompts.portrait(
                who,
                cast=cast,
                style=style,
                wish=job.prompt,
                framed=not job.slot,
                references=[ref.name for ref in seen],
                guide=len(references) > len(seen),
            )
            picture = await self._studio.buy(context, painter, job.brush, prompt, references)
        labels = {"character_id": who.id, "name": who.name, "type": "character_asset", "tag": "character"}
        if job.slot:
            labels["asset_id"] = job.asset_id
        else:
            labels |= {"type": "character_portrait", "view": "front", "framing": "half_body"}
        return Done(await self._studio.keep(context, picture, job.brush, Product(job.drama_id, slot, prompt, labels)))

    async def cover(self, context: JobContext, job: picture_pb2.CoverInput) -> Done:
        """Draws the cover with the main characters and the title on it."""
        cast = specs.characters(job.cast[:_COVER_CAST])
        style = specs.style(job.brush.style)
        prompt = prompts.cover(job.title, job.description, cast, style=style, wish=job.prompt)
        painter = self._studio.painter(job.brush.painter)
        if painter is None:
            everybody, seed = specs.characters(job.everybody), job.brush.seed
            picture = await self._studio.draw(
                context, local.cover, job.title, job.description, cast, everybody, seed, job.prompt
            )
        else:
            faces = await portraits(context, job.drama_id, [who.id for who in cast])
            seen = [*await self._given(job.reference_urls), *faces]
            references = await self._studio.guided(painter, seen)
            picture = await self._studio.buy(context, painter, job.brush, prompt, references)
        labels = {"type": "drama_cover", "tag": "cover", "main_characters": [who.id for who in cast]}
        return Done(
            await self._studio.keep(context, picture, job.brush, Product(job.drama_id, "drama:cover", prompt, labels))
        )

    async def storyboard(self, context: JobContext, job: picture_pb2.StoryboardInput) -> Done:
        """Draws the frame that a scene's clip starts from, with the portraits of at most three as references."""
        if not job.scene_id:
            raise JobFailed("The job names no scene.", reason="bad_input")
        cast, lines = specs.characters(job.cast), specs.lines(job.lines)
        style = specs.style(job.brush.style)
        painter = self._studio.painter(job.brush.painter)
        if painter is None:
            prompt = prompts.storyboard(job.description, job.prompt, cast, lines, style=style)
            scene = SceneSpec(
                id=job.scene_id,
                description=job.description,
                prompt=job.prompt,
                cast=cast,
                lines=lines,
                language=specs.language(job.brush.language),
                style=style,
                seed=job.brush.seed,
            )
            picture = await self._studio.draw(context, local.storyboard, scene, specs.characters(job.everybody))
        else:
            seen = [
                *await self._given(job.reference_urls),
                *await portraits(context, job.drama_id, [who.id for who in cast]),
                *await slot_pictures(context, job.drama_id, job.reference_slots),
            ]
            references = await self._studio.guided(painter, seen)
            prompt = prompts.storyboard(
                job.description,
                job.prompt,
                cast,
                lines,
                style=style,
                references=[ref.name for ref in seen],
                guide=len(references) > len(seen),
            )
            picture = await self._studio.buy(context, painter, job.brush, prompt, references)
        labels = {
            "episode_id": job.episode_id,
            "scene_id": job.scene_id,
            "asset_id": job.asset_id,
            "type": "scene_storyboard",
            "tag": "storyboard",
        }
        product = Product(job.drama_id, job.slot or f"scene:{job.scene_id}:storyboard", prompt, labels)
        return Done(await self._studio.keep(context, picture, job.brush, product))

    async def _given(self, urls: Sequence[str]) -> list[Reference]:
        """The pictures that a person wants it to look like, in order; raises `JobFailed` for one that cannot be used."""
        return [Reference(GIVEN, await self._studio.looked_at(await self._fetcher.picture(url))) for url in urls]


def _wished(who: CharacterSpec, wish: str) -> CharacterSpec:
    return replace(who, description=f"{who.description} {wish}".strip())
