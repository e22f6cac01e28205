"""Texts of parameters and headers, and the rules that say on which routes they mean something."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

WRITES: Final = frozenset({"post", "put", "patch", "delete"})
_ID: Final = {"maxLength": 128}


@dataclass(frozen=True)
class Told:
    """What is said about a parameter or a header."""

    text: str
    example: str | int | None = None
    schema: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Answered:
    """What is said about a header of answers, and in which it is: by status, path and method."""

    text: str
    when: Callable[[int, str, str], bool]


FIELDS: Final[Mapping[str, Told]] = {
    "drama_id": Told("The drama's id, the house's or one chosen by a client.", "lighthouse", _ID),
    "character_id": Told("The character's id, unique within the drama.", "char_mina", _ID),
    "episode_id": Told("The episode's id, unique within the drama.", "ep01", _ID),
    "scene_id": Told("The scene's id, unique within the drama.", "ep01_s01", _ID),
    "asset_id": Told("The asset's id.", "ep01_s01_storyboard", _ID),
    "job_id": Told("The job's id: a run's or one of its steps'.", "job_0a1b2c3d4e5f", _ID),
    "submission_id": Told("The paid call's id.", "0197a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b", _ID),
    "take_id": Told("The take's id.", "0197a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b", _ID),
    "webhook_id": Told("The webhook's id.", "0197a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b", _ID),
    "delivery_id": Told("The delivery's id.", "0197a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b", _ID),
    "name": Told("The name at the end of a media URL: 32 hexadecimal digits and an extension.", "0f" * 16 + ".png"),
    "limit": Told("At most this many.", 100),
    "cursor": Told("Where to go on, from the answer before; absent for the beginning."),
    "after": Told("Only events after this position; `Last-Event-ID` goes before it.", 0),
    "query": Told("The GraphQL document; a query, not a mutation.", "{ dramas(limit: 3) { id title } }"),
    "variables": Told("Variables of the document, a JSON object."),
    "operationName": Told("Which operation of the document, when it has several."),
    "user_id": Told("A label of the library, not a tenant.", "10000"),
    "project_name": Told("The library's project; usually the drama's id.", "lighthouse"),
    "asset_type": Told("`image`, `video` or `text`.", "image"),
    "state": Told("Only those in this state."),
    "slot": Told("Only takes of this slot, such as `scene:ep01_s01:clip`.", "scene:ep01_s01:clip"),
    "history": Told("True for all takes, newest first within their slot; false for the live ones."),
    "async": Told("True to be answered at once with the job instead of with the product."),
    "key_id": Told("The key's number.", "1", {"maxLength": 10}),
    "budget_id": Told("The budget's id.", "0197a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b", _ID),
    "start_date": Told("The first day, an ISO date in UTC; one that is none is ignored.", "2026-11-01"),
    "end_date": Told("The last day, which is included.", "2026-11-30"),
    "generation_id": Told("The film's id: `gen_` or `video_` and 12 hexadecimal digits.", "gen_0123456789ab", _ID),
    "video_id": Told("The film's id: `video_` or `gen_` and 12 hexadecimal digits.", "video_0123456789ab", _ID),
    "model_id": Told("`vendor/model`, a model's own name, or a name of old such as `sora-2`.", "runway/gen4.5"),
    "file": Told("The film's id and `.mp4`.", "gen_0123456789ab.mp4"),
    "submission": Told("The paid call that it is for.", "0197a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"),
    "key": Told("Whose vendor key it was made with: `operator` or `user`.", "operator"),
    "token": Told("The proof that the URL is from us.", "0f1e2d3c4b5a69788796a5b4c3d2e1f0"),
    "skip": Told("Leaves out so many of the newest.", 0),
    "provider": Told("Only those asked of this vendor.", "runway"),
    "status": Told(
        "Only those in this state: `queued`, `processing`, `completed`, `failed` or `cancelled`.", "completed"
    ),
    "order": Told("`desc` for the newest first, `asc` for the oldest."),
    "variant": Told("The film, a still of it, or a sheet of ten stills."),
    "tag": Told("`character`, `storyboard` or `clip`.", "character"),
}
"""Parameters in paths and queries, by name."""

HEADERS: Final[Mapping[str, Told]] = {
    "Idempotency-Key": Told(
        "The same key and body within 7 days get the first answer; another body gets 422.",
        "0197a1b2-create-lighthouse",
        {"minLength": 1, "maxLength": 255, "pattern": "^[ -~]*$"},
    ),
    "If-Match": Told("The ETag that the client has seen; 412 when it is not the current one."),
    "If-None-Match": Told("`*` stores only under an id that is free; on media, the ETag that the client has."),
    "Prefer": Told("`wait=N` holds the answer back until something changes, N seconds (1 to 60) at most.", "wait=30"),
    "Last-Event-ID": Told("Go on after this position.", "42", {"pattern": "^[0-9]{1,18}$"}),
    "Range": Told("One range of bytes; several are answered with the whole.", "bytes=0-1023"),
    "If-Range": Told("The ETag under which the range means something."),
    "X-Request-Id": Told(
        "Taken over when it is 1 to 64 of `A-Za-z0-9._-`; else an id is made.",
        "my-trace.1",
        {"pattern": "^[A-Za-z0-9._-]{1,64}$"},
    ),
}


def request_headers(path: str, method: str, *, account: bool) -> Iterator[str]:
    """Yields the headers that mean something on a route."""
    if (account and method in WRITES and path != "/graphql") or (path == "/graphql" and method == "post"):
        yield "Idempotency-Key"
    if account and (
        (method in {"patch", "put", "delete"} and path.startswith("/dramas/")) or (path, method) == _CREATE
    ):
        yield "If-Match"
    if (path, method) == _CREATE or path.startswith("/media/"):
        yield "If-None-Match"
    if method == "get" and path.endswith("/jobs/{job_id}"):
        yield "Prefer"
    if method == "get" and path.endswith("/events"):
        yield "Last-Event-ID"
    if path.startswith(("/media/", "/videos/")) or path.endswith("/content"):
        yield "Range"
        yield "If-Range"
    yield "X-Request-Id"


_CREATE: Final = ("/dramas", "post")


def _tagged(status: int, path: str, method: str) -> bool:
    whole = (path == "/dramas/{drama_id}" and method != "delete") or (path, method, status) == (*_CREATE, 201)
    return (status in (200, 201) and whole) or (path.startswith("/media/") and status < 400)


RESPONSE_HEADERS: Final[Mapping[str, Answered]] = {
    "X-Request-Id": Answered("The id of this request; the logs know it.", lambda status, path, method: True),
    "Retry-After": Answered("Seconds until it is worth trying again.", lambda s, path, method: s in (429, 503, 504)),
    "WWW-Authenticate": Answered("How to send a key.", lambda status, path, method: status == 401),
    "Location": Answered("Where the job, or the drama, is.", lambda status, path, method: status in (201, 202, 302)),
    "ETag": Answered("Names this state, for `If-Match` and `If-None-Match`.", _tagged),
    "X-SFD-Ignored": Answered(
        "Fields of the body that mean nothing here.", lambda s, path, method: method in WRITES and s < 300
    ),
    "X-SFD-Warning": Answered(
        "For example that a retired model's name was replaced.", lambda s, path, method: method == "post" and s == 202
    ),
}

SCHEMES: Final[Mapping[str, Any]] = {
    "ApiKeyAuth": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "A service key."},
    "BearerAuth": {"type": "http", "scheme": "bearer", "description": "The same key as a bearer token."},
}
TAGS: Final[Mapping[str, str]] = {
    "meta": "What the gateway says about itself.",
    "dramas": "Dramas: written, changed, produced.",
    "jobs": "Work that was accepted, and its events.",
    "submissions": "Paid calls of unknown outcome, which wait for a person.",
    "media": "Stored bytes.",
    "graphql": "The same in one document.",
    "characters": "The cast of a drama.",
    "episodes": "The episodes of a drama.",
    "scenes": "The scenes of an episode.",
    "assets": "What a character or a scene asks for.",
    "asset-library": "Everything that was made or uploaded.",
    "keys": "Your keys of vendors, and the providers that they open.",
    "usage": "What was spent, and what would be.",
    "budgets": "What may be spent.",
    "hooks": "Where vendors call back.",
    "generations": "Films of no drama, by the media contract.",
    "videos": "The same films in OpenAI's form, whoever makes them.",
    "models": "The models of the catalogue.",
    "webhooks": "Events, sent to an address of yours.",
}
