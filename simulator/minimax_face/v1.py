"""v1: POST video_generation, GET query/video_generation, GET files/retrieve and files/list."""

from __future__ import annotations

from simulator.door import Answer, Ask, World
from simulator.faults import Fault
from simulator.jobs import VideoJob, now
from simulator.jsons import Json, as_dict, as_int, as_list, as_str
from simulator.minimax_face.desks import WRONG, MiniMaxDesk, MiniMaxErrors, SubmitDesk, base, error, new_job
from simulator.notes import Notes

_ERRORS = MiniMaxErrors(200)
_WORDS = {"queued": "Queueing", "in_progress": "Processing", "completed": "Success", "failed": "Fail"}
_M = 1_000_000
_FULL = {("768P", 6): 280 * _M, ("768P", 10): 560 * _M, ("1080P", 6): 490 * _M}
PRICES = {
    "MiniMax-Hailuo-2.3": _FULL,
    "MiniMax-Hailuo-2.3-Fast": {("768P", 6): 190 * _M, ("768P", 10): 320 * _M, ("1080P", 6): 330 * _M},
    "MiniMax-Hailuo-02": _FULL,
    "S2V-01": {("", 6): 650 * _M},
}
_SIZES = {"768P": "1366x768", "1080P": "1920x1080", "": "1280x720"}
_FRAMES: dict[str, tuple[tuple[str, ...], ...]] = {
    "MiniMax-Hailuo-2.3": ((), ("first_frame_image",)),
    "MiniMax-Hailuo-2.3-Fast": (("first_frame_image",),),
    "MiniMax-Hailuo-02": ((), ("first_frame_image",), ("first_frame_image", "last_frame_image")),
    "S2V-01": ((),),
}
_PROMPT = 2000
_PREFIXES = ("https://", "http://", "data:image/")


def file_id(job: VideoJob) -> str | int:
    """Return the film's file: a number for some, a text for others, as clients have seen it."""
    return int(job.id) if int(job.id) % 2 == 0 else job.id


def view_of(job: VideoJob) -> Json:
    """Return a task as it is now."""
    word = _WORDS[job.status(now())]
    view: Json = {"task_id": job.id, "status": word, "file_id": file_id(job) if word == "Success" else ""}
    if word == "Fail":
        return view | base(as_int(job.error_code, 1000), job.error_message)
    return view | base(0, "success")


class HailuoSubmit(SubmitDesk):
    """POST /v1/video_generation."""

    def __init__(self, world: World, notes: Notes) -> None:
        super().__init__(world, _ERRORS, notes)

    def look(self, ask: Ask) -> tuple[str, str]:
        """Check the body as the reference describes it; return (model, prompt)."""
        f, name, prompt = ask.fields, as_str(ask.fields.get("model")), as_str(ask.fields.get("prompt"))
        if name not in PRICES or not 0 < len(prompt) <= _PROMPT:
            raise error(WRONG, "invalid params, model or prompt")
        if (as_str(f.get("resolution")), as_int(f.get("duration"), 6)) not in PRICES[name]:
            raise error(WRONG, "invalid params, duration and resolution")
        frames = tuple(one for one in ("first_frame_image", "last_frame_image") if one in f)
        if frames not in _FRAMES[name] or not all(as_str(f[one]).startswith(_PREFIXES) for one in frames):
            raise error(WRONG, "invalid params, first_frame_image")
        subjects = [as_dict(one) for one in as_list(f.get("subject_reference"))]
        pictures = [as_str(image) for one in subjects for image in as_list(one.get("image"))]
        if len(pictures) != (name == "S2V-01") or not all(one.startswith(_PREFIXES) for one in pictures):
            raise error(WRONG, "invalid params, subject_reference")
        return name, prompt

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Accept a task."""
        self.check_account(ask)
        name, prompt = self.look(ask)
        tier, seconds = as_str(ask.fields.get("resolution")), as_int(ask.fields.get("duration"), 6)
        job = new_job(self, ask, name, prompt, seconds, _SIZES[tier])
        return self.take(ask, fault, job, {"seconds": seconds}, PRICES[name][tier, seconds], lambda: view_of(job))


class HailuoRead(MiniMaxDesk):
    """GET /v1/query/video_generation?task_id."""

    def __init__(self, world: World) -> None:
        super().__init__(world, _ERRORS)

    def job(self, ask: Ask) -> VideoJob:
        """Return the caller's task."""
        found = self.world.jobs.get(ask.query.get("task_id", ""), self.owner(ask))
        if found is None or found.model not in PRICES:
            raise error(WRONG, "invalid params, task_id")
        return found

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Return the task."""
        return Answer.of(view_of(self.job(ask)))


class FileDesk(MiniMaxDesk):
    """GET /v1/files/retrieve?file_id: a fresh URL each time."""

    def __init__(self, world: World) -> None:
        super().__init__(world, _ERRORS)

    def job(self, ask: Ask) -> VideoJob:
        """Return the caller's finished task that the file belongs to."""
        found = self.world.jobs.get(ask.query.get("file_id", ""), self.owner(ask))
        if found is None or found.status(now()) != "completed":
            raise error(WRONG, "invalid params, file_id")
        return found

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Return the file."""
        job = self.job(ask)
        film = {"file_id": file_id(job), "filename": "output.mp4", "purpose": "video_generation"}
        return Answer.of({"file": {**film, "download_url": self.url(ask, job)}, **base(0, "success")})


class FilesDesk(MiniMaxDesk):
    """GET /v1/files/list?purpose."""

    op = "models"

    def __init__(self, world: World) -> None:
        super().__init__(world, _ERRORS)

    def look(self, ask: Ask) -> tuple[str, str]:
        """Check account and purpose."""
        if self.spent(ask):
            raise error(1008, "insufficient balance")
        return "", ""

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Return no files."""
        return Answer.of({"files": [], **base(0, "success")})
