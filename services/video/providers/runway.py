"""Films from Runway with the official SDK and its retries off: text, image and video to video, and the tasks they become."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import httpx
import structlog
from runwayml import APIStatusError, AsyncRunwayML, RunwayMLError

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
from kit.providers.http import SUBMISSION_HEADER, broken, hidden, retry_after
from services.video.providers.products import Results
from services.video.providers.shared import READ_SECONDS, film_of, references, refusal, source, wire_of

log = structlog.get_logger("video")

BASE_URL = "https://api.dev.runwayml.com"
VERSION: Literal["2024-11-06"] = "2024-11-06"
CREDIT = 10_000_000
"""Nano-USD: a credit is one cent."""
_PACE = 5.0
_DATA_URI = 5 * 1024 * 1024
_FAILURES = (RunwayMLError, httpx.HTTPError, ValueError, TypeError, AttributeError)


class RunwayFilmer:
    """One task a film. The vendor keeps no name of ours and lists no tasks, so a lost submission cannot be looked up."""

    vendor = "runway"
    idempotency = Idempotency.NONE
    resend_unknown = False

    def __init__(self, *, base_url: str, api_key: str, seconds: float, http: httpx.AsyncClient | None = None) -> None:
        timeout = httpx.Timeout(seconds, connect=10.0)
        self._key = api_key
        self._results = Results()
        self._client = AsyncRunwayML(
            base_url=base_url,
            api_key=api_key,
            runway_version=VERSION,
            max_retries=0,
            timeout=timeout,
            http_client=http or httpx.AsyncClient(timeout=timeout, trust_env=False),
        )

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.close()
        await self._results.close()

    async def submit(self, call: Call) -> Accepted | Answer:
        """Returns the task; raises `NotAccepted` or `OutcomeUnknown`."""
        film = film_of(self.vendor, call.model)
        fields: dict[str, Any] = body(call, film)
        fields["extra_headers"] = {SUBMISSION_HEADER: call.submission_id}
        try:
            match call.request["mode"]:
                case "image" | "last_frame":
                    task = await self._client.image_to_video.create(**fields)
                case "video":
                    task = await self._client.video_to_video.create(**fields)
                case _:
                    task = await self._client.text_to_video.create(**fields)
        except APIStatusError as error:
            raise refusal(error.status_code, error.response.headers, error.message, self._key) from error
        except _FAILURES as error:
            raise broken(error) from error
        operation_id = getattr(task, "id", None)
        if not isinstance(operation_id, str) or not operation_id:
            raise broken(ValueError("the answer holds no id"))
        return Accepted(operation_id)

    async def poll(self, operation_id: str) -> Pending | Finished | Refused:
        """Asks once; raises `VendorAway`. THROTTLED is a place in the queue, not a failure."""
        try:
            task = await self._task(operation_id)
        except NotAccepted:
            return Refused("operation_gone", "The vendor no longer knows this film.", charged=True)
        credits = getattr(getattr(task, "cost", None), "credits", None)
        told = isinstance(credits, int | float) and not isinstance(credits, bool) and credits >= 0
        paid = round(float(credits or 0) * CREDIT) if told else None
        match task.status:
            case "SUCCEEDED":
                return Finished({"credits": credits} if told else {}, paid)
            case "FAILED":
                code, text = str(getattr(task, "failure_code", "") or ""), str(getattr(task, "failure", "") or "")
                return self._failure(code, text, charged=bool(paid))
            case "CANCELLED":
                return Refused("vendor_failed", "The film was cancelled at the vendor.", charged=bool(paid))
            case _:
                progress = getattr(task, "progress", None)
                part = max(0.0, min(1.0, float(progress))) if isinstance(progress, int | float) else None
                return Pending(part, _PACE)

    async def fetch(self, operation_id: str) -> Answer:
        """Returns the film's bytes, at most 512 MiB; raises `VendorAway`, or `NotAccepted` when they are gone."""

        async def url() -> str:
            # Asking again gives a fresh URL: the one before may have expired.
            output = getattr(await self._task(operation_id), "output", None)
            if not isinstance(output, list) or not output or not isinstance(output[0], str):
                raise VendorAway("The vendor has no film so far.")
            return output[0]

        return await self._results.film(url)

    async def lookup(self, call: Call, since: float) -> Accepted | None:
        """Returns None: the vendor finds a task by its own id only."""
        return None

    async def cancel(self, operation_id: str) -> None:
        """Cancels a running task, deletes a finished one; a vendor that cannot goes on, and its film is billed."""
        try:
            await self._client.tasks.delete(operation_id, timeout=READ_SECONDS)
        except _FAILURES as error:
            log.info("vendor_cancel_failed", operation=operation_id, error=type(error).__name__)

    async def check_key(self) -> None:
        """Reads the account; raises `KeyRefused` for an unknown key or an account without credits, and `VendorAway`."""
        try:
            account = await self._client.organization.retrieve(timeout=READ_SECONDS)
            balance = account.credit_balance
        except APIStatusError as error:
            if error.status_code in (401, 403):
                raise KeyRefused("Runway does not take this key.") from error
            raise VendorAway(f"The vendor answered {error.status_code}.") from error
        except _FAILURES as error:
            raise VendorAway("The vendor cannot be asked now.") from error
        if isinstance(balance, int | float) and balance <= 0:
            raise KeyRefused("This Runway account has no credits left.", reason="quota_exceeded")

    async def _task(self, operation_id: str) -> Any:
        try:
            task = await self._client.tasks.retrieve(operation_id, timeout=READ_SECONDS)
        except APIStatusError as error:
            if error.status_code in (404, 410):
                raise NotAccepted("The vendor no longer has this film.", reason="product_gone") from error
            wait = retry_after(error.response.headers)
            raise VendorAway(
                f"The vendor answered {error.status_code}." + (f" It asks to wait {wait:.0f} s." if wait else "")
            ) from error
        except _FAILURES as error:
            raise VendorAway("The vendor cannot be asked now.") from error
        if not isinstance(getattr(task, "status", None), str):
            raise VendorAway("The vendor's answer cannot be read.")
        return task

    def _failure(self, code: str, text: str, *, charged: bool) -> Refused:
        message = hidden(text or "The vendor could not make this film.", self._key)[:500]
        if "SAFETY" in code:
            return Refused("model_refused", message, charged=charged)
        # Only the vendor's own trouble may pass; a bad picture stays one, and a word that we do not know is final.
        return Refused("vendor_failed", message, charged=charged, retryable=code.split(".")[0] == "INTERNAL")


def body(call: Call, film: Film) -> dict[str, Any]:
    """Returns the SDK's arguments for a fitted request, by what the model's row says of its wire."""
    request, options = call.request, film.options
    mode = request["mode"]
    fields: dict[str, Any] = {
        "model": wire_of("runway", call.model),
        "prompt_text": str(request["prompt"]),
        "duration": int(request["seconds"]),
    }
    ratio = options.get("ratios", {}).get(mode) or str(request["size"]).replace("x", ":")
    if ratio:
        fields["ratio"] = ratio
    if film.audio == "optional":
        fields["audio"] = bool(request["audio"])
    for name in ("seed", "negative_prompt"):
        if name in request:
            fields[name] = request[name]
    if mode in ("image", "last_frame"):
        frames = [("image", "first"), ("last_frame", "last")][: 2 if mode == "last_frame" else 1]
        fields["prompt_image"] = [{"uri": source(call, name, _DATA_URI), "position": where} for name, where in frames]
    if mode == "video":
        fields[str(options.get("video_field", "video_uri"))] = source(call, "video", _DATA_URI)
        fields |= dict(options.get("video_fields", {}))
    if mode in ("references", "video") and (names := references(call)):
        fields["references"] = [{"uri": source(call, name, _DATA_URI)} for name in names]
    return fields


def open_filmer(key: Mapping[str, str], base_url: str, seconds: float) -> RunwayFilmer:
    """Returns the adapter for a key of one part, `api_key`; `base_url` may be empty; `seconds` bounds a submit."""
    return RunwayFilmer(base_url=base_url or BASE_URL, api_key=key["api_key"], seconds=seconds)
