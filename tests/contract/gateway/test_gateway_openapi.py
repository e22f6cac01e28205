"""The OpenAPI document: whole, true to its own schemas, and fresh in the tree."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema_rs
import pytest
from fastapi import APIRouter, Request
from schemathesis.specs.openapi.definitions import OPENAPI_31

from scripts.openapi import HEAD, WRITTEN, text
from services.gateway import auth, openapi
from services.gateway.app import mounted
from services.gateway.views.errors import speaks_openai
from services.gateway.views.replies import ErrorReply

Json = dict[str, Any]
DOCUMENT = openapi.build(mounted(), "Drama API Worker")


def resolved(node: Json, document: Json = DOCUMENT) -> Json:
    """Returns what a reference stands for."""
    while "$ref" in node:
        found: Any = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


def missing(document: Json) -> Iterator[str]:
    """Yields what an operation fails to tell: texts, schemas, examples, headers that the contract has."""
    for path, method, operation in openapi.operations(document):
        where = f"{method} {path}"
        for field in ("summary", "description", "operationId", "tags"):
            if not operation.get(field):
                yield f"{where}: {field}"
        parameters = [resolved(one, document) for one in operation["parameters"]]
        for one in parameters:
            if not one.get("description") or not one.get("schema"):
                yield f"{where}: parameter {one['name']}"
        if "requestBody" in operation:
            for kind, media in operation["requestBody"]["content"].items():
                if not media.get("schema") or not ("example" in media or "examples" in media):
                    yield f"{where}: request {kind}"
        responses = {status: resolved(one, document) for status, one in operation["responses"].items()}
        if not any(status[0] == "2" for status in responses):
            yield f"{where}: no answer"
        for status, response in responses.items():
            if not response.get("description"):
                yield f"{where} {status}: description"
            if status in ("302", "304", "204"):
                continue
            content = response.get("content", {})
            if not content:
                yield f"{where} {status}: content"
            for kind, media in content.items():
                if not media.get("schema"):
                    yield f"{where} {status} {kind}: schema"
                if "example" not in media and "examples" not in media:
                    yield f"{where} {status} {kind}: example"
        if auth.RULES.get(path) is auth.Access.ACCOUNT:
            names = {one["name"] for one in parameters}
            for status in ("400", "401", "429", "503", "504"):
                if status not in responses:
                    yield f"{where}: {status}"
            if method != "get" and "Idempotency-Key" not in names:
                yield f"{where}: Idempotency-Key"
            if operation["security"] != [{"ApiKeyAuth": []}, {"BearerAuth": []}]:
                yield f"{where}: security"


def test_every_operation_is_told_whole() -> None:
    assert list(missing(DOCUMENT)) == []
    ids = [operation["operationId"] for _, _, operation in openapi.operations(DOCUMENT)]
    assert len(ids) == len(set(ids)) > 25
    assert not any("Validation Error" in str(one["responses"]) for _, _, one in openapi.operations(DOCUMENT))


def test_a_route_that_tells_nothing_is_found() -> None:
    app = mounted()
    router = APIRouter()

    @router.get("/dramas/{drama_id}/nothing", response_model=None)
    async def nothing(request: Request, drama_id: str, how: int = 1) -> None: ...

    app.include_router(router)
    found = list(missing(openapi.build(app, "x")))
    where = "get /dramas/{drama_id}/nothing"
    assert found == [
        f"{where}: description",
        f"{where}: parameter how",
        f"{where} 200 application/json: schema",
    ]


def test_it_is_openapi_3_1() -> None:
    validator = jsonschema_rs.Draft202012Validator(OPENAPI_31)
    document = json.loads(json.dumps(DOCUMENT))
    assert [f"{list(error.instance_path)}: {error.message}" for error in validator.iter_errors(document)] == []
    broken = json.loads(json.dumps(DOCUMENT))
    del broken["info"]["title"]
    assert not validator.is_valid(broken)
    for reference in set(re.findall(r'"\$ref": "([^"]+)"', json.dumps(DOCUMENT))):
        assert resolved({"$ref": reference})


def bodies() -> Iterator[tuple[str, Json, Any]]:
    """Yields name, schema and example of every JSON body in the document."""
    for path, method, operation in openapi.operations(DOCUMENT):
        told = [("request", operation.get("requestBody", {}))]
        told += [(status, resolved(one)) for status, one in operation["responses"].items()]
        for what, one in told:
            media = one.get("content", {}).get("application/json")
            if media is None:
                continue
            for example in (
                [media["example"]] if "example" in media else [e["value"] for e in media["examples"].values()]
            ):
                yield f"{method} {path} {what}", media["schema"], example


def test_every_example_fits_its_schema() -> None:
    schemas = {"components": DOCUMENT["components"]}
    wrong = [
        f"{name}: {error.message}"
        for name, schema, example in bodies()
        for error in jsonschema_rs.Draft202012Validator({**schema, **schemas}).iter_errors(example)
    ]
    assert wrong == []
    assert len(list(bodies())) > 200


def test_every_example_of_an_error_is_the_error_of_its_status() -> None:
    fields = set(ErrorReply.model_fields)
    for name, schema, example in bodies():
        if re.search(r" [45]\d\d$", name):
            openai = speaks_openai(name.split()[1])
            model = "OpenAIErrorReply" if openai else "ErrorReply"
            assert schema == {"$ref": f"#/components/schemas/{model}"}, name
            assert set(example) == ({"error", "request_id"} if openai else fields), name


def test_headers_are_told_where_they_mean_something() -> None:
    told = {
        f"{method} {path}": {
            resolved(one)["name"] for one in operation["parameters"] if resolved(one)["in"] == "header"
        }
        for path, method, operation in openapi.operations(DOCUMENT)
    }
    assert {"Idempotency-Key", "If-Match", "If-None-Match"} <= told["post /dramas"]
    assert "If-Match" in told["patch /dramas/{drama_id}"]
    assert "Prefer" in told["get /dramas/{drama_id}/jobs/{job_id}"]
    assert "Last-Event-ID" in told["get /dramas/{drama_id}/events"]
    assert "Range" in told["get /media/{name}"]
    assert "Idempotency-Key" not in told["get /dramas"]
    assert all("X-Request-Id" in names for names in told.values())
    responses = DOCUMENT["paths"]["/dramas/{drama_id}"]["get"]["responses"]
    assert "ETag" in responses["200"]["headers"]
    assert "Retry-After" in resolved(responses["503"])["headers"]


async def test_authorize_has_what_it_needs(stranger: httpx.AsyncClient) -> None:
    document = (await stranger.get("/openapi.json")).json()
    assert document == json.loads(json.dumps(DOCUMENT))
    schemes = document["components"]["securitySchemes"]
    assert (schemes["ApiKeyAuth"]["in"], schemes["ApiKeyAuth"]["name"]) == ("header", "X-API-Key")
    assert (schemes["BearerAuth"]["type"], schemes["BearerAuth"]["scheme"]) == ("http", "bearer")
    assert document["paths"]["/health"]["get"]["security"] == []


def test_the_file_is_fresh() -> None:
    """`make openapi` writes it."""
    assert WRITTEN.read_text(encoding="utf-8") == text()
    assert text().startswith(HEAD)


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
async def test_the_pages_read_this_document(stranger: httpx.AsyncClient, page: str) -> None:
    assert "/openapi.json" in (await stranger.get(page)).text
