"""A vendor that answers OpenAI's videos routes at once with constants. `python -m bench.edge.vendor PORT`.

It checks the key's presence and reads the body, nothing else: what stands in front of it is measured, not it.
"""

from __future__ import annotations

import json
import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

FILM = {
    "id": "video_0123456789abcdef0123456789abcdef",
    "object": "video",
    "created_at": 1_790_000_000,
    "status": "in_progress",
    "completed_at": None,
    "expires_at": None,
    "error": None,
    "model": "sora-2",
    "progress": 40,
    "prompt": "A pier at night",
    "remixed_from_video_id": None,
    "seconds": "4",
    "size": "720x1280",
}


async def create(request: Request) -> JSONResponse:
    """Reads the wish, in either form, and answers with the film."""
    if request.headers.get("content-type", "").startswith("application/json"):
        json.loads(await request.body())
    else:
        await request.body()
    return _told(request)


async def read(request: Request) -> JSONResponse:
    """Answers with the film."""
    return _told(request)


def _told(request: Request) -> JSONResponse:
    if not request.headers.get("authorization"):
        return JSONResponse({"error": {"message": "No key.", "type": "invalid_request_error"}}, 401)
    return JSONResponse(FILM)


app = Starlette(routes=[Route("/v1/videos", create, methods=["POST"]), Route("/v1/videos/{id}", read, methods=["GET"])])


def main() -> int:
    """Serves until a signal comes."""
    uvicorn.run(app, port=int(sys.argv[1]), log_level="warning", access_log=False, loop="uvloop", http="httptools")
    return 0


if __name__ == "__main__":
    sys.exit(main())
