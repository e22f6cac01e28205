"""What the account has spent, what it would spend, and what it pays."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import StreamingResponse

from kit.errors import InvalidInput
from kit.jsonio import load_object
from kit.providers.catalogue.legacy import legacy
from kit.providers.pricing import OwnPrices
from services.gateway import body as bodies
from services.gateway import docs, generations, headers, sums
from services.gateway.backends import RPC_SECONDS
from services.gateway.estimates import DEFAULT_SECONDS, Made, estimate, pricing
from services.gateway.gateway import Gateway, gateway
from services.gateway.money import nano, usd
from services.gateway.offers import offered
from services.gateway.problems import Json
from services.gateway.responses import NO_STORE, JsonResponse
from services.gateway.views import usage as view
from sfd.jobs.v1 import job_service_pb2
from sfd.usage.v1 import usage_pb2
from sfd.usage.v1 import usage_service_pb2 as rpc
from sfd.video.v1 import generation_service_pb2

router = APIRouter(tags=["usage"])
_NOTE = "Prices are estimates. Actual costs may vary."
_PAGE = 1000
_PRIVATE = {"Cache-Control": NO_STORE}
_CSV = {"text/csv": {"schema": {"type": "string"}, "example": sums.csv_head().decode()}}

Day = Annotated[str | None, Query(max_length=64)]
Provider = Annotated[str | None, Query(max_length=64)]
Drama = Annotated[str | None, Query(max_length=128)]


@router.get("/v1/usage/stats", response_model=None, responses={200: {"model": view.UsageStatsResponse}})
async def stats(request: Request) -> JsonResponse:
    """Films that were asked for, what they have cost, and the newest ten. What dramas cost is in `detailed`."""
    house = gateway(request)
    reply, runs = await asyncio.gather(
        house.backends.usage.SumGenerations(rpc.SumGenerationsRequest(), timeout=RPC_SECONDS),
        house.backends.jobs.ListRuns(
            job_service_pb2.ListRunsRequest(kind=generations.KIND, page_size=sums.RECENT), timeout=RPC_SECONDS
        ),
    )
    return JsonResponse(sums.stats_json(reply, await generations.shown(house, runs.runs)), headers=_PRIVATE)


@router.get(
    "/v1/usage/detailed", response_model=None, responses={200: {"model": view.UsageDetailed}, **docs.errors(422)}
)
async def detailed(
    request: Request, start_date: Day = None, end_date: Day = None, provider: Provider = None, drama_id: Drama = None
) -> JsonResponse:
    """Usage by day, provider and drama. Days are of UTC, the last one is included; a date that is none is ignored."""
    wanted = _filter(start_date, end_date, provider, drama_id)
    groups = [rpc.GROUP_BY_DAY, rpc.GROUP_BY_VENDOR, rpc.GROUP_BY_DRAMA]
    reply = await gateway(request).backends.usage.SumUsage(
        rpc.SumUsageRequest(filter=wanted, group_by=groups), timeout=RPC_SECONDS
    )
    return JsonResponse(sums.detailed_json(reply, wanted.start_day, wanted.end_day), headers=_PRIVATE)


@router.get(
    "/v1/usage/export",
    response_model=None,
    responses={200: {"description": "The calls, oldest first", "content": _CSV}, **docs.errors(422)},
)
async def export(
    request: Request, start_date: Day = None, end_date: Day = None, provider: Provider = None, drama_id: Drama = None
) -> StreamingResponse:
    """Every settled paid call as CSV, with exact costs. Takes the filters of `detailed`."""
    house, wanted = gateway(request), _filter(start_date, end_date, provider, drama_id)
    # The first page is asked for before the answer begins: an error still has its own status then.
    first = await _entries(house, wanted, "")
    told = {"Content-Disposition": 'attachment; filename="usage.csv"', **_PRIVATE}
    return StreamingResponse(_exported(house, wanted, first), media_type="text/csv; charset=utf-8", headers=told)


@router.get("/v1/usage/pricing", response_model=None, responses={200: {"model": view.PricingReply}})
async def prices(request: Request) -> JsonResponse:
    """Prices by model at 1280x720, the account's own where it has some."""
    house = gateway(request)
    offer, own = await asyncio.gather(offered(house), _own(house))
    rows = pricing(offer.catalogue, legacy(), own)
    return JsonResponse({"pricing": rows, "last_updated": legacy().updated, "note": _NOTE}, headers=_PRIVATE)


@router.post(
    "/v1/usage/estimate",
    response_model=None,
    responses={200: {"model": view.EstimateReply}, **docs.errors(400, 413, 415, 422)},
    openapi_extra=docs.body(view.VideoEstimateBody),
)
async def estimated(request: Request) -> JsonResponse:
    """What a film would cost, without making it. A model that nobody knows costs 0."""
    parsed = await bodies.read(request, view.VideoEstimateBody)
    house = gateway(request)
    offer, own, made = await asyncio.gather(offered(house), _own(house), _made(house, parsed.value))
    told = estimate(parsed.value, offer.catalogue, legacy(), own, made)
    return JsonResponse(told, headers=headers.ignored(parsed.ignored))


@router.get("/v1/usage/prices", response_model=None, responses={200: {"model": view.OwnPricesReply}})
async def own_prices(request: Request) -> JsonResponse:
    """Prices of the account's own."""
    reply = await gateway(request).backends.usage.ListPrices(rpc.ListPricesRequest(), timeout=RPC_SECONDS)
    return JsonResponse(_own_json(reply.prices), headers=_PRIVATE)


@router.put(
    "/v1/usage/prices",
    response_model=None,
    responses={200: {"model": view.OwnPricesReply}, **docs.errors(400, 413, 415, 422)},
    openapi_extra=docs.body(view.OwnPricesBody),
)
async def set_prices(request: Request) -> JsonResponse:
    """Replaces the prices of the account's own; estimates, plans and films that are bought use them from then on."""
    parsed = await bodies.read(request, view.OwnPricesBody)
    wanted = [
        usage_pb2.Price(vendor=one.provider, model=one.model, unit=one.unit, nano_usd=nano(one.usd))
        for one in parsed.value.prices
    ]
    reply = await gateway(request).backends.usage.SetPrices(
        rpc.SetPricesRequest(prices=wanted, request_id=headers.request_key(request)), timeout=RPC_SECONDS
    )
    return JsonResponse(_own_json(reply.prices), headers=_PRIVATE)


def _filter(start: str | None, end: str | None, provider: str | None, drama: str | None) -> rpc.Filter:
    return rpc.Filter(
        start_day=sums.day_of(start), end_day=sums.day_of(end), vendor=provider or "", drama_id=drama or ""
    )


async def _own(house: Gateway) -> OwnPrices:
    reply = await house.backends.usage.ListPrices(rpc.ListPricesRequest(), timeout=RPC_SECONDS)
    return OwnPrices(reply.prices)


async def _made(house: Gateway, wanted: view.VideoEstimateBody) -> Made | None:
    """Who would really make a film for this account; None when it would be refused."""
    wish = generation_service_pb2.VideoWish(
        model=wanted.model,
        provider=wanted.provider or "",
        prompt=wanted.prompt or "a film",
        seconds=wanted.duration or DEFAULT_SECONDS,
        aspect_ratio=wanted.aspect_ratio or "",
        legacy=True,
    )
    try:
        reply = await house.backends.generations.EstimateVideo(
            generation_service_pb2.EstimateVideoRequest(wish=wish), timeout=RPC_SECONDS
        )
    except InvalidInput:
        return None
    seconds = int(load_object(reply.request_json, "request_json").get("seconds", 0))
    return Made(reply.resolved_model, reply.price_nano_usd, seconds)


def _own_json(prices: Iterable[usage_pb2.Price]) -> dict[str, Json]:
    rows: list[Json] = [
        {
            "provider": one.vendor,
            "model": one.model,
            "unit": one.unit,
            "usd": usd(one.nano_usd),
            "updated_at": one.updated_at.ToJsonString(),
        }
        for one in prices
    ]
    return {"prices": rows}


async def _entries(house: Gateway, wanted: rpc.Filter, token: str) -> rpc.ListEntriesResponse:
    reply: rpc.ListEntriesResponse = await house.backends.usage.ListEntries(
        rpc.ListEntriesRequest(filter=wanted, page_size=_PAGE, page_token=token), timeout=RPC_SECONDS
    )
    return reply


async def _exported(house: Gateway, wanted: rpc.Filter, page: rpc.ListEntriesResponse) -> AsyncIterator[bytes]:
    yield sums.csv_head() + sums.csv_rows(page.entries)
    while page.next_page_token:
        page = await _entries(house, wanted, page.next_page_token)
        yield sums.csv_rows(page.entries)
