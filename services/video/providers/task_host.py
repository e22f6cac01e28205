"""Films from task-style hosts (submit, ask, fetch) that an operator describes as data; see `hosts.TaskHost`.

An operation's id is the model and the host's task id, because how a film ends is judged by its model's row.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
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
from kit.providers.http import SUBMISSION_HEADER, broken, retry_after, verdict
from services.video.providers.hosts import TaskHost
from services.video.providers.products import film
from services.video.providers.templates import body_of, fields_of, named, number_at, pointed, text_at

log = structlog.get_logger("video")

_READ_SECONDS = 30.0
_CALLS_WITHIN = 1800.0
_CHARS = 300
_WELL = ("", "0", "200", "ok", "success")
"""Codes that are no errors: with one of them, an answer without a task proves nothing."""


class TaskHostFilmer:
    """One host. `base_url` goes before the one that its data names; empty for that one."""

    idempotency = Idempotency.NONE
    resend_unknown = False

    def __init__(
        self,
        host: TaskHost,
        *,
        api_key: str,
        seconds: float,
        base_url: str = "",
        http: httpx2.AsyncClient | None = None,
    ) -> None:
        self.vendor = host.name
        self._host = host
        self._base = (base_url or host.base_url).rstrip("/")
        self._key = api_key
        self._seconds = seconds
        self._auth = {name: value.replace("{key}", api_key) for name, value in host.auth.items()}
        self._http = http or httpx2.AsyncClient(timeout=httpx2.Timeout(seconds, connect=10.0), trust_env=False)

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def submit(self, call: Call) -> Accepted | Answer:
        """Returns the operation; raises `NotAccepted` or `OutcomeUnknown`."""
        create = self._host.create
        mode = call.request.get("mode", "text")
        path = create.paths.get(mode, create.path)
        if path is None:
            raise NotAccepted("This host does not film in this way.", reason="mode_not_supported")
        row = self._row(call.model)
        wire = (row.film.wire if row and row.film else "") or call.model
        body = body_of(create.body, create.body_in.get(mode, {}), fields_of(call, wire, self._host.files))
        try:
            answer = await self._http.post(
                self._base + path.replace("{model}", quote(wire)),
                json=body,
                headers={**self._host.headers, **self._auth, SUBMISSION_HEADER: call.submission_id},
                follow_redirects=False,
            )
            document = _json(answer)
        except (httpx2.HTTPError, ValueError) as error:
            raise broken(error) from error
        said, code = self._said(document, create.error), text_at(document, create.code)
        if answer.status_code >= 400:
            raise self._refused(answer, said, code)
        task = text_at(document, create.id)
        if answer.status_code < 300 and task:
            return Accepted(f"{call.model} {task}")
        if answer.status_code < 300 and (code or said).casefold() not in _WELL:
            # Business errors of such hosts ride on 200: it says itself that there is no task.
            reason = self._host.reason(said, code) or "vendor_refused"
            raise NotAccepted(said or f"The host refuses this ({code}).", reason=reason)
        raise OutcomeUnknown("The host's answer holds no task.", charged=True)

    def _refused(self, answer: httpx2.Response, said: str, code: str) -> NotAccepted | OutcomeUnknown:
        # Of a 429 its code alone is believed: hosts say "quota" of a minute's limit too.
        if answer.status_code < 500 and answer.status_code != 429 and (reason := self._host.reason(said, code)):
            return NotAccepted(said or f"The host refuses this ({code}).", reason=reason)
        return verdict(answer.status_code, answer.headers, said, code)

    async def poll(self, operation_id: str) -> Pending | Finished | Refused:
        """Asks once; raises `VendorAway`."""
        model, task = _parts(operation_id)
        answer = await self._ask("GET", self._host.read.path, task)
        if answer.status_code in (404, 410):
            return Refused("operation_gone", "The vendor no longer knows this film.", charged=True)
        document, read = self._document(answer), self._host.read
        said, code = self._said(document, read.error), text_at(document, read.code)
        match self._host.state(text_at(document, read.status)):
            case "succeeded":
                if pointed(document, read.url) is None:
                    raise VendorAway("The film is said to be done, and no URL is given yet.")
                units = {
                    name: value for name, at in read.units.items() if (value := pointed(document, (at,))) is not None
                }
                return Finished(units, read.cost.of(document) if read.cost else None)
            case "failed" | "cancelled" | "expired" as state:
                policy = self._host.reason(said, code) == "model_refused"
                row = self._row(model)
                return Refused(
                    "model_refused" if policy else "vendor_failed",
                    said or f"The film ended {state} at the vendor.",
                    charged=bool(row and row.charged_on_failure),
                    retryable=not policy and state != "cancelled",
                )
            case _:
                done = number_at(document, read.progress)
                progress = None if done is None else max(0.0, min(1.0, done / read.progress_of))
                return Pending(
                    progress if progress is None or math.isfinite(progress) else None, retry_after(answer.headers)
                )

    async def fetch(self, operation_id: str) -> Answer:
        """Returns the film's bytes; raises `VendorAway`, or `NotAccepted` when they are gone."""
        _, task = _parts(operation_id)

        async def ask() -> str:
            answer = await self._ask("GET", self._host.read.path, task)
            if answer.status_code in (404, 410):
                raise NotAccepted("The vendor no longer knows this film.", reason="product_gone")
            url = text_at(self._document(answer), self._host.read.url)
            if not url:
                raise NotAccepted("The vendor no longer has this film.", reason="product_gone")
            return url

        return await film(self._http, ask, own=self._base, headers=self._auth)

    async def lookup(self, call: Call, since: float) -> Accepted | None:
        """Returns the task that carries our submission's id; None when the host has no list.

        Raises `NotSeen` when its list does not show it, or when it may still call back, and `VendorAway`.
        """
        listing = self._host.list
        if listing is None:
            if call.callback and "callback" in named(self._host.create.body):
                raise NotSeen("The film has not called back so far.", seconds=_CALLS_WITHIN)
            return None
        answer = await self._ask("GET", listing.path)
        items = pointed(self._document(answer), (listing.items,))
        for item in items if isinstance(items, list) else ():
            if text_at(item, (listing.ours,)) == call.submission_id and (task := text_at(item, (listing.id,))):
                return Accepted(f"{call.model} {task}")
        raise NotSeen("The host's list does not show this film.", seconds=listing.seconds)

    async def cancel(self, operation_id: str) -> None:
        """Asks the host to stop, where that is known how; never raises."""
        stop = self._host.cancel
        if stop is None:
            return
        try:
            answer = await self._ask(stop.method, stop.path, _parts(operation_id)[1])
            if answer.status_code >= 400:
                log.info("vendor_cancel_failed", operation=operation_id, status=answer.status_code)
        except VendorAway as error:
            log.info("vendor_cancel_failed", operation=operation_id, error=type(error.__cause__).__name__)

    async def check_key(self) -> None:
        """Makes the free read of the host's data; raises `KeyRefused`, and `VendorAway` when there is none or it fails."""
        if self._host.check is None:
            raise VendorAway("This host has no free read that tells whether a key works.", retryable=False)
        answer = await self._ask("GET", self._host.check)
        try:
            document = _json(answer)
        except ValueError:
            document = {}
        said, code = self._said(document, self._host.create.error), text_at(document, self._host.create.code)
        if answer.status_code < 300:
            return
        refusal = self._refused(answer, said, code) if answer.status_code >= 400 else None
        if refusal is not None and refusal.reason == "vendor_quota":
            raise KeyRefused("The key is right, but its account is spent.", reason="quota_exceeded")
        if refusal is not None and refusal.reason == "vendor_key_refused":
            raise KeyRefused("The host does not take this key.")
        raise VendorAway(f"The vendor answered {answer.status_code}.")

    async def _ask(self, method: str, path: str, task: str = "") -> httpx2.Response:
        try:
            return await self._http.request(
                method,
                self._base + path.replace("{id}", quote(task, safe="")),
                headers={**self._host.headers, **self._auth},
                timeout=_READ_SECONDS,
                follow_redirects=False,
            )
        except httpx2.HTTPError as error:
            raise VendorAway("The vendor cannot be asked now.") from error

    @staticmethod
    def _document(answer: httpx2.Response) -> Any:
        if answer.status_code >= 300:
            raise VendorAway(f"The vendor answered {answer.status_code}.")
        try:
            return _json(answer)
        except ValueError as error:
            raise VendorAway("The vendor's answer cannot be read.") from error

    def _said(self, document: Any, pointers: tuple[str, ...]) -> str:
        # Some hosts quote the key that they refuse.
        return text_at(document, pointers).replace(self._key, "***")[:_CHARS]

    def _row(self, model: str) -> Model | None:
        try:
            return resolve("video", self.vendor, model).model
        except InvalidInput:
            return None


def _parts(operation_id: str) -> tuple[str, str]:
    model, _, task = operation_id.rpartition(" ")
    return model, task


def _json(answer: httpx2.Response) -> Any:
    """Returns the answer's JSON, or an empty object for an error that has none; raises `ValueError`."""
    try:
        return answer.json()
    except ValueError:
        if answer.status_code >= 400:
            return {}
        raise


def opener(host: TaskHost) -> Callable[[Mapping[str, str], str, float], TaskHostFilmer]:
    """Returns this host's `open_filmer(key, base_url, seconds)`: the adapter for `key["api_key"]`."""

    def open_filmer(key: Mapping[str, str], base_url: str, seconds: float) -> TaskHostFilmer:
        return TaskHostFilmer(host, api_key=key["api_key"], seconds=seconds, base_url=base_url)

    return open_filmer
