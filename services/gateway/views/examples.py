"""Examples of the documentation: whole ones for the bodies people read first, and values of fields for every other model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from services.gateway.views import generation_examples
from services.gateway.views.errors import shaped

Example = Any

FIELDS: Final[Mapping[str, Example]] = {
    "id": "drama_a1b2c3d4e5f6",
    "drama_id": "drama_a1b2c3d4e5f6",
    "dramaId": "drama_a1b2c3d4e5f6",
    "originalId": "drama_a1b2c3d4e5f6",
    "improvedId": "drama_a1b2c3d4e5f6_improved_1763600000000",
    "newDramaId": "lighthouse_2",
    "jobId": "job_0a1b2c3d4e5f",
    "job_id": "job_0a1b2c3d4e5f",
    "childJobId": "job_5f4e3d2c1b0a",
    "parent_job_id": "job_0a1b2c3d4e5f",
    "character_id": "char_mina",
    "episode_id": "ep01",
    "scene_id": "ep01_s01",
    "asset_id": "ep01_s01_storyboard",
    "submission_id": "0197a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
    "take_id": "0197a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
    "name": "Mina",
    "title": "Night Ferry",
    "description": "A ferry that only the living can leave.",
    "premise": "A lighthouse keeper finds a letter from the sister she lost at sea.",
    "feedback": "Make the ending kinder.",
    "gender": "female",
    "voice_description": "low, dry, unhurried, a soft northern accent, guarded, speaks in short sentences",
    "url": "https://media.example.com/media/0f1e2d3c4b5a69788796a5b4c3d2e1f0.png",
    "image_url": "https://media.example.com/media/0f1e2d3c4b5a69788796a5b4c3d2e1f0.png",
    "video_url": "https://media.example.com/media/00112233445566778899aabbccddeeff.mp4",
    "premise_url": "https://media.example.com/media/ffeeddccbbaa99887766554433221100.png",
    "kind": "image",
    "prompt": "A woman on a wet deck at night, half-body, front",
    "duration": 10,
    "depends_on": ["char_mina"],
    "status": "pending",
    "message": "Accepted.",
    "createdAt": 1763600000000,
    "startedAt": 1763600000200,
    "completedAt": 1763600042000,
    "created_at": "2026-11-20T00:53:20Z",
    "updated_at": "2026-11-20T00:53:20Z",
    "timestamp": "2026-11-20T00:53:20.000Z",
    "limit": 100,
    "cursor": None,
    "after": 0,
    "provider": "local",
    "model": "local",
    "vendor": "openai",
    "language": "en",
    "seed": 7,
    "episodes": 2,
    "style": "anime",
    "ceiling_usd": 2.5,
    "request_id": "9f86d081884c7d65",
    "last_updated": "2025-10-07",
    "note": "Prices are estimates. Actual costs may vary.",
    "display_name": "Runway",
    "api_key": "the-key-as-the-vendor-gave-it",
    "created": 1763600000,
    "user_id": "10000",
    "project_name": "night_ferry",
    "metadata": {"mood": "melancholic"},
    "error": None,
    "state": "queued",
    "progress": 0.0,
    "cost_usd": 0.0,
    "price_usd": 0.04,
    "query": "{ dramas(limit: 3) { id title characters { name url } } }",
    "variables": None,
    "operationName": None,
    "version": "1.0.0",
    "success": True,
}
"""By the name of a field or a parameter, where its type allows it."""

_CHARACTER = {
    "id": "char_mina",
    "name": "Mina",
    "description": "A ferry's night steward, thirty, in a worn blue coat.",
    "gender": "female",
    "voice_description": FIELDS["voice_description"],
    "main": True,
    "url": None,
    "premise_url": None,
    "assets": [],
    "metadata": None,
}
_BOARD = {
    "id": "ep01_s01_storyboard",
    "kind": "image",
    "depends_on": ["char_mina"],
    "prompt": "Mina on the wet deck, lamps behind her",
    "duration": None,
    "url": None,
    "metadata": None,
}
_CLIP = _BOARD | {
    "id": "ep01_s01_clip",
    "kind": "video",
    "depends_on": ["ep01_s01_storyboard"],
    "prompt": "The ferry's horn; Mina turns around",
    "duration": 10,
}
_SCENE = {
    "id": "ep01_s01",
    "description": "Mina counts the passengers and finds one too many.",
    "image_url": None,
    "video_url": None,
    "assets": [_BOARD, _CLIP],
    "metadata": None,
}
_EPISODE = {
    "id": "ep01",
    "title": "Boarding",
    "description": "One passenger too many.",
    "premise": None,
    "url": None,
    "scenes": [_SCENE],
    "assets": [],
    "metadata": None,
}
_DRAMA = {
    "id": "drama_demo",
    "title": "Night Ferry",
    "description": FIELDS["description"],
    "premise": "A steward counts one passenger too many.",
    "url": None,
    "characters": [_CHARACTER],
    "episodes": [_EPISODE],
    "assets": [],
    "metadata": None,
}
_JOB = {
    "jobId": "job_0a1b2c3d4e5f",
    "job_id": "job_0a1b2c3d4e5f",
    "drama_id": "drama_a1b2c3d4e5f6",
    "can_retry": False,
    "type": "generate_drama",
    "status": "completed",
    "dramaId": "drama_a1b2c3d4e5f6",
    "createdAt": 1763600000000,
    "startedAt": 1763600000200,
    "completedAt": 1763600042000,
    "error": None,
    "result": {"dramaId": "drama_a1b2c3d4e5f6"},
    "state": "succeeded",
    "kind": "generate_drama",
    "progress": 1.0,
    "cost_usd": 0.0,
}
_CALL = {"jobId": "job_0a1b2c3d4e5f", "status": "pending"}

MODELS: Final[Mapping[str, Example]] = {
    **generation_examples.MODELS,
    "AssetBody": _BOARD,
    "SceneBody": _SCENE,
    "EpisodeBody": _EPISODE,
    "CharacterBody": _CHARACTER,
    "DramaBody": _DRAMA,
    "PutDramaBody": {"drama": _DRAMA},
    "CreateDramaBody": {"premise": FIELDS["premise"], "id": "lighthouse", "episodes": 2, "provider": "local"},
    "UpdateDramaBody": {"title": "The Last Ferry", "metadata": {"mood": "hopeful"}},
    "ImproveBody": {"feedback": FIELDS["feedback"], "newDramaId": "lighthouse_2"},
    "CritiqueBody": {"model": "local"},
    "ProduceBody": {"force": False, "ceiling_usd": 2.5},
    "ExecuteBody": {"episodes": ["ep01"], "ceiling_usd": 2.5},
    "AuditionBody": {"provider": "local"},
    "ResolveBody": {"resolution": "abandon"},
    "GraphqlBody": {
        "query": "query Drama($id: String!) { drama(id: $id) { title characters { name url } } }",
        "variables": {"id": "lighthouse"},
    },
    "Root": {"message": "Drama API Worker", "version": "1.0.0", "docs": "/docs", "openapi": "/openapi.json"},
    "Health": {"status": "ok", "timestamp": "2026-11-20T00:53:20.000Z", "version": "1.0.0"},
    "JobReply": {
        "dramaId": "drama_a1b2c3d4e5f6",
        **_CALL,
        "message": "Drama generation job queued. Check status at: /dramas/drama_a1b2c3d4e5f6/jobs/job_0a1b2c3d4e5f",
    },
    "ImproveReply": {
        "originalId": "lighthouse",
        "improvedId": "lighthouse_2",
        **_CALL,
        "message": "Drama improvement job queued. Check status at: /dramas/lighthouse_2/jobs/job_0a1b2c3d4e5f",
    },
    "ExecuteReply": {
        "dag_id": "dag_lighthouse",
        "drama_id": "lighthouse",
        "parent_job_id": "job_0a1b2c3d4e5f",
        "status": "running",
        "message": "Poll GET /dramas/lighthouse/jobs/job_0a1b2c3d4e5f for progress",
    },
    "JobRecord": _JOB,
    "JobList": {"jobs": [_JOB], "cursor": None},
    "Submission": {
        "id": "0197a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
        "jobId": "job_0a1b2c3d4e5f",
        "childJobId": "job_5f4e3d2c1b0a",
        "state": "needs_user",
        "vendor": "openai",
        "model": "openai/gpt-image-2.5-flare",
        "price_usd": 0.04,
        "cost_usd": 0.0,
        "estimated": True,
        "createdAt": 1763600000000,
        "error": None,
    },
    "GraphqlReply": {"data": {"drama": {"title": "Night Ferry", "characters": [{"name": "Mina", "url": None}]}}},
}
"""By the name of a model."""

ERRORS: Final[Mapping[int, tuple[str, str, str, str]]] = {
    400: ("Invalid JSON", "Invalid JSON in request body", "bad_json", ""),
    401: ("Unauthorized", "Missing API key. Provide via 'Authorization: Bearer <key>' header", "missing_key", ""),
    403: ("Forbidden", "This caller may not do that.", "permission_denied", ""),
    404: ("Drama not found", "Drama lighthouse not found", "not_found", ""),
    405: ("Method Not Allowed", "Method Not Allowed", "method_not_allowed", ""),
    408: ("Request timeout", "The body came too slowly.", "slow_body", ""),
    409: ("Conflict", "The drama has changed.", "stale_revision", ""),
    412: ("Precondition failed", "It was changed since: the ETag is not the current one.", "etag_mismatch", ""),
    413: ("Too large", "The body is larger than the limit.", "body_too_large", ""),
    414: ("URI too long", "The URL is longer than 8 KiB.", "uri_too_long", ""),
    431: ("Headers too large", "There are too many headers.", "headers_too_large", ""),
    415: (
        "Unsupported media type",
        "Send the body as application/json in UTF-8.",
        "unsupported_media_type",
        "",
    ),
    416: ("Range not satisfiable", "The range lies outside the bytes.", "range_not_satisfiable", "Range"),
    422: ("Validation failed", "title: Input should be a valid string", "invalid_input", "title"),
    429: ("Limit reached", "Too many at a time. Try again.", "exhausted", ""),
    500: ("Image generation failed", "The vendor refused this picture.", "model_refused", ""),
    503: ("Service unavailable", "A part of the house is away. Try again.", "unavailable", ""),
    504: ("Timed out", "The time for this call was up.", "deadline_exceeded", ""),
}
"""By status: title, message, reason, field."""

_TEXT_DETAILS = frozenset({400, 401, 405})
_RETRYABLE = frozenset({429, 503, 504})


def error_example(status: int, path: str = "") -> dict[str, Example]:
    """Returns what an error of a status looks like on a path."""
    title, message, reason, field = ERRORS[status]
    detail: Example = message if status in _TEXT_DETAILS else {"error": title, "message": message}
    if status == 422:
        detail = [
            {"type": "string_type", "loc": ["body", "title"], "msg": "Input should be a valid string", "input": 5}
        ]
    body: dict[str, Example] = {
        "detail": detail,
        "error": title,
        "message": message,
        "reason": reason,
        "field": field,
        "retryable": status in _RETRYABLE,
        "charged": False,
        "request_id": "9f86d081884c7d65",
    }
    return shaped(path, status, body)


def example_of(schema: Mapping[str, Any], schemas: Mapping[str, Any], name: str = "", depth: int = 0) -> Example:
    """Returns an example of a JSON schema: its own, the table's for the model or the field, else one made from its type."""
    if "$ref" in schema:
        model = str(schema["$ref"]).rpartition("/")[2]
        if model not in MODELS:
            return example_of(schemas[model], schemas, name, depth + 1)
        # What the table leaves out of a model, such as the other spelling of an id, is made like any field.
        told, shape = MODELS[model], schemas[model]
        rest = {key: shape["properties"][key] for key in shape.get("required", ()) if key not in told}
        return {**told, **{key: example_of(value, schemas, key, depth + 1) for key, value in rest.items()}}
    if "example" in schema or schema.get("examples"):
        return schema["example"] if "example" in schema else schema["examples"][0]
    for alternatives in ("anyOf", "oneOf", "allOf"):
        if schema.get(alternatives):
            return example_of(schema[alternatives][0], schemas, name, depth + 1)
    if "const" in schema or schema.get("enum"):
        return (
            FIELDS[name]
            if FIELDS.get(name) in schema.get("enum", ())
            else schema.get("const", schema.get("enum", [0])[0])
        )
    return _by_type(schema, schemas, name, depth)


def _by_type(schema: Mapping[str, Any], schemas: Mapping[str, Any], name: str, depth: int) -> Example:
    kind = schema.get("type")
    told = FIELDS.get(name)
    fits: dict[str, Any] = {
        "string": str,
        "integer": int,
        "number": (int, float),
        "boolean": bool,
        "array": list,
        "object": dict,
    }
    if kind in fits and isinstance(told, fits[kind]) and (kind == "boolean" or not isinstance(told, bool)):
        return told
    match kind:
        case "object" if depth < 8:
            required = schema.get("required", ())
            return {
                key: example_of(value, schemas, key, depth + 1)
                for key, value in schema.get("properties", {}).items()
                if key in required or "default" not in value
            }
        case "array":
            return (
                [example_of(schema.get("items", {}), schemas, name.removesuffix("s"), depth + 1)] if depth < 8 else []
            )
        case "string":
            return "text" if schema.get("format") != "binary" else "bytes"
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return False
        case "null":
            return None
    return {} if kind == "object" else None
