"""The checker of compatibility: planted breaks are found, what is only added is not."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from scripts.openapi import RELEASED
from scripts.openapi_breaks import breaks

Json = dict[str, Any]
OLD: Json = yaml.load(RELEASED.read_text(encoding="utf-8"), yaml.CSafeLoader)


def schema(document: Json, name: str) -> Json:
    found: Json = document["components"]["schemas"][name]
    return found


def operation(document: Json, method: str, path: str) -> Json:
    found: Json = document["paths"][path][method]
    return found


BREAKS: dict[str, tuple[Callable[[Json], Any], str]] = {
    "path": (lambda d: d["paths"].pop("/jobs"), "/jobs: removed"),
    "method": (lambda d: d["paths"]["/dramas/{drama_id}"].pop("patch"), "PATCH /dramas/{drama_id}: removed"),
    "answer": (lambda d: operation(d, "post", "/dramas")["responses"].pop("201"), "the answer 201 is removed"),
    "response field": (lambda d: schema(d, "JobRecord")["properties"].pop("createdAt"), "createdAt: removed"),
    "error field": (lambda d: schema(d, "ErrorReply")["properties"].pop("request_id"), "request_id: removed"),
    "nested field": (lambda d: schema(d, "SceneBody")["properties"].pop("image_url"), "image_url: removed"),
    "optional": (lambda d: schema(d, "JobRecord")["required"].remove("status"), "status: no longer always there"),
    "enum": (lambda d: schema(d, "AssetBody")["properties"]["kind"]["enum"].remove("video"), "removed values 'video'"),
    "required": (lambda d: schema(d, "CreateDramaBody")["required"].append("language"), "language: newly required"),
    "required body": (
        lambda d: operation(d, "post", "/dramas/{drama_id}/execute")["requestBody"].update(required=True),
        "a body is newly required",
    ),
    "required parameter": (
        lambda d: operation(d, "get", "/dramas")["parameters"][0].update(required=True),
        "the parameter limit is newly required",
    ),
    "parameter": (lambda d: operation(d, "get", "/dramas")["parameters"].pop(1), "the parameter cursor is removed"),
    "narrower": (
        lambda d: schema(d, "ImproveBody")["properties"]["feedback"].update(maxLength=10),
        "maxLength became narrower: 10",
    ),
    "no null": (
        lambda d: schema(d, "UpdateDramaBody")["properties"].update(title={"type": "string"}),
        "title: the type null, string became narrower: string",
    ),
    "another type": (
        lambda d: schema(d, "JobRecord")["properties"]["createdAt"].update(type="string"),
        "createdAt: the type integer became wider: string",
    ),
    "form": (
        lambda d: operation(d, "post", "/dramas")["requestBody"]["content"]["application/json"]["schema"][
            "anyOf"
        ].pop(),
        "the form PutDramaBody is removed",
    ),
    "media type": (
        lambda d: operation(d, "post", "/dramas")["requestBody"]["content"].pop("multipart/form-data"),
        "the request type multipart/form-data is removed",
    ),
}


def test_a_document_breaks_nothing_of_itself() -> None:
    assert breaks(OLD, OLD) == []


@pytest.mark.parametrize("name", BREAKS)
def test_a_planted_break_is_found(name: str) -> None:
    change, told = BREAKS[name]
    new = copy.deepcopy(OLD)
    change(new)
    found = breaks(OLD, new)
    assert any(told in line for line in found), found


def test_what_is_added_breaks_nothing() -> None:
    new = copy.deepcopy(OLD)
    new["paths"]["/more"] = {"get": {"responses": {"200": {"description": "x"}}}}
    new["paths"]["/dramas/{id}"] = new["paths"].pop("/dramas/{drama_id}")
    schema(new, "JobRecord")["properties"]["more"] = {"type": "string"}
    schema(new, "CreateDramaBody")["properties"]["more"] = {"type": "string"}
    schema(new, "AssetBody")["properties"]["kind"]["enum"].append("sound")
    schema(new, "ImproveBody")["properties"]["feedback"]["maxLength"] = 99_000
    operation(new, "get", "/jobs")["parameters"].append({"name": "state", "in": "query", "schema": {"type": "string"}})
    assert breaks(OLD, new) == []
