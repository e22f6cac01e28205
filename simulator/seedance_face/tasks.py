"""POST, GET and DELETE /contents/generations/tasks."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulator.delivery import BearerErrors, DeliveryDesk, FilmDesk, bought
from simulator.door import Answer, Ask, Desk, VendorError, World
from simulator.faults import Fault
from simulator.jobs import VideoJob, job_fields, now
from simulator.jsons import Json, as_dict, as_int, as_list, as_str, compact
from simulator.notes import Notes, loopback
from simulator.seedance_face.models import INPUT_SECONDS, MODELS, SIZES, tokens

VENDOR = "seedance"
_WORDS = {"queued": "queued", "in_progress": "running", "completed": "succeeded", "failed": "failed"}
_CODES = {
    400: "InvalidParameter",
    401: "AuthenticationError",
    403: "AccessDenied",
    404: "NotFound",
    429: "RateLimitExceeded",
}
_ENDS = ("cancelled", "expired")
_ROLES = ("first_frame", "last_frame", "reference_image")
_BLOCKED = "OutputVideoSensitiveContentDetected"


class ArkErrors(BearerErrors):
    """Errors with a code and a message."""

    def __init__(self) -> None:
        super().__init__(lambda status, message: _shape(status, message), "The API key doesn't exist.")

    def coded(self, status: int, code: str, message: str) -> VendorError:
        """Return a refusal with a code of its own."""
        return VendorError(Answer.of(_shape(status, message, code), status))

    def of_status(self, status: int, fault: Fault) -> Answer:
        """Return a bare status, with the fault's code if it has one."""
        if fault.code:
            return Answer.of(_shape(status, fault.message, fault.code), status)
        return super().of_status(status, fault)


def _shape(status: int, message: str, code: str = "") -> Json:
    known = code or _CODES.get(status, "InternalServiceError")
    return {"error": {"code": known, "message": f"{message} Request id: {secrets.token_hex(8)}", "type": "Error"}}


_ERRORS = ArkErrors()


class _Desk(FilmDesk):
    errors: ArkErrors

    def __init__(self, world: World) -> None:
        super().__init__(world, VENDOR, _ERRORS)

    def job(self, ask: Ask) -> VideoJob:
        """Return the caller's task; raise 404."""
        found = self.world.jobs.get(ask.params["id"], self.owner(ask))
        if found is None:
            raise _ERRORS.coded(404, "ResourceNotFound", "The specified task is not found.")
        return found

    def view(self, ask: Ask, job: VideoJob) -> Json:
        """Return a task as it is now; the prompt is never shown."""
        at, made = now(), as_dict(json.loads(job.reference))
        word = job.error_code if job.error_code in _ENDS and at >= job.ready else _WORDS[job.status(at)]
        view: Json = {"id": job.id, "model": job.model, "status": word}
        if word == "failed":
            view["error"] = {"code": job.error_code, "message": job.error_message}
        if word == "succeeded":
            view["content"] = {"video_url": self.url(ask, job)}
            view["usage"] = {"completion_tokens": made["tokens"], "total_tokens": made["tokens"]}
        shown = {name: value for name, value in made.items() if name != "tokens"}
        times = {"created_at": int(job.created), "updated_at": int(min(at, job.ready))}
        return view | times | shown | {"framespersecond": 24, "service_tier": "default"}


class CreateDesk(_Desk):
    """POST: a task with its contents."""

    op = "submit"

    def __init__(self, world: World, notes: Notes) -> None:
        super().__init__(world)
        self._notes = notes

    def look(self, ask: Ask) -> tuple[str, str]:
        """Check the body as the reference describes it; return (model, prompt)."""
        f, name = ask.fields, as_str(ask.fields.get("model"))
        if self.spent(ask):
            raise _ERRORS.coded(403, "AccountOverdueError", "Your account has an overdue balance.")
        model = MODELS.get(name)
        if model is None:
            raise _ERRORS.coded(404, "InvalidEndpointOrModel.NotFound", f"The model or endpoint {name} does not exist.")
        if as_str(f.get("resolution")) not in model.prices:
            raise self._invalid("resolution")
        if as_str(f.get("ratio")) not in (*SIZES[as_str(f["resolution"])], "adaptive"):
            raise self._invalid("ratio")
        if not model.seconds[0] <= as_int(f.get("duration"), 0) <= model.seconds[1]:
            raise self._invalid("duration")
        if not -1 <= as_int(f.get("seed"), -1) < 2**32:
            raise self._invalid("seed")
        if f.get("service_tier", "default") != "default":
            raise self._invalid("service_tier")
        if (callback := as_str(f.get("callback_url"))) and not loopback(callback):
            raise self._invalid("callback_url")
        return name, self._check_content(f, model.references)

    def _check_content(self, f: Json, most: int) -> str:
        items = [as_dict(item) for item in as_list(f.get("content"))]
        texts = [as_str(item.get("text")) for item in items if item.get("type") == "text"]
        if len(texts) != 1 or not texts[0]:
            raise self._invalid("content.text")
        roles = []
        for item in items:
            kind = as_str(item.get("type"))
            if kind == "image_url":
                url = as_str(as_dict(item.get("image_url")).get("url"))
                if not url.startswith(("https://", "http://", "data:image/")) or item.get("role") not in _ROLES:
                    raise self._invalid("content.image_url")
                roles.append(as_str(item.get("role")))
            elif kind == "video_url":
                url = as_str(as_dict(item.get("video_url")).get("url"))
                if not url.startswith(("https://", "http://")) or not most:
                    raise self._invalid("content.video_url")
                roles.append("reference_video")
            elif kind != "text":
                raise self._invalid("content.type")
        frames = [role for role in roles if role in ("first_frame", "last_frame")]
        if frames not in ([], ["first_frame"], ["first_frame", "last_frame"]) or (frames and len(frames) != len(roles)):
            raise self._invalid("content.role")
        if roles.count("reference_image") > most:
            raise self._invalid("content.reference_image")
        return texts[0]

    def _invalid(self, field: str) -> VendorError:
        return _ERRORS.coded(400, "InvalidParameter", f"The parameter `{field}` specified in the request is not valid.")

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Accept a task; a film as input costs tokens too, but cheaper ones."""
        f, at = ask.fields, now()
        name, resolution = as_str(f["model"]), as_str(f["resolution"])
        ratio = "16:9" if f["ratio"] == "adaptive" else as_str(f["ratio"])
        model, size, seconds = MODELS[name], SIZES[resolution][ratio], as_int(f["duration"], 0)
        with_film = any(as_dict(item).get("type") == "video_url" for item in as_list(f.get("content")))
        sound = f.get("generate_audio", True) is not False
        used = tokens(seconds + INPUT_SECONDS * with_film, size)
        each = model.prices[resolution][with_film] if sound or not model.silent else model.silent
        seed = as_int(f.get("seed"), -1)
        made: Json = {
            "resolution": resolution,
            "ratio": ratio,
            "duration": seconds,
            "seed": secrets.randbelow(2**31) if seed < 0 else seed,
            "generate_audio": sound,
            "tokens": used,
        }
        job = VideoJob(
            id=f"cgt-{time.strftime('%Y%m%d%H%M%S', time.gmtime(at))}-{secrets.token_hex(4)}",
            owner=self.owner(ask),
            model=name,
            prompt=self._check_content(f, model.references),
            seconds=str(seconds),
            size=size,
            created=at,
            ready=at,
            reference=json.dumps(made),
            callback=as_str(f.get("callback_url")),
        )
        self.accepted(ask, fault, job, _BLOCKED)
        answer = bought(job, {"id": job.id}, job_fields(job), {"tokens": used}, used * each)
        if not job.callback:
            return answer
        headers = {"content-type": "application/json"}
        note = partial(self._notes.when_done, job, lambda: (compact(self.view(ask, job)), headers), fault)
        return replace(answer, then=note)


class ReadDesk(_Desk):
    """GET one task."""

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Return the task."""
        return Answer.of(self.view(ask, self.job(ask)))


class ListDesk(_Desk):
    """GET tasks?page_num&page_size&filter.status: newest first."""

    op = "list"

    def look(self, ask: Ask) -> tuple[str, str]:
        """Check the page."""
        if (
            not 1 <= as_int(ask.query.get("page_size"), 20) <= 500
            or not 1 <= as_int(ask.query.get("page_num"), 1) <= 500
        ):
            raise _ERRORS.coded(400, "InvalidParameter", "The parameter `page_size` is not valid.")
        if self.spent(ask):
            raise _ERRORS.coded(403, "AccountOverdueError", "Your account has an overdue balance.")
        return "", ""

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Return one page."""
        views = [self.view(ask, job) for job in reversed(self.world.jobs.of(self.owner(ask)))]
        wanted = ask.query.get("filter.status", "")
        views = [view for view in views if not wanted or view["status"] == wanted]
        size, page = as_int(ask.query.get("page_size"), 20), as_int(ask.query.get("page_num"), 1)
        return Answer.of({"items": views[size * (page - 1) : size * page], "total": len(views)})


class DeleteDesk(_Desk):
    """DELETE: takes a waiting task out of the queue, refuses for a running one, forgets an ended one."""

    op = "delete"

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Return an empty object."""
        job, at = self.job(ask), now()
        word = job.status(at)
        if word == "in_progress":
            raise _ERRORS.coded(409, "InvalidAction.RunningTaskDeletion", "A running task cannot be deleted.")
        if word == "queued":
            job.error_code, job.ready = "cancelled", at
        else:
            self.world.jobs.remove(job.id)
        return Answer.of({})


def routes(world: World, at: Callable[[Desk], Callable[[Request], Awaitable[Response]]]) -> list[Route]:
    """Return Seedance's routes under `/seedance/api/v3`."""
    root, notes = "/seedance/api/v3/contents/generations/tasks", Notes(VENDOR, world.callbacks)
    return [
        Route(root, at(CreateDesk(world, notes)), methods=["POST"]),
        Route(root, at(ListDesk(world))),
        Route(f"{root}/{{id}}", at(ReadDesk(world))),
        Route(f"{root}/{{id}}", at(DeleteDesk(world)), methods=["DELETE"]),
        Route("/seedance_delivery/{owner}/{id}/film.mp4", at(DeliveryDesk(world, VENDOR))),
    ]
