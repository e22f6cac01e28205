"""The models of the catalogue, in OpenAI's form."""

from __future__ import annotations

from fastapi import APIRouter, Request

from kit.providers.catalogue import Model, OldName
from services.gateway import docs
from services.gateway.gateway import gateway
from services.gateway.generations import missing
from services.gateway.offers import offered
from services.gateway.problems import Json
from services.gateway.responses import JsonResponse
from services.gateway.views import videos as view

router = APIRouter(tags=["models"])


@router.get("/v1/models", response_model=None, responses={200: {"model": view.ModelList}})
async def list_models(request: Request) -> JsonResponse:
    """Every model of every vendor, and names of old that are still taken. The house's own maker is one, whatever it makes."""
    known = (await offered(gateway(request))).catalogue
    rows = [*map(_model_json, known.models), *map(_old_json, known.old_names)]
    # Ids are unique; of several kinds under one name the film's is shown, as it is by itself.
    told = {str(row["id"]): row for row in sorted(rows, key=lambda row: row["kind"] == "video")}
    return JsonResponse({"object": "list", "data": [row for row in rows if told[str(row["id"])] is row]})


@router.get(
    "/v1/models/{model_id:path}", response_model=None, responses={200: {"model": view.ModelReply}, **docs.errors(404)}
)
async def get_model(request: Request, model_id: str) -> JsonResponse:
    """One model, by `vendor/model`, by its own name, or by a name of old."""
    known = (await offered(gateway(request))).catalogue
    for model in sorted(known.models, key=lambda one: one.kind != "video"):
        if model_id in (model.name, model.id):
            return JsonResponse(_model_json(model))
    old = known.old_name("video", model_id)
    if old is None:
        raise missing("Model")
    return JsonResponse(_old_json(old))


def _model_json(model: Model) -> dict[str, Json]:
    return {
        "id": model.name,
        "object": "model",
        "created": 0,
        "owned_by": model.vendor,
        "kind": model.kind,
        "shutdown_date": model.sunset_at or None,
        "successors": [model.successor] if model.successor else [],
    }


def _old_json(old: OldName) -> dict[str, Json]:
    return {
        "id": old.id,
        "object": "model",
        "created": 0,
        "owned_by": old.vendor,
        "kind": old.kind,
        "shutdown_date": None,
        "successors": list(old.successors),
    }
