"""Films from Kling, over both of its protocols (see `kling_wire`).

A key is `access:secret` (tokens are signed, classic protocol only) or one API key (both protocols). Our submission's id travels as
`external_task_id` where the model takes one, and a lost call is looked up by it.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

import httpx2

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
from kit.providers.http import retry_after
from services.video.providers.kling_auth import KlingKey
from services.video.providers.kling_wire import AUTH, BUSY, SPENT, Task, breaks_policy, order, path_of, refused, task
from services.video.providers.products import Results
from services.video.providers.rest import Reply, Rest, no_id
from services.video.providers.shared import film_of

BASE_URL = "https://api-singapore.klingai.com"
CHINA_URL = "https://api-beijing.klingai.com"
_UNAUTHORIZED = 401
_GONE = frozenset({404, 410})
_NO_TASK = 1203
_PAGES = 5
_PAGE = 100
_SEEN_SECONDS = 120.0
_SKEW = 600
"""Seconds by which the vendor's clock may be behind ours."""
_COSTS_DAYS_MS = 30 * 86_400_000


class KlingFilmer:
    """Classic `/v1/videos/...` and the newer `/text-to-video`, `/image-to-video` and `/tasks`."""

    vendor = "kling"
    idempotency = Idempotency.NONE
    resend_unknown = False

    def __init__(self, *, base_url: str, api_key: str, seconds: float, http: httpx2.AsyncClient | None = None) -> None:
        self._rest = Rest(base_url, seconds, http)
        self._key = KlingKey(api_key)
        self._results = Results()

    async def close(self) -> None:
        """Closes the connections."""
        await self._rest.close()
        await self._results.close()

    async def submit(self, call: Call) -> Accepted | Answer:
        """Returns the operation; raises `NotAccepted` or `OutcomeUnknown`."""
        film = film_of(self.vendor, call.model)
        path, body = path_of(film, call), order(film, call)
        # An authentication error proves that nothing was taken: with a new token the same order is sent once more.
        reply = await self._authorized(film.protocol, lambda headers: self._rest.submit(path, body, headers))
        if not reply.ok or reply.whole("code") != 0:
            raise refused(reply, self._message(reply))
        identity = reply.text("data", "id" if film.protocol == "tasks" else "task_id")
        if not identity:
            raise no_id()
        return Accepted(_operation(film.protocol, path, call.model, identity))

    async def poll(self, operation_id: str) -> Pending | Finished | Refused:
        """Asks once; raises `VendorAway`. Units are what Kling has deducted from the account's packs."""
        reply, found = await self._task(operation_id)
        if found is None:
            if _busy(reply):
                return Pending(after=retry_after(reply.headers))
            return Refused("operation_gone", "The vendor no longer knows this film.", charged=True)
        if found.status in ("succeed", "succeeded"):
            return Finished({"units": found.units} if found.units else {})
        if found.status == "failed":
            message = self._key.hide(found.message)
            policy = breaks_policy(message)
            return Refused(
                "model_refused" if policy else "vendor_failed",
                message[:500] or "The vendor could not make this film.",
                charged=_charged(operation_id),
                retryable=not policy,
            )
        return Pending()

    async def fetch(self, operation_id: str) -> Answer:
        """Returns the film's bytes, at most 512 MiB; raises `VendorAway`, or `NotAccepted` when they are gone."""

        async def ask() -> str:
            reply, found = await self._task(operation_id)
            if found is None and not _busy(reply):
                raise NotAccepted("The vendor no longer has this film.", reason="product_gone")
            if found is None or not found.url:
                raise VendorAway("The film is not ready.")
            return found.url

        return await self._results.film(ask)

    async def lookup(self, call: Call, since: float) -> Accepted | None:
        """Returns the task that carries our submission's id; None for a model that takes none.

        Raises `VendorAway`, and `NotSeen` when Kling lists no such task so far.
        """
        try:
            film = film_of(self.vendor, call.model)
        except NotAccepted:
            return None
        path, newer = path_of(film, call), film.protocol == "tasks"
        if newer and not film.options.get("external_id"):
            return None
        found = await (self._by_reference(call) if newer else self._listed(path, since))
        if found is None:
            return None
        for one in found:
            if one.reference == call.submission_id and one.identity:
                return Accepted(_operation(film.protocol, path, call.model, one.identity))
        raise NotSeen("Kling lists no such film so far.", seconds=_SEEN_SECONDS)

    async def cancel(self, operation_id: str) -> None:
        """Does nothing: Kling has no way to stop a task, and it is billed."""

    async def check_key(self) -> None:
        """Returns when the account can be read and some pack has units left; raises `KeyRefused` and `VendorAway`."""
        now = int(time.time() * 1000)
        params = {"start_time": str(now - _COSTS_DAYS_MS), "end_time": str(now)}
        reply = await self._authorized("", lambda headers: self._rest.read("/account/costs", headers, params))
        code = reply.whole("code")
        if code in SPENT:
            raise KeyRefused("The account of this key is empty.", reason="quota_exceeded")
        if code in AUTH or (reply.status in (401, 403) and not _busy(reply)):
            raise KeyRefused("Kling does not take this key.")
        if not reply.ok or code != 0:
            raise VendorAway(f"The vendor answered {reply.status}.")
        packs = reply.at("data", "resource_pack_subscribe_infos")
        # Accounts that pay afterwards have no packs; of those that have some, one must have something left.
        if isinstance(packs, list) and packs and not any(_left(pack) for pack in packs):
            raise KeyRefused("All packs of this account are used up.", reason="quota_exceeded")

    async def _authorized(self, protocol: str, send: Callable[[dict[str, str]], Awaitable[Reply]]) -> Reply:
        """Sends with the key; once more with a new token when the vendor did not take the kept one."""
        if protocol == "tasks":
            return await send(self._key.bearer())
        reply = await send(self._key.headers())
        if self._key.signs and (reply.status == _UNAUTHORIZED or reply.whole("code") in AUTH):
            self._key.renew()
            reply = await send(self._key.headers())
        return reply

    async def _task(self, operation_id: str) -> tuple[Reply, Task | None]:
        """The answer and its task; None when Kling knows none, or is too busy to say (see `_busy`)."""
        protocol, path, _, identity = _parts(operation_id)
        if protocol == "tasks":
            reply = await self._read("tasks", "/tasks", {"task_ids": identity})
        else:
            reply = await self._read("classic", f"/v1/videos/{path}/{quote(identity, safe='')}", {})
        if _busy(reply) or reply.status in _GONE or reply.whole("code") == _NO_TASK:
            return reply, None
        if not reply.ok or reply.whole("code") != 0:
            raise VendorAway(f"The vendor answered {reply.status}.")
        data = reply.at("data")
        if protocol == "tasks":
            if not isinstance(data, list):
                raise VendorAway("The vendor's answer cannot be read.")
            return reply, next((one for one in map(partial(task, protocol), data) if one.identity == identity), None)
        return reply, task(protocol, data)

    async def _read(self, protocol: str, path: str, params: Mapping[str, str]) -> Reply:
        try:
            return await self._authorized(protocol, lambda headers: self._rest.read(path, headers, params))
        except NotAccepted as error:
            raise VendorAway(error.message) from error

    async def _by_reference(self, call: Call) -> list[Task] | None:
        reply = await self._read("tasks", "/tasks", {"external_task_ids": call.submission_id})
        data = reply.at("data")
        if _busy(reply) or reply.status >= 500:
            raise VendorAway(f"The vendor answered {reply.status}.")
        if reply.status in _GONE or reply.whole("code") == _NO_TASK:
            return []
        return [task("tasks", one) for one in data] if reply.ok and isinstance(data, list) else None

    async def _listed(self, path: str, since: float) -> list[Task] | None:
        found: list[Task] = []
        for page in range(1, _PAGES + 1):
            reply = await self._read("classic", path, {"pageNum": str(page), "pageSize": str(_PAGE)})
            if reply.status in (404, 405, 501):
                return None
            data = reply.at("data")
            if not reply.ok or reply.whole("code") != 0 or not isinstance(data, list):
                raise VendorAway(f"The vendor's list cannot be read ({reply.status}).")
            fresh = [task("classic", one) for one in data]
            found += fresh
            if len(data) < _PAGE or all(0 < one.created < since - _SKEW for one in fresh):
                break
        return found

    def _message(self, reply: Reply) -> str:
        return self._key.hide(reply.text("message"))


def open_filmer(key: Mapping[str, str], base_url: str = BASE_URL, seconds: float = 120.0) -> KlingFilmer:
    """Returns the adapter for a stored key (`api_key`: one API key, or `access:secret`)."""
    return KlingFilmer(base_url=base_url, api_key=key["api_key"], seconds=seconds)


def _operation(protocol: str, path: str, model: str, identity: str) -> str:
    """Where to ask for a film: the vendor's id alone does not say."""
    return f"{protocol}:{path.rpartition('/')[2]}:{model}:{identity}"


def _parts(operation_id: str) -> tuple[str, str, str, str]:
    protocol, path, model, identity = (operation_id.split(":", 3) + [""] * 3)[:4]
    return protocol, quote(path, safe=""), model, identity


def _busy(reply: Reply) -> bool:
    return reply.whole("code") in BUSY or reply.status == 429


def _left(pack: Any) -> bool:
    left = pack.get("remaining_quantity") if isinstance(pack, Mapping) else None
    return isinstance(left, int | float) and left > 0 and pack.get("status", "online") in ("online", "toBeOnline")


def _charged(operation_id: str) -> bool:
    try:
        return resolve("video", "kling", _parts(operation_id)[2]).model.charged_on_failure
    except InvalidInput:
        return False
