"""Examples of films of no drama, for the documentation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_PROMPT = "A ferry leaves the pier at dawn, gulls, low sun"
_ADJUSTED = {"field": "duration", "asked": 6, "used": 5, "why": "runway/gen4.5 takes these seconds: 5, 8, 10."}
GENERATION: Final[Mapping[str, Any]] = {
    "id": "gen_0123456789ab",
    "object": "video.generation",
    "created": 1763600000,
    "model": "runway-gen4",
    "provider": "runway",
    "status": "completed",
    "prompt": _PROMPT,
    "video": {
        "url": "/videos/gen_0123456789ab.mp4",
        "duration": 5.0,
        "width": 1280,
        "height": 720,
        "media_url": "https://media.example.com/media/00112233445566778899aabbccddeeff.mp4",
    },
    "usage": {"cost": 0.6, "time_seconds": 41.2},
    "error": None,
    "completed_at": "2026-11-20T00:54:01",
    "parameters": {"duration": 6, "aspect_ratio": "16:9"},
    "resolved_model": "runway/gen4.5",
    "adjustments": [_ADJUSTED],
    "provider_job_id": "17f20503-6c24-4c16-946b-35dbbce2af2f",
    "progress": 1.0,
}
VIDEO: Final[Mapping[str, Any]] = {
    "id": "video_0123456789ab",
    "object": "video",
    "model": "sora-2",
    "status": "completed",
    "progress": 100,
    "created_at": 1763600000,
    "completed_at": 1763600041,
    "expires_at": None,
    "seconds": "4",
    "size": "720x1280",
    "prompt": _PROMPT,
    "error": None,
    "remixed_from_video_id": None,
    "provider": "runway",
    "resolved_model": "runway/gen4.5",
    "adjustments": [],
    "usage": {"cost": 0.48, "time_seconds": 41.2},
}
_MODEL = {
    "id": "runway/gen4.5",
    "object": "model",
    "created": 0,
    "owned_by": "runway",
    "kind": "video",
    "shutdown_date": None,
    "successors": [],
}
MODELS: Final[Mapping[str, Any]] = {
    "VideoGenerationRequest": {
        "model": "runway-gen4",
        "prompt": _PROMPT,
        "duration": 6,
        "aspect_ratio": "16:9",
        "provider": "auto",
        "preference": "quality",
    },
    "VideoGenerationResponse": GENERATION,
    "GenerationDeleted": {"message": "Generation deleted successfully"},
    "CreateVideoBody": {"model": "sora-2", "prompt": _PROMPT, "seconds": "4", "size": "720x1280"},
    "RemixBody": {"prompt": "The same in heavy rain"},
    "VideoReply": VIDEO,
    "VideoList": {
        "object": "list",
        "data": [VIDEO],
        "first_id": VIDEO["id"],
        "last_id": VIDEO["id"],
        "has_more": False,
    },
    "VideoDeleted": {"id": VIDEO["id"], "object": "video.deleted", "deleted": True},
    "ModelReply": _MODEL,
    "ModelList": {"object": "list", "data": [_MODEL]},
}
"""By the name of a model."""
