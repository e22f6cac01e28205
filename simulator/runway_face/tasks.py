"""POST /v1/{text,image,video}_to_video, GET and DELETE /v1/tasks/{id}, GET /v1/organization."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulator.delivery import BearerErrors, DeliveryDesk, FilmDesk, bought
from simulator.door import Answer, Ask, Desk, World
from simulator.faults import Fault
from simulator.jobs import VideoJob, job_fields, now
from simulator.jsons import Json, as_dict, as_int, as_list, as_str
from simulator.runway_face.models import MODELS

VENDOR = "runway"
CREDIT = 10_000_000
"""Nano-USD."""
VERSION = "2024-11-06"
_ROUTES = ("text_to_video", "image_to_video", "video_to_video")
_URI_CHARACTERS = 5 * 1024 * 1024
_WORDS = {"queued": "PENDING", "in_progress": "RUNNING", "completed": "SUCCEEDED", "failed": "FAILED"}
_ERRORS = BearerErrors(
    lambda status, message: {"error": message}, "You did not provide an API key, or the one provided is not valid."
)


class _Desk(FilmDesk):
    def __init__(self, world: World) -> None:
        super().__init__(world, VENDOR, _ERRORS)

    def look(self, ask: Ask) -> tuple[str, str]:
        """Check the version header; return (model, prompt) of the job that the path names."""
        self.check_version(ask)
        return super().look(ask)

    def check_version(self, ask: Ask) -> None:
        """Raise 400 without the header that every call needs."""
        if ask.headers.get("x-runway-version") != VERSION:
            raise self.errors.error(400, f"This API version is not valid. Set X-Runway-Version to {VERSION}.")

    def view(self, ask: Ask, job: VideoJob) -> Json:
        """Return the task as it is now."""
        at = now()
        word = _WORDS[job.status(at)]
        if job.reference and at < job.ready:
            word = job.reference
        if job.error_code == "CANCELLED":
            word = "CANCELLED"
        created = datetime.datetime.fromtimestamp(job.created, datetime.UTC).isoformat().replace("+00:00", "Z")
        view: Json = {"id": job.id, "createdAt": created, "status": word}
        credits = as_int(job.remixed_from, 0)
        match word:
            case "SUCCEEDED":
                return view | {"output": [self.url(ask, job)], "cost": {"credits": credits}}
            case "FAILED":
                # Input that a policy blocks is billed, anything else is given back.
                kept = credits if job.error_code.startswith("SAFETY.INPUT") else 0
                told = {"failure": job.error_message, "failureCode": job.error_code}
                return view | told | {"cost": {"credits": kept}}
            case "CANCELLED":
                return view | {"cost": {"credits": 0}}
            case "RUNNING":
                share = (at - job.created) / max(job.ready - job.created, 1e-6)
                return view | {"progress": round(min(0.99, share), 2), "estimatedCost": {"credits": credits}}
            case _:
                return view | {"estimatedCost": {"credits": credits}}


class CreateDesk(_Desk):
    """One of the three routes that make a film."""

    op = "submit"

    def __init__(self, world: World, route: str) -> None:
        super().__init__(world)
        self._route = route

    def look(self, ask: Ask) -> tuple[str, str]:
        """Check the body as the reference describes it; return (model, prompt)."""
        self.check_version(ask)
        f, name = ask.fields, as_str(ask.fields.get("model"))
        model = MODELS.get(name)
        if model is None or self._route not in model.ratios:
            raise self.errors.error(400, f"Validation of body failed: model {name!r} is not one of {self._route}'s.")
        prompt = as_str(f.get("promptText"))
        if not prompt or (model.prompt and len(prompt.encode("utf-16-le")) // 2 > model.prompt):
            raise self._invalid("promptText")
        if as_str(f.get("ratio")) not in model.ratios[self._route]:
            raise self._invalid("ratio")
        if f.get("duration") not in model.seconds:
            raise self._invalid("duration")
        if "audio" in f and not (model.sound and isinstance(f["audio"], bool)):
            raise self._invalid("audio")
        self._check_media(f, name)
        if self.spent(ask):
            raise self.errors.error(400, "You do not have enough credits to run this task.")
        return name, prompt

    def _check_media(self, f: Json, name: str) -> None:
        model = MODELS[name]
        frames = [as_dict(frame) for frame in as_list(f.get("promptImage"))]
        places = [as_str(frame.get("position")) for frame in frames]
        if self._route == "image_to_video":
            if places != ["first"] and not (model.last and places == ["first", "last"]):
                raise self._invalid("promptImage")
        elif "promptImage" in f:
            raise self._invalid("promptImage")
        pictures = [as_dict(one) for one in as_list(f.get("references"))]
        if len(pictures) > model.references:
            raise self._invalid("references")
        uris = [as_str(one.get("uri")) for one in (*frames, *pictures)]
        if self._route == "video_to_video":
            uris.append(as_str(f.get(model.video)))
        for uri in uris:
            if not uri.startswith(("https://", "runway://", "data:")) or len(uri) > _URI_CHARACTERS:
                raise self._invalid("uri")

    def _invalid(self, field: str) -> Exception:
        return self.errors.error(400, f"Validation of body failed: {field}")

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Accept a task. A `stall` of variant THROTTLED waits for a place instead of running."""
        f, model = ask.fields, MODELS[as_str(ask.fields["model"])]
        seconds, at = as_int(f.get("duration"), 5), now()
        credits = round(model.credits[f.get("audio", True) is not False] * seconds)
        ratio = as_str(f.get("ratio"))
        job = VideoJob(
            id=str(uuid.uuid4()),
            owner=self.owner(ask),
            model=as_str(f["model"]),
            prompt=as_str(f["promptText"]),
            seconds=str(seconds),
            size=ratio.replace(":", "x") if ":" in ratio else "1280x720",
            created=at,
            ready=at,
            remixed_from=str(credits),
            listed=False,
            reference=fault.variant if fault and fault.type == "stall" else "",
        )
        self.accepted(ask, fault, job, "SAFETY.INPUT.TEXT")
        return bought(job, {"id": job.id}, job_fields(job), {"seconds": seconds, "credits": credits}, credits * CREDIT)


class ReadDesk(_Desk):
    """GET /v1/tasks/{id}."""

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Return the task."""
        return Answer.of(self.view(ask, self.job(ask)))


class DeleteDesk(_Desk):
    """DELETE /v1/tasks/{id}: cancels a running task, forgets a finished one."""

    op = "delete"

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Return 204."""
        job = self.job(ask)
        if job.status(now()) in ("queued", "in_progress"):
            job.error_code, job.ready = "CANCELLED", now()
        else:
            self.world.jobs.remove(job.id)
        return Answer(b"", 204, free=True)


class AccountDesk(_Desk):
    """GET /v1/organization."""

    op = "models"

    def look(self, ask: Ask) -> tuple[str, str]:
        """Check the version header."""
        self.check_version(ask)
        return "", ""

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Return the balance in credits."""
        models = {name: {"maxConcurrentGenerations": 3, "maxDailyGenerations": 1000} for name in MODELS}
        balance = 0 if self.spent(ask) else 100_000
        tier = {"maxMonthlyCreditSpend": 1_000_000, "models": models}
        return Answer.of({"creditBalance": balance, "tier": tier, "usage": {"models": {}}})


def routes(world: World, at: Callable[[Desk], Callable[[Request], Awaitable[Response]]]) -> list[Route]:
    """Return Runway's routes under `/runway`."""
    return [
        *(Route(f"/runway/v1/{name}", at(CreateDesk(world, name)), methods=["POST"]) for name in _ROUTES),
        Route("/runway/v1/tasks/{id}", at(ReadDesk(world))),
        Route("/runway/v1/tasks/{id}", at(DeleteDesk(world)), methods=["DELETE"]),
        Route("/runway/v1/organization", at(AccountDesk(world))),
        Route("/runway_delivery/{owner}/{id}/film.mp4", at(DeliveryDesk(world, VENDOR))),
    ]
