"""Answers about what is below a drama, for the documentation only: the views build the JSON themselves."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from services.gateway.views.models import AssetBody, CharacterBody, EpisodeBody, SceneBody
from services.gateway.views.replies import JobStatus


class CharacterList(BaseModel):
    """The cast, in order."""

    characters: list[CharacterBody]


class EpisodeList(BaseModel):
    """The episodes, in order."""

    episodes: list[EpisodeBody]


class SceneList(BaseModel):
    """The scenes, in order."""

    scenes: list[SceneBody]


class AssetList(BaseModel):
    """The assets, in order."""

    assets: list[AssetBody]


class Accepted(BaseModel):
    """An accepted wish, in both spellings of its ids."""

    dramaId: str
    jobId: str
    drama_id: str
    job_id: str
    status: JobStatus
    message: str


class GenerateAssetResponse(Accepted):
    """An accepted wish for one asset."""

    assetId: str
    asset_id: str


class GenerateSceneReply(Accepted):
    """An accepted wish for a scene's picture and film."""

    episodeId: str
    sceneId: str
    episode_id: str
    scene_id: str


class GeneratedCharacter(CharacterBody):
    """The character. The ids of its job, `status` and `message` are there when the answer did not wait for the picture."""

    job_id: str | None = None
    jobId: str | None = None
    drama_id: str | None = None
    dramaId: str | None = None
    character_id: str | None = None
    characterId: str | None = None
    status: JobStatus | None = None
    message: str | None = None


class RetryReply(Accepted):
    """A new run that does something again."""

    retry_of: str


class PlannedStep(BaseModel):
    """One step of a plan; prices in US dollars, times in seconds."""

    step: str
    kind: str
    node_type: str
    entity_id: str
    episode_id: str
    reused: bool
    model: str
    prompt: str
    price_usd: float
    price_low_usd: float
    price_high_usd: float
    seconds: float
    depends_on: list[str]
    missing_key: str


class Plan(BaseModel):
    """What a production would do and cost. `estimated` says that scenes are still to be written."""

    drama_id: str
    revision: int
    steps: list[PlannedStep]
    price_usd: float
    price_low_usd: float
    price_high_usd: float
    critical_path_seconds: float
    missing_keys: list[str]
    estimated: bool
    warnings: list[str]


class Take(BaseModel):
    """A product that one job made for one slot of a drama."""

    id: str
    slot: str
    live: bool
    url: str | None = None
    prompt: str
    generator: str
    asset_id: str
    sha256: str
    fingerprint: str
    job_id: str
    created_at: str | None = None
    live_since: str | None = None


class TakeList(BaseModel):
    """Takes, newest first within their slot; `cursor` is null at the end."""

    takes: list[Take]
    cursor: str | None = None


class DeadLetter(BaseModel):
    """A job that nobody tries again by itself."""

    job_id: str
    jobId: str
    step: str
    kind: str
    reason: str
    error: str | None = None
    attempt: int
    lease_losses: int
    created_at: str | None = None
    redriven_job_id: str | None = None
    metadata: dict[str, Any]


class DeadLetterList(BaseModel):
    """Jobs that were set aside, newest first; `cursor` is null at the end."""

    dead_letters: list[DeadLetter]
    cursor: str | None = None
