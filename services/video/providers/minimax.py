"""Films from MiniMax, over its two generations of API: v1 (Hailuo: a task, then a file) and v2 (H3: a task with a URL).

The row's `film.protocol` chooses. Errors of v1, and some of v2, ride on HTTP 200 in `base_resp`. MiniMax lists no tasks and takes no id of
ours, so a lost call can only be told by its callback: the URL that is called is ours alone.

Whoever receives callbacks: before MiniMax takes a `callback_url` it posts `{"challenge": "..."}` there, and the answer must be the same
`{"challenge": "..."}` within three seconds, or the submit fails. Callbacks are not signed: they are hints to poll, never facts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

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
from kit.providers.catalogue import Model, resolve
from kit.providers.http import BUSY_SECONDS, hidden, retry_after, verdict
from services.video.providers.minimax_wire import order
from services.video.providers.products import Results
from services.video.providers.rest import Reply, Rest, no_id
from services.video.providers.shared import film_of, is_policy

log = structlog.get_logger("video")

BASE_URL = "https://api.minimax.io"
CHINA_URL = "https://api.minimaxi.com"
_CALLS_BACK_WITHIN = 1800.0
_BUSY = frozenset({"1002", "1039", "1041"})
_KEY = frozenset({"1004", "2049"})
_SPENT = frozenset({"1008", "2056"})
_POLICY = frozenset({"1026", "1027"})
_WRONG = frozenset({"2013"})
_ENDED = {
    "fail": "could not be made",
    "failed": "could not be made",
    "cancelled": "was cancelled",
    "expired": "expired",
}


class MiniMaxFilmer:
    """`/v1/video_generation` with `/v1/files/retrieve`, and `/v2/video_generation`."""

    vendor = "minimax"
    idempotency = Idempotency.NONE
    resend_unknown = False

    def __init__(self, *, base_url: str, api_key: str, seconds: float, http: httpx2.AsyncClient | None = None) -> None:
        self._rest = Rest(base_url, seconds, http)
        self._key = api_key
        self._headers = {"authorization": f"Bearer {api_key}"}
        self._results = Results()

    async def close(self) -> None:
        """Closes the connections."""
        await self._rest.close()
        await self._results.close()

    async def submit(self, call: Call) -> Accepted | Answer:
        """Returns the operation; raises `NotAccepted` or `OutcomeUnknown`."""
        film = film_of(self.vendor, call.model)
        body = order(film, call)
        if call.callback:
            body["callback_url"] = call.callback
        reply = await self._rest.submit(f"/{film.protocol}/video_generation", body, self._headers)
        if not reply.ok or _code(reply) not in ("", "0"):
            raise self._refused(reply)
        identity = reply.text("task_id")
        if not identity:
            raise no_id()
        return Accepted(f"{film.protocol}:{call.model}:{identity}")

    async def poll(self, operation_id: str) -> Pending | Finished | Refused:
        """Asks once; raises `VendorAway`. v2 tells the seconds that are billed, v1 tells nothing."""
        protocol, name, identity = _parts(operation_id)
        reply = await self._task(protocol, identity)
        if reply is None:
            return Refused("operation_gone", "The vendor no longer knows this film.", charged=True)
        if _code(reply) in _BUSY:
            return Pending(after=retry_after(reply.headers))
        status = (reply.text("task", "status") if protocol == "v2" else reply.text("status")).casefold()
        model = _model(name)
        if status == "succeeded":
            return _billed(model, reply.at("task", "usage", "total_seconds"))
        if status == "success":
            return Finished()
        if status in _ENDED or _code(reply) in _POLICY:
            text = reply.text("task", "error", "message") or (
                reply.text("base_resp", "status_msg") if _failed(reply) else ""
            )
            code = reply.text("task", "error", "code") or _code(reply)
            policy = code in _POLICY or is_policy(text)
            return Refused(
                "model_refused" if policy else "vendor_failed",
                hidden(text, self._key)[:500] or f"The film {_ENDED.get(status, 'was refused')}.",
                charged=model is not None and model.charged_on_failure,
                retryable=not policy and status != "cancelled",
            )
        if _failed(reply):
            raise VendorAway(f"The vendor answered with {_code(reply)}.")
        return Pending()

    async def fetch(self, operation_id: str) -> Answer:
        """Returns the film's bytes, at most 512 MiB; raises `VendorAway`, or `NotAccepted` when they are gone."""
        protocol, _, identity = _parts(operation_id)

        async def ask() -> str:
            reply = await self._task(protocol, identity)
            if reply is not None and protocol == "v1" and (file_id := reply.text("file_id")):
                # A fresh URL is made each time, so an expired one is only asked for again.
                reply = await self._rest.read("/v1/files/retrieve", self._headers, {"file_id": file_id})
                if reply.status not in (404, 410) and not reply.ok:
                    raise VendorAway(f"The vendor answered {reply.status}.")
            if reply is None or reply.status in (404, 410) or _code(reply) in _WRONG:
                raise NotAccepted("The vendor no longer has this film.", reason="product_gone")
            url = reply.text("task", "content", "url") or reply.text("file", "download_url")
            if not url:
                raise VendorAway("The film is not ready.")
            return url

        return await self._results.film(ask)

    async def lookup(self, call: Call, since: float) -> Accepted | None:
        """Returns the film that a callback told of, if MiniMax has it: it lists nothing. None when nobody will call.

        Raises `NotSeen` for half an hour while a callback may be on its way, and `VendorAway`.
        """
        row = _model(call.model) if call.told else None
        if row is not None and row.film is not None and await self._task(row.film.protocol, call.told) is not None:
            return Accepted(f"{row.film.protocol}:{call.model}:{call.told}")
        if call.callback:
            raise NotSeen("MiniMax has not called back so far.", seconds=_CALLS_BACK_WITHIN)
        return None

    async def cancel(self, operation_id: str) -> None:
        """Takes a waiting film of v2 out of the queue; v1 cannot, and a running one goes on and is billed."""
        protocol, _, identity = _parts(operation_id)
        if protocol != "v2":
            return
        try:
            reply = await self._task(protocol, identity)
            if reply is not None and reply.text("task", "status") == "queued":
                path = f"/v2/video_generation/{quote(identity, safe='')}"
                await self._rest.read(path, self._headers, method="DELETE")
        except VendorAway as error:
            log.info("vendor_cancel_failed", operation=operation_id, error=type(error).__name__)

    async def check_key(self) -> None:
        """Returns when the key can list its files; raises `KeyRefused` and `VendorAway`."""
        reply = await self._rest.read("/v1/files/list", self._headers, {"purpose": "video_generation"})
        code = _code(reply)
        if code in _SPENT:
            raise KeyRefused("The account of this key has no balance.", reason="quota_exceeded")
        if code in _KEY or reply.status in (401, 403):
            raise KeyRefused("MiniMax does not take this key.")
        # A parameter that it does not like was read with a key that it does.
        if not reply.ok or code not in ("", "0", *_WRONG):
            raise VendorAway(f"The vendor answered {reply.status}.")

    async def _task(self, protocol: str, identity: str) -> Reply | None:
        """The answer about a task; None when there is no such task."""
        if protocol == "v2":
            reply = await self._rest.read(f"/v2/query/video_generation/{quote(identity, safe='')}", self._headers)
        else:
            reply = await self._rest.read("/v1/query/video_generation", self._headers, {"task_id": identity})
        if reply.status in (404, 410) or (reply.status in range(200, 500) and _code(reply) in _WRONG):
            return None
        if not reply.ok:
            raise VendorAway(f"The vendor answered {reply.status}.")
        return reply

    def _refused(self, reply: Reply) -> NotAccepted | OutcomeUnknown:
        code = _code(reply)
        text = reply.text("base_resp", "status_msg") or reply.text("error", "message")
        text = hidden(text, self._key)[:500] or "MiniMax refuses it."
        if code in _BUSY:
            waits = retry_after(reply.headers)
            after = BUSY_SECONDS if waits is None else waits
            return NotAccepted(text, reason="vendor_busy", retryable=True, after=after)
        if code in _KEY:
            return NotAccepted(text, reason="vendor_key_refused")
        if code in _SPENT:
            return NotAccepted(text, reason="vendor_quota")
        if code in _POLICY or (code in _WRONG and is_policy(text)):
            return NotAccepted(text, reason="model_refused")
        if code in _WRONG:
            return NotAccepted(text, reason="vendor_refused")
        # 1000, 1001, 1013, 1033 (an error or a timeout inside) and what nobody has documented prove nothing.
        return no_id() if reply.status < 400 else verdict(reply.status, reply.headers, text, code)


def open_filmer(key: Mapping[str, str], base_url: str = BASE_URL, seconds: float = 120.0) -> MiniMaxFilmer:
    """Returns the adapter for a stored key (`api_key`)."""
    return MiniMaxFilmer(base_url=base_url, api_key=key["api_key"], seconds=seconds)


def _billed(model: Model | None, seconds: Any) -> Finished:
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not 0 < seconds < 3600:
        return Finished()
    price = model.prices.get("seconds") if model else None
    return Finished({"seconds": seconds}, None if price is None else round(seconds * price))


def _model(name: str) -> Model | None:
    try:
        return resolve("video", "minimax", name).model
    except InvalidInput:
        return None


def _code(reply: Reply) -> str:
    return reply.text("base_resp", "status_code") or reply.text("error", "code")


def _failed(reply: Reply) -> bool:
    return _code(reply) not in ("", "0")


def _parts(operation_id: str) -> tuple[str, str, str]:
    protocol, model, identity = (operation_id.split(":", 2) + [""] * 2)[:3]
    return protocol, model, identity
