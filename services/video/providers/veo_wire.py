"""Veo's wire: a fitted call as `predictLongRunning` takes it, and what is in Google's errors."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from typing import Any

import httpx2

from kit.blobs import sniff
from kit.providers.base import Call, NotAccepted
from kit.providers.fitting import pixels, ratio_of

RESOLUTIONS = {720: "720p", 1080: "1080p", 2160: "4k"}


def body(call: Call) -> dict[str, Any]:
    """Returns a fitted call as Veo's `predictLongRunning` takes it: one instance and its parameters."""
    request, mode = call.request, call.request.get("mode", "text")
    instance: dict[str, Any] = {"prompt": str(request["prompt"])}
    if mode in ("image", "last_frame"):
        instance["image"] = _picture(call, "image")
    if mode == "last_frame":
        instance["lastFrame"] = _picture(call, "last_frame")
    if mode == "references":
        names = sorted((n for n in call.files if n.startswith("reference_")), key=lambda n: int(n.rpartition("_")[2]))
        # A first frame beside references is one more picture to look like.
        names = [*(["image"] if "image" in call.files else []), *names]
        instance["referenceImages"] = [{"image": _picture(call, n), "referenceType": "asset"} for n in names]
    parameters: dict[str, Any] = {"sampleCount": 1, "durationSeconds": int(request["seconds"])}
    if size := str(request.get("size") or ""):
        side = min(pixels(size))
        parameters |= {"aspectRatio": ratio_of(size), "resolution": RESOLUTIONS.get(side, f"{side}p")}
    if request.get("negative_prompt"):
        parameters["negativePrompt"] = str(request["negative_prompt"])
    if request.get("seed") is not None:
        parameters["seed"] = int(request["seed"])
    return {"instances": [instance], "parameters": parameters}


def _picture(call: Call, name: str) -> dict[str, str]:
    data = call.files.get(name)
    if data is None:
        raise NotAccepted(f"The call lacks the picture {name}.", reason="picture_missing")
    return {"bytesBase64Encoded": base64.b64encode(data).decode(), "mimeType": sniff(data[:64]) or "image/png"}


def error_of(answer: httpx2.Response) -> Mapping[str, Any]:
    """Returns what an answer says of its error; empty when it is none of Google's."""
    try:
        document = answer.json()
    except ValueError:
        return {}
    error = document.get("error") if isinstance(document, dict) else None
    return error if isinstance(error, dict) else {}


def retry_info(error: Mapping[str, Any]) -> dict[str, str]:
    """Returns the wait that google.rpc.RetryInfo asks for, as the header that says the same."""
    for detail in error.get("details") or ():
        delay = str(detail.get("retryDelay", "")).removesuffix("s") if isinstance(detail, dict) else ""
        try:
            if delay and math.isfinite(float(delay)):
                return {"retry-after": delay}
        except ValueError:
            continue
    return {}
