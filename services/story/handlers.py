"""The jobs of queue `story`: write a drama, write it anew, judge it, write the scenes of an episode."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kit.errors import NotFound
from kit.jobs.handler import Done, Handler, JobContext, JobFailed
from kit.jsonio import load_object
from services.story.authors import Authors
from services.story.convert import drama_of, lite_of, scenes_of
from services.story.crew import Casting, Crew
from services.story.plan_assets import episode_steps
from services.story.plan_jobs import Workshop
from services.story.plan_order import in_order
from services.story.plan_step import Portraits, Step
from services.story.planner import live_takes, stand_ins
from sfd.dramas.v1 import drama_pb2, drama_service_pb2
from sfd.jobs.v1 import job_pb2
from sfd.story.v1 import story_pb2

QUEUE = "story"


class Stories:
    """The handlers, over who can write."""

    def __init__(self, casting: Casting, authors: Authors, *, attempts: int = 3) -> None:
        self._casting = casting
        self._authors = authors
        self._attempts = attempts

    def handlers(self) -> Sequence[Handler[Any]]:
        """Returns the handlers of all kinds of this queue."""
        return (
            Handler("story.generate", story_pb2.GenerateInput, self.generate),
            Handler("story.improve", story_pb2.ImproveInput, self.improve),
            Handler("story.critique", story_pb2.CritiqueInput, self.critique),
            Handler("story.scenes", story_pb2.ScenesInput, self.scenes),
        )

    async def generate(self, context: JobContext, job: story_pb2.GenerateInput) -> Done:
        """Writes the episode level; portraits and cover follow, auditions and scenes when they are asked for."""
        crew = await self._crew(context, job.options)
        lite = await self._authors.author(crew.writer).drama(context, job.premise, job.options)
        context.check()
        workshop = Workshop(drama_pb2.Drama(title=lite.title, description=lite.description, premise=job.premise), crew)
        metadata: dict[str, Any] = {
            "style": workshop.style,
            "language": workshop.language,
            "seed": workshop.seed,
            "generator": crew.writer.name,
        }
        if job.reference_image_url:
            metadata["reference_image_url"] = job.reference_image_url
        drama = drama_of(lite, job.drama_id, job.premise, metadata)
        if job.reference_image_url:
            # A person has shown one picture: it is of the one the story is about.
            first = next((c for c in drama.characters if c.main), drama.characters[0])
            first.premise_url = job.reference_image_url
        return self._drafted(crew, drama, job.base_etag, drama.characters)

    async def improve(self, context: JobContext, job: story_pb2.ImproveInput) -> Done:
        """Writes a drama anew; who has a portrait keeps it, the cover is drawn again."""
        crew = await self._crew(context, job.options)
        original = await self._whole(context, job.original)
        lite = await self._authors.author(crew.writer).improve(
            context, lite_of(original), original.premise, job.feedback, job.options
        )
        context.check()
        metadata = load_object(original.metadata_json, "metadata") | {"generator": crew.writer.name}
        drama = drama_of(lite, job.drama_id, original.premise, metadata)
        before = {character.id: character for character in original.characters}
        for character in drama.characters:
            old = before.get(character.id)
            if old is not None and old.url:
                character.url = old.url
            if old is not None and old.premise_url:
                character.premise_url = old.premise_url
        return self._drafted(crew, drama, job.base_etag, [c for c in drama.characters if not c.url])

    async def critique(self, context: JobContext, job: story_pb2.CritiqueInput) -> Done:
        """Judges a drama in plain text."""
        crew = await self._crew(context, job.options)
        drama = await self._whole(context, job.drama)
        feedback = await self._authors.author(crew.writer).critique(context, lite_of(drama), drama.premise)
        output = story_pb2.CritiqueOutput(feedback=feedback, generator=crew.writer.name)
        return Done(output, run_result={"feedback": feedback})

    async def scenes(self, context: JobContext, job: story_pb2.ScenesInput) -> Done:
        """Writes the scenes of one episode; in a production their pictures and films follow."""
        crew = await self._crew(context, job.options)
        drama = await self._whole(context, job.drama)
        if job.episode_id not in {episode.id for episode in drama.episodes}:
            raise JobFailed(f"Episode {job.episode_id} is not there.", reason="bad_input")
        lite = await self._authors.author(crew.writer).scenes(
            context, lite_of(drama), drama.premise, job.episode_id, job.options
        )
        context.check()
        scenes = scenes_of(lite)
        output = story_pb2.ScenesOutput(episode_id=job.episode_id, scenes=scenes, generator=crew.writer.name)
        if not job.produce:
            return Done(output)
        steps = await self._production(context, Workshop(drama, crew, attempts=self._attempts), drama, job, scenes)
        return Done(output, add_jobs=_jobs(steps))

    def _drafted(
        self, crew: Crew, drama: drama_pb2.Drama, base_etag: str, faceless: Sequence[drama_pb2.Character]
    ) -> Done:
        """The draft, and the jobs that make it visible."""
        workshop = Workshop(drama, crew, attempts=self._attempts)
        portraits = [workshop.portrait(character) for character in faceless]
        identity = Portraits({c.id: s.fingerprint for c, s in zip(faceless, portraits, strict=True)})
        steps = [*portraits, workshop.cover(identity)]
        if crew.options.auditions:
            steps += [workshop.audition(character, identity) for character in drama.characters]
        # A picture or an audition that fails never fails the drama.
        for step in steps:
            step.job.optional = True
        if crew.options.scenes:
            steps += [workshop.scenes(episode, produce=False) for episode in drama.episodes if not episode.scenes]
        output = story_pb2.DraftOutput(drama=drama, base_etag=base_etag, generator=crew.writer.name)
        return Done(output, add_jobs=_jobs(steps), run_result={"dramaId": drama.id})

    async def _production(
        self,
        context: JobContext,
        workshop: Workshop,
        drama: drama_pb2.Drama,
        job: story_pb2.ScenesInput,
        scenes: Sequence[drama_pb2.Scene],
    ) -> list[Step]:
        """The pictures and films of fresh scenes. A portrait that the drama lacked when the run was planned is a step of this run."""
        reply = await context.store.dramas.ListTakes(drama_service_pb2.ListTakesRequest(drama_id=drama.id))
        live = live_takes(reply.takes)
        portraits, _ = stand_ins(drama, live, workshop, draw=not job.episode_branch)
        steps, _ = episode_steps(workshop, job.episode_id, scenes, portraits, live)
        return steps

    async def _crew(self, context: JobContext, options: story_pb2.Options) -> Crew:
        return await self._casting.engage(options, kinds=(), account_id=context.job.account_id)

    async def _whole(self, context: JobContext, drama: drama_pb2.Drama) -> drama_pb2.Drama:
        """Returns the drama of an input, read from storage when it was too large to be copied into the input."""
        if drama.characters or drama.episodes or drama.title:
            return drama
        try:
            reply = await context.store.dramas.GetDrama(drama_service_pb2.GetDramaRequest(drama_id=drama.id))
        except NotFound as error:
            raise JobFailed("The drama is gone.", reason="drama_gone") from error
        return reply.drama


def _jobs(steps: Sequence[Step]) -> list[job_pb2.NewJob]:
    return [step.job for step in in_order(steps)]
