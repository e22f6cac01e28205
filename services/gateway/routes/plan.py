"""What a production would do and cost, without doing it."""

from __future__ import annotations

from fastapi import APIRouter, Request

from services.gateway import body as bodies
from services.gateway import docs, headers
from services.gateway.backends import RPC_SECONDS
from services.gateway.gateway import gateway
from services.gateway.problems import Json
from services.gateway.responses import NO_STORE, JsonResponse
from services.gateway.views import drama as view
from services.gateway.views import entity_replies, models
from services.gateway.views.jobs import NANO
from services.gateway.where import at
from sfd.story.v1 import story_pb2, story_service_pb2

router = APIRouter(tags=["dramas"])


@router.post(
    "/dramas/{drama_id}/plan",
    response_model=None,
    responses={200: {"model": entity_replies.Plan}, **docs.errors(400, 404, 409, 413, 415, 422)},
    openapi_extra=docs.body(models.ExecuteBody, required=False),
)
async def plan(request: Request, drama_id: str) -> JsonResponse:
    """Says step by step what `execute` with the same body would do, cost and take; nothing is started."""
    where = at(drama_id)
    parsed = await bodies.read(request, models.ExecuteBody, empty=True)
    wish = parsed.value
    with where.known():
        found: story_service_pb2.PlanProductionResponse = await gateway(request).backends.story.PlanProduction(
            story_service_pb2.PlanProductionRequest(
                drama_id=drama_id,
                options=story_pb2.Options(cast=view.cast_of(wish), style=wish.style or "", seed=wish.seed or 0),
                episode_ids=wish.episodes or (),
                force=wish.force,
            ),
            timeout=RPC_SECONDS,
        )
    told = {"Cache-Control": NO_STORE, **headers.ignored(parsed.ignored), **headers.warned(found.warnings)}
    return JsonResponse(_plan_json(drama_id, found), headers=told)


def _plan_json(drama_id: str, plan: story_service_pb2.PlanProductionResponse) -> dict[str, Json]:
    return {
        "drama_id": drama_id,
        "revision": plan.revision,
        "steps": [_step_json(step) for step in plan.steps],
        "price_usd": plan.price_nano_usd / NANO,
        "price_low_usd": plan.price_low_nano_usd / NANO,
        "price_high_usd": plan.price_high_nano_usd / NANO,
        "critical_path_seconds": plan.critical_path_seconds,
        "missing_keys": list(plan.missing_keys),
        "estimated": plan.estimated,
        "warnings": list(plan.warnings),
    }


def _step_json(step: story_service_pb2.PlannedStep) -> dict[str, Json]:
    return {
        "step": step.step,
        "kind": step.kind,
        "node_type": step.node_type,
        "entity_id": step.entity_id,
        "episode_id": step.episode_id,
        "reused": step.reused,
        "model": step.model,
        "prompt": step.prompt,
        "price_usd": step.price_nano_usd / NANO,
        "price_low_usd": step.price_low_nano_usd / NANO,
        "price_high_usd": step.price_high_nano_usd / NANO,
        "seconds": step.seconds,
        "depends_on": list(step.depends_on),
        "missing_key": step.missing_key,
    }
