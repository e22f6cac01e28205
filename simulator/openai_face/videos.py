"""The video jobs: create, read, list, delete, content, remix."""

from __future__ import annotations

import secrets
from functools import partial

from simulator.content import pictures
from simulator.door import Answer, Ask, Webhook, World
from simulator.faults import Fault
from simulator.jobs import VideoJob, job_fields, now
from simulator.jsons import Json, as_int, as_str, compact
from simulator.notes import Notes, standard
from simulator.openai_face.errors import OpenAIErrors, error, model_of, needed

_SECONDS = ("4", "8", "12")
_SIZES = ("720x1280", "1280x720", "1024x1792", "1792x1024")
_PRO_SIZES = (*_SIZES, "1080x1920", "1920x1080")
_BLOCKED = "Your request was blocked by our moderation system."


class _VideoDesk:
    vendor, kind, op = "openai", "video", "read"
    errors = OpenAIErrors()

    def __init__(self, world: World) -> None:
        self._world = world

    def look(self, ask: Ask) -> tuple[str, str]:
        """Return (model, prompt) of the job that the path names."""
        job = self._job(ask)
        return job.model, job.prompt

    def _job(self, ask: Ask) -> VideoJob:
        job = self._world.jobs.get(ask.params["id"], ask.owner)
        if job is None:
            raise error(404, f"Video with id '{ask.params['id']}' not found.", "not_found")
        return job

    def _view(self, job: VideoJob) -> Answer:
        at = now()
        return Answer.of(job.view(at), headers={"openai-poll-after-ms": str(job.poll_after_ms(at))})


class CreateDesk(_VideoDesk):
    """POST /videos (JSON or multipart) and, with `remix`, POST /videos/{id}/remix."""

    op = "submit"

    def __init__(self, world: World, remix: bool = False) -> None:
        super().__init__(world)
        self._remix = remix
        self._notes = Notes(self.vendor, world.callbacks)

    def look(self, ask: Ask) -> tuple[str, str]:
        """Check prompt, model, seconds, size and reference; return (model, prompt)."""
        f, prompt = ask.fields, needed(ask.fields.get("prompt"), "prompt")
        if self._remix:
            return self._job(ask).model, prompt
        model = model_of(self._world.catalogue, f.get("model") or "sora-2", "video")
        seconds, size = f.get("seconds", "4"), as_str(f.get("size", "720x1280"))
        if str(seconds) not in _SECONDS:
            text = f"Invalid value: '{seconds}'. Supported values are: '4', '8', and '12'."
            raise error(400, text, "invalid_value", "seconds")
        sizes = _SIZES if model.id == "sora-2" else _PRO_SIZES
        if size not in sizes:
            raise error(
                400, f"Invalid value: '{size}'. Supported values are: {', '.join(sizes)}.", "invalid_value", "size"
            )
        for upload in ask.files.get("input_reference", []):
            measured = pictures.size_of(upload)
            if measured is None:
                raise error(400, "Invalid image file.", "invalid_image_file", "input_reference")
            if model.id.startswith("sora") and "x".join(map(str, measured)) != size:
                text = "Inpaint image must match the requested width and height"
                raise error(400, text, "invalid_value", "input_reference")
        return model.id, prompt

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Accept a job. Models differ in what a repeated `Idempotency-Key` does: the first job again, or 422."""
        world, f = self._world, ask.fields
        source = self._job(ask) if self._remix else None
        model = model_of(world.catalogue, source.model if source else f.get("model") or "sora-2", "video")
        key = ask.headers.get("idempotency-key", "") if model.idempotency != "none" else ""
        if key and (earlier := world.jobs.by_key(key, ask.owner)) is not None:
            if model.idempotency == "reject":
                raise error(422, "This Idempotency-Key was used before.", "idempotency_key_reused")
            return self._view(earlier)
        at, kind = now(), fault.type if fault else ""
        job = VideoJob(
            id=f"video_{secrets.token_hex(16)}",
            owner=ask.owner,
            model=model.id,
            prompt=as_str(f.get("prompt")),
            seconds=source.seconds if source else str(f.get("seconds", "4")),
            size=source.size if source else as_str(f.get("size", "720x1280")),
            created=at,
            ready=at + world.video_seconds + (fault.seconds if fault and kind == "stall" else 0.0),
            remixed_from=source.id if source else None,
            listed=model.listed,
            idempotency_key=key,
            callback=world.webhook.url if world.webhook else "",
        )
        if fault and kind in ("fail_job", "refusal"):
            job.error_code = fault.code or ("moderation_blocked" if kind == "refusal" else "video_generation_failed")
            job.error_message = fault.message or (
                _BLOCKED if kind == "refusal" else "The video could not be generated."
            )
        if fault and kind == "expired_content":
            job.content_failures, job.content_status = 1, fault.status
        world.jobs.add(job)
        view: Json = job.view(at)
        return Answer(
            compact(view),
            headers={"content-type": "application/json", "openai-poll-after-ms": str(job.poll_after_ms(at))},
            units={"seconds": int(job.seconds), "size": job.size},
            price=int(job.seconds) * model.per_second * _size_factor(model.id, job.size) // 3,
            operation=job.id,
            job=job_fields(job),
            then=partial(self._notes.when_done, job, partial(_event, job, world.webhook), fault)
            if world.webhook
            else None,
        )


def _event(job: VideoJob, webhook: Webhook) -> tuple[bytes, dict[str, str]]:
    """Return the event of a film, signed as Standard Webhooks; one that is not done yet has no word of its own."""
    at, identity = now(), f"evt_{secrets.token_hex(12)}"
    event: Json = {
        "id": identity,
        "object": "event",
        "created_at": int(at),
        "type": f"video.{job.status(at)}",
        "data": {"id": job.id},
    }
    body = compact(event)
    return body, {"content-type": "application/json", **standard(webhook.secret, identity, int(at), body)}


def _size_factor(model: str, size: str) -> int:
    """Return thirds of the base price: the pro model costs 3/3, 5/3 or 7/3 of it by size ($0.30, 0.50, 0.70)."""
    if model != "sora-2-pro":
        return 3
    return {"1024x1792": 5, "1792x1024": 5, "1080x1920": 7, "1920x1080": 7}.get(size, 3)


class ReadDesk(_VideoDesk):
    """GET /videos/{id}."""

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Return the job as it is now."""
        return self._view(self._job(ask))


class DeleteDesk(_VideoDesk):
    """DELETE /videos/{id}."""

    op = "delete"

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Forget a finished job; a running one is a conflict."""
        job = self._job(ask)
        if job.status(now()) in ("queued", "in_progress"):
            raise error(409, "Cannot delete a video while it is being processed.", "conflict")
        self._world.jobs.remove(job.id)
        return Answer.of({"id": job.id, "object": "video.deleted", "deleted": True})


class ListDesk(_VideoDesk):
    """GET /videos?after&limit&order."""

    op = "list"

    def look(self, ask: Ask) -> tuple[str, str]:
        """Check the limits of the page."""
        if not 0 <= as_int(ask.query.get("limit"), 20) <= 100:
            raise error(400, "Invalid 'limit': expected a value between 0 and 100.", "integer_out_of_range", "limit")
        if ask.query.get("order", "desc") not in ("asc", "desc"):
            raise error(400, "Invalid 'order': expected 'asc' or 'desc'.", "invalid_value", "order")
        return "", ""

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Return one page of the key's jobs, newest first by default."""
        jobs = self._world.jobs.of(ask.owner)
        if ask.query.get("order", "desc") == "desc":
            jobs.reverse()
        if after := ask.query.get("after"):
            ids = [j.id for j in jobs]
            jobs = jobs[ids.index(after) + 1 :] if after in ids else []
        limit = as_int(ask.query.get("limit"), 20)
        page = [j.view(now()) for j in jobs[:limit]]
        body: Json = {"object": "list", "data": page, "has_more": len(jobs) > limit}
        return Answer.of(
            body | {"first_id": page[0]["id"] if page else None, "last_id": page[-1]["id"] if page else None}
        )


class ContentDesk(_VideoDesk):
    """GET /videos/{id}/content?variant=video|thumbnail|spritesheet."""

    op = "content"

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Return the bytes: MP4, WebP thumbnail or JPEG sprite sheet."""
        job, variant = self._job(ask), ask.query.get("variant", "video")
        if variant not in ("video", "thumbnail", "spritesheet"):
            raise error(400, f"Invalid value: '{variant}'.", "invalid_value", "variant")
        if job.status(now()) != "completed":
            raise error(404, "Video is not ready yet, use GET /v1/videos/{video_id} to check status.", "not_ready")
        if job.content_failures > 0 or (fault and fault.type == "expired_content"):
            job.content_failures -= 1
            raise error(fault.status if fault else job.content_status, "The video has expired.", "video_expired")
        if variant == "video":
            body = self._world.films.film(job.id, job.size)
            return Answer(body, headers={"content-type": "video/mp4"}, free=True)
        width, height = map(int, job.size.split("x"))
        if variant == "thumbnail":
            return Answer(
                pictures.draw(job.prompt, width, height, "webp", job.id),
                headers={"content-type": "image/webp"},
                free=True,
            )
        sheet = pictures.draw(job.prompt, width * 2, height // 2, "jpeg", job.id)
        return Answer(sheet, headers={"content-type": "image/jpeg"}, free=True)
