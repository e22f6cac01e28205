"""Errors in the form of the contract that a path belongs to; the house's own form everywhere else."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel

from services.gateway.problems import Json

_OPENAI = ("/v1/videos", "/v1/models", "/v1/audio")
_TEXT = ("/v1/", "/videos/")
_TYPES: Mapping[int, str] = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    409: "conflict_error",
    429: "rate_limit_error",
}


class OpenAIError(BaseModel):
    """What went wrong: `code` is a stable word, `param` the field, when it is one."""

    message: str
    type: str
    param: str | None = None
    code: str | None = None


class OpenAIErrorReply(BaseModel):
    """An error in OpenAI's form."""

    error: OpenAIError
    request_id: str


def speaks_openai(path: str) -> bool:
    """Returns True for the routes whose errors have OpenAI's form."""
    return any(path == start or path.startswith(start + "/") for start in _OPENAI)


def shaped(path: str, status: int, body: Mapping[str, Json]) -> dict[str, Json]:
    """Returns an error's body as the contract of `path` has it; `body` is the house's own, with its request id."""
    if speaks_openai(path):
        kind = _TYPES.get(status, "server_error" if status >= 500 else "invalid_request_error")
        error: dict[str, Json] = {
            "message": body.get("message"),
            "type": kind,
            "param": body.get("field") or None,
            "code": body.get("reason") or None,
        }
        return {"error": error, "request_id": body.get("request_id")}
    if path.startswith(_TEXT):
        detail = body.get("detail")
        return {**body, "detail": detail if isinstance(detail, str) else body.get("message")}
    return dict(body)
