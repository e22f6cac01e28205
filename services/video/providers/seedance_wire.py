"""What is sent to Seedance: contents with their roles, the word for a size, and the seed that marks a call as ours."""

from __future__ import annotations

import hashlib
import math
from typing import Any

from kit.providers.base import Call, NotAccepted
from kit.providers.fitting import pixels
from services.video.providers.shared import references, source

_PICTURE = 40_000_000
"""Characters of a data URI: 30 MB of picture."""
_LABELS = {"480p": 864 * 496, "720p": 1280 * 720, "1080p": 1920 * 1080, "4k": 3840 * 2160}


def label(size: str) -> str:
    """Returns the resolution that a size belongs to, such as `720p`, by how many pixels it has."""
    if not size:
        return "720p"
    width, height = pixels(size)
    return min(_LABELS, key=lambda name: abs(math.log(width * height / _LABELS[name])))


def content(call: Call) -> list[dict[str, Any]]:
    """Returns the prompt and the pictures or the film of a call; raises `NotAccepted` when one is missing."""
    mode = call.request.get("mode", "text")
    parts: list[dict[str, Any]] = [{"type": "text", "text": str(call.request["prompt"])}]
    frames = {"image": ["image"], "last_frame": ["image", "last_frame"]}.get(str(mode), references(call))
    roles = {"image": "first_frame", "last_frame": "last_frame"} if mode in ("image", "last_frame") else {}
    for name in frames:
        url = {"url": source(call, name, _PICTURE)}
        parts.append({"type": "image_url", "image_url": url, "role": roles.get(name, "reference_image")})
    if mode == "video":
        # Films are read from URLs only.
        if not call.urls.get("video"):
            raise NotAccepted("Seedance reads a film from a URL, and there is none.", reason="file_missing")
        parts.append({"type": "video_url", "video_url": {"url": call.urls["video"]}, "role": "reference_video"})
    return parts


def mark(call: Call) -> int:
    """Returns the seed by which a call is known again: 31 bits of our submission's id."""
    return int.from_bytes(hashlib.sha256(call.submission_id.encode()).digest()[:4], "big") >> 1
