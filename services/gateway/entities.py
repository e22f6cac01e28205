"""What the routes of everything below a drama do: list, get, create, change, remove."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import Request

from kit.errors import Conflict, InvalidInput
from services.gateway import headers
from services.gateway.body import B, Parsed
from services.gateway.entity_calls import Calls, E
from services.gateway.flights import IN_FLIGHT
from services.gateway.gateway import gateway
from services.gateway.ids import checked
from services.gateway.responses import NO_STORE, JsonResponse
from services.gateway.views import entities as view
from services.gateway.where import Where


async def listed(request: Request, calls: Calls[E], where: Where) -> JsonResponse:
    """Answers with all of them, in order, under the name of the kind."""
    with where.known():
        found = await calls.every(gateway(request).backends, where)
    return JsonResponse({calls.many: [calls.json(one) for one in found]}, headers={"Cache-Control": NO_STORE})


async def got(request: Request, calls: Calls[E], where: Where, entity_id: str) -> JsonResponse:
    """Answers with one of them and its ETag."""
    return _answer(calls, await fetch(request, calls, where, entity_id))


async def created(
    request: Request, calls: Calls[E], where: Where, entity: E, parsed: Parsed[B], position: int | None
) -> JsonResponse:
    """Adds one: 201 with its place, or 409 when its id is taken."""
    if headers.if_match(request) or headers.if_any_match(request):
        # What is not there yet has no ETag to match (RFC 9110, 13.1.1).
        raise headers.precondition_failed()
    with where.known(), _fields_of(calls):
        made = await calls.create(gateway(request).backends, where, entity, position, headers.request_key(request))
    told = {"Location": f"{request.url.path}/{made.id}", **headers.ignored(parsed.ignored)}
    return _answer(calls, made, 201, told)


async def updated(request: Request, calls: Calls[E], where: Where, entity: E, parsed: Parsed[B]) -> JsonResponse:
    """Changes the fields that were sent; answers with the whole of it."""
    _refuse_absent_only(request)
    entity_id = entity.id
    mask = view.apply(entity, parsed.value)
    told = headers.ignored(parsed.ignored)
    tags = headers.if_match(request)
    with where.known(calls.kind, checked(calls.kind, entity_id)), _fields_of(calls), _condition(tags):
        if not mask:
            current = await calls.get(gateway(request).backends, where, entity_id)
            if tags and current.etag not in tags:
                raise headers.precondition_failed()
            return _answer(calls, current, 200, told)
        tag = await _chosen_tag(request, calls, where, entity_id, tags)
        key = headers.request_key(request)
        changed = await calls.update(gateway(request).backends, where, entity, mask, tag, key)
    return _answer(calls, changed, 200, told)


async def deleted(request: Request, calls: Calls[E], where: Where, entity_id: str) -> JsonResponse:
    """Removes one with everything under it."""
    _refuse_absent_only(request)
    tags = headers.if_match(request)
    with where.known(calls.kind, checked(calls.kind, entity_id)), _condition(tags):
        tag = await _chosen_tag(request, calls, where, entity_id, tags)
        await calls.delete(gateway(request).backends, where, entity_id, tag, headers.request_key(request))
    return JsonResponse({"success": True})


async def fetch(request: Request, calls: Calls[E], where: Where, entity_id: str) -> E:
    """Returns one of them; raises the contract's 404."""
    with where.known(calls.kind, checked(calls.kind, entity_id)):
        return await calls.get(gateway(request).backends, where, entity_id)


async def _chosen_tag(request: Request, calls: Calls[E], where: Where, entity_id: str, tags: tuple[str, ...]) -> str:
    """Returns the one ETag to compare with: of several, the one that is current now."""
    if len(tags) < 2:
        return tags[0] if tags else ""
    current = (await calls.get(gateway(request).backends, where, entity_id)).etag
    if current not in tags:
        raise headers.precondition_failed()
    return current


def _refuse_absent_only(request: Request) -> None:
    """Raises a 412 for `If-None-Match: *`: whoever changes a thing changes one that is there."""
    if request.headers.get("if-none-match", "").strip() == "*":
        raise headers.precondition_failed()


@contextmanager
def _condition(tags: tuple[str, ...]) -> Iterator[None]:
    """Turns the house's Conflict into a 412 when the client has named the ETag it saw."""
    try:
        yield
    except Conflict as error:
        if tags and error.reason != IN_FLIGHT:
            raise headers.precondition_failed() from None
        raise


@contextmanager
def _fields_of(calls: Calls[E]) -> Iterator[None]:
    """Names a wrong field as the client did: without the message that the house puts around it."""
    try:
        yield
    except InvalidInput as error:
        error.field = error.field.removeprefix(f"{calls.kind.lower()}.")
        raise


def _answer(calls: Calls[E], entity: E, status: int = 200, extra: dict[str, str] | None = None) -> JsonResponse:
    told = {"Cache-Control": NO_STORE, **(extra or {})}
    if entity.etag:
        told["ETag"] = f'"{entity.etag}"'
    return JsonResponse(calls.json(entity), status, told)
