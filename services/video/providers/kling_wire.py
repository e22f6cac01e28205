"""Kling's two protocols: where a film is ordered, what is sent, and how their answers are read.

The row's `film.protocol` chooses: `classic` (models up to 3.0: a path per way of making, `task_id`, `succeed`) or `tasks` (3.0-turbo and
4.0: a path per model, `id`, `succeeded`, all reads at `/tasks`).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kit.providers.base import Call, NotAccepted, OutcomeUnknown
from kit.providers.catalogue import Film
from kit.providers.fitting import ratio_of
from kit.providers.http import BUSY_SECONDS, retry_after, verdict
from services.video.providers.rest import Reply, no_id, text_of
from services.video.providers.shared import is_policy, references

AUTH = frozenset(range(1000, 1005))
SPENT = frozenset({1101, 1102})
_NOT_ALLOWED = frozenset({1100, 1103, 1304})
_WRONG = frozenset({1200, 1201, 1202, 1203})
_POLICY = frozenset({1300, 1301})
BUSY = frozenset({1302, 1303})
_CLOSED = 5001
_POLICY_WORDS = ("risk control", "violat")


@dataclass(frozen=True)
class Task:
    """A task of either protocol. `created` is in Unix seconds, 0 when it is not told."""

    identity: str
    status: str
    message: str = ""
    url: str = ""
    units: str = ""
    reference: str = ""
    created: float = 0.0


def order(film: Film, call: Call) -> dict[str, Any]:
    """Returns the body of a submit; raises `NotAccepted` when a picture is missing."""
    return _tasks_order(film, call) if film.protocol == "tasks" else _classic_order(film, call)


def path_of(film: Film, call: Call) -> str:
    """Returns where a film of this model and way of making is ordered."""
    framed = call.request.get("mode", "text") in ("image", "last_frame")
    if film.protocol == "tasks":
        return f"/{'image' if framed else 'text'}-to-video/{film.wire or call.model}"
    return f"/v1/videos/{film.options.get('path') or ('image2video' if framed else 'text2video')}"


def task(protocol: str, source: Any) -> Task:
    """Returns a task as either protocol shows it."""
    found: Mapping[str, Any] = source if isinstance(source, Mapping) else {}
    created = found.get("created_at", found.get("create_time"))
    when = float(created) / 1000 if isinstance(created, int | float) else 0.0
    if protocol == "tasks":
        outputs = [one for one in _list(found.get("outputs")) if one.get("type", "video") == "video"]
        return Task(
            text_of(found.get("id")),
            text_of(found.get("status")),
            text_of(found.get("message")),
            text_of(outputs[0].get("url")) if outputs else "",
            text_of(found.get("final_unit_deduction")),
            text_of(found.get("external_id")),
            when,
        )
    result, info = found.get("task_result"), found.get("task_info")
    videos = _list(result.get("videos")) if isinstance(result, Mapping) else []
    return Task(
        text_of(found.get("task_id")),
        text_of(found.get("task_status")),
        text_of(found.get("task_status_msg")),
        text_of(videos[0].get("url")) if videos else "",
        text_of(found.get("final_unit_deduction")),
        text_of(info.get("external_task_id")) if isinstance(info, Mapping) else "",
        when,
    )


def refused(reply: Reply, message: str) -> NotAccepted | OutcomeUnknown:
    """Returns what an answer to a submit proves that is no acceptance. Kling's own code tells more than the HTTP status."""
    code, text = reply.whole("code"), message[:500] or "Kling refuses it."
    if code in AUTH or code in _NOT_ALLOWED:
        return NotAccepted(text, reason="vendor_key_refused")
    if code in SPENT:
        return NotAccepted(text, reason="vendor_quota")
    if code in _POLICY or (code in _WRONG and is_policy(message)):
        return NotAccepted(text, reason="model_refused")
    if code in _WRONG:
        return NotAccepted(text, reason="vendor_refused")
    if code in BUSY:
        waits = retry_after(reply.headers)
        return NotAccepted(text, reason="vendor_busy", retryable=True, after=BUSY_SECONDS if waits is None else waits)
    if code == _CLOSED:
        return NotAccepted(text, reason="vendor_overloaded", retryable=True, after=retry_after(reply.headers))
    # 5000 and 5002 (an error inside, a timeout) and what nobody has documented: the task may be there, and the list can tell.
    return no_id() if reply.status < 400 else verdict(reply.status, reply.headers, message)


def breaks_policy(message: str) -> bool:
    """Returns whether a failed task's words name a policy."""
    return is_policy(message) or any(word in message.casefold() for word in _POLICY_WORDS)


def _classic_order(film: Film, call: Call) -> dict[str, Any]:
    request, mode = call.request, str(call.request.get("mode", "text"))
    body: dict[str, Any] = {
        "model_name": film.wire or call.model,
        "prompt": str(request["prompt"]),
        "mode": str(film.options.get("mode", "std")),
        "duration": str(request["seconds"]),
        "external_task_id": call.submission_id,
    }
    if request.get("negative_prompt"):
        body["negative_prompt"] = request["negative_prompt"]
    if request.get("size"):
        body["aspect_ratio"] = ratio_of(str(request["size"]))
    if film.audio == "optional":
        body["sound"] = "on" if request.get("audio") else "off"
    if call.callback:
        body["callback_url"] = call.callback
    if film.options.get("path") == "omni-video":
        body |= _omni(call, mode)
    elif mode in ("image", "last_frame"):
        body["image"] = _plain(call, "image")
        if mode == "last_frame":
            body["image_tail"] = _plain(call, "last_frame")
    return body


def _omni(call: Call, mode: str) -> dict[str, Any]:
    if mode == "text":
        return {}
    if mode in ("image", "last_frame"):
        frames = [{"image_url": _plain(call, "image"), "type": "first_frame"}]
        if mode == "last_frame":
            frames.append({"image_url": _plain(call, "last_frame"), "type": "end_frame"})
        return {"image_list": frames}
    names, prompt = references(call), str(call.request["prompt"])
    pictures = [{"image_url": _plain(call, name)} for name in names]
    # A picture counts when the prompt names it.
    if "<<<image_" not in prompt:
        prompt += "\n" + " ".join(f"<<<image_{n}>>>" for n in range(1, len(names) + 1))
    return {"image_list": pictures, "prompt": prompt}


def _tasks_order(film: Film, call: Call) -> dict[str, Any]:
    request, mode = call.request, str(call.request.get("mode", "text"))
    settings: dict[str, Any] = {
        "resolution": str(film.options.get("resolution", "720p")),
        "duration": int(request["seconds"]),
    }
    options: dict[str, Any] = {}
    if film.options.get("external_id"):
        options["external_task_id"] = call.submission_id
    if call.callback and film.callbacks:
        options["callback_url"] = call.callback
    tail = {"settings": settings, **({"options": options} if options else {})}
    if mode == "text":
        settings["aspect_ratio"] = ratio_of(str(request["size"]))
        return {"prompt": str(request["prompt"]), **tail}
    contents = [{"type": "prompt", "text": str(request["prompt"])}]
    frames = {"image": "first_frame", "last_frame": "last_frame"} if mode == "last_frame" else {"image": "first_frame"}
    for name, word in frames.items():
        if not call.urls.get(name):
            raise NotAccepted("This model of Kling reads pictures from URLs, and there is none.", reason="file_missing")
        contents.append({"type": word, "url": call.urls[name]})
    return {"contents": contents, **tail}


def _plain(call: Call, name: str) -> str:
    """A picture as Kling takes it: base64 without a prefix, or a URL."""
    data = call.files.get(name)
    if data is not None:
        return base64.b64encode(data).decode()
    if call.urls.get(name):
        return call.urls[name]
    raise NotAccepted(f"The file {name} is not there.", reason="file_missing")


def _list(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
