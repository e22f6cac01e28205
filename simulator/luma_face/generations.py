"""POST /generations/video, GET /generations[/{id}], DELETE /generations/{id}, GET /credits."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulator.delivery import BearerErrors, DeliveryDesk, FilmDesk, bought
from simulator.door import Answer, Ask, Desk, World
from simulator.faults import Fault
from simulator.jobs import VideoJob, job_fields, now
from simulator.jsons import Json, as_dict, as_int, as_str, compact
from simulator.notes import Notes, loopback

VENDOR = "luma"
MODELS = {"ray-2": 1000, "ray-flash-2": 338}
"""Thousandths of the price of ray-2."""
CENT = 10_000_000
_RATIOS = ("1:1", "16:9", "9:16", "4:3", "3:4", "21:9", "9:21")
_CENTS = {"540p": 8.0, "720p": 14.2, "1080p": 28.4, "4k": 56.8}
_SECONDS = ("5s", "9s")
_STATES = {"queued": "queued", "in_progress": "dreaming", "completed": "completed", "failed": "failed"}
_ERRORS = BearerErrors(lambda status, message: {"detail": message}, "Invalid API key")


class _Desk(FilmDesk):
    def __init__(self, world: World) -> None:
        super().__init__(world, VENDOR, _ERRORS)

    def view(self, ask: Ask, job: VideoJob) -> Json:
        """Return the generation as it is now."""
        at = now()
        state = _STATES[job.status(at)]
        created = datetime.datetime.fromtimestamp(job.created, datetime.UTC).isoformat().replace("+00:00", "Z")
        assets = {"image": None, "progress_video": None, "video": self.url(ask, job)} if state == "completed" else None
        return {
            "id": job.id,
            "generation_type": "video",
            "state": job.reference if job.reference and at < job.ready else state,
            "failure_reason": job.error_message if state == "failed" else None,
            "created_at": created,
            "assets": assets,
            "model": job.model,
            "request": TypeAdapter(Json).validate_json(job.remixed_from or "{}"),
        }


class CreateDesk(_Desk):
    """POST /generations/video."""

    op = "submit"

    def __init__(self, world: World, notes: Notes) -> None:
        super().__init__(world)
        self._notes = notes

    def look(self, ask: Ask) -> tuple[str, str]:
        """Check the body as the reference describes it; return (model, prompt)."""
        f = ask.fields
        known = {"generation_type", "model", "prompt", "aspect_ratio", "duration", "resolution", "loop"}
        if unknown := set(f) - known - {"keyframes", "callback_url", "concepts"}:
            raise self.errors.error(422, f"Extra inputs are not permitted: {sorted(unknown)}")
        for name, legal in (
            ("model", MODELS),
            ("aspect_ratio", _RATIOS),
            ("duration", _SECONDS),
            ("resolution", _CENTS),
        ):
            if as_str(f.get(name)) not in legal:
                raise self.errors.error(400, f"Invalid request: {name} is {f.get(name)!r}")
        prompt = as_str(f.get("prompt"))
        if not 3 <= len(prompt) <= 5000:
            raise self.errors.error(400, "Prompt is too short or too long")
        frames = as_dict(f.get("keyframes"))
        for place, frame in frames.items():
            url = as_str(as_dict(frame).get("url"))
            if place not in ("frame0", "frame1") or not url.startswith(("https://", "http://")):
                raise self.errors.error(400, f"Invalid keyframes: {place} needs the URL of an image")
        callback = as_str(f.get("callback_url"))
        if callback and not loopback(callback):
            raise self.errors.error(400, "Invalid callback URL")
        if self.spent(ask):
            raise self.errors.error(400, "Insufficient credits")
        return as_str(f["model"]), prompt

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Accept a generation; it calls back when it has ended."""
        f = ask.fields
        seconds, at = as_int(as_str(f["duration"]).removesuffix("s"), 5), now()
        short = {"540p": 540, "720p": 720, "1080p": 1080, "4k": 2160}[as_str(f["resolution"])]
        across, down = (int(side) for side in as_str(f["aspect_ratio"]).split(":"))
        job = VideoJob(
            id=str(uuid.uuid4()),
            owner=self.owner(ask),
            model=as_str(f["model"]),
            prompt=as_str(f["prompt"]),
            seconds=str(seconds),
            size=f"{round(short * across / min(across, down))}x{round(short * down / min(across, down))}",
            created=at,
            ready=at,
            remixed_from=compact(f).decode(),
            reference=fault.variant if fault and fault.type == "stall" else "",
            callback=as_str(f.get("callback_url")),
        )
        self.accepted(ask, fault, job, "moderation")
        if fault and fault.type == "refusal":
            job.error_message = fault.message or "400: Contents did not pass our moderation system"
        price = round(_CENTS[as_str(f["resolution"])] * seconds * MODELS[job.model] / 1000 * CENT)
        answer = bought(job, self.view(ask, job), job_fields(job), {"seconds": seconds}, price, 201)
        if not job.callback:
            return answer
        note = partial(self._note, ask, job)
        return replace(answer, then=partial(self._notes.when_done, job, note, fault))

    def _note(self, ask: Ask, job: VideoJob) -> tuple[bytes, dict[str, str]]:
        return compact(self.view(ask, job)), {"content-type": "application/json"}


class ReadDesk(_Desk):
    """GET /generations/{id}."""

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Return the generation."""
        return Answer.of(self.view(ask, self.job(ask)))


class ListDesk(_Desk):
    """GET /generations?limit&offset: newest first."""

    op = "list"

    def look(self, ask: Ask) -> tuple[str, str]:
        """Check the page."""
        if not 1 <= as_int(ask.query.get("limit"), 100) <= 100 or as_int(ask.query.get("offset"), 0) < 0:
            raise self.errors.error(422, "limit must be 1 to 100")
        return "", ""

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Return a page of the key's generations."""
        limit, offset = as_int(ask.query.get("limit"), 100), as_int(ask.query.get("offset"), 0)
        jobs = self.world.jobs.of(self.owner(ask))[::-1]
        page = [self.view(ask, job) for job in jobs[offset : offset + limit]]
        more = {"has_more": len(jobs) > offset + limit, "count": len(page), "limit": limit, "offset": offset}
        return Answer.of({"generations": page, **more})


class DeleteDesk(_Desk):
    """DELETE /generations/{id}."""

    op = "delete"

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Forget it; return 204."""
        self.world.jobs.remove(self.job(ask).id)
        return Answer(b"", 204, free=True)


class CreditsDesk(_Desk):
    """GET /credits, in cents."""

    op = "models"

    def look(self, ask: Ask) -> tuple[str, str]:
        """Return nothing: there is no job."""
        return "", ""

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Return the balance."""
        return Answer.of({"credit_balance": 0 if self.spent(ask) else 150_000})


def routes(world: World, at: Callable[[Desk], Callable[[Request], Awaitable[Response]]]) -> list[Route]:
    """Return Luma's routes under `/luma`."""
    root = "/luma/dream-machine/v1"
    return [
        Route(f"{root}/generations/video", at(CreateDesk(world, Notes(VENDOR, world.callbacks))), methods=["POST"]),
        Route(f"{root}/generations", at(ListDesk(world))),
        Route(f"{root}/generations/{{id}}", at(ReadDesk(world))),
        Route(f"{root}/generations/{{id}}", at(DeleteDesk(world)), methods=["DELETE"]),
        Route(f"{root}/credits", at(CreditsDesk(world))),
        Route("/luma_delivery/{owner}/{id}/film.mp4", at(DeliveryDesk(world, VENDOR))),
    ]
