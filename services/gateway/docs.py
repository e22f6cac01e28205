"""OpenAPI: bodies and errors that the routes read and write themselves are documented here."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.docs import get_redoc_html, get_swagger_ui_html
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from starlette.responses import FileResponse, HTMLResponse

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
    models.ProduceBody,
    models.AuditionBody,
    models.ResolveBody,
    models.GraphqlBody,
)

_FILES: Final = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "redoc.standalone.js": "text/javascript",
}
_PAGE_HEADERS: Final = {
    # Nothing is loaded from anywhere else, also not by the pages' own scripts.
    "Content-Security-Policy": "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; font-src 'self' data:; worker-src 'self' blob:; connect-src 'self'; frame-ancestors 'none'",
    "Cache-Control": "no-cache",
}
_NO_ICON: Final = "data:,"

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


def swagger_page(title: str) -> HTMLResponse:
    """Returns the page to try the API out. It needs nothing but this gateway."""
    page = get_swagger_ui_html(
        openapi_url="/openapi.json",
        title=title,
        swagger_js_url="/docs/swagger-ui-bundle.js",
        swagger_css_url="/docs/swagger-ui.css",
        swagger_favicon_url=_NO_ICON,
        # The badge of an online validator would be fetched from its makers.
        swagger_ui_parameters={"validatorUrl": None},
    )
    page.headers.update(_PAGE_HEADERS)
    return page


def redoc_page(title: str) -> HTMLResponse:
    """Returns the page to read about the API. It needs nothing but this gateway."""
    page = get_redoc_html(
        openapi_url="/openapi.json",
        title=title,
        redoc_js_url="/docs/redoc.standalone.js",
        redoc_favicon_url=_NO_ICON,
        with_google_fonts=False,
    )
    page.headers.update(_PAGE_HEADERS)
    return page


def page_file(name: str) -> FileResponse | None:
    """Returns a script or style of the two pages, from the package that ships them; None when there is no such file.

    Raises LookupError when the package is not installed.
    """
    if name not in _FILES:
        return None
    # Looked up, not imported: the package would build on an application class that is not used here.
    spec = find_spec("fastapi_offline")
    if spec is None or spec.origin is None:
        raise LookupError("the Python package fastapi-offline is not installed")
    path = Path(spec.origin).with_name("static") / name
    return FileResponse(path, media_type=_FILES[name], headers={"Cache-Control": "max-age=86400"})


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
