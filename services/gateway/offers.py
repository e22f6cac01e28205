"""Who films for the account: the house's catalogue with installed providers, and whose key of each vendor is used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kit.providers.catalogue import Catalogue, rows_of_json
from kit.providers.catalogue import house as catalogue
from services.gateway.backends import RPC_SECONDS
from services.gateway.gateway import Gateway
from sfd.video.v1 import generation_service_pb2 as rpc


@dataclass(frozen=True)
class Offer:
    """All models, and the vendors that can be used; one that needs no key is among them."""

    catalogue: Catalogue
    usable: Mapping[str, bool]


async def offered(house: Gateway) -> Offer:
    """Returns what is on offer to the caller's account."""
    reply = await house.backends.generations.ListVendors(rpc.ListVendorsRequest(), timeout=RPC_SECONDS)
    return Offer(
        catalogue().extended(rows_of_json(reply.rows_json)),
        {one.name: one.key != rpc.KEY_OWNER_UNSPECIFIED for one in reply.vendors},
    )
