"""What the end of a job does to a drama: its result merges into the entity it owns, whatever a person edited elsewhere."""

from __future__ import annotations

from typing import Any, TypeVar

from google.protobuf import json_format
from google.protobuf.message import Message

from kit.errors import Conflict, InvalidInput, NotFound
from services.storage.assets.confirm import Confirmer
from services.storage.assets.library_listing import list_generated
from services.storage.db import Pg
from services.storage.dramas.rules import check_scene, references
from services.storage.dramas.store import DramaStore
from services.storage.dramas.takes import TakeStore
from services.storage.jobs.effects import Effect, FinishedJob
from sfd.imaging.v1 import picture_pb2
from sfd.story.v1 import story_pb2
from sfd.video.v1 import film_pb2, generation_pb2

_GONE = "The drama is gone."
M = TypeVar("M", bound=Message)


def read_output(job: FinishedJob, message: M) -> M:
    """Returns a job's output as `message`; raises `InvalidInput` for one that cannot be read."""
    try:
        return json_format.Parse(job.output or "{}", message, ignore_unknown_fields=True)
    except (json_format.ParseError, RecursionError) as error:
        raise InvalidInput(
            "The output is not what this kind of job makes.", field="output_json", reason="bad_output"
        ) from error


class DraftEffect:
    """`story.generate` and `story.improve`: a whole drama, if nobody else wrote it meanwhile."""

    def __init__(self, store: DramaStore, confirm: Confirmer) -> None:
        self._store = store
        self._confirm = confirm

    async def prepare(self, job: FinishedJob) -> story_pb2.DraftOutput:
        """Returns the draft."""
        return read_output(job, story_pb2.DraftOutput())

    async def apply(self, pg: Pg, job: FinishedJob, prepared: story_pb2.DraftOutput) -> None:
        """Writes it; raises `Conflict` with the contract's text when the drama is not the one the run started from."""
        await self._store.put(pg, job.account, prepared.drama, if_etag=prepared.base_etag)
        await self._confirm.adopt(pg, job.account, prepared.drama.id, references(prepared.drama))


class ScenesEffect:
    """`story.scenes`: the scenes of one episode."""

    def __init__(self, store: DramaStore) -> None:
        self._store = store

    async def prepare(self, job: FinishedJob) -> story_pb2.ScenesOutput:
        """Returns the scenes."""
        return read_output(job, story_pb2.ScenesOutput())

    async def apply(self, pg: Pg, job: FinishedJob, prepared: story_pb2.ScenesOutput) -> None:
        """Writes them into an episode that has none; a person's own scenes are never overwritten."""
        row = await self._store.lock(pg, job.account, job.drama_id)
        if row is None:
            raise NotFound(_GONE, reason="drama_not_found")
        there = await pg.fetch("SELECT id, episode_id FROM scenes WHERE drama_id = $1", row["id"])
        if any(scene["episode_id"] == prepared.episode_id for scene in there):
            raise Conflict("The episode has scenes already.", reason="scenes_exist")
        if not await pg.fetchrow(
            "SELECT 1 FROM episodes WHERE drama_id = $1 AND id = $2", row["id"], prepared.episode_id
        ):
            raise NotFound("The episode is gone.", reason="episode_not_found")
        seen = {scene["id"] for scene in there}
        for n, scene in enumerate(prepared.scenes):
            check_scene(scene, f"scenes[{n}]", seen)
        await self._store.insert_scenes(pg, row["id"], prepared.episode_id, prepared.scenes)
        await self._store.touch(pg, row["id"], people=True, owner=("episode", prepared.episode_id))


class TakeEffect:
    """Pictures and films: a take in its slot, live at once, its url on the entity."""

    def __init__(self, store: DramaStore, confirm: Confirmer, takes: TakeStore) -> None:
        self._store = store
        self._confirm = confirm
        self._takes = takes

    async def prepare(self, job: FinishedJob) -> tuple[Any, list[Any]]:
        """Returns the output and the rows of its assets, after a look at their objects."""
        message = picture_pb2.PictureOutput() if job.kind.startswith("imaging.") else film_pb2.FilmOutput()
        output: Any = read_output(job, message)
        if not output.stored_asset_id:
            raise InvalidInput("The output names no product.", field="output_json", reason="bad_output")
        wanted = [output.stored_asset_id]
        if isinstance(output, film_pb2.FilmOutput) and output.timeline_asset_id:
            wanted.append(output.timeline_asset_id)
        return output, await self._confirm.look(job.account, wanted)

    async def apply(self, pg: Pg, job: FinishedJob, prepared: tuple[Any, list[Any]]) -> None:
        """Commits the assets and hangs the first of them on the drama. A drama or an entity that is gone keeps nothing."""
        output, rows = prepared
        drama = await self._store.lock(pg, job.account, job.drama_id)
        if drama is None:
            raise NotFound(_GONE, reason="drama_not_found")
        await self._confirm.commit(pg, rows, job.drama_id)
        await self._takes.add(pg, drama, job.id, output, job.output, rows[0])
        await list_generated(pg, job, output, rows[0])
        await self._store.touch(pg, drama["id"], people=False)


class FilmEffect:
    """`video.generate`: a film of no drama; its bytes, its still and its sheet are kept."""

    def __init__(self, confirm: Confirmer) -> None:
        self._confirm = confirm

    async def prepare(self, job: FinishedJob) -> list[Any]:
        """Returns the rows of its assets, after a look at their objects."""
        output = read_output(job, generation_pb2.GenerationOutput())
        if not output.stored_asset_id:
            raise InvalidInput("The output names no product.", field="output_json", reason="bad_output")
        named = (output.stored_asset_id, output.thumbnail_asset_id, output.spritesheet_asset_id)
        return list(await self._confirm.look(job.account, [one for one in named if one]))

    async def apply(self, pg: Pg, job: FinishedJob, prepared: list[Any]) -> None:
        """Commits the assets."""
        await self._confirm.commit(pg, prepared, "")


def drama_effects(store: DramaStore, confirm: Confirmer, takes: TakeStore) -> dict[str, Effect]:
    """Returns the effects of every kind that changes a drama."""
    draft, take = DraftEffect(store, confirm), TakeEffect(store, confirm, takes)
    return {
        "story.generate": draft,
        "story.improve": draft,
        "story.scenes": ScenesEffect(store),
        "imaging.portrait": take,
        "imaging.cover": take,
        "imaging.storyboard": take,
        "video.audition": take,
        "video.clip": take,
        "video.assemble": take,
        "video.generate": FilmEffect(confirm),
    }
