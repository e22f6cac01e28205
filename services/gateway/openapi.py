"""The OpenAPI document: what FastAPI knows of the routes, and by rule everything that all routes have in common.

A route says its own answers; errors, headers, security, texts of parameters and examples are added here, so that a new route
is documented like the others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from services.gateway.auth import RULES, Access
from services.gateway.docs import BODIES, REF, TEXTS
from services.gateway.views.errors import SHAPES, shape_of, shaped
from services.gateway.views.examples import error_example, example_of
from services.gateway.views.parameters import FIELDS, HEADERS, RESPONSE_HEADERS, SCHEMES, TAGS, WRITES, request_headers
from services.gateway.views.replies import ErrorReply

Json = dict[str, Any]
DESCRIPTION: Final = (
    "One sentence becomes a finished vertical drama. Long work answers 202 with a job: poll it, hold it with "
    "`Prefer: wait=N`, or listen to the drama's events. Every answer has `X-Request-Id`, every error the same id in its body."
)
LICENSE: Final = {"name": "Apache 2.0", "identifier": "Apache-2.0"}
_MODELS: Final[tuple[type[BaseModel], ...]] = (*BODIES, ErrorReply, *(shape.model for shape in SHAPES))
_EVERYWHERE: Final = (400, 414, 431)
_COMMON: Final = (401, 429, 503, 504)
_METHODS: Final = frozenset({"get", "put", "post", "patch", "delete", "head", "options"})


def describe(app: FastAPI) -> Callable[[str], Json]:
    """Returns a function that gives the OpenAPI document under a title; the work is done once."""
    made: dict[str, Json] = {}

    def openapi(title: str) -> Json:
        if title not in made:
            made[title] = build(app, title)
        return made[title]

    return openapi


def operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    """Yields path, method and operation of everything that the document describes."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in _METHODS:
                yield path, method, operation


def build(app: FastAPI, title: str) -> Json:
    """Returns the whole document."""
    document = get_openapi(
        title=title,
        version=app.version,
        description=DESCRIPTION,
        routes=app.routes,
        license_info=LICENSE,
        servers=[{"url": "/", "description": "This gateway"}],
    )
    components = document.setdefault("components", {})
    _, definitions = models_json_schema([(model, "validation") for model in _MODELS], ref_template=REF)
    schemas: Json = components.setdefault("schemas", {})
    for name, schema in definitions.get("$defs", {}).items():
        schemas.setdefault(name, schema)
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    components["securitySchemes"] = SCHEMES
    for path, method, operation in operations(document):
        _texts(path, method, operation)
        _parameters(path, method, operation)
        _errors(path, method, operation)
        _examples(path, operation, schemas)
    _share(document)
    used = {tag for _, _, operation in operations(document) for tag in operation["tags"]}
    document["tags"] = [{"name": tag, "description": TAGS.get(tag, f"Routes of {tag}.")} for tag in sorted(used)]
    return document


def _texts(path: str, method: str, operation: Json) -> None:
    parts = [part for part in path.split("/") if part]
    plain = [part for part in parts if not part.startswith("{")] or ["root"]
    last = [f"by_{parts[-1][1:-1]}"] if parts and parts[-1].startswith("{") else []
    operation["operationId"] = "_".join([method, *plain, *last]).replace("-", "_").replace(".", "_")
    operation.setdefault("tags", [plain[0]])
    text = " ".join(operation.get("description", "").split())
    if text:
        # The first sentence is the headline; a colon within it begins an explanation.
        operation["summary"] = re.split(r"(?<=[.;:])\s", text, maxsplit=1)[0].rstrip(".;:")[:100]
        operation["description"] = text


def _parameters(path: str, method: str, operation: Json) -> None:
    listed: list[Json] = operation.setdefault("parameters", [])
    for one in listed:
        known = FIELDS.get(one["name"])
        if known is not None:
            one.setdefault("description", known.text)
            one["schema"].update({key: value for key, value in known.schema.items() if key not in one["schema"]})
            if known.example is not None and "example" not in one["schema"]:
                one.setdefault("example", known.example)
    there = {(one["in"], one["name"].lower()) for one in listed}
    for name in request_headers(path, method, account=RULES.get(path) is Access.ACCOUNT):
        if ("header", name.lower()) not in there:
            header = HEADERS[name]
            extra = {"example": header.example} if header.example is not None else {}
            listed.append(
                {
                    "name": name,
                    "in": "header",
                    "required": False,
                    "description": header.text,
                    "schema": {"type": "string", **header.schema},
                    **extra,
                }
            )


def _errors(path: str, method: str, operation: Json) -> None:
    """Adds what can go wrong on any route of this kind, and gives every error its body and headers."""
    responses: dict[str, Json] = operation["responses"]
    account = RULES.get(path) is Access.ACCOUNT
    statuses = {*_EVERYWHERE, *(_COMMON if account else (503,) if "{" in path else ())}
    if account:
        operation["security"] = [{name: []} for name in SCHEMES]
    else:
        operation["security"] = []
    if "{" in path:
        statuses.add(404)
    if "requestBody" in operation:
        statuses |= {408, 413, 415, 422}
    if account and method in WRITES:
        statuses |= {409, 422}
    if any(one["in"] == "query" for one in operation["parameters"]):
        statuses.add(422)
    elif "422" in responses and "HTTPValidationError" in str(responses["422"]) and method not in WRITES:
        # FastAPI names it for every path parameter; a path that cannot be is a 404 here.
        del responses["422"]
    if any(one["name"] == "If-Match" for one in operation["parameters"]):
        statuses.add(412)
    for status in statuses:
        responses.setdefault(str(status), {"description": TEXTS[status]})
    if any(status[0] == "2" and status != "200" for status in responses) and not responses.get("200", {}).get(
        "content", {}
    ).get("application/json", {}).get("schema", {"empty": True}):
        del responses["200"]
    for text, response in responses.items():
        status = int(text)
        content: Json = response.get("content", {})
        if len(content) > 1 and not content.get("application/json", {"schema": True}).get("schema"):
            # FastAPI adds an empty JSON answer to a route that says it answers otherwise.
            del content["application/json"]
        if status >= 400:
            response["content"] = {
                "application/json": {"schema": {"$ref": REF.format(model=shape_of(path).model.__name__)}}
            }
            if response["description"] == "Validation Error":
                response["description"] = TEXTS[status]
        response["headers"] = {
            name: {"description": header.text, "schema": {"type": "string"}}
            for name, header in RESPONSE_HEADERS.items()
            if header.when(status, path, method)
        } | response.get("headers", {})
    operation["responses"] = dict(sorted(responses.items()))


def _examples(path: str, operation: Json, schemas: Mapping[str, Any]) -> None:
    for status, response in operation["responses"].items():
        for kind, media in response.get("content", {}).items():
            if "example" in media or "examples" in media:
                continue
            if int(status) >= 400:
                media["example"] = shaped(path, int(status), error_example(int(status)))
            elif kind == "application/json":
                media["example"] = example_of(media.get("schema", {}), schemas)
    for media in operation.get("requestBody", {}).get("content", {}).values():
        if "example" in media or "examples" in media:
            continue
        schema = media.get("schema", {})
        choices = schema.get("anyOf") or [schema]
        if len(choices) == 1:
            media["example"] = example_of(schema, schemas)
        else:
            names = [str(one.get("$ref", "")).rpartition("/")[2] or f"form {n}" for n, one in enumerate(choices)]
            media["examples"] = {
                name: {"summary": schemas.get(name, {}).get("description", name), "value": example_of(one, schemas)}
                for name, one in zip(names, choices, strict=True)
            }


def _share(document: Json) -> None:
    """Puts what many operations say in the same words into the components; an operation that says it otherwise keeps its own."""
    components = document["components"]
    parameters: Json = components.setdefault("parameters", {})
    responses: Json = components.setdefault("responses", {})
    for path, _, operation in operations(document):
        for index, one in enumerate(operation["parameters"]):
            name = one["name"].replace("-", "")
            if one["in"] == "header" and parameters.setdefault(name, one) == one:
                operation["parameters"][index] = {"$ref": f"#/components/parameters/{name}"}
        for status, one in operation["responses"].items():
            # Each shape of errors has components of its own; the drama contract's have no name before the status.
            model = shape_of(path).model
            name = f"{'' if model is ErrorReply else model.__name__.removesuffix('Error')}Error{status}"
            if int(status) >= 400 and one["description"] == TEXTS.get(int(status)):
                responses.setdefault(name, one)
                if responses[name] == one:
                    operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}
    components["parameters"] = dict(sorted(parameters.items()))
    components["responses"] = dict(sorted(responses.items()))
