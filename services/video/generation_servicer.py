"""`sfd.video.v1.GenerationService`: a wish for a film of no drama becomes a run of one job."""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
import uuid
from typing import Any, TypeAlias

import grpc
from google.protobuf import json_format

from kit.context import caller
from kit.errors import InvalidInput
from kit.jsonio import dumps, load_object
from kit.providers.catalogue import Catalogue, rows_json
from kit.providers.fitting import Adjustment, FilmWish
from services.video.generations import KIND
from services.video.keyring import LOCAL, OPERATOR_KEY, Keys
from services.video.prices import Prices
from services.video.routing import AUTO, Asked, Choice, Preference, Route, route
from sfd.jobs.v1 import job_pb2, job_service_pb2, job_service_pb2_grpc
from sfd.video.v1 import generation_pb2, generation_service_pb2, generation_service_pb2_grpc

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
RUN_KIND = "generate_video"
MAX_REFERENCES = 16
_PREFERENCES: dict[int, Preference] = {
    generation_service_pb2.PREFERENCE_UNSPECIFIED: "cost",
    generation_service_pb2.PREFERENCE_COST: "cost",
    generation_service_pb2.PREFERENCE_LATENCY: "latency",
    generation_service_pb2.PREFERENCE_QUALITY: "quality",
}


class GenerationServicer(generation_service_pb2_grpc.GenerationServiceServicer):
    """Resolves, fits, prices and submits; the caller's identity goes along to storage."""

    def __init__(
        self, storage: grpc.aio.Channel, keys: Keys, prices: Prices, catalogue: Catalogue, attempts: int
    ) -> None:
        self._jobs = job_service_pb2_grpc.JobServiceStub(storage)
        self._keys = keys
        self._prices = prices
        self._catalogue = catalogue
        self._attempts = attempts

    async def GenerateVideo(
        self, request: generation_service_pb2.GenerateVideoRequest, context: Context
    ) -> generation_service_pb2.GenerateVideoResponse:
        """Accepts a film; raises `InvalidInput` for a wish that nobody can make, naming the field."""
        found = await self._route(request.wish)
        first = found.choices[0]
        name = f"gen_{_suffix(request.request_id)}"
        reply = await self._jobs.SubmitRun(
            job_service_pb2.SubmitRunRequest(
                request_id=request.request_id,
                kind=RUN_KIND,
                public_id=name,
                label=first.model.vendor,
                jobs=[job_of(name, request.wish, found, self._attempts)],
                metadata_json=dumps(labels_of(request, found)),
            )
        )
        return generation_service_pb2.GenerateVideoResponse(
            run=reply.run,
            resolved_model=first.model.name,
            adjustments=[_told(one) for one in first.film.adjustments],
            price_nano_usd=first.price,
            warning=found.warning,
        )

    async def EstimateVideo(
        self, request: generation_service_pb2.EstimateVideoRequest, context: Context
    ) -> generation_service_pb2.EstimateVideoResponse:
        """Says who would make a film and for how much; raises as `GenerateVideo`."""
        found = await self._route(request.wish)
        first = found.choices[0]
        return generation_service_pb2.EstimateVideoResponse(
            resolved_model=first.model.name,
            adjustments=[_told(one) for one in first.film.adjustments],
            price_nano_usd=first.price,
            warning=found.warning,
            request_json=dumps(first.film.request()),
        )

    async def ListVendors(
        self, request: generation_service_pb2.ListVendorsRequest, context: Context
    ) -> generation_service_pb2.ListVendorsResponse:
        """Says whose key of each vendor the account uses, and what installed providers can."""
        who = caller()
        living = await self._keys.living(who.account_id if who else "")
        return generation_service_pb2.ListVendorsResponse(
            vendors=[
                generation_service_pb2.FilmVendor(name=name, key=_owner(name, living.get(name)))
                for name in self._catalogue.vendors("video")
            ],
            rows_json=rows_json(self._catalogue.added),
        )

    async def _route(self, wish: generation_service_pb2.VideoWish) -> Route:
        who = caller()
        provider, _, preference = wish.provider.strip().lower().partition(":")
        asked = Asked(wish.model.strip(), provider, _PREFERENCES.get(wish.preference, "cost"), wish.legacy)
        if preference:
            if provider != AUTO or preference not in ("cost", "latency", "quality"):
                raise InvalidInput(
                    "provider is a vendor, auto, auto:cost, auto:latency or auto:quality.", field="provider"
                )
            words: dict[str, Preference] = {"cost": "cost", "latency": "latency", "quality": "quality"}
            asked = Asked(asked.model, AUTO, words[preference], wish.legacy)
        account_id = who.account_id if who else ""
        living, own = await asyncio.gather(self._keys.living(account_id), self._prices.of(account_id))
        return route(self._catalogue, asked, wish_of(wish), living, own)


def wish_of(wish: generation_service_pb2.VideoWish) -> FilmWish:
    """Returns the wish as models are fitted to it; raises `InvalidInput` for too many pictures and for a text with NUL."""
    for field in ("model", "provider", "prompt", "size", "aspect_ratio", "negative_prompt"):
        if "\0" in getattr(wish, field):
            raise InvalidInput(f"{field} must not hold NUL.", field=field, reason="bad_text")
    if len(wish.reference_images) > MAX_REFERENCES:
        raise InvalidInput(
            f"At most {MAX_REFERENCES} reference pictures.", field="reference_images", reason="too_many_references"
        )
    return FilmWish(
        prompt=wish.prompt,
        seconds=wish.seconds if wish.HasField("seconds") else None,
        size=wish.size.replace("*", "x").lower(),
        ratio=wish.aspect_ratio,
        audio=wish.audio if wish.HasField("audio") else None,
        negative_prompt=wish.negative_prompt,
        seed=wish.seed if wish.HasField("seed") else None,
        fps=wish.fps if wish.HasField("fps") else None,
        image=bool(wish.image),
        last_frame=bool(wish.last_frame),
        references=len(wish.reference_images),
        video=bool(wish.video),
    )


def job_of(name: str, wish: generation_service_pb2.VideoWish, found: Route, attempts: int) -> job_pb2.NewJob:
    """Returns the one job of a generation."""
    payload = generation_pb2.GenerationInput(
        generation_id=name,
        choices=[_choice(one, wish.prompt) for one in found.choices],
        sources=sources_of(wish),
        prompt=wish.prompt,
    )
    first = found.choices[0]
    return job_pb2.NewJob(
        step="film",
        kind=KIND,
        queue="video",
        payload_type=payload.DESCRIPTOR.full_name,
        input_json=json_format.MessageToJson(
            payload, indent=None, preserving_proto_field_name=True, ensure_ascii=False
        ),
        max_attempts=attempts,
        metadata_json=dumps(
            {"node_type": "generation", "type": "video", "model": first.model.name, "price_nano_usd": first.price}
        ),
    )


def sources_of(wish: generation_service_pb2.VideoWish) -> list[generation_pb2.GenerationSource]:
    """Returns what the film starts from; raises `InvalidInput` for what is neither a URL nor an asset's id."""
    named = [
        ("image", "image", wish.image),
        ("last_frame", "last_frame", wish.last_frame),
        ("video", "video", wish.video),
    ]
    named += [(f"reference_{n}", f"reference_images[{n}]", one) for n, one in enumerate(wish.reference_images)]
    found = []
    for name, field, value in named:
        if not value:
            continue
        if value.startswith(("http://", "https://")):
            found.append(generation_pb2.GenerationSource(name=name, url=value))
            continue
        try:
            found.append(generation_pb2.GenerationSource(name=name, asset_id=str(uuid.UUID(value))))
        except ValueError as error:
            raise InvalidInput(
                f"{field} is a URL, a data URI or the id of a stored asset.", field=field, reason="bad_source"
            ) from error
    return found


def labels_of(request: generation_service_pb2.GenerateVideoRequest, found: Route) -> dict[str, Any]:
    """Returns what is kept with the run: who was asked for, who makes it, and what is made otherwise."""
    wish, first = request.wish, found.choices[0]
    parameters = {
        "duration": (int(wish.seconds) if wish.seconds.is_integer() else wish.seconds)
        if wish.HasField("seconds")
        else None,
        "aspect_ratio": wish.aspect_ratio or None,
        "size": wish.size or None,
        "seed": wish.seed if wish.HasField("seed") else None,
        "fps": wish.fps if wish.HasField("fps") else None,
        "audio": wish.audio if wish.HasField("audio") else None,
        "negative_prompt": wish.negative_prompt or None,
    }
    return {
        **load_object(request.metadata_json, "metadata_json"),
        "model": wish.model or first.model.id,
        "provider": first.model.vendor,
        "resolved_model": first.model.name,
        "prompt": wish.prompt,
        "parameters": {name: value for name, value in parameters.items() if value is not None},
        "seconds": first.film.seconds,
        "size": first.film.size,
        "adjustments": [
            {"field": one.field, "asked": one.asked, "used": one.used, "why": one.why} for one in first.film.adjustments
        ],
        "price_nano_usd": first.price,
        "warnings": [found.warning] if found.warning else [],
    }


def _choice(choice: Choice, prompt: str) -> generation_pb2.GenerationChoice:
    request = choice.film.request()
    if request["prompt"] == prompt:
        # Told once for all of them: a job's input has its limit.
        del request["prompt"]
    return generation_pb2.GenerationChoice(
        vendor=choice.model.vendor,
        model=choice.model.id,
        key_id=choice.key_id,
        request_json=dumps(request),
        price_nano_usd=choice.price,
        key_slots=choice.model.key_slots,
        own_price=choice.own,
    )


def _told(one: Adjustment) -> generation_service_pb2.Adjustment:
    return generation_service_pb2.Adjustment(
        field=one.field, asked_json=_json(one.asked), used_json=_json(one.used), why=one.why
    )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _suffix(request_id: str) -> str:
    """Returns 12 hexadecimal digits: the same for the same request of an account, so that its repeat is the same request."""
    if not request_id:
        return secrets.token_hex(6)
    who = caller()
    return hashlib.sha256(f"{who.account_id if who else ''}\0{request_id}".encode()).hexdigest()[:12]


def _owner(vendor: str, key_id: str | None) -> generation_service_pb2.KeyOwner.ValueType:
    if vendor == LOCAL:
        return generation_service_pb2.KEY_OWNER_NOBODY
    if key_id is None:
        return generation_service_pb2.KEY_OWNER_UNSPECIFIED
    operator = key_id == OPERATOR_KEY
    return generation_service_pb2.KEY_OWNER_OPERATOR if operator else generation_service_pb2.KEY_OWNER_ACCOUNT
