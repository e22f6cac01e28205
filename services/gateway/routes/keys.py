"""Users' keys of vendors, and the providers that they open."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request

from kit.errors import InvalidInput, SfdError, Unavailable
from kit.providers.catalogue.legacy import legacy
from services.gateway import body as bodies
from services.gateway import docs, headers
from services.gateway.backends import RPC_SECONDS
from services.gateway.gateway import gateway
from services.gateway.offers import offered
from services.gateway.problems import Json, Problem, bad_request
from services.gateway.responses import JsonResponse
from services.gateway.views import keys as view
from sfd.vault.v1 import key_service_pb2
from sfd.video.v1 import key_service_pb2 as rpc

router = APIRouter(tags=["keys"])
CHECK_SECONDS = 28.0
"""How long a request waits while a vendor is asked about a key."""
_PRIVATE = {"Cache-Control": "no-store"}
_REFUSED = frozenset({"invalid_key", "quota_exceeded", "vendor_away"})


@router.post(
    "/v1/keys",
    response_model=None,
    responses={200: {"model": view.APIKeyResponse}, **docs.errors(400, 413, 415, 422, 503)},
    openapi_extra=docs.body(view.CreateKeyBody),
)
async def create(request: Request) -> JsonResponse:
    """Stores a key after its provider has taken it. Of two keys of one provider the newest active one is used."""
    parsed = await bodies.read(request, view.CreateKeyBody)
    wanted = parsed.value
    try:
        reply = await gateway(request).backends.keys.CreateKey(
            rpc.CreateKeyRequest(
                vendor=wanted.provider, secret=wanted.api_key, request_id=headers.request_key(request)
            ),
            timeout=CHECK_SECONDS,
        )
    except (InvalidInput, Unavailable) as error:
        raise _refusal(error) from None
    return JsonResponse(view.key_json(reply.key), headers={**headers.ignored(parsed.ignored), **_PRIVATE})


@router.get("/v1/keys", response_model=None, responses={200: {"model": list[view.APIKeyResponse]}})
async def list_keys(request: Request) -> JsonResponse:
    """Keys of the account that were not deleted, newest first."""
    reply = await gateway(request).backends.vault_keys.ListKeys(key_service_pb2.ListKeysRequest(), timeout=RPC_SECONDS)
    rows: list[Json] = [view.key_json(key) for key in reply.keys]
    return JsonResponse(rows, headers=_PRIVATE)


@router.delete(
    "/v1/keys/{key_id}", response_model=None, responses={200: {"model": view.MessageReply}, **docs.errors(404)}
)
async def delete(request: Request, key_id: str) -> JsonResponse:
    """Revokes a key for ever. Calls that were sent with it go on at the vendor."""
    await gateway(request).backends.vault_keys.RevokeKey(
        key_service_pb2.RevokeKeyRequest(number=number_of(key_id)), timeout=RPC_SECONDS
    )
    return JsonResponse({"message": "Key deleted successfully"})


@router.post(
    "/v1/keys/{key_id}/validate",
    response_model=None,
    responses={200: {"model": view.ValidationReply}, **docs.errors(404, 503)},
)
async def validate(request: Request, key_id: str) -> JsonResponse:
    """Asks the provider about a key again, without paying, and keeps what it says."""
    reply = await gateway(request).backends.keys.ValidateKey(
        rpc.ValidateKeyRequest(number=number_of(key_id)), timeout=CHECK_SECONDS
    )
    told: dict[str, Json] = {"valid": reply.valid, "status": view.status_word(reply.key.status)}
    return JsonResponse({**told, "error": reply.error} if reply.error else told, headers=_PRIVATE)


@router.get("/v1/providers", response_model=None, responses={200: {"model": list[view.ProviderInfo]}})
async def providers(request: Request) -> JsonResponse:
    """Providers of films, installed ones too, what they can do, and whether there is a key, the operator's or the account's own."""
    house = gateway(request)
    offer, reply = await asyncio.gather(
        offered(house), house.backends.vault_keys.ListKeys(key_service_pb2.ListKeysRequest(), timeout=RPC_SECONDS)
    )
    return JsonResponse(view.providers_json(offer, legacy(), reply.keys), headers=_PRIVATE)


def number_of(text: str) -> int:
    """Returns the number of a key in a path; raises the contract's 404 for what can be none."""
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Problem(404, "Key not found", "Key not found", reason="key_not_found", field="key_id")
    return int(text)


def _refusal(error: InvalidInput | Unavailable) -> SfdError:
    """The contract's 400 for a provider or a key that is refused, also while the provider cannot be asked."""
    if error.reason == "unknown_vendor":
        return bad_request(error.message, error.reason, field="provider")
    if error.reason in _REFUSED:
        return bad_request(f"Failed to validate key: {error.message}", error.reason, field="api_key")
    return error
