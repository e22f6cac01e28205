"""Answers of the drama contract as models, for the documentation only: the views build the JSON themselves."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel

JobStatus = Literal["pending", "processing", "completed", "failed"]


class Root(BaseModel):
    """Which API this is; `message` is that of the listener's contract."""

    message: str
    version: str
    docs: str
    openapi: str


class Health(BaseModel):
    """The process answers. `timestamp` is ISO 8601 in UTC, `build` names the source it was made from."""

    status: str
    timestamp: str
    version: str
    service: str | None = None
    build: str | None = None


class HookReply(BaseModel):
    """A vendor was heard; what became of it is not told."""

    heard: Literal[True]


class ChallengeReply(BaseModel):
    """What MiniMax wants to hear before it takes a URL: its own challenge."""

    challenge: str


class JobReply(BaseModel):
    """An accepted wish, with its ids in both spellings."""

    dramaId: str
    jobId: str
    drama_id: str
    job_id: str
    status: JobStatus
    message: str


class ImproveReply(BaseModel):
    """An accepted improvement; the job is filed under `improvedId`."""

    originalId: str
    improvedId: str
    dramaId: str
    jobId: str
    original_id: str
    improved_id: str
    drama_id: str
    job_id: str
    status: JobStatus
    message: str


class ExecuteReply(BaseModel):
    """A production that has started."""

    dag_id: str
    drama_id: str
    parent_job_id: str
    job_id: str
    dagId: str
    dramaId: str
    parentJobId: str
    jobId: str
    status: str
    message: str


class JobRecord(BaseModel):
    """Where a job stands. `result` of a production is its DAG status, also while it runs; asked for alone, a job also tells its
    counters and its steps (`jobs`)."""

    jobId: str
    job_id: str
    type: Literal[
        "generate_drama", "improve_drama", "critique_drama", "generate_image", "generate_video", "generate_audio"
    ]
    status: JobStatus
    dramaId: str
    drama_id: str
    createdAt: int
    startedAt: int | None = None
    completedAt: int | None = None
    error: str | None = None
    result: dict[str, Any] | None = None
    state: str
    kind: str
    progress: float
    cost_usd: float
    reason: str | None = None
    can_retry: bool
    r2_url: str | None = None
    r2_key: str | None = None
    total_jobs: int | None = None
    completed_jobs: int | None = None
    failed_jobs: int | None = None
    running_jobs: int | None = None
    pending_jobs: int | None = None
    jobs: list[dict[str, Any]] | None = None


class JobList(BaseModel):
    """Jobs, newest first."""

    jobs: list[JobRecord]
    cursor: str | None = None


class DramaSummary(BaseModel):
    """The list view of a drama."""

    id: str
    title: str
    description: str
    premise: str
    url: str | None = None
    metadata: dict[str, Any] | None = None


class DramaList(BaseModel):
    """Summaries, last changed first; `cursor` is null at the end."""

    dramas: list[DramaSummary]
    cursor: str | None = None


class Deleted(BaseModel):
    """It is gone."""

    success: bool


class CoverPhoto(BaseModel):
    """The cover."""

    url: str


class Submission(BaseModel):
    """A paid call that waits for a person's decision."""

    id: str
    jobId: str
    childJobId: str
    state: str
    vendor: str
    model: str
    price_usd: float
    cost_usd: float
    estimated: bool
    createdAt: int | None = None
    error: str | None = None


class SubmissionList(BaseModel):
    """Paid calls that wait for a person's decision."""

    submissions: list[Submission]


class GraphqlPlace(BaseModel):
    """Where in a document."""

    line: int
    column: int


class GraphqlError(BaseModel):
    """What went wrong in a document; `extensions` has `request_id`, `reason`, and for errors of the house `status` and `field`."""

    message: str
    locations: list[GraphqlPlace] | None = None
    path: list[str | int] | None = None
    extensions: dict[str, Any]


class GraphqlReply(BaseModel):
    """The answer to a document: what was found, and what went wrong."""

    data: dict[str, Any] | None
    errors: list[GraphqlError] | None = None


class ErrorReply(BaseModel):
    """Every error: `detail` as the contract fixes it, the rest for machines and for support."""

    detail: Any
    error: str
    message: str
    reason: str
    field: str
    retryable: bool
    charged: bool
    request_id: str
