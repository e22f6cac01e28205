"""Installed providers: what the catalogue knows of them with and without a key, and who is told that a vendor can be used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import grpc
import pytest
from structlog.testing import capture_logs

from kit.context import Caller, Role, call_scope
from kit.providers.catalogue import load, rows_json, rows_of_json
from kit.providers.plugin import VideoProvider
from services.video import registry
from services.video.config import VideoSettings
from services.video.generation_servicer import GenerationServicer
from services.video.keyring import Keys
from services.video.prices import Prices
from sfd.video.v1 import generation_service_pb2 as rpc

ACCOUNT = "0197a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"


class Acme:
    """A provider that tells what it can whatever the key."""

    name = "acme"
    models: tuple[str, ...] = ("acme-1", "acme-2")
    prices: Mapping[str, float] = {"acme-1": 0.5}

    def __init__(self, api_key: str) -> None:
        self.key = api_key

    def get_supported_features(self) -> dict[str, Any]:
        return {"max_duration": 6, "available_aspect_ratios": ["9:16"], "supports_seed": True}


class Shy(Acme):
    """One that can be made with a key alone."""

    models = ("shy-1",)

    def __init__(self, api_key: str) -> None:
        if not api_key:
            raise ValueError("the secret of the house is s3cr3t")
        super().__init__(api_key)


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def two() -> dict[str, Callable[[str], VideoProvider]]:
        made: dict[str, Any] = {"acme": Acme, "shy": Shy}
        return made

    monkeypatch.setattr(registry, "discovered", two)


def settings(keys: str = "{}") -> VideoSettings:
    return VideoSettings(_env_file=None, SFD_INTERNAL_SECRET="x" * 32, SFD_PROVIDER_KEYS=keys)


def test_a_provider_is_known_without_a_key_where_it_tells_what_it_can() -> None:
    with capture_logs() as logs:
        added = registry.catalogue_of(settings()).added
    assert [model.name for model in added] == ["acme/acme-1", "acme/acme-2"]
    assert [one["provider"] for one in logs if one["event"] == "provider_left_out"] == ["shy"]
    assert "s3cr3t" not in str(logs)
    both = registry.catalogue_of(settings('{"shy": "k"}')).added
    assert [model.name for model in both] == ["acme/acme-1", "acme/acme-2", "shy/shy-1"]
    assert rows_of_json(rows_json(both)) == both, "rows travel whole"
    assert rows_of_json("") == ()
    assert dict(registry.operator_keys(settings('{"shy": "k", "gone": "k"}')))["shy"] == "k"
    assert "gone" not in registry.operator_keys(settings('{"gone": "k"}'))


class Ring:
    """An account with a key of Acme."""

    async def open(self, account_id: str, key_id: str) -> str:
        return "secret"

    async def living(self, account_id: str) -> list[tuple[str, str]]:
        return [("7", "acme")] if account_id == ACCOUNT else []


async def test_vendors_say_whose_key_is_used() -> None:
    nobody: Any = None
    known = registry.catalogue_of(settings())
    # Nothing is dialled: who has a key is asked of the ring.
    storage = grpc.aio.insecure_channel("127.0.0.1:1")
    servicer: Any = GenerationServicer(storage, Keys({"runway": "k"}, Ring()), Prices(storage), known, 1)
    told: dict[str, dict[str, int]] = {}
    for account in (ACCOUNT, "another"):
        with call_scope(who=Caller(account, Role.ACCOUNT)):
            reply = await servicer.ListVendors(rpc.ListVendorsRequest(), nobody)
        told[account] = {one.name: one.key for one in reply.vendors}
        assert [row.name for row in rows_of_json(reply.rows_json)] == ["acme/acme-1", "acme/acme-2"]
    mine = told[ACCOUNT]
    assert (mine["local"], mine["runway"], mine["acme"], mine["kling"]) == (
        rpc.KEY_OWNER_NOBODY,
        rpc.KEY_OWNER_OPERATOR,
        rpc.KEY_OWNER_ACCOUNT,
        rpc.KEY_OWNER_UNSPECIFIED,
    )
    assert told["another"]["acme"] == rpc.KEY_OWNER_UNSPECIFIED
    await storage.close()
    assert list(mine)[: len(load().vendors("video"))] == list(load().vendors("video"))
