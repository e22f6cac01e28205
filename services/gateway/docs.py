"""OpenAPI: bodies and errors that the routes read and write themselves are documented here."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from fastapi.openapi.docs import get_redoc_html, get_swagger_ui_html
from pydantic import BaseModel
from starlette.responses import FileResponse, HTMLResponse

from services.gateway.views import entity_models, generations, keys, models, usage, videos, webhooks
from services.gateway.views.replies import ErrorReply

REF: Final = "#/components/schemas/{model}"
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
    webhooks.CreateWebhookBody,
    webhooks.UpdateWebhookBody,
    webhooks.ReplayBody,
    entity_models.NewCharacterBody,
    entity_models.NewEpisodeBody,
    entity_models.NewSceneBody,
    entity_models.NewAssetBody,
    entity_models.UpdateCharacterBody,
    entity_models.UpdateEpisodeBody,
    entity_models.UpdateSceneBody,
    entity_models.UpdateAssetBody,
    entity_models.GenerateAssetRequest,
    entity_models.RetryBody,
    models.GraphqlBody,
    keys.CreateKeyBody,
    usage.VideoEstimateBody,
    usage.OwnPricesBody,
    usage.CreateBudgetBody,
    usage.UpdateBudgetBody,
    generations.VideoGenerationRequest,
    videos.CreateVideoBody,
    videos.RemixBody,
    videos.EditBody,
)

BYTES: Final = {
    "application/octet-stream": {"schema": {"type": "string", "format": "binary"}, "example": "the bytes themselves"}
}
"""The documentation of an answer that is bytes."""
EVENTS: Final = {
    "text/event-stream": {
        "schema": {"type": "string"},
        "example": 'id: 42\nevent: job.succeeded\ndata: {"jobId":"job_0a1b2c3d4e5f","dramaId":"lighthouse"}\n\n',
    }
}
"""The documentation of an answer that is a stream of events."""

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

TEXTS: Final = {
    400: "The request cannot be read",
    401: "No key, or a wrong one",
    403: "This caller may not do that",
    404: "It is not there",
    405: "The path has no such method; `Allow` names those it has",
    408: "The body came too slowly",
    409: "Somebody else changed it first, or the state is not right",
    412: "The ETag is not the current one",
    413: "The body is larger than the limit",
    414: "The URL is longer than 8 KiB",
    415: "The body is not JSON in UTF-8",
    416: "The range lies outside the bytes",
    422: "A field is wrong; `field` names it",
    431: "There are more than 100 headers, or more than 60 KiB of them",
    429: "A limit is reached; see Retry-After",
    500: "The picture failed; `message` says why",
    503: "A part of the house is away; see Retry-After",
    504: "A part of the house was too slow; see Retry-After",
}
"""What each error means, for the documentation."""


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Returns the documentation of errors that a route may answer."""
    return {status: {"model": ErrorReply, "description": TEXTS[status]} for status in statuses}


def body(model: type[BaseModel], *others: type[BaseModel], required: bool = True) -> dict[str, Any]:
    """Returns the documentation of a JSON body that is one of the models."""
    refs = [{"$ref": REF.format(model=one.__name__)} for one in (model, *others)]
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
