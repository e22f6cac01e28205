"""Keys and providers as the media contract shows them: bodies, answers, and the functions that make them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints

from kit.providers.catalogue import Catalogue, Model
from kit.providers.catalogue.legacy import Legacy
from kit.providers.fitting import ratio_of
from services.gateway.body import Body
from services.gateway.offers import Offer
from services.gateway.problems import Json
from sfd.vault.v1 import key_pb2

_DEFAULT_RATIOS = ("16:9", "9:16", "1:1")


class CreateKeyBody(Body):
    """A key of a provider. It is checked with the provider, sealed, and never shown again."""

    provider: Annotated[str, StringConstraints(max_length=64)]
    api_key: Annotated[str, StringConstraints(min_length=1, max_length=4096)]


class APIKeyResponse(BaseModel):
    """A key without the key: `key_preview` is `...` and its last four characters."""

    id: int
    provider: str
    status: str = Field(examples=["active"])
    last_validated: str | None = Field(default=None, examples=["2026-11-20T00:53:20Z"])
    created_at: str
    key_preview: str | None = Field(default=None, examples=["...x7Qk"])


class ValidationReply(BaseModel):
    """What the provider says of a key; `error` is there when it does not take it, or could not be asked."""

    valid: bool
    status: str = Field(examples=["active"])
    error: str | None = None


class MessageReply(BaseModel):
    """What was done, in words."""

    message: str


class ProviderFeatures(BaseModel):
    """What at least one model of a provider can do; `max_duration` is in seconds."""

    supports_duration: bool
    supports_aspect_ratio: bool
    supports_seed: bool
    supports_fps: bool
    supports_image_to_video: bool
    supports_video_to_video: bool
    max_duration: int
    available_aspect_ratios: list[str] = Field(examples=[["16:9", "9:16", "1:1"]])


class ProviderInfo(BaseModel):
    """A provider: its models, also the older names that stand for one of them, and whether the account can use it."""

    name: str
    display_name: str
    models: list[str] = Field(examples=[["gen4.5", "runway-gen4"]])
    features: ProviderFeatures
    has_key: bool
    key_status: str | None = Field(default=None, examples=["active"])


def status_word(status: key_pb2.KeyStatus.ValueType) -> str:
    """Returns `active`, `invalid`, `quota_exceeded` or `revoked`."""
    return key_pb2.KeyStatus.Name(status).removeprefix("KEY_STATUS_").lower()


def key_json(key: key_pb2.Key) -> dict[str, Json]:
    """Returns a key; its id in REST is its number."""
    return {
        "id": key.number,
        "provider": key.vendor,
        "status": status_word(key.status),
        "last_validated": key.last_validated.ToJsonString() if key.HasField("last_validated") else None,
        "created_at": key.created_at.ToJsonString(),
        "key_preview": key.preview or None,
    }


def providers_json(offer: Offer, legacy: Legacy, keys: Iterable[key_pb2.Key]) -> list[Json]:
    """Returns every provider of films with its features; `keys` are the account's, newest first."""
    statuses: dict[str, list[str]] = {}
    for key in keys:
        statuses.setdefault(key.vendor, []).append(status_word(key.status))
    return [
        _provider(
            offer.catalogue,
            legacy,
            vendor,
            [*(["active"] if offer.usable.get(vendor) else []), *statuses.get(vendor, [])],
        )
        for vendor in offer.catalogue.vendors("video")
    ]


def _provider(catalogue: Catalogue, legacy: Legacy, vendor: str, statuses: list[str]) -> dict[str, Json]:
    models = [model for model in catalogue.models if model.kind == "video" and model.vendor == vendor]
    older = [price.model for price in legacy.prices if price.provider == vendor]
    # Where a key can be used it is an active one; else the account's newest tells what is wrong.
    status = "active" if "active" in statuses else next(iter(statuses), None)
    return {
        "name": vendor,
        "display_name": vendor.title(),
        "models": [*(model.id for model in models), *older],
        "features": _features(models, legacy.features(vendor)),
        "has_key": bool(statuses),
        "key_status": status,
    }


def _features(models: list[Model], told: Mapping[str, Any]) -> dict[str, Json]:
    """What the models of today or the older contract's table say: either is enough."""
    films = [model.film for model in models if model.film is not None]
    sizes = [size for model in models for size in model.sizes]
    ratios = [*told.get("available_aspect_ratios", ()), *(ratio_of(size) for size in sizes)] or [*_DEFAULT_RATIOS]
    lengths = [second for model in models for second in model.seconds]
    return {
        "supports_duration": not lengths or len(set(lengths)) > 1,
        "supports_aspect_ratio": len(set(ratios)) > 1,
        "supports_seed": bool(told.get("supports_seed")) or any(film.seed for film in films),
        "supports_fps": bool(told.get("supports_fps")) or any(film.fps for film in films),
        "supports_image_to_video": bool(told.get("supports_image_to_video")) or any("image" in f.modes for f in films),
        "supports_video_to_video": bool(told.get("supports_video_to_video")) or any("video" in f.modes for f in films),
        "max_duration": max([*lengths, told.get("max_duration", 0)]) or 10,
        "available_aspect_ratios": [*dict.fromkeys(ratios)],
    }
