"""Films from Replicate with its official SDK: predictions of official models, whose fields the catalogue's rows name."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx
import structlog
from pydantic import TypeAdapter
from replicate.client import Client
from replicate.exceptions import ReplicateException

from kit.providers.base import (
    Accepted,
    Answer,
    Call,
    Finished,
    Idempotency,
    KeyRefused,
    NotAccepted,
    Pending,
    Refused,
    VendorAway,
)
from kit.providers.catalogue.model import Film
from kit.providers.fitting import ratio_of
from kit.providers.http import broken, hidden
from services.video.providers.products import Results
from services.video.providers.shared import (
    READ_SECONDS,
    charged_on_failure,
    film_of,
    is_policy,
    made_since,
    prompt_of,
    references,
    refusal,
    resolution,
    source,
    the_one,
    wire_of,
)

log = structlog.get_logger("video")

BASE_URL = "https://api.replicate.com"
_PACE = 3.0
_PAGES = 5
_DATA_URI = 256 * 1024  # Replicate asks for URLs above this.
_FAILURES = (ReplicateException, httpx.HTTPError, httpx.InvalidURL, ValueError, TypeError, AttributeError, TimeoutError)
_PENDING = ("starting", "processing")


class ReplicateFilmer:
    """Submits, cancels and checks keys through the SDK, and reads with a client of its own.

    The SDK repeats reads up to ten times, minutes long, and cannot read a prediction of a status that it does not know, such as `aborted`.
    """

    vendor = "replicate"
    idempotency = Idempotency.NONE
    resend_unknown = False

    def __init__(self, *, base_url: str, api_key: str, seconds: float, http: httpx.AsyncClient | None = None) -> None:
        self._key = api_key
        self._seconds = seconds
        self._results = Results()
        self._base_url = httpx.URL(base_url.rstrip("/"))
        # The SDK has no close of its own: its connections are ours.
        self._transport = httpx.AsyncHTTPTransport()
        self._client = Client(
            api_key,
            base_url=str(self._base_url),
            timeout=httpx.Timeout(seconds, connect=10.0),
            transport=self._transport,
            trust_env=False,
        )
        self._reads = http or httpx.AsyncClient(timeout=httpx.Timeout(READ_SECONDS, connect=10.0), trust_env=False)

    async def close(self) -> None:
        """Closes the connections."""
        await self._transport.aclose()
        await self._reads.aclose()
        await self._results.close()

    async def submit(self, call: Call) -> Accepted | Answer:
        """Returns the prediction; raises `NotAccepted` or `OutcomeUnknown`."""
        film = film_of(self.vendor, call.model)
        fields: dict[str, Any] = {"model": wire_of(self.vendor, call.model), "input": body(call, film)}
        if call.callback:
            fields |= {"webhook": call.callback, "webhook_events_filter": ["completed"]}
        try:
            # The SDK switches the client's own timeout off for this call.
            async with asyncio.timeout(self._seconds):
                made = await self._client.models.predictions.async_create(**fields)
        except ReplicateException as error:
            status = int(getattr(error, "status", 0) or 0)
            if not status:
                raise broken(error) from error
            text = str(getattr(error, "detail", "") or getattr(error, "title", "") or "")
            raise refusal(status, {}, text, self._key) from error
        except _FAILURES as error:
            raise broken(error) from error
        if not isinstance(made.id, str) or not made.id:
            raise broken(ValueError("the answer holds no id"))
        return Accepted(made.id)

    async def poll(self, operation_id: str) -> Pending | Finished | Refused:
        """Asks once; raises `VendorAway`."""
        try:
            made = await self._prediction(operation_id)
        except NotAccepted:
            return Refused("operation_gone", "The vendor no longer knows this film.", charged=True)
        text = hidden(str(made.get("error") or "The vendor could not make this film."), self._key)[:500]
        match made["status"]:
            case "succeeded":
                return Finished(dict(made["metrics"]) if isinstance(made.get("metrics"), dict) else {})
            case "failed":
                policy = is_policy(text)
                charged = charged_on_failure(self.vendor, str(made.get("model") or ""))
                return Refused("model_refused" if policy else "vendor_failed", text, charged, retryable=not policy)
            case "canceled":
                # What has run until then is billed.
                return Refused("vendor_failed", "The film was cancelled at the vendor.", charged=True)
            case "aborted":
                return Refused("vendor_failed", "The vendor ended it before it began.", retryable=True)
            case _:
                return Pending(None, _PACE)

    async def fetch(self, operation_id: str) -> Answer:
        """Returns the film's bytes, at most 512 MiB; raises `VendorAway`, or `NotAccepted` when they are gone (after an hour)."""

        async def url() -> str:
            made = await self._prediction(operation_id)
            output = made.get("output")
            found = output[0] if isinstance(output, list) and output else output
            if isinstance(found, str) and found:
                return found
            if made["status"] in _PENDING:
                raise VendorAway("The vendor has no film so far.")
            raise NotAccepted("The vendor no longer has this film.", reason="product_gone")

        return await self._results.film(url)

    async def lookup(self, call: Call, since: float) -> Accepted | None:
        """Returns the one prediction made since then that calls back to our submission, or has our model and input.

        None when several have; raises `VendorAway`, and `NotSeen` while none has.
        """
        named, same = set[str](), set[str]()
        ours = (wire_of(self.vendor, call.model), str(call.request["prompt"]))
        where: object = self._path("predictions")
        for _ in range(_PAGES):
            try:
                page = await self._read(str(where))
            except NotAccepted:
                return None
            rows = page.get("results")
            if not isinstance(rows, list):
                raise VendorAway("The vendor's answer cannot be read.")
            made = [one for one in rows if isinstance(one, dict) and isinstance(one.get("id"), str)]
            new = [one for one in made if made_since(one.get("created_at"), since)]
            named |= {one["id"] for one in new if call.submission_id in str(one.get("webhook") or "")}
            same |= {one["id"] for one in new if (one.get("model"), prompt_of(one.get("input"))) == ours}
            where = page.get("next")
            if not where or len(new) < len(made):
                break
        return the_one(self.vendor, named, same)

    async def cancel(self, operation_id: str) -> None:
        """Cancels a running prediction; what has run until then is billed."""
        try:
            async with asyncio.timeout(READ_SECONDS):
                await self._client.predictions.async_cancel(operation_id)
        except _FAILURES as error:
            log.info("vendor_cancel_failed", operation=operation_id, error=type(error).__name__)

    async def check_key(self) -> None:
        """Reads the account; raises `KeyRefused` for an unknown key, and `VendorAway`. The vendor tells no balance."""
        try:
            async with asyncio.timeout(READ_SECONDS):
                await self._client.accounts.async_current()
        except _FAILURES as error:
            status = getattr(error, "status", 0)
            if status in (401, 403):
                raise KeyRefused("Replicate does not take this key.") from error
            if status == httpx.codes.PAYMENT_REQUIRED:
                raise KeyRefused("This Replicate account has no credit left.", reason="quota_exceeded") from error
            raise VendorAway("The vendor cannot be asked now.") from error

    async def _prediction(self, operation_id: str) -> Mapping[str, Any]:
        made = await self._read(self._path(f"predictions/{quote(operation_id, safe='')}"))
        if not isinstance(made.get("status"), str):
            raise VendorAway("The vendor's answer cannot be read.")
        return made

    def _path(self, name: str) -> str:
        return f"{self._base_url.path.rstrip('/')}/v1/{name}"

    async def _read(self, where: str) -> Mapping[str, Any]:
        """Returns what a GET of the vendor's own host answers; a URL of another host, as in a page's `next`, gets no key."""
        try:
            url = self._base_url.join(where)
            if (url.scheme, url.host, url.port) != (self._base_url.scheme, self._base_url.host, self._base_url.port):
                raise VendorAway("The vendor's answer leads to another host.")
            answer = await self._reads.get(url, headers={"authorization": f"Bearer {self._key}"})
            if answer.status_code in (httpx.codes.NOT_FOUND, httpx.codes.GONE):
                raise NotAccepted("The vendor no longer has this film.", reason="product_gone")
            if answer.status_code != httpx.codes.OK:
                raise VendorAway(f"The vendor answered {answer.status_code}.")
            return TypeAdapter(dict[str, Any]).validate_json(answer.content)
        except _FAILURES as error:
            raise VendorAway("The vendor cannot be asked now.") from error


def body(call: Call, film: Film) -> dict[str, Any]:
    """Returns a prediction's input for a fitted request.

    A row's `options` say how its model names the fields: `image`, `last_frame`, `references`, `seconds`, `ratio`, `audio`, `resolution`;
    an empty name means that the model has no such field. `resolutions` lists the sizes of each word.
    """
    request, options = call.request, film.options
    size, mode = str(request["size"]), request["mode"]
    given: dict[str, object] = {"seconds": int(request["seconds"])}
    if size:
        given |= {"ratio": ratio_of(size), "resolution": resolution(film, size)}
    if film.audio == "optional":
        given["audio"] = bool(request["audio"])
    if mode in ("image", "last_frame"):
        given["image"] = source(call, "image", _DATA_URI)
    if mode == "last_frame":
        given["last_frame"] = source(call, "last_frame", _DATA_URI)
    if mode == "references":
        given["references"] = [source(call, name, _DATA_URI) for name in references(call)]
    usual = {"seconds": "duration", "ratio": "aspect_ratio", "resolution": "resolution"}
    fields: dict[str, Any] = {"prompt": str(request["prompt"])}
    for name, value in given.items():
        field = str(options.get(name, usual.get(name, name)))
        if field and value != "":
            fields[field] = value
    return fields | {name: request[name] for name in ("negative_prompt", "seed") if name in request}


def open_filmer(key: Mapping[str, str], base_url: str, seconds: float) -> ReplicateFilmer:
    """Returns the adapter for a key of one part, `api_key`; `base_url` may be empty; `seconds` bounds a submit."""
    return ReplicateFilmer(base_url=base_url or BASE_URL, api_key=key["api_key"], seconds=seconds)
