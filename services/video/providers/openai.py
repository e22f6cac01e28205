"""Films from hosts that speak OpenAI's videos API, with the official SDK and its retries off.

api.openai.com itself no longer serves it; the SDK's methods still work against every compatible host.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import httpx2
import structlog
from openai import APIStatusError, AsyncOpenAI, OpenAIError, omit
from openai.types import Video, VideoSeconds, VideoSize

from kit.blobs import sniff
from kit.errors import InvalidInput
from kit.providers.base import (
    Accepted,
    Answer,
    Call,
    Finished,
    Idempotency,
    KeyRefused,
    NotAccepted,
    NotSeen,
    Pending,
    Refused,
    VendorAway,
)
from kit.providers.catalogue import resolve
from kit.providers.http import SUBMISSION_HEADER, broken, hidden, verdict

log = structlog.get_logger("video")

BASE_URL = "https://api.openai.com/v1"
MAX_FILM = 512 * 1024 * 1024
_PAGES = 5
_PAGE = 100
_READ_SECONDS = 30.0
_POLICY = ("moderation", "policy", "safety", "blocked", "prohibited")
_SHOWS_WITHIN = 60.0
"""Seconds after which a film that no list shows is taken as never made; lists of hosts lag behind their queues."""


class OpenAIFilmer:
    """videos.create, retrieve, download_content, list and delete."""

    vendor = "openai"
    idempotency = Idempotency.NONE
    resend_unknown = False

    def __init__(self, *, base_url: str, api_key: str, seconds: float, http: httpx2.AsyncClient | None = None) -> None:
        self._key = api_key
        self._client = AsyncOpenAI(
            base_url=base_url,
            api_key=api_key,
            max_retries=0,
            timeout=httpx2.Timeout(seconds, connect=10.0),
            http_client=http,
        )

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.close()

    async def submit(self, call: Call) -> Accepted | Answer:
        """Returns the operation; raises `NotAccepted` or `OutcomeUnknown`.

        A film has sound whether or not it is asked for: this protocol has no field for it.
        """
        request = call.request
        picture = call.files.get("image")
        mode = request.get("mode", "image" if picture else "text")
        if mode not in ("text", "image") or (mode == "image" and not picture):
            raise NotAccepted("This host films from words or from one first frame.", reason="mode_not_supported")
        # The catalogue, not the SDK, knows a host's lengths and sizes.
        seconds, size = cast("VideoSeconds", str(request["seconds"])), cast("VideoSize", str(request.get("size") or ""))
        try:
            video = await self._client.videos.create(
                prompt=str(request["prompt"]),
                model=self._wire(call.model),
                seconds=seconds,
                size=size or omit,
                input_reference=(
                    ("first-frame.png", picture, sniff(picture[:64]) or "image/png")
                    if picture and mode == "image"
                    else omit
                ),
                extra_headers={SUBMISSION_HEADER: call.submission_id},
            )
        except APIStatusError as error:
            code = str(error.code or error.type or "")
            message = hidden(error.message, self._key)
            raise verdict(error.status_code, error.response.headers, message, code) from error
        except (OpenAIError, httpx2.HTTPError, ValueError) as error:
            raise broken(error) from error
        operation_id = getattr(video, "id", None)
        if not isinstance(operation_id, str) or not operation_id:
            raise broken(ValueError("the answer holds no id"))
        return Accepted(operation_id)

    async def poll(self, operation_id: str) -> Pending | Finished | Refused:
        """Asks once, and honours the pace that the host asks for; raises `VendorAway`."""
        try:
            raw = await self._client.videos.with_raw_response.retrieve(operation_id, timeout=_READ_SECONDS)
            video = raw.parse()
        except APIStatusError as error:
            if error.status_code in (404, 410):
                return Refused("operation_gone", "The vendor no longer knows this film.", charged=True)
            raise VendorAway(f"The vendor answered {error.status_code}.") from error
        except (OpenAIError, httpx2.HTTPError, ValueError) as error:
            raise VendorAway("The vendor cannot be asked now.") from error
        if not isinstance(video, Video):
            raise VendorAway("The vendor's answer cannot be read.")
        match video.status:
            case "completed":
                return Finished({"seconds": video.seconds, "size": video.size})
            case "failed":
                return refusal(video, self._key)
            case _:
                progress = max(0.0, min(1.0, float(video.progress or 0) / 100))
                return Pending(progress, pace(raw.headers.get("openai-poll-after-ms")))

    async def fetch(self, operation_id: str) -> Answer:
        """Returns the film's bytes, at most 512 MiB; raises `VendorAway`, or `NotAccepted` when they are gone."""
        data = bytearray()
        try:
            async with self._client.videos.with_streaming_response.download_content(
                operation_id, variant="video"
            ) as answer:
                async for chunk in answer.iter_bytes():
                    data += chunk
                    if len(data) > MAX_FILM:
                        raise NotAccepted("The film is larger than 512 MiB.", reason="too_large")
        except APIStatusError as error:
            if error.status_code in (404, 410) and error.code != "not_ready":
                raise NotAccepted("The vendor no longer has this film.", reason="product_gone") from error
            raise VendorAway(f"The vendor answered {error.status_code}.") from error
        except (OpenAIError, httpx2.HTTPError) as error:
            raise VendorAway("The film cannot be read now.") from error
        body = bytes(data)
        if not body:
            raise VendorAway("The vendor sent an empty film.")
        return Answer(body, sniff(body[:4096]) or "application/octet-stream", {"bytes": len(body)})

    async def lookup(self, call: Call, since: float) -> Accepted | None:
        """Returns the one film made since then whose prompt and model are exactly ours; None when several are.

        Raises `NotSeen` when none is, `VendorAway` when the host cannot be asked; a host without a list cannot tell (None).
        """
        found: list[Video] = []
        try:
            page = await self._client.videos.list(limit=_PAGE, order="desc", timeout=_READ_SECONDS)
            for _ in range(_PAGES):
                # A proxy's page instead of JSON tells nothing about our film.
                if not isinstance(page.data, list):
                    raise VendorAway("The vendor's answer cannot be read.")
                found += [v for v in page.data if v.created_at >= since]
                if not page.data or page.data[-1].created_at < since or not page.has_next_page():
                    break
                page = await page.get_next_page()
        except APIStatusError as error:
            if error.status_code in (404, 405, 501):
                return None
            raise VendorAway(f"The vendor answered {error.status_code}.") from error
        except (OpenAIError, httpx2.HTTPError, ValueError) as error:
            raise VendorAway("The vendor cannot be asked now.") from error
        prompt = str(call.request["prompt"])
        models = {call.model, self._wire(call.model)}
        ours = {video.id for video in found if video.model in models and video.prompt == prompt}
        if not ours:
            raise NotSeen("The host's list does not show this film.", seconds=_SHOWS_WITHIN)
        return Accepted(ours.pop()) if len(ours) == 1 else None

    async def cancel(self, operation_id: str) -> None:
        """Deletes the film at the vendor; a vendor that cannot goes on, and its film is billed."""
        try:
            await self._client.videos.delete(operation_id, timeout=_READ_SECONDS)
        except (OpenAIError, httpx2.HTTPError) as error:
            log.info("vendor_cancel_failed", operation=operation_id, error=type(error).__name__)

    async def check_key(self) -> None:
        """Lists a film or the models, which is free; raises `KeyRefused`, and `VendorAway` when neither can be asked."""
        try:
            try:
                await self._client.videos.list(limit=1, timeout=_READ_SECONDS)
            except APIStatusError as error:
                if error.status_code not in (404, 405, 501):
                    raise
                await self._client.models.list(timeout=_READ_SECONDS)
        except APIStatusError as error:
            if error.status_code in (401, 403):
                raise KeyRefused("The host does not take this key.") from error
            if error.status_code == 429 and error.code in ("insufficient_quota", "billing_hard_limit_reached"):
                raise KeyRefused("The key is right, but its account is spent.", reason="quota_exceeded") from error
            raise VendorAway(f"The vendor answered {error.status_code}.") from error
        except (OpenAIError, httpx2.HTTPError, ValueError) as error:
            raise VendorAway("The vendor cannot be asked now.") from error

    def _wire(self, model: str) -> str:
        """The model's name at the host: that of its row, or the name itself for a model that has none."""
        try:
            film = resolve("video", self.vendor, model).model.film
        except InvalidInput:
            return model
        return (film.wire if film else "") or model


def refusal(video: Video, key: str = "") -> Refused:
    """Returns how a failed film ended, without the key: a policy's refusal is final, anything else may be tried again."""
    code, message = (video.error.code, video.error.message) if video.error else ("", "")
    policy = any(word in f"{code} {message}".casefold() for word in _POLICY)
    try:
        charged = resolve("video", "openai", video.model).model.charged_on_failure
    except InvalidInput:
        charged = False
    text = hidden(message, key) or "The vendor could not make this film."
    return Refused("model_refused" if policy else "vendor_failed", text[:500], charged=charged, retryable=not policy)


def pace(header: str | None) -> float | None:
    """Returns the seconds that `openai-poll-after-ms` asks to wait, or None."""
    try:
        milliseconds = float(header) if header else None
    except ValueError:
        return None
    return milliseconds / 1000 if milliseconds is not None and 0 <= milliseconds <= 600_000 else None


def open_filmer(key: Mapping[str, str], base_url: str, seconds: float) -> OpenAIFilmer:
    """Returns the adapter for `key["api_key"]` at `base_url` (empty: OpenAI's own); `seconds` is how long a submit may take."""
    return OpenAIFilmer(base_url=base_url or BASE_URL, api_key=key["api_key"], seconds=seconds)
