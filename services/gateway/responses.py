"""JSON answers, built once and written once."""

from __future__ import annotations

import json
from collections.abc import Mapping

from starlette.responses import Response

from kit import errors
from kit.context import request_id
from services.gateway.problems import Json, answer_to
from services.gateway.views.errors import shaped

NO_STORE = "private, no-cache"
_WRITER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


class JsonResponse(Response):
    """An answer in JSON; a lone surrogate, should one get this far, is written as an escape."""

    media_type = "application/json"

    def __init__(self, content: Json, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(_WRITER.encode(content).encode("utf-8", "backslashreplace"), status, headers)


def error_response(error: errors.SfdError, path: str) -> JsonResponse:
    """Returns the answer for an error of the house on a path, under the id of the request at hand."""
    status, body, headers = answer_to(error)
    body["request_id"] = request_id() or error.request_id
    # What is not there now may be there soon: a drama that is being written, for one.
    headers.setdefault("Cache-Control", "no-store")
    return JsonResponse(shaped(path, status, body), status, headers)
