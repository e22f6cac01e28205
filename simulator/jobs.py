"""Video jobs: their state follows from the clock alone, so a restart changes nothing."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass

from pydantic import TypeAdapter

from simulator.jsons import Json, as_dict

_QUEUED_SHARE = 0.2


@dataclass
class VideoJob:
    """One accepted job. Times are unix seconds; `owner` is the hash of the key that made it: others get 404."""

    id: str
    owner: str
    model: str
    prompt: str
    seconds: str
    size: str
    created: float
    ready: float
    error_code: str = ""
    error_message: str = ""
    remixed_from: str | None = None
    content_failures: int = 0
    content_status: int = 404
    listed: bool = True
    idempotency_key: str = ""
    reference: str = ""
    callback: str = ""

    def status(self, now: float) -> str:
        """Return queued, in_progress, completed or failed at time `now`."""
        if now >= self.ready:
            return "failed" if self.error_code else "completed"
        return "queued" if now < self.created + _QUEUED_SHARE * (self.ready - self.created) else "in_progress"

    def view(self, now: float) -> Json:
        """Return the job as OpenAI's video object."""
        status = self.status(now)
        done, share = now >= self.ready, (now - self.created) / max(self.ready - self.created, 1e-6)
        return {
            "id": self.id,
            "object": "video",
            "created_at": int(self.created),
            "status": status,
            "completed_at": int(self.ready) if done else None,
            "expires_at": int(self.ready) + 3600 if status == "completed" else None,
            "error": {"code": self.error_code, "message": self.error_message} if status == "failed" else None,
            "model": self.model,
            "progress": 100 if status == "completed" else 0 if status == "queued" else min(99, int(share * 100)),
            "prompt": self.prompt,
            "remixed_from_video_id": self.remixed_from,
            "seconds": self.seconds,
            "size": self.size,
        }

    def poll_after_ms(self, now: float) -> int:
        """Return how long a client should wait before it asks again, in milliseconds."""
        return int(min(max((self.ready - now) * 500, 50), 5000))


class VideoJobs:
    """All jobs in order of acceptance."""

    def __init__(self, entries: list[Json]) -> None:
        """Bring back the jobs of a ledger's entries."""
        self._jobs: dict[str, VideoJob] = {}
        reader = TypeAdapter(VideoJob)
        for stored in (as_dict(e.get("job")) for e in entries):
            if stored:
                self.add(reader.validate_python(stored))

    def add(self, job: VideoJob) -> None:
        """Remember an accepted job."""
        self._jobs[job.id] = job

    def get(self, identity: str, owner: str) -> VideoJob | None:
        """Return the owner's job, or None."""
        job = self._jobs.get(identity)
        return job if job and job.owner == owner else None

    def by_key(self, idempotency_key: str, owner: str) -> VideoJob | None:
        """Return the owner's job that was accepted under an idempotency key, or None."""
        return next((j for j in self._jobs.values() if j.idempotency_key == idempotency_key and j.owner == owner), None)

    def of(self, owner: str) -> list[VideoJob]:
        """Return the owner's jobs that a list shows, oldest first."""
        return [j for j in self._jobs.values() if j.owner == owner and j.listed]

    def remove(self, identity: str) -> None:
        """Forget a job until the next restart."""
        self._jobs.pop(identity, None)

    def clear(self) -> None:
        """Forget all jobs."""
        self._jobs.clear()


def job_fields(job: VideoJob) -> Json:
    """Return the job for the ledger."""
    return dict(asdict(job))


def now() -> float:
    """Return the time in unix seconds."""
    return time.time()
