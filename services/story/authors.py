"""The two ways to write: by the house's own grammar, at once and free, or by a vendor's model, paid once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Protocol

from kit.jobs.handler import JobContext, JobFailed
from kit.jobs.order import Order
from kit.jobs.paid import PaidCalls
from kit.providers.base import Adapter, Answer
from kit.providers.catalogue import Model, price
from kit.telemetry import span
from services.story import local, parse, prompts
from services.story.models import DramaLite, EpisodeScenes, SceneLite
from services.story.prompts import Prompt
from services.story.schemas import Voices
from sfd.story.v1 import story_pb2


class Author(Protocol):
    """Who writes. Every call returns something sound or raises `JobFailed`."""

    async def drama(self, context: JobContext, premise: str, options: story_pb2.Options) -> DramaLite:
        """Returns the episode level of a new drama."""

    async def improve(
        self, context: JobContext, drama: DramaLite, premise: str, feedback: str, options: story_pb2.Options
    ) -> DramaLite:
        """Returns the drama anew, with the feedback."""

    async def scenes(
        self, context: JobContext, drama: DramaLite, premise: str, episode_id: str, options: story_pb2.Options
    ) -> list[SceneLite]:
        """Returns the scenes of one episode."""

    async def critique(self, context: JobContext, drama: DramaLite, premise: str) -> str:
        """Returns a critique in plain text."""


class LocalAuthor:
    """Pure Python of some milliseconds: a thread is enough to keep the event loop free."""

    async def drama(self, context: JobContext, premise: str, options: story_pb2.Options) -> DramaLite:
        """As `Author.drama`."""
        with span("model.write", writer="local", what="drama"):
            return await asyncio.to_thread(
                local.write_drama,
                premise,
                episodes=options.episodes or None,
                language=options.language or None,
                seed=options.seed,
            )

    async def improve(
        self, context: JobContext, drama: DramaLite, premise: str, feedback: str, options: story_pb2.Options
    ) -> DramaLite:
        """As `Author.improve`."""
        with span("model.write", writer="local", what="improve"):
            return await asyncio.to_thread(local.improve, drama, premise, feedback, seed=options.seed)

    async def scenes(
        self, context: JobContext, drama: DramaLite, premise: str, episode_id: str, options: story_pb2.Options
    ) -> list[SceneLite]:
        """As `Author.scenes`."""
        with span("model.write", writer="local", what="scenes"):
            return await asyncio.to_thread(local.write_scenes, drama, premise, episode_id, seed=options.seed)

    async def critique(self, context: JobContext, drama: DramaLite, premise: str) -> str:
        """As `Author.critique`."""
        with span("model.write", writer="local", what="critique"):
            return await asyncio.to_thread(local.critique, drama, premise)


class PaidAuthor:
    """A vendor's model behind its adapter."""

    def __init__(self, adapter: Adapter, model: Model) -> None:
        self._adapter = adapter
        self._model = model

    async def drama(self, context: JobContext, premise: str, options: story_pb2.Options) -> DramaLite:
        """As `Author.drama`."""
        return await self._drama(context, prompts.draft(premise, options))

    async def improve(
        self, context: JobContext, drama: DramaLite, premise: str, feedback: str, options: story_pb2.Options
    ) -> DramaLite:
        """As `Author.improve`."""
        return await self._drama(context, prompts.improve(drama, premise, feedback, options))

    async def scenes(
        self, context: JobContext, drama: DramaLite, premise: str, episode_id: str, options: story_pb2.Options
    ) -> list[SceneLite]:
        """As `Author.scenes`."""
        context.report(0.1, f"{self._model.name} writes the scenes.")
        answer = await self._ask(context, "scenes", prompts.scenes(drama, premise, episode_id))
        return parse.sound_scenes(
            parse.model_of(answer, EpisodeScenes), episode_id, {character.id for character in drama.characters}
        )

    async def critique(self, context: JobContext, drama: DramaLite, premise: str) -> str:
        """As `Author.critique`."""
        context.report(0.1, f"{self._model.name} reads the drama.")
        return parse.text_of(await self._ask(context, "critique", prompts.critique(drama, premise))).strip()

    async def _drama(self, context: JobContext, prompt: Prompt) -> DramaLite:
        context.report(0.1, f"{self._model.name} writes the drama.")
        drama = parse.sound_drama(parse.model_of(await self._ask(context, "write", prompt), DramaLite))
        missing = parse.incomplete_voices(drama)
        if not missing:
            return drama
        context.report(0.6, f"{self._model.name} completes the voices.")
        asked = prompts.voices([c for c in drama.characters if c.id in missing], missing)
        described = parse.model_of(await self._ask(context, "voices", asked), Voices)
        return parse.with_voices(drama, {v.character_id: v.voice_description for v in described.voices})

    async def _ask(self, context: JobContext, purpose: str, prompt: Prompt) -> Answer:
        order = Order(
            purpose=purpose,
            model=self._model.id,
            request=prompt.request(),
            price_nano_usd=price(self._model, input_tokens=prompt.input_tokens, output_tokens=prompt.usual_tokens),
            key_slots=self._model.key_slots,
        )
        return await PaidCalls(context, self._adapter).buy(order)


class Authors:
    """The writers of this process. `vendors` opens an adapter by vendor, at most once."""

    def __init__(self, vendors: Mapping[str, Callable[[], Adapter]]) -> None:
        self._vendors = vendors
        self._opened: dict[str, Adapter] = {}
        self._local = LocalAuthor()

    def author(self, model: Model) -> Author:
        """Returns who writes with `model`; raises `JobFailed` for a vendor that is not set up here."""
        if model.vendor == "local":
            return self._local
        if model.vendor not in self._opened:
            if model.vendor not in self._vendors:
                raise JobFailed(f"There is no writer {model.vendor!r}.", reason="unknown_vendor")
            self._opened[model.vendor] = self._vendors[model.vendor]()
        return PaidAuthor(self._opened[model.vendor], model)
