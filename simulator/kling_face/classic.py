"""The classic protocol: POST, GET /v1/videos/{text2video,image2video,omni-video} and GET .../{task_id}."""

from __future__ import annotations

import base64
import binascii

from simulator.door import Answer, Ask, World
from simulator.faults import Fault
from simulator.jobs import VideoJob, now
from simulator.jsons import Json, as_dict, as_int, as_list, as_str
from simulator.kling_face.desks import KlingDesk, SubmitDesk
from simulator.kling_face.errors import KlingErrors, error, shape
from simulator.kling_face.models import CLASSIC
from simulator.notes import Notes

PATHS = ("text2video", "image2video", "omni-video")
_ERRORS = KlingErrors(signed=True)
_WORDS = {"queued": "submitted", "in_progress": "processing", "completed": "succeed", "failed": "failed"}
_PROMPT = 2500


def view_of(desk: KlingDesk, ask: Ask, job: VideoJob) -> Json:
    """Return a task as it is now."""
    at = now()
    status = job.status(at)
    view: Json = {
        "task_id": job.id,
        "task_status": _WORDS[status],
        "task_info": {"external_task_id": job.reference} if job.reference else {},
        "created_at": int(job.created * 1000),
        "updated_at": int(min(at, job.ready) * 1000),
    }
    if status == "failed":
        view["task_status_msg"] = job.error_message
    if status == "completed":
        film = {"id": job.id[::-1], "url": desk.url(ask, job), "duration": f"{job.seconds}.0"}
        view |= {"task_result": {"videos": [film]}, "final_unit_deduction": desk.made(job)["units"]}
    return view


class ClassicSubmit(SubmitDesk):
    """POST."""

    def __init__(self, world: World, notes: Notes, path: str) -> None:
        super().__init__(world, _ERRORS, notes)
        self._path = path

    def look(self, ask: Ask) -> tuple[str, str]:
        """Check the body as the reference describes it; return (model, prompt)."""
        f, name = ask.fields, as_str(ask.fields.get("model_name"))
        model, prompt = CLASSIC.get(name), as_str(f.get("prompt"))
        if model is None or self._path not in model.paths:
            raise error(1201, f"model_name is invalid: {name}")
        if not 0 < len(prompt) <= _PROMPT or len(as_str(f.get("negative_prompt"))) > _PROMPT:
            raise error(1201, "prompt is invalid")
        if as_str(f.get("mode", "std")) not in model.prices:
            raise error(1201, f"model/mode is not supported: {f.get('mode')}")
        if not isinstance(f.get("duration", "5"), str) or as_int(f.get("duration", "5"), 0) not in model.seconds:
            raise error(1201, "duration is invalid")
        if f.get("aspect_ratio", "16:9") not in model.sizes[as_str(f.get("mode", "std"))]:
            raise error(1201, "aspect_ratio is invalid")
        if f.get("sound", "off") not in ("on", "off") or (f.get("sound") == "on" and not model.sound):
            raise error(1201, "sound is not supported")
        self._check_pictures(f, prompt)
        return name, prompt

    def _check_pictures(self, f: Json, prompt: str) -> None:
        pictures = [as_str(f.get(name)) for name in ("image", "image_tail") if name in f]
        if (self._path == "image2video") != ("image" in f) or ("image_tail" in f and "image" not in f):
            raise error(1201, "image is invalid")
        listed = [as_dict(one) for one in as_list(f.get("image_list"))]
        if listed and self._path != "omni-video":
            raise error(1201, "image_list is not supported")
        kinds = [as_str(one.get("type")) for one in listed]
        if any(kinds) and kinds not in (["first_frame"], ["first_frame", "end_frame"]):
            raise error(1201, "image_list is invalid")
        for n in range(1, len(listed) + 1):
            if not any(kinds) and f"<<<image_{n}>>>" not in prompt:
                raise error(1201, f"image_{n} is not named in the prompt")
        for picture in (*pictures, *(as_str(one.get("image_url")) for one in listed)):
            if not (picture.startswith(("https://", "http://")) or _is_base64(picture)):
                raise error(1201, "File is not in a valid base64 format")

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Accept a task."""
        f, name = ask.fields, as_str(ask.fields["model_name"])
        self.check_options(ask, f)
        mode, seconds = as_str(f.get("mode", "std")), as_int(f.get("duration", "5"), 5)
        size = CLASSIC[name].sizes[mode][as_str(f.get("aspect_ratio", "16:9"))]
        order = (self._path, mode, seconds, size, f.get("sound") == "on")
        return self.take(ask, fault, name, CLASSIC[name], order, f, lambda job: view_of(self, ask, job))


class ClassicRead(KlingDesk):
    """GET .../{task_id}: also by the caller's own id."""

    def __init__(self, world: World, path: str) -> None:
        super().__init__(world, _ERRORS)
        self._path = path

    def job(self, ask: Ask) -> VideoJob:
        """Return a task of this path; raise 1203."""
        wanted = ask.params["id"]
        for job in self.world.jobs.of(self.owner(ask)):
            if wanted in (job.id, job.reference) and self.made(job).get("path") == self._path:
                return job
        raise error(1203, "The requested resource does not exist")

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Return the task."""
        return Answer.of(shape(0, "SUCCEED", data=view_of(self, ask, self.job(ask))))


class ClassicList(KlingDesk):
    """GET ...?pageNum&pageSize: newest first."""

    op = "list"

    def __init__(self, world: World, path: str) -> None:
        super().__init__(world, _ERRORS)
        self._path = path

    def look(self, ask: Ask) -> tuple[str, str]:
        """Check the page."""
        if (
            not 1 <= as_int(ask.query.get("pageSize"), 30) <= 500
            or not 1 <= as_int(ask.query.get("pageNum"), 1) <= 1000
        ):
            raise error(1201, "pageSize is invalid")
        return "", ""

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Return one page."""
        size, page = as_int(ask.query.get("pageSize"), 30), as_int(ask.query.get("pageNum"), 1)
        jobs = [j for j in self.world.jobs.of(self.owner(ask)) if self.made(j).get("path") == self._path][::-1]
        shown = jobs[size * (page - 1) : size * page]
        return Answer.of(shape(0, "SUCCEED", data=[view_of(self, ask, job) for job in shown]))


def _is_base64(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) > 0
    except binascii.Error:
        return False
