"""Films from fal's queue. Its SDK follows and cancels them; the paid call is a plain POST of ours.

The SDK's own submit sends a lost or throttled call up to ten times; nothing turns that off. An operation's id is the model and the
three URLs that fal gave for it, because fal drops parts of the path in them and says to use them as they are.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import fal_client
import httpx
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
from kit.providers.catalogue import resolve
from kit.providers.http import SUBMISSION_HEADER, broken, verdict
from services.video.providers.once import AnsweredError, Once
from services.video.providers.products import film, origin
from services.video.providers.templates import body_of, fields_of, pointed

log = structlog.get_logger("video")

BASE_URL = "https://queue.fal.run"
_READ_SECONDS = 30.0
_CALLS_WITHIN = 1800.0
"""Seconds; longer than the longest film of the rows takes, with a busy queue before it."""
_CHARS = 300
_URLS = ("status_url", "response_url", "cancel_url")
_VIDEO = ("/video/url", "/videos/0/url", "/output/url")
_POLICY_TYPES = ("content_policy_violation", "no_media_generated")
_POLICY = ("content_policy", "content checker", "safety", "moderation", "prohibited", "nsfw", "flagged")
_SPENT = ("exhausted balance", "insufficient balance", "user is locked", "billing")
_NOBODY = "00000000-0000-0000-0000-000000000000"


class FalFilmer:
    """submit, status, result and cancel of the queue. Which path a model has and how its fields are called is in its row."""

    vendor = "fal"
    idempotency = Idempotency.NONE
    resend_unknown = False

    def __init__(self, *, base_url: str, api_key: str, seconds: float, http: httpx2.AsyncClient | None = None) -> None:
        self._base = base_url.rstrip("/")
        self._key = api_key
        self._auth = {"authorization": f"Key {api_key}"}
        self._http = http or httpx2.AsyncClient(timeout=httpx2.Timeout(seconds, connect=10.0), trust_env=False)
        self._reads = httpx.AsyncClient(
            transport=Once(), headers=self._auth, timeout=httpx.Timeout(_READ_SECONDS, connect=10.0), trust_env=False
        )

    async def close(self) -> None:
        """Closes the connections."""
        await self._reads.aclose()
        await self._http.aclose()

    async def submit(self, call: Call) -> Accepted | Answer:
        """Returns the operation; raises `NotAccepted` or `OutcomeUnknown`."""
        try:
            row = resolve("video", self.vendor, call.model).model
        except InvalidInput as error:
            raise NotAccepted(error.message, reason="unknown_model") from error
        options: Mapping[str, Any] = row.film.options if row.film else {}
        mode = str(call.request.get("mode") or "text")
        path = options.get("paths", {}).get(mode)
        if not path:
            raise NotAccepted(f"{row.name} makes no film in this way.", reason="mode_not_supported")
        # The same field has another name at another path: a first frame alone, and one beside a last frame.
        more = options.get("body_in", {}).get(mode, {})
        body = body_of(options.get("body", {}), more, fields_of(call, path, "data_uri"))
        query = f"?{urlencode({'fal_webhook': call.callback})}" if call.callback else ""
        try:
            answer = await self._http.post(
                f"{self._base}/{path}{query}",
                json=body,
                # The queue's own retries are off: whether a failed film is made again is our record's question.
                headers={**self._auth, SUBMISSION_HEADER: call.submission_id, "x-fal-no-retry": "1"},
                follow_redirects=False,
            )
            if answer.status_code >= 400:
                raise self._refused(answer)
            document = answer.json()
        except (httpx2.HTTPError, ValueError) as error:
            raise broken(error) from error
        urls = [pointed(document, (f"/{name}",)) for name in _URLS]
        if not all(self._ours(url) for url in urls):
            # The key goes nowhere but to the queue; an operation that lies elsewhere cannot be followed.
            raise OutcomeUnknown("fal's answer does not say where the film is.", charged=True)
        return Accepted(" ".join([row.id, *urls]))

    def _ours(self, url: object) -> bool:
        try:
            return isinstance(url, str) and " " not in url and origin(url) == origin(self._base)
        except ValueError:
            return False

    def _refused(self, answer: httpx2.Response) -> NotAccepted | OutcomeUnknown:
        text, kind = self._said(answer)
        if answer.status_code in (402, 403) and _any(_SPENT, text):
            return NotAccepted(text, reason="vendor_quota")
        if answer.status_code == 422 and _any((*_POLICY, *_POLICY_TYPES), text, kind):
            return NotAccepted(text, reason="model_refused")
        return verdict(answer.status_code, answer.headers, text, kind)

    def _said(self, answer: httpx2.Response) -> tuple[str, str]:
        """The words and the type of an error: `detail` is a text, or a list of what is wrong with which field."""
        try:
            document = answer.json()
        except ValueError:
            return "", ""
        detail = pointed(document, ("/detail", "/error"))
        text = pointed(detail, ("/0/msg",)) or (detail if isinstance(detail, str) else "")
        kind = pointed(detail, ("/0/type",)) or answer.headers.get("x-fal-error-type", "")
        return str(text).replace(self._key, "***")[:_CHARS], str(kind)

    async def poll(self, operation_id: str) -> Pending | Finished | Refused:
        """Asks once; raises `VendorAway`."""
        try:
            # The SDK's own limit is two minutes and cannot be set.
            async with asyncio.timeout(_READ_SECONDS):
                status = await self._handle(operation_id).status()
        except AnsweredError as error:
            if error.status in (404, 410):
                return Refused("operation_gone", "The vendor no longer knows this film.", charged=True)
            raise VendorAway(
                f"The vendor answered {error.status}." if error.status else "The vendor is away."
            ) from error
        except (json.JSONDecodeError, TimeoutError) as error:
            raise VendorAway("The vendor's answer cannot be read.") from error
        except ValueError:
            return Pending()  # a word for its state that the SDK does not know
        except (httpx.HTTPError, LookupError, TypeError) as error:
            raise VendorAway("The vendor's answer cannot be read.") from error
        if not isinstance(status, fal_client.Completed):
            return Pending()
        if status.error:
            return self._ended(operation_id, str(status.error), str(status.error_type or ""))
        # A film that came to nothing is `completed` like any other; only its result says so.
        result = await self._result(operation_id)
        if result.status_code == 200:
            return Finished(dict(status.metrics))
        text, kind = self._said(result)
        # A 5xx without fal's own word for the error may be a proxy's, of a film that is there.
        if result.status_code in (400, 422) or (result.status_code >= 500 and kind):
            return self._ended(operation_id, text, kind)
        if result.status_code in (404, 410):
            return Refused("operation_gone", "The vendor no longer knows this film.", charged=True)
        raise VendorAway(f"The vendor answered {result.status_code}.")

    def _ended(self, operation_id: str, text: str, kind: str) -> Refused:
        policy = _any((*_POLICY, *_POLICY_TYPES), text, kind)
        try:
            charged = resolve("video", self.vendor, operation_id.split(" ")[0]).model.charged_on_failure
        except InvalidInput:
            charged = False
        said = text.replace(self._key, "***")[:_CHARS] or "The vendor could not make this film."
        return Refused("model_refused" if policy else "vendor_failed", said, charged=charged, retryable=not policy)

    async def fetch(self, operation_id: str) -> Answer:
        """Returns the film's bytes; raises `VendorAway`, or `NotAccepted` when they are gone. Files lie at hosts without keys."""

        async def ask() -> str:
            result = await self._result(operation_id)
            if result.status_code in (404, 410):
                raise NotAccepted("The vendor no longer has this film.", reason="product_gone")
            if result.status_code >= 300:
                raise VendorAway(f"The vendor answered {result.status_code}.")
            try:
                url = pointed(result.json(), _VIDEO)
            except ValueError as error:
                raise VendorAway("The vendor's answer cannot be read.") from error
            if not isinstance(url, str):
                raise NotAccepted("The vendor's result holds no film.", reason="product_gone")
            return url

        # fal's media hosts ask for no key, so none is sent: not even where both are one host.
        return await film(self._http, ask, own=self._base, headers={})

    async def lookup(self, call: Call, since: float) -> Accepted | None:
        """Returns the film that a callback told of, if the queue has it: there is no list for a key. None when nobody will call.

        Raises `NotSeen` for a film that may still call back, and `VendorAway`.
        """
        urls = self._urls_of(call) if call.told else ()
        if urls and await self._has(urls[0]):
            return Accepted(" ".join([call.model, *urls]))
        if call.callback:
            raise NotSeen("The film has not called back so far.", seconds=_CALLS_WITHIN)
        return None

    def _urls_of(self, call: Call) -> tuple[str, ...]:
        """The URLs that fal gives for a request of this model: of its path only the first two parts are left in them."""
        try:
            row = resolve("video", self.vendor, call.model).model
        except InvalidInput:
            return ()
        paths: Mapping[str, str] = row.film.options.get("paths", {}) if row.film else {}
        app = "/".join(str(paths.get(str(call.request.get("mode") or "text"), row.id)).split("/")[:2])
        one = f"{self._base}/{app}/requests/{quote(call.told, safe='')}"
        return f"{one}/status", one, f"{one}/cancel"

    async def _has(self, url: str) -> bool:
        answer = await self._get(url)
        if answer.status_code not in (200, 202, 404, 410, 422):
            raise VendorAway(f"The vendor answered {answer.status_code}.")
        return answer.status_code < 300

    async def cancel(self, operation_id: str) -> None:
        """Asks the queue to drop the film; never raises. One that is being made may be finished and billed."""
        try:
            async with asyncio.timeout(_READ_SECONDS):
                await self._handle(operation_id).cancel()
        except (TimeoutError, AnsweredError, httpx.HTTPError, ValueError, VendorAway) as error:
            log.info("vendor_cancel_failed", operation=operation_id.split(" ")[0], error=type(error).__name__)

    async def check_key(self) -> None:
        """Asks for a film that nobody has, which is free; raises `KeyRefused` and `VendorAway`."""
        app = "/".join(str(self._first_path()).split("/")[:2])
        answer = await self._get(f"{self._base}/{app}/requests/{_NOBODY}/status")
        text, _ = self._said(answer)
        if answer.status_code in (402, 403, 429) and _any(_SPENT, text):
            raise KeyRefused("The key is right, but its account is spent.", reason="quota_exceeded")
        if answer.status_code in (401, 403):
            raise KeyRefused("The vendor does not take this key.")
        if answer.status_code not in (200, 202, 404, 422):
            raise VendorAway(f"The vendor answered {answer.status_code}.")

    def _first_path(self) -> str:
        row = resolve("video", self.vendor).model
        paths: Mapping[str, str] = row.film.options.get("paths", {}) if row.film else {}
        return next(iter(paths.values()), row.id)

    def _handle(self, operation_id: str) -> fal_client.AsyncRequestHandle:
        status, response, cancel = self._urls(operation_id)
        return fal_client.AsyncRequestHandle(
            request_id=response.rpartition("/")[2],
            response_url=response,
            status_url=status,
            cancel_url=cancel,
            client=self._reads,
        )

    def _urls(self, operation_id: str) -> tuple[str, str, str]:
        _, *urls = operation_id.split(" ")
        if len(urls) != len(_URLS) or not all(self._ours(url) for url in urls):
            # Not ours, or another base's: asking somewhere else would send the key there.
            raise VendorAway("This film was not asked for at this host.", retryable=False)
        return urls[0], urls[1], urls[2]

    async def _result(self, operation_id: str) -> httpx2.Response:
        return await self._get(self._urls(operation_id)[1])

    async def _get(self, url: str) -> httpx2.Response:
        try:
            return await self._http.get(url, headers=self._auth, timeout=_READ_SECONDS, follow_redirects=False)
        except httpx2.HTTPError as error:
            raise VendorAway("The vendor cannot be asked now.") from error


def _any(words: tuple[str, ...], *texts: str) -> bool:
    return any(word in text.casefold() for word in words for text in texts)


def open_filmer(key: Mapping[str, str], base_url: str, seconds: float) -> FalFilmer:
    """Returns the adapter for `key["api_key"]` (`id:secret`) at `base_url` (empty: fal's own)."""
    return FalFilmer(base_url=base_url or BASE_URL, api_key=key["api_key"], seconds=seconds)
