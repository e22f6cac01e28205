"""Films at the five vendors: submit, list, read, content, cancel."""

from __future__ import annotations

import secrets
import threading
from functools import partial

from simulator.door import Answer, Ask, World
from simulator.faults import Fault
from simulator.jobs import VideoJob, job_fields, now
from simulator.jsons import Json, as_dict, as_int, as_number, as_str, compact
from simulator.kinds_face.callbacks import Callbacks, loopback
from simulator.kinds_face.kinds import PER_SECOND, Kind, KindErrors, error

MODEL = "film-1"
_SIZE = "144x256"
_PAGE = 100


class _Desk:
    kind, op = "video", "read"
    errors = KindErrors()

    def __init__(self, world: World, kind: Kind) -> None:
        self._world = world
        self._kind = kind
        self.vendor = kind.vendor

    def look(self, ask: Ask) -> tuple[str, str]:
        """Return (model, prompt) of the job that the path names."""
        job = self._job(ask)
        return job.model, job.prompt

    def _owner(self, ask: Ask) -> str:
        # Vendors are strangers to each other, whatever key is used at both.
        return f"{ask.owner}@{self.vendor}"

    def _job(self, ask: Ask) -> VideoJob:
        job = self._world.jobs.get(ask.params["id"], self._owner(ask))
        if job is None:
            raise error(404, "unknown_job", "There is no such job.")
        return job


def _view(job: VideoJob) -> Json:
    at = now()
    return {
        "id": job.id,
        "status": job.status(at),
        "created_at": job.created,
        "metadata": {"reference": job.reference} if job.reference else {},
        "seconds": as_int(job.seconds, 0),
        "price_nano_usd": as_int(job.seconds, 0) * PER_SECOND,
        "poll_after_ms": job.poll_after_ms(at),
        "error": {"code": job.error_code, "message": job.error_message} if job.error_code else None,
    }


class SubmitDesk(_Desk):
    """POST /jobs: `prompt`, `seconds`, and what this vendor knows of `metadata.reference` and `callback_url`."""

    op = "submit"

    def __init__(self, world: World, kind: Kind, callbacks: Callbacks) -> None:
        super().__init__(world, kind)
        self._callbacks = callbacks
        self._lock = threading.Lock()

    def look(self, ask: Ask) -> tuple[str, str]:
        """Check prompt, seconds and callback."""
        prompt = as_str(ask.fields.get("prompt"))
        if not prompt:
            raise error(400, "bad_prompt", "`prompt` is missing.")
        if not 1 <= as_int(ask.fields.get("seconds"), 0) <= 60:
            raise error(400, "bad_seconds", "`seconds` must be 1 to 60.")
        callback = as_str(ask.fields.get("callback_url"))
        if callback and not (self._kind.calls_back and loopback(callback)):
            raise error(400, "bad_callback", "`callback_url` is not taken.")
        return MODEL, prompt

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Accept a job. A key used before gives the first job again, or 422 with its id, or means nothing."""
        key = ask.headers.get("idempotency-key", "") if self._kind.key != "none" else ""
        # Looked up and taken in one step: two calls with one key at the same moment are one job.
        with self._lock:
            earlier = self._world.jobs.by_key(key, self._owner(ask)) if key else None
            if earlier is None:
                job = self._accepted(ask, fault, key)
                self._world.jobs.add(job)
        if earlier is not None:
            if self._kind.key == "reject":
                raise error(422, "key_used", "This Idempotency-Key was used before.", first=earlier.id)
            return Answer.of(_view(earlier), 201)
        view = _view(job)
        secret = ask.headers.get("authorization", "").partition(" ")[2].strip()
        return Answer(
            compact(view),
            201,
            {"content-type": "application/json"},
            units={"seconds": as_int(job.seconds, 0)},
            price=as_int(job.seconds, 0) * PER_SECOND,
            operation=job.id,
            job=job_fields(job),
            then=partial(self._callbacks.accepted, job, secret, fault) if job.callback else None,
        )

    def _accepted(self, ask: Ask, fault: Fault | None, key: str) -> VideoJob:
        at, kind = now(), fault.type if fault else ""
        work = as_number(ask.fields.get("work_seconds"), self._world.video_seconds)
        return VideoJob(
            id=f"{self.vendor}_{secrets.token_hex(12)}",
            owner=self._owner(ask),
            model=MODEL,
            prompt=as_str(ask.fields.get("prompt")),
            seconds=str(as_int(ask.fields.get("seconds"), 1)),
            size=_SIZE,
            created=at,
            ready=at + work + (fault.seconds if fault and kind == "stall" else 0.0),
            error_code=(fault.code or "film_failed") if fault and kind == "fail_job" else "",
            error_message=(fault.message or "The film could not be made.") if fault and kind == "fail_job" else "",
            content_failures=int(kind == "expired_content"),
            content_status=fault.status if fault and kind == "expired_content" else 404,
            listed=self._kind.listed,
            idempotency_key=key,
            reference=as_str(as_dict(ask.fields.get("metadata")).get("reference")) if self._kind.listed else "",
            callback=as_str(ask.fields.get("callback_url")),
        )


class ListDesk(_Desk):
    """GET /jobs?created_after&reference: newest first, at most a hundred. Only one vendor has it."""

    op = "list"

    def look(self, ask: Ask) -> tuple[str, str]:
        """Refuse where there is no list."""
        if not self._kind.listed:
            raise error(404, "no_list", "This vendor has no list.")
        return "", ask.query.get("reference", "")

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Return the key's jobs."""
        after, wanted = as_number(ask.query.get("created_after"), 0.0), ask.query.get("reference", "")
        jobs = [
            job
            for job in reversed(self._world.jobs.of(self._owner(ask)))
            if job.created >= after and (not wanted or job.reference == wanted)
        ]
        return Answer.of({"data": [_view(job) for job in jobs[:_PAGE]]})


class ReadDesk(_Desk):
    """GET /jobs/{id}."""

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Return the job as it is now; `looks_failed` shows a failure that is none."""
        job = self._job(ask)
        view = _view(job)
        if fault and fault.type == "looks_failed":
            view |= {
                "status": "error",
                "error": {"code": "internal", "message": "Something went wrong.", "final": False},
            }
        return Answer.of(view)


class ContentDesk(_Desk):
    """GET /jobs/{id}/content."""

    op = "content"

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Return the film's bytes."""
        job = self._job(ask)
        if job.status(now()) != "completed":
            raise error(409, "not_ready", "The film is not ready.")
        if job.content_failures > 0 or (fault and fault.type == "expired_content"):
            raise error(fault.status if fault else job.content_status, "expired", "The film has expired.")
        return Answer(self._world.films.film(job.id, job.size), headers={"content-type": "video/mp4"}, free=True)


class CancelDesk(_Desk):
    """DELETE /jobs/{id}: the work goes on and is billed."""

    op = "delete"

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Say that the wish was heard."""
        return Answer.of({"id": self._job(ask).id, "cancelling": True}, 202)
