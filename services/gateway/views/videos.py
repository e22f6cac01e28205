"""The same films in OpenAI's form: bodies, answers, and the functions that make them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints, field_validator

from services.gateway.body import Body
from services.gateway.problems import Json
from services.gateway.views.generations import (
    AdjustmentInfo,
    Short,
    Source,
    UsageInfo,
    WishBody,
    error_of,
    labels_of,
    maker,
    result_of,
    took,
)
from services.gateway.views.jobs import NANO, TERMINAL
from sfd.jobs.v1 import job_pb2 as pb

Status = Literal["queued", "in_progress", "completed", "failed"]
DEFAULT_MODEL = "sora-2"
DEFAULT_SIZE = "720x1280"
DEFAULT_SECONDS = "4"
_WORDS: dict[pb.JobState.ValueType, Status] = {
    pb.JOB_STATE_QUEUED: "queued",
    pb.JOB_STATE_RUNNING: "in_progress",
    pb.JOB_STATE_SUCCEEDED: "completed",
    pb.JOB_STATE_FAILED: "failed",
    pb.JOB_STATE_CANCELLED: "failed",
}
Seconds = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,4}(\.[0-9]{1,3})?$")]


class InputReference(Body):
    """The first frame: an asset's id, or a URL or data URI."""

    file_id: Short | None = None
    image_url: Source | None = None


class CreateVideoBody(WishBody):
    """A film to make, of any vendor: `model` is a model's name, `vendor/model`, or a name of old such as `sora-2`."""

    prompt: Annotated[str, StringConstraints(min_length=1, max_length=32_000)]
    model: Short | None = DEFAULT_MODEL
    seconds: Seconds | None = DEFAULT_SECONDS
    size: Short | None = DEFAULT_SIZE
    input_reference: InputReference | Source | None = None

    @field_validator("seconds", mode="before")
    @classmethod
    def _as_text(cls, value: object) -> object:
        return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


class RemixBody(Body):
    """What is to be otherwise."""

    prompt: Annotated[str, StringConstraints(min_length=1, max_length=32_000)]


class NamedVideo(Body):
    """A finished film by its id."""

    id: Short


class EditBody(RemixBody):
    """What is to be otherwise, and in which film."""

    video: NamedVideo | Short


class VideoError(BaseModel):
    """Why there is no film."""

    code: str
    message: str


class VideoReply(BaseModel):
    """A film and where it stands; `progress` in percent. `resolved_model` says who really makes it."""

    id: str
    object: Literal["video"]
    model: str
    status: Status
    progress: int
    created_at: int
    completed_at: int | None = None
    expires_at: int | None = None
    seconds: str
    size: str
    prompt: str | None = None
    error: VideoError | None = None
    remixed_from_video_id: str | None = None
    provider: str
    resolved_model: str
    adjustments: list[AdjustmentInfo]
    usage: UsageInfo | None = None


class VideoList(BaseModel):
    """A page of films."""

    object: Literal["list"]
    data: list[VideoReply]
    first_id: str | None = None
    last_id: str | None = None
    has_more: bool


class VideoDeleted(BaseModel):
    """It is gone."""

    id: str
    object: Literal["video.deleted"]
    deleted: bool


class ModelReply(BaseModel):
    """A model. `created` is 0 where no day is known; `shutdown_date` is a day; `successors` take the place of a name of old."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str
    kind: str
    shutdown_date: str | None = None
    successors: list[str] = Field(default_factory=list)


class ModelList(BaseModel):
    """All models."""

    object: Literal["list"]
    data: list[ModelReply]


def video_id(generation_id: str) -> str:
    """Returns the other spelling of a generation's id."""
    return f"video_{generation_id.removeprefix('gen_')}"


def video_json(run: pb.Run) -> dict[str, Json]:
    """Returns a run of kind `generate_video` in OpenAI's form."""
    labels: dict[str, Any] = labels_of(run)
    made = maker(labels, result_of(run))
    ended, message = run.state in TERMINAL, error_of(run)
    error: Json = None
    if message is not None:
        code = "cancelled" if run.state == pb.JOB_STATE_CANCELLED else run.failure.reason or "failed"
        error = {"code": code, "message": message}
    done = run.state == pb.JOB_STATE_SUCCEEDED
    return {
        "id": video_id(run.public_id),
        "object": "video",
        "model": str(labels.get("model", "")),
        "status": _WORDS.get(run.state, "queued"),
        "progress": 100 if done else min(99, int(100 * run.progress)),
        "created_at": run.created_at.seconds,
        "completed_at": run.finished_at.seconds if done else None,
        "expires_at": None,
        "seconds": str(labels.get("seconds", "")),
        "size": str(labels.get("size") or labels.get("parameters", {}).get("size") or ""),
        "prompt": labels.get("prompt"),
        "error": error,
        "remixed_from_video_id": labels.get("remixed_from_video_id"),
        "provider": made.partition("/")[0],
        "resolved_model": made,
        "adjustments": labels.get("adjustments", []),
        "usage": {"cost": run.cost_nano_usd / NANO, "time_seconds": took(run)} if ended else None,
    }
