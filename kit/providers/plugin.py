"""Film providers of third parties: found by entry point, wrapped into the house's adapter.

A provider knows its vendor, the house knows money: it is asked to generate once for each paid call, and an exception from that call is
an unknown outcome unless it is `NotAccepted`.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from typing import Any, Literal, Protocol, cast

import httpx

from kit.blobs import sniff
from kit.providers.base import (
    Accepted,
    Answer,
    Call,
    Finished,
    Idempotency,
    KeyRefused,
    NotAccepted,
    OutcomeUnknown,
    Pending,
    Refused,
    VendorAway,
)
from kit.providers.catalogue.model import Film, Mode, Model
from kit.providers.fitting import ratio_of
from kit.providers.http import hidden

GROUP = "sfd.video_providers"
MAX_FILM = 512 * 1024 * 1024
_SIZES = {"16:9": "1920x1080", "9:16": "1080x1920", "1:1": "1080x1080", "4:3": "1440x1080", "21:9": "2560x1080"}
_DONE = frozenset({"completed", "complete", "succeeded", "succeed", "success", "done", "finished"})
_FAILED = frozenset({"failed", "failure", "fail", "error", "cancelled", "canceled", "expired"})
_TRIES = 3
_READ_SECONDS = 300.0


@dataclass(frozen=True)
class VideoRequest:
    """What a provider is asked for, fitted to what it says it can. `image` is the first frame's bytes, None without one."""

    prompt: str
    duration: int = 5
    aspect_ratio: str = "16:9"
    seed: int | None = None
    fps: int | None = None
    resolution: str | None = None
    model: str = ""
    image: bytes | None = None
    submission_id: str = ""


@dataclass(frozen=True)
class VideoResponse:
    """Where a film stands. `metadata` may have `headers` (sent with the download, to that URL alone) and `progress` (0 to 1)."""

    job_id: str
    status: Literal["queued", "processing", "completed", "failed"] | str
    video_url: str | None = None
    error: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


class VideoProvider(Protocol):
    """What a third party writes. The methods may be coroutines or plain functions; plain ones run in a thread.

    The entry point names what makes one from a key: `Provider(api_key)`. `prices` (USD per second by model), `cancel(job_id)` and
    `close()` may be left out.
    """

    name: str
    models: Sequence[str]

    def validate_key(self) -> Any:
        """Returns whether the vendor takes the key, without paying."""

    def generate_video(self, request: VideoRequest) -> Any:
        """Sends the request once and returns a `VideoResponse`; raises `NotAccepted` when the vendor has provably taken nothing."""

    def check_status(self, job_id: str) -> Any:
        """Returns a `VideoResponse`."""

    def get_supported_features(self) -> Mapping[str, Any]:
        """Returns supports_seed, supports_fps, supports_image_to_video, max_duration and available_aspect_ratios."""


def discovered() -> dict[str, Callable[[str], VideoProvider]]:
    """Returns the installed providers by the names of their entry points; none is imported before it is opened."""
    return {point.name: _opener(point.load) for point in entry_points(group=GROUP)}


def _opener(load: Callable[[], Any]) -> Callable[[str], VideoProvider]:
    return lambda api_key: cast("VideoProvider", load()(api_key))


def rows_of(vendor: str, provider: VideoProvider) -> list[Model]:
    """Returns the catalogue's rows of a provider, from what it says of itself; the first model is its default."""
    can = provider.get_supported_features()
    longest = max(1, min(600, int(can.get("max_duration", 10))))
    modes: tuple[Mode, ...] = ("text", "image") if can.get("supports_image_to_video") else ("text",)
    prices: Mapping[str, float] = getattr(provider, "prices", {})
    film = Film(
        modes=modes,
        audio="optional",
        seed=bool(can.get("supports_seed")),
        fps=(24, 25, 30, 60) if can.get("supports_fps") else (),
    )
    return [
        Model(
            id=name,
            vendor=vendor,
            kind="video",
            prices={"seconds": round(prices[name] * 10**9)} if name in prices else {},
            estimated=True,
            seconds=tuple(range(1, longest + 1)),
            sizes=tuple(_SIZES[one] for one in can.get("available_aspect_ratios", ["16:9"]) if one in _SIZES),
            default=number == 0,
            film=film,
        )
        for number, name in enumerate(provider.models)
    ]


class PluginFilmer:
    """A provider as the house's adapter; `api_key` is what its texts are kept clean of."""

    idempotency = Idempotency.NONE
    resend_unknown = False

    def __init__(
        self,
        vendor: str,
        provider: VideoProvider,
        seconds: float,
        http: httpx.AsyncClient | None = None,
        *,
        api_key: str = "",
    ) -> None:
        self.vendor = vendor
        self._key = api_key
        self._provider = provider
        self._seconds = seconds
        self._http = http or httpx.AsyncClient(timeout=httpx.Timeout(30, connect=10), trust_env=False)

    async def close(self) -> None:
        """Closes the connections, the provider's too where it has a `close`."""
        await self._http.aclose()
        close = getattr(self._provider, "close", None)
        if close is not None:
            await self._ask(close)

    async def submit(self, call: Call) -> Accepted | Answer:
        """Asks once; raises `NotAccepted` or `OutcomeUnknown`."""
        request, size = call.request, str(call.request.get("size") or "")
        wish = VideoRequest(
            prompt=str(request["prompt"]),
            duration=int(request["seconds"]),
            aspect_ratio=ratio_of(size) if size else "16:9",
            seed=request.get("seed"),
            fps=request.get("fps"),
            resolution=size or None,
            model=call.model,
            image=call.files.get("image"),
            submission_id=call.submission_id,
        )
        try:
            made = await self._ask(self._provider.generate_video, wish)
        except NotAccepted as error:
            reason, retryable = error.reason, error.retryable
            raise NotAccepted(
                hidden(error.message, self._key), reason=reason, retryable=retryable, after=error.after
            ) from None
        except Exception as error:
            # The text of a stranger's exception may hold the key.
            raise OutcomeUnknown(f"{self.vendor} raised {type(error).__name__}.") from None
        if not isinstance(made, VideoResponse) or (not made.job_id and made.status.lower() not in _FAILED):
            raise OutcomeUnknown(f"{self.vendor} gave no job id.")
        if not made.job_id:
            raise NotAccepted(hidden(made.error or "The provider refused.", self._key)[:500])
        return Accepted(made.job_id)

    async def poll(self, operation_id: str) -> Pending | Finished | Refused:
        """Asks once; unknown words mean that it is at work. Raises `VendorAway`."""
        found = await self._look(operation_id)
        word = found.status.lower()
        if word in _DONE:
            return Finished()
        if word in _FAILED:
            text = found.error or "The provider could not make the film."
            return Refused("vendor_failed", hidden(text, self._key)[:500])
        progress = found.metadata.get("progress")
        return Pending(float(progress) if isinstance(progress, int | float) else None)

    async def fetch(self, operation_id: str) -> Answer:
        """Returns the film's bytes, at most 512 MiB, in three tries; raises `VendorAway`, and `NotAccepted` for one that is gone."""
        status = 0
        for turn in range(_TRIES):
            found = await self._look(operation_id)
            if not found.video_url:
                raise VendorAway(f"{self.vendor} gives no URL of the film.")
            await asyncio.sleep(0.3 * turn)
            try:
                async with asyncio.timeout(_READ_SECONDS):
                    status, body = await self._read(found.video_url, found.metadata.get("headers") or {})
            except (httpx.HTTPError, httpx.InvalidURL, TimeoutError):
                status = 0
                continue
            if status == httpx.codes.OK and body:
                return Answer(body, sniff(body[:4096]) or "application/octet-stream", {"bytes": len(body)})
        if status in (404, 410):
            raise NotAccepted("The provider no longer has this film.", reason="product_gone")
        raise VendorAway("The film cannot be read now.")

    async def lookup(self, call: Call, since: float) -> Accepted | None:
        """Returns None: the interface has no list."""
        return None

    async def cancel(self, operation_id: str) -> None:
        """Passes the order on where the provider can."""
        cancel = getattr(self._provider, "cancel", None)
        if cancel is not None:
            try:
                await self._ask(cancel, operation_id)
            except Exception:
                return

    async def check_key(self) -> None:
        """Returns when the vendor takes the key; raises `KeyRefused` or `VendorAway`."""
        try:
            valid = await self._ask(self._provider.validate_key)
        except Exception as error:
            raise VendorAway(f"{self.vendor} raised {type(error).__name__}.") from None
        if not valid:
            raise KeyRefused(f"{self.vendor} does not take this key.")

    async def _look(self, operation_id: str) -> VideoResponse:
        try:
            found = await self._ask(self._provider.check_status, operation_id)
        except Exception as error:
            raise VendorAway(f"{self.vendor} raised {type(error).__name__}.") from None
        if not isinstance(found, VideoResponse):
            raise VendorAway(f"{self.vendor} gave no answer that can be read.")
        return found

    async def _ask(self, method: Callable[..., Any], *args: Any) -> Any:
        async with asyncio.timeout(self._seconds):
            if inspect.iscoroutinefunction(method):
                return await method(*args)
            return await asyncio.to_thread(method, *args)

    async def _read(self, url: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
        data = bytearray()
        # With a key along no redirect is followed: it would be sent on.
        async with self._http.stream("GET", url, headers=headers, follow_redirects=not headers) as answer:
            if answer.status_code != httpx.codes.OK:
                return answer.status_code, b""
            async for chunk in answer.aiter_bytes():
                data += chunk
                if len(data) > MAX_FILM:
                    raise NotAccepted("The film is larger than 512 MiB.", reason="too_large")
        return httpx.codes.OK, bytes(data)
