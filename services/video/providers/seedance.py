"""Films from Seedance, over BytePlus ModelArk or Volcengine Ark.

Tokens are what is billed: the cost of a film is what `usage.completion_tokens` says. The tier `flex` (half the price, hours of waiting)
is not used. Films are kept for 24 hours. The list of tasks shows no prompt, so a lost call is known again by its seed: a film without
a wished one gets a seed made from our submission's id.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import quote, urlsplit

import httpx2
import structlog

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
    OutcomeUnknown,
    Pending,
    Refused,
    VendorAway,
)
from kit.providers.catalogue import Film, Mode, Model, resolve
from kit.providers.fitting import FittedFilm, film_prices, ratio_of
from kit.providers.http import hidden, verdict
from services.video.providers.products import Results
from services.video.providers.rest import Reply, Rest, no_id, text_of
from services.video.providers.seedance_wire import content, label, mark
from services.video.providers.shared import film_of, is_policy

log = structlog.get_logger("video")

BASE_URL = "https://ark.ap-southeast.bytepluses.com/api/v3"
CHINA_URL = "https://ark.cn-beijing.volces.com/api/v3"
_TASKS = "/contents/generations/tasks"
_PAGES = 5
_PAGE = 100
_SEEN_SECONDS = 120.0
_MOST_TOKENS = 10**9
_SKEW = 600
"""Seconds by which the vendor's clock may be behind ours."""
_SPENT = ("AccountOverdueError", "SetLimitExceeded")
_ENDED = {"failed": "could not be made", "cancelled": "was cancelled", "expired": "was not made in time"}


class SeedanceFilmer:
    """Content generation tasks: create, get, list, delete."""

    vendor = "seedance"
    idempotency = Idempotency.NONE
    resend_unknown = False

    def __init__(self, *, base_url: str, api_key: str, seconds: float, http: httpx2.AsyncClient | None = None) -> None:
        self._rest = Rest(base_url, seconds, http)
        self._china = (urlsplit(base_url).hostname or "").endswith("volces.com")
        self._key = api_key
        self._headers = {"authorization": f"Bearer {api_key}"}
        self._results = Results()

    async def close(self) -> None:
        """Closes the connections."""
        await self._rest.close()
        await self._results.close()

    async def submit(self, call: Call) -> Accepted | Answer:
        """Returns the operation; raises `NotAccepted` or `OutcomeUnknown`."""
        film, request = film_of(self.vendor, call.model), call.request
        size = str(request.get("size", ""))
        body: dict[str, Any] = {
            "model": self._wire(film, call.model),
            "content": content(call),
            "resolution": label(size),
            "ratio": ratio_of(size) if size else "adaptive",
            "duration": int(request["seconds"]),
            "watermark": False,
        }
        if film.audio == "optional":
            body["generate_audio"] = bool(request.get("audio"))
        if film.seed:
            body["seed"] = int(request.get("seed", mark(call)))
        if call.callback:
            body["callback_url"] = call.callback
        reply = await self._rest.submit(_TASKS, body, self._headers)
        if not reply.ok:
            raise self._refused(reply)
        identity = reply.text("id")
        if not identity:
            raise no_id()
        return Accepted(_operation(call, identity))

    async def poll(self, operation_id: str) -> Pending | Finished | Refused:
        """Asks once; raises `VendorAway`. The cost is the vendor's own count of tokens at the catalogue's price."""
        model, fitted, identity = _parts(operation_id)
        reply = await self._task(identity)
        if reply.status in (404, 410):
            return Refused("operation_gone", "The vendor no longer knows this film.", charged=True)
        status = reply.text("status")
        if status == "succeeded":
            tokens = reply.whole("usage", "completion_tokens")
            if tokens is None or not 0 < tokens <= _MOST_TOKENS:
                return Finished()
            price = film_prices(model, fitted).get("film_tokens") if model else None
            return Finished({"tokens": tokens}, None if price is None else tokens * price)
        if status in _ENDED:
            code, message = reply.text("error", "code"), hidden(reply.text("error", "message"), self._key)
            policy = is_policy(f"{code} {message}")
            return Refused(
                "model_refused" if policy else "vendor_failed",
                message[:500] or f"The film {_ENDED[status]}.",
                charged=model is not None and model.charged_on_failure,
                retryable=not policy and status != "cancelled",
            )
        return Pending()

    async def fetch(self, operation_id: str) -> Answer:
        """Returns the film's bytes, at most 512 MiB; raises `VendorAway`, or `NotAccepted` when they are gone."""
        identity = _parts(operation_id)[2]

        async def ask() -> str:
            reply = await self._task(identity)
            url = reply.text("content", "video_url")
            if reply.status in (404, 410) or reply.text("status") == "expired":
                raise NotAccepted("The vendor no longer has this film.", reason="product_gone")
            if not url:
                raise VendorAway("The film is not ready.")
            return url

        return await self._results.film(ask)

    async def lookup(self, call: Call, since: float) -> Accepted | None:
        """Returns the task with our seed and model made since then, or shortly before by the vendor's clock.

        None when the seed was wished, for it may be another film's too; raises `NotSeen` and `VendorAway`.
        """
        try:
            film = film_of(self.vendor, call.model)
        except NotAccepted:
            return None
        if not film.seed or "seed" in call.request:
            return None
        wanted, since = (self._wire(film, call.model), mark(call)), since - _SKEW
        for page in range(1, _PAGES + 1):
            params = {"page_num": str(page), "page_size": str(_PAGE)}
            reply = await self._rest.read(_TASKS, self._headers, params)
            items = reply.at("items")
            if not reply.ok or not isinstance(items, list):
                raise VendorAway(f"The vendor's list cannot be read ({reply.status}).")
            tasks = [item for item in items if isinstance(item, dict)]
            for task in tasks:
                if (task.get("model"), task.get("seed")) == wanted and _made(task) >= since:
                    return Accepted(_operation(call, text_of(task.get("id"))))
            if len(items) < _PAGE or all(_made(task) < since for task in tasks):
                break
        raise NotSeen("Seedance lists no such film so far.", seconds=_SEEN_SECONDS)

    async def cancel(self, operation_id: str) -> None:
        """Takes a waiting film out of the queue; a running one goes on, and a finished one is not deleted."""
        identity = _parts(operation_id)[2]
        try:
            if (await self._task(identity)).text("status") == "queued":
                await self._rest.read(f"{_TASKS}/{quote(identity, safe='')}", self._headers, method="DELETE")
        except VendorAway as error:
            log.info("vendor_cancel_failed", operation=operation_id, error=type(error).__name__)

    async def check_key(self) -> None:
        """Returns when the key can list its tasks; raises `KeyRefused` and `VendorAway`."""
        reply = await self._rest.read(_TASKS, self._headers, {"page_num": "1", "page_size": "1"})
        if reply.ok:
            return
        if reply.text("error", "code") in _SPENT:
            raise KeyRefused("The account of this key is overdue.", reason="quota_exceeded")
        if reply.status in (401, 403):
            raise KeyRefused("Seedance does not take this key.")
        raise VendorAway(f"The vendor answered {reply.status}.")

    async def _task(self, identity: str) -> Reply:
        """A task, or the answer that there is none."""
        reply = await self._rest.read(f"{_TASKS}/{quote(identity, safe='')}", self._headers)
        if not reply.ok and reply.status not in (404, 410):
            raise VendorAway(f"The vendor answered {reply.status}.")
        return reply

    def _refused(self, reply: Reply) -> NotAccepted | OutcomeUnknown:
        code, message = reply.text("error", "code"), hidden(reply.text("error", "message"), self._key)
        if reply.status < 400:
            return no_id()
        if reply.status < 500 and code in _SPENT:
            return NotAccepted(message[:500] or "The account is overdue.", reason="vendor_quota")
        if reply.status < 500 and reply.status not in (401, 429) and is_policy(f"{code} {message}"):
            return NotAccepted(message[:500] or "The vendor's policy refuses it.", reason="model_refused")
        return verdict(reply.status, reply.headers, message, code)

    def _wire(self, film: Film, model: str) -> str:
        """A model has one name at BytePlus and another at Volcengine."""
        there = str(film.options.get("china", "")) if self._china else ""
        return there or film.wire or model


def open_filmer(key: Mapping[str, str], base_url: str = BASE_URL, seconds: float = 120.0) -> SeedanceFilmer:
    """Returns the adapter for a stored key (`api_key`)."""
    return SeedanceFilmer(base_url=base_url, api_key=key["api_key"], seconds=seconds)


def _made(task: Mapping[str, Any]) -> float:
    created = task.get("created_at")
    return float(created) if isinstance(created, int | float) else math.inf


def _operation(call: Call, identity: str) -> str:
    """What a bill needs to know of a film, and the vendor's id: the task itself does not say how it was made."""
    sound = "sound" if call.request.get("audio") else "silent"
    size, mode = call.request.get("size") or "-", call.request.get("mode", "text")
    return f"{call.model}:{mode}:{size}:{sound}:{identity}"


def _parts(operation_id: str) -> tuple[Model | None, FittedFilm, str]:
    name, mode, size, sound, identity = (operation_id.split(":", 4) + [""] * 4)[:5]
    fitted = FittedFilm("", 0, "" if size == "-" else size, cast("Mode", mode), sound == "sound")
    try:
        return resolve("video", "seedance", name).model, fitted, identity
    except InvalidInput:
        return None, fitted, identity
