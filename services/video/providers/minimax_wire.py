"""What is sent to MiniMax's two generations of API: v1 names each picture's part in a field, v2 (H3) in a list of contents."""

from __future__ import annotations

from typing import Any

from kit.providers.base import Call
from kit.providers.catalogue import Film
from kit.providers.fitting import ratio_of
from services.video.providers.shared import references, source

_PICTURE = 27_000_000
"""Characters of a data URI: 20 MB of picture."""


def order(film: Film, call: Call) -> dict[str, Any]:
    """Returns the body of a submit, without a callback; raises `NotAccepted` when a picture is missing."""
    return _h3(film, call) if film.protocol == "v2" else _hailuo(film, call)


def _hailuo(film: Film, call: Call) -> dict[str, Any]:
    request, mode = call.request, call.request.get("mode", "text")
    body: dict[str, Any] = {"model": film.wire or call.model, "prompt": str(request["prompt"])}
    if mode == "references":
        names = references(call)
        return body | {
            "subject_reference": [{"type": "character", "image": [source(call, n, _PICTURE) for n in names]}]
        }
    body |= {"duration": int(request["seconds"]), "resolution": str(film.options.get("resolution", "768P"))}
    if mode in ("image", "last_frame"):
        body["first_frame_image"] = source(call, "image", _PICTURE)
    if mode == "last_frame":
        body["last_frame_image"] = source(call, "last_frame", _PICTURE)
    return body


def _h3(film: Film, call: Call) -> dict[str, Any]:
    request, mode = call.request, call.request.get("mode", "text")
    content: list[dict[str, Any]] = [{"type": "text", "text": str(request["prompt"])}]
    roles = {"image": "first_frame", "last_frame": "last_frame"} if mode in ("image", "last_frame") else {}
    names = [name for name in roles if mode == "last_frame" or name == "image"] if roles else references(call)
    for name in names:
        url = {"url": source(call, name, _PICTURE)}
        content.append({"type": "image_url", "image_url": url, "role": roles.get(name, "reference_image")})
    body = {
        "model": film.wire or call.model,
        "content": content,
        "resolution": str(film.options.get("resolution", "768P")),
        "duration": int(request["seconds"]),
    }
    return body | ({"ratio": ratio_of(str(request["size"]))} if request.get("size") else {})
