"""The five ways in which the simulated task hosts speak, written from their vendors' pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from simulator.jobs import VideoJob
from simulator.jsons import Json, as_dict, as_int, as_list, as_str

MODEL = "sim-film"
POLICY = "Output data may contain inappropriate content."
FAILED = "The task could not be done."


@dataclass(frozen=True)
class Wanted:
    """What a body asks for; `pictures` are as given."""

    model: str
    prompt: str
    seconds: int
    size: str
    pictures: list[str] = field(default_factory=list)
    ours: str = ""


class BadBody(Exception):
    """A body that this host does not take; the message says why."""


@dataclass(frozen=True)
class Shape:
    """One host: scheme of its key, paths, how a body is read and how answers are worded. `view` gets the state and the film's URL."""

    name: str
    scheme: str
    creates: tuple[str, ...]
    reads: str
    read: Callable[[Json, dict[str, str]], Wanted]
    created: Callable[[VideoJob], Json]
    view: Callable[[VideoJob, str, str], Json]
    error: Callable[[int, str, str], Json]
    price: int
    lists: str = ""
    cancels: tuple[str, str] = ("", "")
    checks: str = ""
    pending_status: int = 200


def _need(value: object, name: str) -> str:
    if not isinstance(value, str) or not value:
        raise BadBody(f"{name} is missing")
    return value


def _whole(value: object, name: str, low: int, high: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise BadBody(f"{name} must be a whole number from {low} to {high}")
    return value


def _said(job: VideoJob) -> str:
    return job.error_message or (POLICY if job.error_code == "refusal" else FAILED)


def _reseller(body: Json, headers: dict[str, str]) -> Wanted:
    images = [as_str(i) for i in as_list(body.get("images"))]
    seconds = _whole(as_int(body.get("duration"), 0), "duration", 1, 15)
    if as_str(body.get("aspect_ratio")) not in ("16:9", "9:16", "1:1"):
        raise BadBody("aspect_ratio must be 16:9, 9:16 or 1:1")
    return Wanted(_need(body.get("model"), "model"), _need(body.get("prompt"), "prompt"), seconds, "720x1280", images)


def _reseller_view(job: VideoJob, state: str, url: str) -> Json:
    word = {"queued": "NOT_START", "in_progress": "IN_PROGRESS", "completed": "SUCCESS", "failed": "FAILURE"}[state]
    progress = {"queued": "0%", "in_progress": "50%", "completed": "100%", "failed": "100%"}[state]
    view: Json = {"task_id": job.id, "status": word, "progress": progress, "fail_reason": ""}
    if state == "failed":
        view["fail_reason"] = _said(job)
    return view | {"data": {"output": url} if url else None, "cost": as_int(job.seconds, 0) * 2}


def _gateway(body: Json, headers: dict[str, str]) -> Wanted:
    meta = as_dict(body.get("metadata"))
    size = f"{_whole(body.get('width'), 'width', 64, 4096)}x{_whole(body.get('height'), 'height', 64, 4096)}"
    pictures = [as_str(body["image"])] if body.get("image") else []
    seconds = _whole(body.get("duration"), "duration", 1, 30)
    model, prompt = _need(body.get("model"), "model"), _need(body.get("prompt"), "prompt")
    return Wanted(model, prompt, seconds, size, pictures, as_str(meta.get("client_id")))


def _gateway_view(job: VideoJob, state: str, url: str) -> Json:
    word = {"queued": "queued", "in_progress": "in_progress", "completed": "completed", "failed": "failed"}[state]
    view: Json = {"task_id": job.id, "status": word, "metadata": {"client_id": job.reference}}
    if url:
        view |= {"url": url, "format": "mp4", "metadata": {"duration": as_int(job.seconds, 0)}}
    if state == "failed":
        view["error"] = {"code": 400 if job.error_code == "refusal" else 500, "message": _said(job)}
    return view


def _dashscope(body: Json, headers: dict[str, str]) -> Wanted:
    if headers.get("x-dashscope-async") != "enable":
        raise BadBody("current user api does not support synchronous calls.")
    source, parameters = as_dict(body.get("input")), as_dict(body.get("parameters"))
    pictures = [as_str(source[n]) for n in ("img_url", "first_frame_url", "last_frame_url") if n in source]
    size = as_str(parameters.get("size")).replace("*", "x") or "720x1280"
    seconds = _whole(parameters.get("duration"), "duration", 2, 15)
    return Wanted(_need(body.get("model"), "model"), _need(source.get("prompt"), "prompt"), seconds, size, pictures)


def _dashscope_view(job: VideoJob, state: str, url: str) -> Json:
    word = {"queued": "PENDING", "in_progress": "RUNNING", "completed": "SUCCEEDED", "failed": "FAILED"}[state]
    output: Json = {"task_id": job.id, "task_status": "CANCELED" if job.error_code == "cancelled" else word}
    view: Json = {"request_id": f"request-{job.id[:8]}", "output": output}
    if url:
        output["video_url"] = url
        view["usage"] = {"duration": as_int(job.seconds, 0), "video_count": 1, "SR": 720}
    if state == "failed":
        code = "DataInspectionFailed" if job.error_code == "refusal" else "InternalError"
        output |= {"code": code, "message": _said(job)}
    return view


def _vidu(body: Json, headers: dict[str, str]) -> Wanted:
    images = [as_str(i) for i in as_list(body.get("images"))]
    if as_str(body.get("resolution")) not in ("540p", "720p", "1080p"):
        raise BadBody("resolution must be 540p, 720p or 1080p")
    seconds = _whole(body.get("duration"), "duration", 1, 16)
    model, prompt = _need(body.get("model"), "model"), _need(body.get("prompt"), "prompt")
    return Wanted(model, prompt, seconds, "720x1280", images, as_str(body.get("payload")))


def _vidu_view(job: VideoJob, state: str, url: str) -> Json:
    word = {"queued": "queueing", "in_progress": "processing", "completed": "success", "failed": "failed"}[state]
    view: Json = {"id": job.id, "state": word, "err_code": "", "credits": as_int(job.seconds, 0) * 12, "creations": []}
    if url:
        view["creations"] = [{"id": f"creation-{job.id[:8]}", "url": url, "cover_url": ""}]
    if state == "failed":
        view["err_code"] = "TaskPromptPolicyViolation" if job.error_code == "refusal" else "CreationFailed"
    return view | {"payload": job.reference}


def _xai(body: Json, headers: dict[str, str]) -> Wanted:
    pictures = [as_str(as_dict(i).get("url")) for i in [body.get("image"), *as_list(body.get("reference_images"))] if i]
    if as_str(body.get("resolution", "480p")) not in ("480p", "720p"):
        raise BadBody("resolution must be 480p or 720p")
    seconds = _whole(body.get("duration", 8), "duration", 1, 15)
    model, prompt = _need(body.get("model"), "model"), _need(body.get("prompt"), "prompt")
    return Wanted(model, prompt, seconds, "720x1280", pictures)


def _xai_view(job: VideoJob, state: str, url: str) -> Json:
    if state == "failed":
        code = "content_policy_violation" if job.error_code == "refusal" else "internal_error"
        return {"status": "failed", "error": {"code": code, "message": _said(job)}}
    if not url:
        return {"status": "pending", "progress": 0 if state == "queued" else 50}
    seconds = as_int(job.seconds, 0)
    usage = {"cost_in_usd_ticks": seconds * 700_000_000}
    return {
        "status": "done",
        "model": job.model,
        "progress": 100,
        "video": {"url": url, "duration": seconds},
        "usage": usage,
    }


SHAPES = (
    Shape(
        "reseller",
        "Bearer",
        ("/v2/videos/generations",),
        "/v2/videos/generations/{id}",
        _reseller,
        lambda job: {"task_id": job.id},
        _reseller_view,
        lambda status, code, text: {"code": code, "message": text, "data": None},
        50_000_000,
        checks="/v1/models",
    ),
    Shape(
        "gateway",
        "Bearer",
        ("/v1/video/generations",),
        "/v1/video/generations/{id}",
        _gateway,
        lambda job: {"task_id": job.id, "status": "queued"},
        _gateway_view,
        lambda status, code, text: {"error": {"code": code, "message": text, "type": "gateway_error"}},
        60_000_000,
        lists="/v1/video/generations",
        checks="/v1/models",
    ),
    Shape(
        "dashscope",
        "Bearer",
        ("/services/aigc/video-generation/video-synthesis",),
        "/tasks/{id}",
        _dashscope,
        lambda job: {"output": {"task_id": job.id, "task_status": "PENDING"}, "request_id": f"request-{job.id[:8]}"},
        _dashscope_view,
        lambda status, code, text: {"code": code, "message": text, "request_id": "request-0"},
        83_000_000,
        cancels=("POST", "/tasks/{id}/cancel"),
    ),
    Shape(
        "vidu",
        "Token",
        ("/text2video", "/img2video", "/start-end2video", "/reference2video"),
        "/tasks/{id}/creations",
        _vidu,
        lambda job: {"task_id": job.id, "state": "created", "model": job.model, "payload": job.reference},
        _vidu_view,
        lambda status, code, text: {"code": status, "reason": code, "message": text, "metadata": {}},
        60_000_000,
        cancels=("POST", "/tasks/{id}/cancel"),
        checks="/credits",
    ),
    Shape(
        "xai",
        "Bearer",
        ("/videos/generations",),
        "/videos/{id}",
        _xai,
        lambda job: {"request_id": job.id},
        _xai_view,
        lambda status, code, text: {"code": code, "error": text},
        70_000_000,
        checks="/api-key",
        pending_status=202,
    ),
)
