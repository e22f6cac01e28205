"""Whatever is generated is listed in the asset library, in the transaction that ends its job."""

from __future__ import annotations

from typing import Any

from services.storage.assets.library_rows import Entry, insert
from services.storage.assets.library_rules import DEFAULT_USER
from services.storage.db import Pg
from services.storage.jobs.effects import FinishedJob

_PROMPT_CHARS = 8000
_TYPES = {
    ("character", "portrait"): ("character", "character_portrait"),
    ("character", "audition"): ("character", "character_audition"),
    ("character", "image"): ("character", "character_asset"),
    ("character", "video"): ("character", "character_video"),
    ("drama", "cover"): ("storyboard", "drama_cover"),
    ("scene", "storyboard"): ("storyboard", "scene_storyboard"),
    ("scene", "image"): ("storyboard", "scene_storyboard"),
    ("scene", "clip"): ("clip", "scene_video_clip"),
    ("scene", "video"): ("clip", "scene_video_clip"),
    ("episode", "film"): ("clip", "episode_film"),
}
"""Tag and `type` of a product, by what it belongs to and what it is there."""
_RUN_KIND = "SELECT kind FROM runs WHERE id = $1"
_NAME = """SELECT c.name FROM characters c JOIN dramas d ON d.id = c.drama_id
  WHERE d.account_id = $1 AND d.public_id = $2 AND c.id = $3"""
_EPISODE = """SELECT s.episode_id FROM scenes s JOIN dramas d ON d.id = s.drama_id
  WHERE d.account_id = $1 AND d.public_id = $2 AND s.id = $3"""


def tag_and_type(owner: str, what: str, asset_type: str) -> tuple[str, str]:
    """Returns tag and `type` of a product; one that is not in the table is told by its owner and whether it moves."""
    known = _TYPES.get((owner, what)) or _TYPES.get((owner, asset_type))
    return known or (("clip", "video") if asset_type == "video" else ("storyboard", "image"))


async def list_generated(pg: Pg, job: FinishedJob, output: Any, stored: Any) -> None:
    """Lists the product of a job (a picture's or a film's output) whose bytes are `stored`."""
    owner, _, rest = output.slot.partition(":")
    entity, _, what = rest.rpartition(":")
    asset_type = "video" if stored["kind"] == "video" else "image"
    tag, type_ = tag_and_type(owner, what, asset_type)
    run = await pg.fetchrow(_RUN_KIND, job.run_id)
    labels: dict[str, Any] = {
        "job_id": str(job.id),
        "prompt": output.prompt[:_PROMPT_CHARS],
        "source": "dag_execution" if run and run["kind"] == "execute_drama" else "ai_generation",
        "generator": output.generator,
        "drama_id": job.drama_id,
        "type": type_,
    }
    if owner in ("character", "scene", "episode"):
        labels[f"{owner}_id"] = entity
    if owner == "character":
        named = await pg.fetchrow(_NAME, job.account, job.drama_id, entity)
        labels["name"] = named["name"] if named else entity
    if owner == "scene":
        within = await pg.fetchrow(_EPISODE, job.account, job.drama_id, entity)
        labels["episode_id"] = within["episode_id"] if within else ""
    duration = getattr(output, "duration", 0.0)
    if duration:
        labels["duration"] = duration
    entry = Entry(
        user=DEFAULT_USER,
        project=job.drama_id,
        asset_type=asset_type,
        tag=tag,
        filename=f"{entity or owner}_{what}.{'mp4' if asset_type == 'video' else 'png'}",
        labels=labels,
        drama_id=job.drama_id,
    )
    await insert(pg, job.account, stored, entry)
