"""The newer protocol: POST /text-to-video/{model} and /image-to-video/{model}, GET /tasks?task_ids= or ?external_task_ids=."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulator.delivery import DeliveryDesk
from simulator.door import Answer, Ask, Desk, World
from simulator.faults import Fault
from simulator.jobs import VideoJob, now
from simulator.jsons import Json, as_dict, as_int, as_list, as_str
from simulator.kling_face.classic import PATHS, ClassicList, ClassicRead, ClassicSubmit
from simulator.kling_face.desks import VENDOR, CostsDesk, KlingDesk, SubmitDesk
from simulator.kling_face.errors import KlingErrors, error, shape
from simulator.kling_face.models import NEWER
from simulator.notes import Notes

_ERRORS = KlingErrors(signed=False)
_WORDS = {"queued": "submitted", "in_progress": "processing", "completed": "succeeded", "failed": "failed"}
_FRAMES = (["first_frame"], ["first_frame", "last_frame"])


def view_of(desk: KlingDesk, ask: Ask, job: VideoJob) -> Json:
    """Return a task as it is now."""
    at = now()
    status = job.status(at)
    view: Json = {"id": job.id, "status": _WORDS[status], "create_time": int(job.created * 1000)}
    if job.reference:
        view["external_id"] = job.reference
    if status == "failed":
        view["message"] = job.error_message
    if status == "completed":
        view["outputs"] = [{"type": "video", "id": job.id[::-1], "url": desk.url(ask, job), "duration": job.seconds}]
    return view


class NewerSubmit(SubmitDesk):
    """POST."""

    def __init__(self, world: World, notes: Notes, route: str) -> None:
        super().__init__(world, _ERRORS, notes)
        self._route = route

    def look(self, ask: Ask) -> tuple[str, str]:
        """Check the body as the reference describes it; return (model, prompt)."""
        f, name = ask.fields, ask.params["model"]
        model, settings, options = NEWER.get(name), as_dict(f.get("settings")), as_dict(f.get("options"))
        if model is None:
            raise error(1202, f"The requested model does not exist: {name}")
        if as_str(settings.get("resolution")) not in model.prices:
            raise error(1201, "resolution is invalid")
        if isinstance(settings.get("duration"), str) or as_int(settings.get("duration"), 0) not in model.seconds:
            raise error(1201, "duration is invalid")
        if unknown := set(options) - set(model.options):
            raise error(1201, f"options are not supported: {sorted(unknown)}")
        if self._route == "text-to-video":
            if settings.get("aspect_ratio", "16:9") not in model.sizes[as_str(settings["resolution"])]:
                raise error(1201, "aspect_ratio is invalid")
            prompt = as_str(f.get("prompt"))
        else:
            prompt = self._pictured(f, turbo="external_task_id" in model.options)
        if not prompt:
            raise error(1201, "prompt is invalid")
        return name, prompt

    def _pictured(self, f: Json, turbo: bool) -> str:
        contents = [as_dict(one) for one in as_list(f.get("contents"))]
        frames = [one for one in contents if one.get("type") != "prompt"]
        kinds = [as_str(one.get("type")) for one in frames]
        if kinds not in (_FRAMES[:1] if turbo else _FRAMES):
            raise error(1201, "contents is invalid")
        if not all(as_str(one.get("url")).startswith(("https://", "http://")) for one in frames):
            raise error(1201, "url is invalid")
        return next((as_str(one.get("text")) for one in contents if one.get("type") == "prompt"), "")

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Accept a task."""
        f, name = ask.fields, ask.params["model"]
        settings, options = as_dict(f["settings"]), as_dict(f.get("options"))
        self.check_options(ask, options)
        tier, seconds = as_str(settings["resolution"]), as_int(settings["duration"], 5)
        size = NEWER[name].sizes[tier][as_str(settings.get("aspect_ratio", "16:9"))]
        order = (self._route, tier, seconds, size, True)
        return self.take(ask, fault, name, NEWER[name], order, options, lambda job: view_of(self, ask, job))


class TasksDesk(KlingDesk):
    """GET /tasks: those asked for that exist."""

    def __init__(self, world: World) -> None:
        super().__init__(world, _ERRORS)

    def look(self, ask: Ask) -> tuple[str, str]:
        """Check that one kind of ids is given."""
        if ("task_ids" in ask.query) == ("external_task_ids" in ask.query):
            raise error(1201, "task_ids is invalid")
        return "", ""

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Return the tasks."""
        ours = "external_task_ids" in ask.query
        wanted = ask.query["external_task_ids" if ours else "task_ids"].split(",")
        jobs = [job for job in self.world.jobs.of(self.owner(ask)) if (job.reference if ours else job.id) in wanted]
        return Answer.of(shape(0, "SUCCEED", data=[view_of(self, ask, job) for job in jobs]))


def routes(world: World, at: Callable[[Desk], Callable[[Request], Awaitable[Response]]]) -> list[Route]:
    """Return Kling's routes under `/kling`, those of both protocols."""
    notes, found = Notes(VENDOR, world.callbacks), []
    for path in PATHS:
        root = f"/kling/v1/videos/{path}"
        found += [
            Route(root, at(ClassicSubmit(world, notes, path)), methods=["POST"]),
            Route(root, at(ClassicList(world, path))),
            Route(f"{root}/{{id}}", at(ClassicRead(world, path))),
        ]
    for route in ("text-to-video", "image-to-video"):
        found.append(Route(f"/kling/{route}/{{model}}", at(NewerSubmit(world, notes, route)), methods=["POST"]))
    return [
        *found,
        Route("/kling/tasks", at(TasksDesk(world))),
        Route("/kling/account/costs", at(CostsDesk(world, KlingErrors(signed=True)))),
        Route("/kling_delivery/{owner}/{id}/film.mp4", at(DeliveryDesk(world, VENDOR))),
    ]
