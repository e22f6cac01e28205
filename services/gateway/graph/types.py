"""The types of the GraphQL contract. Names are the contract's; what is nested is read only when it is asked for."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import strawberry
from google.protobuf.timestamp_pb2 import Timestamp

from services.gateway.graph.loaders import Context, Step
from services.gateway.views import jobs as view
from sfd.dramas.v1 import drama_pb2
from sfd.jobs.v1 import job_pb2

Info = strawberry.Info[Context, None]


@strawberry.type(description="A run of the account, or one step of a run.")
class Job:
    """A run (`type: drama`) or one of its steps."""

    run: strawberry.Private[job_pb2.Run]
    job: strawberry.Private[job_pb2.Job | None]

    @strawberry.field(description="The id to ask for it by.")
    def job_id(self) -> str:
        return self.run.public_id if self.job is None else self.job.public_id or self.job.id

    @strawberry.field(description="The drama it works on.")
    def drama_id(self) -> str:
        return self.run.drama_id

    @strawberry.field(description="The asset that a step makes; null for a run.")
    def asset_id(self) -> str | None:
        return None if self.job is None else asset_of(self.job)

    @strawberry.field(description="`drama` for a run; `image`, `video`, `episode` for a step.")
    def type(self) -> str:
        return "drama" if self.job is None else view.node_of(self.job)[2]

    @strawberry.field(description="`pending`, `running`, `completed` or `failed`; a cancelled job is failed.")
    def status(self) -> str:
        return view.dag_status(self.run.state if self.job is None else self.job.state)

    @strawberry.field(description="What a step was asked to show or say; null when that is not known yet.")
    def prompt(self) -> str | None:
        if self.job is None:
            return None
        told = _object(self.job.output_json).get("prompt") or _object(self.job.metadata_json).get("prompt")
        return str(told) if told else None

    @strawberry.field(name="r2Url", description="Where the bytes are that a step made.")
    async def r2_url(self, info: Info) -> str | None:
        return None if self.job is None else await info.context.loaders.url_of(self.job)

    @strawberry.field(description="When it was accepted, ISO 8601 in UTC.")
    def created_at(self) -> str | None:
        return _iso(self.run if self.job is None else self.job, "created_at")

    @strawberry.field(description="When work on it began.")
    def started_at(self) -> str | None:
        return _iso(self.run if self.job is None else self.job, "started_at")

    @strawberry.field(description="When it ended.")
    def completed_at(self) -> str | None:
        return _iso(self.run if self.job is None else self.job, "finished_at")

    @strawberry.field(description="Why it failed.")
    async def error(self, info: Info) -> str | None:
        if self.job is not None:
            return view.job_error(self.job)
        failed = self.run.state == job_pb2.JOB_STATE_FAILED and self.run.kind in view.PRODUCTIONS
        return view.run_error(self.run, await info.context.loaders.children.load(self.run.id) if failed else ())

    @strawberry.field(description="The run of a step; null for a run.")
    def parent_job_id(self) -> str | None:
        return None if self.job is None else self.run.public_id

    @strawberry.field(description="Ids of a run's steps; empty for a step.")
    async def child_jobs(self, info: Info) -> list[str]:
        if self.job is not None:
            return []
        return [one.public_id or one.id for one in await info.context.loaders.children.load(self.run.id)]

    @strawberry.field(description="How many steps a run has; null for a step.")
    def total_jobs(self) -> int | None:
        return None if self.job is not None else self.run.total

    @strawberry.field(description="How many of them are done.")
    def completed_jobs(self) -> int | None:
        return None if self.job is not None else self.run.succeeded

    @strawberry.field(description="How many of them failed or were cancelled.")
    def failed_jobs(self) -> int | None:
        return None if self.job is not None else self.run.failed + self.run.cancelled

    @strawberry.field(description="How many of them a worker holds now.")
    def running_jobs(self) -> int | None:
        return None if self.job is not None else self.run.running


@strawberry.type(description="A scene.")
class Scene:
    """A scene of a drama."""

    drama: strawberry.Private[drama_pb2.Drama]
    scene: strawberry.Private[drama_pb2.Scene]

    @strawberry.field(description="Unique within the drama.")
    def id(self) -> str:
        return self.scene.id

    @strawberry.field(description="What happens.")
    def description(self) -> str:
        return self.scene.description

    @strawberry.field(description="Its storyboard.")
    def image_url(self) -> str | None:
        return _url(self.scene, "image_url")

    @strawberry.field(description="Its clip.")
    def video_url(self) -> str | None:
        return _url(self.scene, "video_url")

    @strawberry.field(description="Steps that work for it, newest run first.")
    async def jobs(self, info: Info) -> list[Job]:
        return await _jobs_of(info, self.drama.id, "scene_id", self.scene.id)


@strawberry.type(description="An episode.")
class Episode:
    """An episode of a drama."""

    drama: strawberry.Private[drama_pb2.Drama]
    episode: strawberry.Private[drama_pb2.Episode]

    @strawberry.field(description="Unique within the drama.")
    def id(self) -> str:
        return self.episode.id

    @strawberry.field(description="Its title.")
    def title(self) -> str:
        return self.episode.title

    @strawberry.field(description="What happens.")
    def description(self) -> str:
        return self.episode.description

    @strawberry.field(description="Its film.")
    def url(self) -> str | None:
        return _url(self.episode, "url")

    @strawberry.field(description="Its scenes in order.")
    def scenes(self) -> list[Scene]:
        return [Scene(drama=self.drama, scene=one) for one in self.episode.scenes]

    @strawberry.field(description="Steps that work for it, newest run first.")
    async def jobs(self, info: Info) -> list[Job]:
        return await _jobs_of(info, self.drama.id, "episode_id", self.episode.id)


@strawberry.type(description="A member of the cast.")
class Character:
    """A character of a drama."""

    drama: strawberry.Private[drama_pb2.Drama]
    character: strawberry.Private[drama_pb2.Character]

    @strawberry.field(description="Unique within the drama.")
    def id(self) -> str:
        return self.character.id

    @strawberry.field(description="The name.")
    def name(self) -> str:
        return self.character.name

    @strawberry.field(description="Looks and role.")
    def description(self) -> str:
        return self.character.description

    @strawberry.field(description="Free text; `male`, `female`, `other` are usual.")
    def gender(self) -> str:
        return self.character.gender

    @strawberry.field(description="Tone, pitch, pace, accent, emotional quality, speaking style.")
    def voice_description(self) -> str:
        return self.character.voice_description

    @strawberry.field(description="True for a main character.")
    def main(self) -> bool:
        return self.character.main

    @strawberry.field(description="The portrait.")
    def url(self) -> str | None:
        return _url(self.character, "url")

    @strawberry.field(description="Steps that work for it, newest run first.")
    async def jobs(self, info: Info) -> list[Job]:
        return await _jobs_of(info, self.drama.id, "character_id", self.character.id)


@strawberry.type(description="A drama. Cast and episodes are read when they are asked for.")
class Drama:
    """A drama, from its summary or whole."""

    row: strawberry.Private[drama_pb2.Drama | drama_pb2.DramaSummary]

    @strawberry.field(description="Its id.")
    def id(self) -> str:
        return self.row.id

    @strawberry.field(description="Its title.")
    def title(self) -> str:
        return self.row.title

    @strawberry.field(description="What it is about.")
    def description(self) -> str:
        return self.row.description

    @strawberry.field(description="The sentence it grew from.")
    def premise(self) -> str:
        return self.row.premise

    @strawberry.field(description="The cover picture.")
    def url(self) -> str | None:
        return _url(self.row, "url")

    @strawberry.field(description="The cover picture, as `url`.")
    def cover_photo(self) -> str | None:
        return _url(self.row, "url")

    @strawberry.field(description="The cast.")
    async def characters(self, info: Info) -> list[Character]:
        whole = await self._whole(info)
        return [Character(drama=whole, character=one) for one in whole.characters]

    @strawberry.field(description="The episodes in order.")
    async def episodes(self, info: Info) -> list[Episode]:
        whole = await self._whole(info)
        return [Episode(drama=whole, episode=one) for one in whole.episodes]

    @strawberry.field(description="Its runs, newest first, each followed by its steps.")
    async def jobs(self, info: Info) -> list[Job]:
        return await jobs_of_drama(info, self.row.id)

    async def _whole(self, info: Info) -> drama_pb2.Drama:
        if isinstance(self.row, drama_pb2.Drama):
            return self.row
        # Removed since the list was read: it has no cast and no episodes any more.
        return await info.context.loaders.dramas.load(self.row.id) or drama_pb2.Drama(id=self.row.id)


@strawberry.type(description="The list view of a drama.")
class DramaSummary:
    """A drama without cast and episodes."""

    row: strawberry.Private[drama_pb2.DramaSummary]

    @strawberry.field(description="Its id.")
    def id(self) -> str:
        return self.row.id

    @strawberry.field(description="Its title.")
    def title(self) -> str:
        return self.row.title

    @strawberry.field(description="What it is about.")
    def description(self) -> str:
        return self.row.description

    @strawberry.field(description="The sentence it grew from.")
    def premise(self) -> str:
        return self.row.premise

    @strawberry.field(description="The cover picture.")
    def url(self) -> str | None:
        return _url(self.row, "url")

    @strawberry.field(description="When it was made, ISO 8601 in UTC.")
    def created_at(self) -> str | None:
        return _iso(self.row, "created_at")

    @strawberry.field(description="When it last changed.")
    def updated_at(self) -> str | None:
        return _iso(self.row, "updated_at")


async def jobs_of_drama(info: Info, drama_id: str) -> list[Job]:
    """Returns the drama's runs, newest first, each followed by its steps; none for a drama that is not there."""
    runs = await info.context.loaders.runs.load(drama_id)
    children = await info.context.loaders.children.load_many([run.id for run in runs])
    found: list[Job] = []
    for run, jobs in zip(runs, children, strict=True):
        found.append(Job(run=run, job=None))
        found += [Job(run=run, job=job) for job in jobs]
    return found


def asset_of(job: job_pb2.Job) -> str:
    """Returns the id of the asset that a step makes."""
    labels = _object(job.metadata_json)
    return str(labels.get("asset_id") or labels.get("entity_id") or job.step.rpartition(":")[2])


async def _jobs_of(info: Info, drama_id: str, label: str, entity_id: str) -> list[Job]:
    steps: Iterable[Step] = await info.context.loaders.steps_of(drama_id)
    return [
        Job(run=one.run, job=one.job)
        for one in steps
        if _object(one.job.metadata_json).get(label) == entity_id or asset_of(one.job) == entity_id
    ]


def _url(row: Any, field: str) -> str | None:
    return str(getattr(row, field)) if row.HasField(field) else None


def _iso(row: Any, field: str) -> str | None:
    moment: Timestamp = getattr(row, field)
    return moment.ToJsonString() if row.HasField(field) else None


def _object(text: str) -> dict[str, Any]:
    found = json.loads(text) if text else {}
    return found if isinstance(found, dict) else {}
