"""Films from Luma's Dream Machine API with the official SDK and its retries off: generations, found again by their callback or prompt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
import structlog
from lumaai import APIStatusError, AsyncLumaAI, LumaAIError
from lumaai.types import Generation

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
from kit.providers.http import SUBMISSION_HEADER, broken, hidden
from services.video.providers.products import Results
from services.video.providers.shared import (
    READ_SECONDS,
    charged_on_failure,
    film_of,
    is_policy,
    made_since,
    refusal,
    resolution,
    the_one,
    wire_of,
)

log = structlog.get_logger("video")

BASE_URL = "https://api.lumalabs.ai/dream-machine/v1"
_PACE = 5.0
_PAGE = 100
_PAGES = 5
_FAILURES = (LumaAIError, httpx.HTTPError, ValueError, TypeError, AttributeError)


class LumaFilmer:
    """generations.video.create, get, list and delete. Luma reads pictures from URLs only."""

    vendor = "luma"
    idempotency = Idempotency.NONE
    resend_unknown = False

    def __init__(self, *, base_url: str, api_key: str, seconds: float, http: httpx.AsyncClient | None = None) -> None:
        timeout = httpx.Timeout(seconds, connect=10.0)
        self._key = api_key
        self._results = Results()
        self._client = AsyncLumaAI(
            base_url=base_url,
            auth_token=api_key,
            max_retries=0,
            timeout=timeout,
            http_client=http or httpx.AsyncClient(timeout=timeout, trust_env=False),
        )

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.close()
        await self._results.close()

    async def submit(self, call: Call) -> Accepted | Answer:
        """Returns the generation; raises `NotAccepted` or `OutcomeUnknown`."""
        fields = body(call, film_of(self.vendor, call.model))
        headers = {SUBMISSION_HEADER: call.submission_id}
        try:
            made = await self._client.generations.video.create(**fields, extra_headers=headers)
        except APIStatusError as error:
            raise refusal(error.status_code, error.response.headers, error.message, self._key) from error
        except _FAILURES as error:
            raise broken(error) from error
        operation_id = getattr(made, "id", None)
        if not isinstance(operation_id, str) or not operation_id:
            raise broken(ValueError("the answer holds no id"))
        return Accepted(operation_id)

    async def poll(self, operation_id: str) -> Pending | Finished | Refused:
        """Asks once; raises `VendorAway`."""
        try:
            made = await self._generation(operation_id)
        except NotAccepted:
            return Refused("operation_gone", "The vendor no longer knows this film.", charged=True)
        match made.state:
            case "completed":
                return Finished()
            case "failed":
                text = hidden(str(made.failure_reason or "The vendor could not make this film."), self._key)[:500]
                policy = is_policy(text)
                charged = charged_on_failure(self.vendor, str(made.model or ""))
                return Refused("model_refused" if policy else "vendor_failed", text, charged, retryable=not policy)
            case _:
                return Pending(None, _PACE)

    async def fetch(self, operation_id: str) -> Answer:
        """Returns the film's bytes, at most 512 MiB; raises `VendorAway`, or `NotAccepted` when they are gone."""

        async def url() -> str:
            assets = (await self._generation(operation_id)).assets
            found = getattr(assets, "video", None)
            if not isinstance(found, str) or not found:
                raise VendorAway("The vendor has no film so far.")
            return found

        return await self._results.film(url)

    async def lookup(self, call: Call, since: float) -> Accepted | None:
        """Returns the one generation made since then that calls back to our submission, or has our prompt and model.

        None when several have; raises `VendorAway`, and `NotSeen` while none has.
        """
        found: list[Generation] = []
        for page in range(_PAGES):
            try:
                answer = await self._client.generations.list(limit=_PAGE, offset=page * _PAGE, timeout=READ_SECONDS)
                made = answer.generations
            except APIStatusError as error:
                raise VendorAway(f"The vendor answered {error.status_code}.") from error
            except _FAILURES as error:
                raise VendorAway("The vendor cannot be asked now.") from error
            if not isinstance(made, list):
                raise VendorAway("The vendor's answer cannot be read.")
            new = [one for one in made if made_since(one.created_at, since)]
            found += new
            if not answer.has_more or len(new) < len(made):
                break
        named = {str(one.id) for one in found if call.submission_id in _asked(one, "callback_url")}
        same = {
            str(one.id)
            for one in found
            if (one.model or _asked(one, "model")) == wire_of("luma", call.model)
            and _asked(one, "prompt") == str(call.request["prompt"])
        }
        return the_one(self.vendor, named, same)

    async def cancel(self, operation_id: str) -> None:
        """Deletes the generation; a vendor that cannot goes on, and its film is billed."""
        try:
            await self._client.generations.delete(operation_id, timeout=READ_SECONDS)
        except _FAILURES as error:
            log.info("vendor_cancel_failed", operation=operation_id, error=type(error).__name__)

    async def check_key(self) -> None:
        """Reads the credits; raises `KeyRefused` for an unknown key or an account without credits, and `VendorAway`."""
        try:
            balance = (await self._client.credits.get(timeout=READ_SECONDS)).credit_balance
        except APIStatusError as error:
            if error.status_code in (401, 403):
                raise KeyRefused("Luma does not take this key.") from error
            raise VendorAway(f"The vendor answered {error.status_code}.") from error
        except _FAILURES as error:
            raise VendorAway("The vendor cannot be asked now.") from error
        if isinstance(balance, int | float) and balance <= 0:
            raise KeyRefused("This Luma account has no credits left.", reason="quota_exceeded")

    async def _generation(self, operation_id: str) -> Generation:
        try:
            made = await self._client.generations.get(operation_id, timeout=READ_SECONDS)
        except APIStatusError as error:
            if error.status_code in (404, 410):
                raise NotAccepted("The vendor no longer has this film.", reason="product_gone") from error
            raise VendorAway(f"The vendor answered {error.status_code}.") from error
        except _FAILURES as error:
            raise VendorAway("The vendor cannot be asked now.") from error
        if not isinstance(made, Generation) or not isinstance(made.state, str):
            raise VendorAway("The vendor's answer cannot be read.")
        return made


def body(call: Call, film: Film) -> dict[str, Any]:
    """Returns the SDK's arguments for a fitted request; raises `NotAccepted` for a picture without a URL."""
    request, size = call.request, str(call.request["size"])
    fields: dict[str, Any] = {
        "model": wire_of("luma", call.model),
        "prompt": str(request["prompt"]),
        "duration": f"{int(request['seconds'])}s",
        "aspect_ratio": ratio_of(size),
        "resolution": resolution(film, size),
    }
    frames = {"image": ("image",), "last_frame": ("image", "last_frame")}.get(str(request["mode"]), ())
    if frames:
        fields["keyframes"] = {f"frame{n}": {"type": "image", "url": _url(call, name)} for n, name in enumerate(frames)}
    if call.callback:
        fields["callback_url"] = call.callback
    return fields


def open_filmer(key: Mapping[str, str], base_url: str, seconds: float) -> LumaFilmer:
    """Returns the adapter for a key of one part, `api_key`; `base_url` may be empty; `seconds` bounds a submit."""
    return LumaFilmer(base_url=base_url or BASE_URL, api_key=key["api_key"], seconds=seconds)


def _asked(made: Generation, name: str) -> str:
    return str(getattr(made.request, name, None) or "")


def _url(call: Call, name: str) -> str:
    url = call.urls.get(name, "")
    if not url:
        raise NotAccepted(f"Luma reads pictures from URLs only, and {name} has none.", reason="url_needed")
    return url
