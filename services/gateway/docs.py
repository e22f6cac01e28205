"""OpenAPI: bodies and errors that the routes read and write themselves are documented here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from services.gateway.auth import RULES, Access
from services.gateway.views import models
from services.gateway.views.replies import ErrorReply

_REF = "#/components/schemas/{model}"
BODIES: Final[tuple[type[BaseModel], ...]] = (
    models.PutDramaBody,
    models.CreateDramaBody,
    models.UpdateDramaBody,
    models.ImproveBody,
    models.CritiqueBody,
    models.ExecuteBody,
    models.AuditionBody,
    models.ResolveBody,
)

_TEXTS = {
    400: "The request cannot be read",
    404: "It is not there",
    409: "Somebody else changed it first, or the state is not right",
    412: "The ETag is not the current one",
    413: "The body is larger than the limit",
    415: "The body is not JSON in UTF-8",
    422: "A field is wrong; `field` names it",
}


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Returns the documentation of errors that a route may answer."""
    return {status: {"model": ErrorReply, "description": _TEXTS[status]} for status in statuses}


def body(model: type[BaseModel], *others: type[BaseModel], required: bool = True) -> dict[str, Any]:
    """Returns the documentation of a JSON body that is one of the models."""
    refs = [{"$ref": _REF.format(model=one.__name__)} for one in (model, *others)]
    schema = refs[0] if len(refs) == 1 else {"anyOf": refs}
    return {"requestBody": {"required": required, "content": {"application/json": {"schema": schema}}}}


def with_form(documented: dict[str, Any]) -> dict[str, Any]:
    """Returns `documented` with the multipart form of a premise and a reference picture added."""
    documented["requestBody"]["content"]["multipart/form-data"] = {
        "schema": {
            "type": "object",
            "required": ["premise"],
            "properties": {
                "premise": {"type": "string"},
                "id": {"type": "string"},
                "model": {"type": "string"},
                "reference_image": {"type": "string", "format": "binary"},
            },
        }
    }
    return documented


def describe(app: FastAPI) -> Callable[[str], dict[str, Any]]:
    """Returns a function that gives the OpenAPI document under a title; the work is done once."""
    made: dict[str, dict[str, Any]] = {}

    def openapi(title: str) -> dict[str, Any]:
        if title not in made:
            made[title] = _build(app, title)
        return made[title]

    return openapi


def _build(app: FastAPI, title: str) -> dict[str, Any]:
    document = get_openapi(title=title, version=app.version, routes=app.routes)
    components = document.setdefault("components", {})
    _, definitions = models_json_schema([(model, "validation") for model in BODIES], ref_template=_REF)
    components.setdefault("schemas", {}).update(definitions.get("$defs", {}))
    components["securitySchemes"] = {
        "ApiKeyHeader": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        "BearerKey": {"type": "http", "scheme": "bearer"},
    }
    for path, operations in document["paths"].items():
        if RULES.get(path) is Access.ACCOUNT:
            for operation in operations.values():
                operation["security"] = [{"ApiKeyHeader": []}, {"BearerKey": []}]
                operation["responses"].setdefault("401", _error("No key, or a wrong one"))
                operation["responses"].setdefault("503", _error("A part of the house is away; see Retry-After"))
    return document


def _error(text: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": _REF.format(model=ErrorReply.__name__)}}}
    return {"description": text, "content": content}
