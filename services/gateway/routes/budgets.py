"""Budgets: a call that would break one is refused before it is sent."""

from __future__ import annotations

from fastapi import APIRouter, Request

from services.gateway import body as bodies
from services.gateway import docs, headers
from services.gateway.backends import RPC_SECONDS
from services.gateway.gateway import gateway
from services.gateway.money import nano, usd
from services.gateway.problems import Json
from services.gateway.responses import JsonResponse
from services.gateway.views import keys, usage
from sfd.usage.v1 import usage_pb2
from sfd.usage.v1 import usage_service_pb2 as rpc

router = APIRouter(tags=["budgets"])
_PRIVATE = {"Cache-Control": "no-store"}


@router.post(
    "/v1/budgets",
    response_model=None,
    status_code=201,
    responses={201: {"model": usage.BudgetReply}, **docs.errors(400, 404, 409, 413, 415, 422)},
    openapi_extra=docs.body(usage.CreateBudgetBody),
)
async def create(request: Request) -> JsonResponse:
    """Limits what the account, or one of its keys, may spend in a day and a month of UTC and in one job."""
    wanted = (await bodies.read(request, usage.CreateBudgetBody)).value
    reply = await gateway(request).backends.usage.CreateBudget(
        rpc.CreateBudgetRequest(
            budget=usage_pb2.Budget(
                key_number=wanted.key_id or 0,
                daily_nano_usd=nano(wanted.daily_usd or 0),
                monthly_nano_usd=nano(wanted.monthly_usd or 0),
                job_nano_usd=nano(wanted.per_job_usd or 0),
            ),
            request_id=headers.request_key(request),
        ),
        timeout=RPC_SECONDS,
    )
    told = {"Location": f"/v1/budgets/{reply.budget.id}", **_PRIVATE}
    return JsonResponse(budget_json(reply.budget), 201, headers=told)


@router.get("/v1/budgets", response_model=None, responses={200: {"model": list[usage.BudgetReply]}})
async def list_budgets(request: Request) -> JsonResponse:
    """Budgets of the account and of its keys."""
    reply = await gateway(request).backends.usage.ListBudgets(rpc.ListBudgetsRequest(), timeout=RPC_SECONDS)
    rows: list[Json] = [budget_json(one) for one in reply.budgets]
    return JsonResponse(rows, headers=_PRIVATE)


@router.get(
    "/v1/budgets/{budget_id}", response_model=None, responses={200: {"model": usage.BudgetReply}, **docs.errors(404)}
)
async def get_budget(request: Request, budget_id: str) -> JsonResponse:
    """One budget with what is spent."""
    reply = await gateway(request).backends.usage.GetBudget(
        rpc.GetBudgetRequest(id=_short(budget_id)), timeout=RPC_SECONDS
    )
    return JsonResponse(budget_json(reply.budget), headers=_PRIVATE)


@router.patch(
    "/v1/budgets/{budget_id}",
    response_model=None,
    responses={200: {"model": usage.BudgetReply}, **docs.errors(400, 404, 413, 415, 422)},
    openapi_extra=docs.body(usage.UpdateBudgetBody),
)
async def update(request: Request, budget_id: str) -> JsonResponse:
    """Changes limits; what was spent stays spent."""
    wanted = (await bodies.read(request, usage.UpdateBudgetBody)).value
    change = rpc.UpdateBudgetRequest(id=_short(budget_id), request_id=headers.request_key(request))
    if "daily_usd" in wanted.model_fields_set:
        change.daily_nano_usd = nano(wanted.daily_usd or 0)
    if "monthly_usd" in wanted.model_fields_set:
        change.monthly_nano_usd = nano(wanted.monthly_usd or 0)
    if "per_job_usd" in wanted.model_fields_set:
        change.job_nano_usd = nano(wanted.per_job_usd or 0)
    reply = await gateway(request).backends.usage.UpdateBudget(change, timeout=RPC_SECONDS)
    return JsonResponse(budget_json(reply.budget), headers=_PRIVATE)


@router.delete(
    "/v1/budgets/{budget_id}", response_model=None, responses={200: {"model": keys.MessageReply}, **docs.errors(404)}
)
async def delete(request: Request, budget_id: str) -> JsonResponse:
    """Removes a budget."""
    await gateway(request).backends.usage.DeleteBudget(
        rpc.DeleteBudgetRequest(id=_short(budget_id), request_id=headers.request_key(request)), timeout=RPC_SECONDS
    )
    return JsonResponse({"message": "Budget deleted successfully"})


def budget_json(budget: usage_pb2.Budget) -> dict[str, Json]:
    """Returns a budget; null where it has no limit."""
    return {
        "id": budget.id,
        "key_id": budget.key_number or None,
        "daily_usd": usd(budget.daily_nano_usd) if budget.daily_nano_usd else None,
        "monthly_usd": usd(budget.monthly_nano_usd) if budget.monthly_nano_usd else None,
        "per_job_usd": usd(budget.job_nano_usd) if budget.job_nano_usd else None,
        "spent_today_usd": usd(budget.spent_today_nano_usd),
        "spent_this_month_usd": usd(budget.spent_this_month_nano_usd),
        "created_at": budget.created_at.ToJsonString(),
        "updated_at": budget.updated_at.ToJsonString(),
    }


def _short(text: str) -> str:
    """An id as it may be asked for: storage finds nothing under what is no UUID."""
    return text if text.isascii() and "\0" not in text else ""
