"""What the end of a job does to a drama: its result merges into the entity it owns, whatever a person edited elsewhere."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from google.protobuf import json_format
from google.protobuf.message import Message

from kit.errors import Conflict, InvalidInput, NotFound
from kit.jsonio import dumps
from services.storage.assets.confirm import Confirmer
from services.storage.assets.library_listing import list_generated
from services.storage.db import Pg
from services.storage.dramas.rules import check_scene, drama_prefix
from services.storage.dramas.store import DramaStore
from services.storage.ids import uuid7
from services.storage.jobs.effects import Effect, FinishedJob
from sfd.dramas.v1 import drama_pb2 as pb
from sfd.imaging.v1 import picture_pb2
from sfd.story.v1 import story_pb2
from sfd.video.v1 import film_pb2

_GONE = "The drama is gone."
Url = Callable[[Any], str]
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

    def __init__(self, store: DramaStore) -> None:
        self._store = store

    async def prepare(self, job: FinishedJob) -> story_pb2.DraftOutput:
        """Returns the draft."""
        return read_output(job, story_pb2.DraftOutput())

    async def apply(self, pg: Pg, job: FinishedJob, prepared: story_pb2.DraftOutput) -> None:
        """Writes it; raises `Conflict` with the contract's text when the drama is not the one the run started from."""
        await self._store.put(pg, job.account, prepared.drama, if_etag=prepared.base_etag)


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
        await self._store.touch(pg, row["id"], people=True)


class TakeEffect:
    """Pictures and films: a take in its slot, live at once, its url on the entity."""

    def __init__(self, store: DramaStore, confirm: Confirmer, url: Url) -> None:
        self._store = store
        self._confirm = confirm
        self._url = url

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
        """Commits the assets and hangs the first of them on the drama. A drama that is gone keeps nothing."""
        output, rows = prepared
        drama = await self._store.lock(pg, job.account, job.drama_id)
        if drama is None:
            raise NotFound(_GONE, reason="drama_not_found")
        key, stored = drama["id"], rows[0]
        await self._confirm.commit(pg, rows, job.drama_id)
        await list_generated(pg, job, output, stored)
        await pg.execute("UPDATE takes SET live = false WHERE drama_id = $1 AND slot = $2 AND live", key, output.slot)
        await pg.execute(
            """INSERT INTO takes (id, drama_id, slot, asset_id, sha256, fingerprint, live, job_id, output)
               VALUES ($1, $2, $3, $4, $5, $6, true, $7, $8)""",
            uuid7(),
            key,
            output.slot,
            stored["id"],
            stored["sha256"],
            output.fingerprint,
            job.id,
            job.output,
        )
        url = self._url(stored)
        target = await self._place(pg, key, job, output, url)
        await pg.execute(
            "INSERT INTO copies (source_key, target_key, content_type) VALUES ($1, $2, $3)",
            stored["object_key"],
            target,
            stored["content_type"],
        )
        await pg.execute(
            "INSERT INTO friendly_keys (account_id, drama_id, target_key) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            job.account,
            job.drama_id,
            target,
        )
        await self._store.touch(pg, key, people=False)

    async def _place(self, pg: Pg, key: uuid.UUID, job: FinishedJob, output: Any, url: str) -> str:
        """Sets the url where the slot says; returns the friendly key of the object."""
        owner, _, rest = output.slot.partition(":")
        entity, _, what = rest.rpartition(":")
        base = drama_prefix(job.account, job.drama_id)
        machine = {"job_id": str(job.id), "generator": output.generator}
        match owner, what:
            case "character", "portrait":
                await pg.execute("UPDATE characters SET url = $3 WHERE drama_id = $1 AND id = $2", key, entity, url)
                asset_id = f"{entity}_portrait_front_halfbody"
                labels = {"type": "character_portrait", "view": "front", "framing": "half_body", **machine}
                await self._machine_asset(pg, key, "character", entity, asset_id, output, url, labels)
                return f"{base}/characters/{entity}.{_extension(output)}"
            case "character", "audition":
                asset_id = f"{entity}_audition_video"
                labels = {"type": "character_audition", "duration_seconds": 10, **machine}
                await self._machine_asset(pg, key, "character", entity, asset_id, output, url, labels, duration=10)
                return f"{base}/characters/{entity}_audition.mp4"
            case "drama", "cover":
                await pg.execute("UPDATE dramas SET url = $2 WHERE id = $1", key, url)
                mains = [
                    row["id"]
                    for row in await pg.fetch(
                        "SELECT id FROM characters WHERE drama_id = $1 AND main ORDER BY place", key
                    )
                ]
                labels = {"type": "drama_cover", "main_characters": mains, **machine}
                await self._machine_asset(
                    pg, key, "drama", "", f"{job.drama_id}_cover", output, url, labels, depends_on=mains
                )
                return f"{base}/cover.{_extension(output)}"
            case "scene", "storyboard":
                await pg.execute("UPDATE scenes SET image_url = $3 WHERE drama_id = $1 AND id = $2", key, entity, url)
                await self._scene_asset(pg, key, entity, "image", url)
                return f"{base}/scenes/{entity}_storyboard.{_extension(output)}"
            case "scene", "clip":
                await pg.execute("UPDATE scenes SET video_url = $3 WHERE drama_id = $1 AND id = $2", key, entity, url)
                await self._scene_asset(pg, key, entity, "video", url)
                return f"{base}/scenes/{entity}_clip.mp4"
            case "episode", "film":
                await pg.execute("UPDATE episodes SET url = $3 WHERE drama_id = $1 AND id = $2", key, entity, url)
                return f"{base}/episodes/{entity}.mp4"
            case _:
                raise InvalidInput(f"Unknown slot {output.slot}.", field="slot")

    async def _scene_asset(self, pg: Pg, key: uuid.UUID, scene: str, kind: str, url: str) -> None:
        """Sets the url of the scene's first asset of a kind."""
        await pg.execute(
            """UPDATE drama_assets SET url = $4 WHERE drama_id = $1 AND owner_kind = 'scene' AND owner_id = $2 AND id = (
                 SELECT id FROM drama_assets WHERE drama_id = $1 AND owner_kind = 'scene' AND owner_id = $2 AND kind = $3 ORDER BY place LIMIT 1)""",
            key,
            scene,
            kind,
            url,
        )

    async def _machine_asset(
        self,
        pg: Pg,
        key: uuid.UUID,
        owner_kind: str,
        owner: str,
        asset_id: str,
        output: Any,
        url: str,
        labels: Mapping[str, Any],
        *,
        duration: int | None = None,
        depends_on: list[str] | None = None,
    ) -> None:
        first = await pg.fetchrow(
            """SELECT count(*) AS n, min(id) FILTER (WHERE kind = 'image') AS image FROM drama_assets
               WHERE drama_id = $1 AND owner_kind = $2 AND owner_id = $3""",
            key,
            owner_kind,
            owner,
        )
        if duration is not None and depends_on is None and first["image"]:
            depends_on = [first["image"]]
        asset = pb.EntityAsset(
            id=asset_id,
            kind=pb.ASSET_KIND_VIDEO if duration is not None else pb.ASSET_KIND_IMAGE,
            depends_on=depends_on or [],
            prompt=output.prompt,
            duration=duration,
            url=url,
            metadata_json=dumps(labels),
        )
        await self._store.insert_assets(pg, key, owner_kind, owner, [asset], machine=True, first=first["n"])


def _extension(output: Any) -> str:
    return "mp4" if isinstance(output, film_pb2.FilmOutput) else "png"


def drama_effects(store: DramaStore, confirm: Confirmer, url: Url) -> dict[str, Effect]:
    """Returns the effects of every kind that changes a drama."""
    draft, take = DraftEffect(store), TakeEffect(store, confirm, url)
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
    }
