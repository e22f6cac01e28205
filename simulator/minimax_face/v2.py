"""v2: POST video_generation, GET query/video_generation/{id}, DELETE video_generation/{id}; and all of MiniMax's routes."""

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
from simulator.minimax_face.desks import VENDOR, WRONG, MiniMaxDesk, MiniMaxErrors, SubmitDesk, base, error, new_job
from simulator.minimax_face.v1 import FileDesk, FilesDesk, HailuoRead, HailuoSubmit
from simulator.notes import Notes

MODEL = "MiniMax-H3"
_ERRORS = MiniMaxErrors(401)
_WORDS = {"queued": "queued", "in_progress": "running", "completed": "succeeded", "failed": "failed"}
_ENDS = ("cancelled", "expired")
_PER_SECOND = {"768P": 80_000_000, "2K": 130_000_000}
_SHORT = {"768P": 768, "2K": 1440}
_RATIOS = {"16:9": (16, 9), "9:16": (9, 16), "1:1": (1, 1), "4:3": (4, 3), "3:4": (3, 4), "21:9": (21, 9)}
_FREE_PICTURES = 5
_MORE_PICTURES = 40_000_000
_MOST_PICTURES = 9
_PROMPT = 7000


def view_of(desk: MiniMaxDesk, ask: Ask, job: VideoJob) -> Json:
    """Return a task as it is now."""
    at = now()
    word = job.error_code if job.error_code in _ENDS and at >= job.ready else _WORDS[job.status(at)]
    view: Json = {"id": job.id, "status": word, "duration": as_int(job.seconds, 0)}
    if word == "failed":
        view["error"] = {"code": job.error_code, "message": job.error_message}
    if word == "succeeded":
        seconds = as_int(job.seconds, 0)
        view["content"] = {"url": desk.url(ask, job)}
        view["usage"] = {"total_seconds": seconds, "input_seconds": 0, "output_seconds": seconds}
    return {"task": view, **base(0, "success")}


class H3Submit(SubmitDesk):
    """POST /v2/video_generation."""

    def __init__(self, world: World, notes: Notes) -> None:
        super().__init__(world, _ERRORS, notes)

    def look(self, ask: Ask) -> tuple[str, str]:
        """Check the body as the reference describes it; return (model, prompt)."""
        f = ask.fields
        items = [as_dict(item) for item in as_list(f.get("content"))]
        prompt = next((as_str(item.get("text")) for item in items if item.get("type") == "text"), "")
        if f.get("model") != MODEL or not 0 < len(prompt) <= _PROMPT:
            raise error(WRONG, "invalid params, model or prompt", 400)
        if as_str(f.get("resolution")) not in _PER_SECOND or not 4 <= as_int(f.get("duration"), 0) <= 15:
            raise error(WRONG, "invalid params, resolution or duration", 400)
        if f.get("ratio", "16:9") not in _RATIOS:
            raise error(WRONG, "invalid params, ratio", 400)
        pictures = [item for item in items if item.get("type") == "image_url"]
        roles = [as_str(item.get("role")) for item in pictures]
        framed = roles in (["first_frame"], ["first_frame", "last_frame"])
        if not framed and (set(roles) - {"reference_image"} or len(roles) > _MOST_PICTURES):
            raise error(WRONG, "invalid params, role", 400)
        if len(pictures) + 1 != len(items):
            raise error(WRONG, "invalid params, content", 400)
        for item in pictures:
            url = as_str(as_dict(item.get("image_url")).get("url"))
            if not url.startswith(("https://", "http://", "data:image/")):
                raise error(WRONG, "invalid params, image_url", 400)
        return MODEL, prompt

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Accept a task."""
        self.check_account(ask)
        f, (name, prompt) = ask.fields, self.look(ask)
        tier, seconds = as_str(f["resolution"]), as_int(f["duration"], 5)
        across, down = _RATIOS[as_str(f.get("ratio", "16:9"))]
        scale = _SHORT[tier] / min(across, down)
        size = f"{round(across * scale / 2) * 2}x{round(down * scale / 2) * 2}"
        likes = sum(as_dict(item).get("role") == "reference_image" for item in as_list(f.get("content")))
        price = _PER_SECOND[tier] * seconds + _MORE_PICTURES * (likes > _FREE_PICTURES)
        job = new_job(self, ask, name, prompt, seconds, size)
        return self.take(ask, fault, job, {"seconds": seconds}, price, lambda: view_of(self, ask, job))


class H3Read(MiniMaxDesk):
    """GET /v2/query/video_generation/{id}."""

    def __init__(self, world: World) -> None:
        super().__init__(world, _ERRORS)

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Return the task."""
        return Answer.of(view_of(self, ask, self.job(ask)))


class H3Delete(H3Read):
    """DELETE /v2/video_generation/{id}: takes a waiting task out of the queue, forgets an ended one."""

    op = "delete"

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Return how it went."""
        job, at = self.job(ask), now()
        word = job.status(at)
        if word == "in_progress":
            raise error(WRONG, "invalid params, the task is running", 400)
        if word == "queued":
            job.error_code, job.ready = "cancelled", at
        else:
            self.world.jobs.remove(job.id)
        return Answer.of(base(0, "success"))


def routes(world: World, at: Callable[[Desk], Callable[[Request], Awaitable[Response]]]) -> list[Route]:
    """Return MiniMax's routes under `/minimax`, those of both generations."""
    notes = Notes(VENDOR, world.callbacks)
    return [
        Route("/minimax/v1/video_generation", at(HailuoSubmit(world, notes)), methods=["POST"]),
        Route("/minimax/v1/query/video_generation", at(HailuoRead(world))),
        Route("/minimax/v1/files/retrieve", at(FileDesk(world))),
        Route("/minimax/v1/files/list", at(FilesDesk(world))),
        Route("/minimax/v2/video_generation", at(H3Submit(world, notes)), methods=["POST"]),
        Route("/minimax/v2/video_generation/{id}", at(H3Delete(world)), methods=["DELETE"]),
        Route("/minimax/v2/query/video_generation/{id}", at(H3Read(world))),
        Route("/minimax_delivery/{owner}/{id}/film.mp4", at(DeliveryDesk(world, VENDOR))),
    ]
