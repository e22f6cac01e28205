"""Films of no drama as the media contract shows them: bodies, answers, and the functions that make them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints

from services.gateway.body import Body
from services.gateway.problems import Json
from services.gateway.views.jobs import NANO, TERMINAL
from sfd.jobs.v1 import job_pb2 as pb

Status = Literal["queued", "processing", "completed", "failed", "cancelled"]
Short = Annotated[str, StringConstraints(max_length=200)]
Source = Annotated[str, StringConstraints(min_length=1, max_length=28 << 20)]

WORDS: dict[pb.JobState.ValueType, Status] = {
    pb.JOB_STATE_QUEUED: "queued",
    pb.JOB_STATE_RUNNING: "processing",
    pb.JOB_STATE_SUCCEEDED: "completed",
    pb.JOB_STATE_FAILED: "failed",
    pb.JOB_STATE_CANCELLED: "cancelled",
}
STATES: dict[str, pb.JobState.ValueType] = {word: state for state, word in WORDS.items()}


class WishBody(Body):
    """What a film starts from and how it is made, beyond what the older contracts have; a picture is a URL, a data URI or an asset's id."""

    provider: Short | None = None
    preference: Literal["cost", "latency", "quality"] | None = None
    audio: bool | None = None
    negative_prompt: Annotated[str, StringConstraints(max_length=10_000)] | None = None
    seed: Annotated[int, Field(ge=0, le=2**32 - 1)] | None = None
    fps: Annotated[int, Field(ge=1, le=240)] | None = None
    image: Source | None = None
    last_frame: Source | None = None
    reference_images: Annotated[list[Source], Field(max_length=16)] | None = None
    video: Short | None = None


class VideoGenerationRequest(WishBody):
    """A film to make. `provider` is a vendor, or `auto` (also `auto:cost`, `auto:latency`, `auto:quality`)."""

    model: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    prompt: Annotated[str, StringConstraints(min_length=1, max_length=32_000)]
    duration: Annotated[int, Field(ge=1, le=3600)] | None = 5
    aspect_ratio: Short | None = "16:9"
    size: Short | None = None


class FilmInfo(BaseModel):
    """Where the film is: `url` at this gateway, `media_url` for whoever has it; seconds and pixels."""

    url: str
    duration: float
    width: int
    height: int
    media_url: str | None = None


class UsageInfo(BaseModel):
    """What it cost in USD, and how long it took."""

    cost: float
    time_seconds: float


class AdjustmentInfo(BaseModel):
    """One thing that is made otherwise than asked."""

    field: str
    asked: Any = None
    used: Any = None
    why: str


class VideoGenerationResponse(BaseModel):
    """A film and where it stands. `provider_job_id` is the vendor's own id of it."""

    id: str
    object: Literal["video.generation"]
    created: int
    model: str
    provider: str
    status: Status
    prompt: str | None = None
    video: FilmInfo | None = None
    usage: UsageInfo | None = None
    error: str | None = None
    completed_at: str | None = None
    parameters: dict[str, Any]
    resolved_model: str
    adjustments: list[AdjustmentInfo]
    provider_job_id: str | None = None
    progress: float


class GenerationDeleted(BaseModel):
    """It is gone."""

    message: str


def generation_json(run: pb.Run, *, operation_id: str = "") -> dict[str, Json]:
    """Returns a run of kind `generate_video` as the media contract shows it."""
    labels, result = labels_of(run), result_of(run)
    made = maker(labels, result)
    video: Json = None
    if run.state == pb.JOB_STATE_SUCCEEDED and result:
        video = {
            "url": f"/videos/{run.public_id}.mp4",
            "duration": result.get("duration", 0.0),
            "width": result.get("width", 0),
            "height": result.get("height", 0),
            "media_url": result.get("url") or None,
        }
    usage: Json = None
    if run.state in TERMINAL and (video is not None or run.cost_nano_usd):
        usage = {"cost": run.cost_nano_usd / NANO, "time_seconds": took(run)}
    return {
        "id": run.public_id,
        "object": "video.generation",
        "created": run.created_at.seconds,
        "model": str(labels.get("model", "")),
        "provider": made.partition("/")[0],
        "status": WORDS.get(run.state, "queued"),
        "prompt": labels.get("prompt"),
        "video": video,
        "usage": usage,
        "error": error_of(run),
        "completed_at": run.finished_at.ToDatetime(UTC).strftime("%Y-%m-%dT%H:%M:%S")
        if run.HasField("finished_at")
        else None,
        "parameters": labels.get("parameters", {}),
        "resolved_model": made,
        "adjustments": labels.get("adjustments", []),
        "provider_job_id": operation_id or None,
        "progress": 1.0 if run.state == pb.JOB_STATE_SUCCEEDED else round(run.progress, 4),
    }


def made_by(run: pb.Run) -> str:
    """Returns who makes the film, `local` or `vendor/model`: who has made it, once somebody has."""
    return maker(labels_of(run), result_of(run))


def maker(labels: Mapping[str, Any], result: Mapping[str, Any]) -> str:
    """Returns the same, from what was kept with the run and what it has made."""
    return str(result.get("generator") or labels.get("resolved_model", ""))


def labels_of(run: pb.Run) -> dict[str, Any]:
    """Returns what was kept with the run."""
    return _object(run.metadata_json)


def result_of(run: pb.Run) -> dict[str, Any]:
    """Returns what the run has made; empty until then."""
    return _object(run.result_json)


def error_of(run: pb.Run) -> str | None:
    """Returns why there is no film, for a person."""
    if run.state == pb.JOB_STATE_CANCELLED:
        return "cancelled"
    return (run.failure.message or run.failure.reason or "failed") if run.state == pb.JOB_STATE_FAILED else None


def took(run: pb.Run) -> float:
    """Returns the seconds from the acceptance of a run to its end."""
    return round(max(0.0, run.finished_at.ToMilliseconds() - run.created_at.ToMilliseconds()) / 1000, 3)


def _object(text: str) -> dict[str, Any]:
    found = json.loads(text) if text else {}
    return found if isinstance(found, dict) else {}
