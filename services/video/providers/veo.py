"""Films from Google's Veo at the Gemini API.

The official SDK follows operations and reads models, and retries nothing unless told to. It no longer submits films with an API key (it
does so at Vertex AI alone), so the paid call is a plain POST of ours to `predictLongRunning`. Files are read with the key at Google's
own host only.
"""

from __future__ import annotations

from collections.abc import Mapping

import httpx2
from google import genai
from google.genai import errors, types

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
    OutcomeUnknown,
    Pending,
    Refused,
    VendorAway,
)
from kit.providers.catalogue import house, resolve
from kit.providers.http import SUBMISSION_HEADER, broken, verdict
from services.video.providers.products import MAX_FILM, film
from services.video.providers.veo_wire import body, error_of, retry_info

BASE_URL = "https://generativelanguage.googleapis.com"
_VERSION = "v1beta"
_READ_SECONDS = 30.0
_POLL_SECONDS = 10.0
_CHARS = 300
_POLICY = ("safety", "policy", "policies", "prohibited", "responsible ai", "violat", "sensitive", "blocked", "filtered")
_BAD_KEY = ("api key not valid", "api_key_invalid", "api key expired")
_FINAL_CODES = frozenset({3, 5, 7, 9})
"""google.rpc.Code: bad argument, not found, no permission, failed precondition. The same request would end the same way."""


class VeoFilmer:
    """predictLongRunning, operations.get, the files' URIs and models.get."""

    vendor = "gemini"
    idempotency = Idempotency.NONE
    resend_unknown = False

    def __init__(self, *, base_url: str, api_key: str, seconds: float, http: httpx2.AsyncClient | None = None) -> None:
        self._http = http or httpx2.AsyncClient(timeout=httpx2.Timeout(seconds, connect=10.0), trust_env=False)
        self._base = base_url.rstrip("/").removesuffix(f"/{_VERSION}")
        self._key = api_key
        self._auth = {"x-goog-api-key": api_key}
        self._client = genai.Client(
            api_key=api_key,
            vertexai=False,
            # With a client of ours the SDK never takes its aiohttp path, which repeats a cut request once by itself.
            http_options=types.HttpOptions(
                base_url=self._base,
                api_version=_VERSION,
                httpx_async_client=self._http,
                timeout=int(_READ_SECONDS * 1000),
                retry_options=types.HttpRetryOptions(attempts=1),
            ),
        )

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def submit(self, call: Call) -> Accepted | Answer:
        """Returns the operation; raises `NotAccepted` or `OutcomeUnknown`."""
        try:
            row = resolve("video", self.vendor, call.model).model.film
        except InvalidInput as error:
            raise NotAccepted(error.message, reason="unknown_model") from error
        wire = (row.wire if row else "") or call.model
        try:
            answer = await self._http.post(
                f"{self._base}/{_VERSION}/models/{wire}:predictLongRunning",
                json=body(call),
                headers={**self._auth, SUBMISSION_HEADER: call.submission_id},
                follow_redirects=False,
            )
            if answer.status_code >= 400:
                raise self._refused(answer)
            document = answer.json()
        except (httpx2.HTTPError, ValueError) as error:
            raise broken(error) from error
        name = document.get("name") if isinstance(document, dict) else None
        if not isinstance(name, str) or "/operations/" not in name:
            raise OutcomeUnknown("The vendor's answer holds no operation.", charged=True)
        return Accepted(name)

    def _refused(self, answer: httpx2.Response) -> NotAccepted | OutcomeUnknown:
        error = error_of(answer)
        text, code = self._hidden(str(error.get("message", ""))), str(error.get("status", ""))
        low = text.casefold()
        if answer.status_code == 400 and any(word in low for word in _BAD_KEY):
            return NotAccepted(text, reason="vendor_key_refused")
        if answer.status_code == 400 and any(word in low for word in _POLICY):
            return NotAccepted(text, reason="model_refused")
        if answer.status_code == 429:
            # Google uses one code for "too fast" and for "none at all"; only the limit in its words tells them apart.
            if "limit: 0" in low:
                return NotAccepted(text, reason="vendor_quota")
            headers = {**answer.headers, **retry_info(error)}
            return verdict(429, headers, text, code)
        return verdict(answer.status_code, answer.headers, text, code)

    async def poll(self, operation_id: str) -> Pending | Finished | Refused:
        """Asks once; raises `VendorAway`."""
        try:
            operation = await self._operation(operation_id)
        except NotAccepted as error:
            return Refused("operation_gone", error.message, charged=True)
        if not operation.done:
            return Pending(after=_POLL_SECONDS)
        charged = self._charged(operation_id)
        if operation.error:
            text, code = str(operation.error.get("message", "")), operation.error.get("code")
            policy = any(word in text.casefold() for word in _POLICY)
            return Refused(
                "model_refused" if policy else "vendor_failed",
                self._hidden(text) or "The vendor could not make this film.",
                charged=charged,
                retryable=not policy and code not in _FINAL_CODES,
            )
        made = operation.response
        if made and made.generated_videos:
            return Finished({"films": len(made.generated_videos)})
        if made and made.rai_media_filtered_count:
            reasons = "; ".join(made.rai_media_filtered_reasons or ()) or "no reason given"
            return Refused(
                "model_refused", self._hidden(f"The film was held back by a policy: {reasons}"), charged=False
            )
        return Refused("vendor_failed", "The vendor made no film.", charged=charged, retryable=True)

    async def fetch(self, operation_id: str) -> Answer:
        """Returns the film's bytes; raises `VendorAway`, or `NotAccepted` when they are gone."""
        video = await self._video(operation_id)
        if video.video_bytes:
            if len(video.video_bytes) > MAX_FILM:
                raise NotAccepted("The film is larger than 512 MiB.", reason="too_large")
            return Answer(video.video_bytes, sniff(video.video_bytes[:4096]) or "application/octet-stream")

        async def ask() -> str:
            return str((await self._video(operation_id)).uri or "")

        return await film(self._http, ask, own=self._base, headers=self._auth)

    async def _video(self, operation_id: str) -> types.Video:
        operation = await self._operation(operation_id)
        if not operation.done:
            raise VendorAway("The film is not done yet.")
        videos = operation.response.generated_videos if operation.response else None
        video = videos[0].video if videos else None
        if video is None or not (video.uri or video.video_bytes):
            raise NotAccepted("The vendor no longer has this film.", reason="product_gone")
        return video

    async def _operation(self, name: str) -> types.GenerateVideosOperation:
        """The operation as it is now; raises `VendorAway`, and `NotAccepted` when nobody knows it."""
        try:
            return await self._client.aio.operations.get(types.GenerateVideosOperation.model_validate({"name": name}))
        except errors.APIError as error:
            if error.code in (404, 410):
                raise NotAccepted("The vendor no longer knows this film.", reason="product_gone") from error
            raise VendorAway(f"The vendor answered {error.code}.") from error
        except (httpx2.HTTPError, ValueError, TypeError, AttributeError) as error:
            raise VendorAway("The vendor cannot be asked now.") from error

    async def lookup(self, call: Call, since: float) -> Accepted | None:
        """Operations are not listed for a key: a lost one cannot be found."""
        return None

    async def cancel(self, operation_id: str) -> None:
        """A film cannot be stopped at this host."""

    async def check_key(self) -> None:
        """Reads a model's card, which is free; raises `KeyRefused` and `VendorAway`."""
        row = resolve("video", self.vendor).model
        try:
            await self._client.aio.models.get(model=(row.film.wire if row.film else "") or row.id)
        except errors.APIError as error:
            text = str(error.message or "").casefold()
            if error.code in (401, 403) or (error.code == 400 and any(word in text for word in _BAD_KEY)):
                raise KeyRefused("The vendor does not take this key.") from error
            if error.code == 429 and "quota" in text:
                raise KeyRefused("The key is right, but its quota is spent.", reason="quota_exceeded") from error
            if error.code != 404:  # a model that is not there is told to good keys only
                raise VendorAway(f"The vendor answered {error.code}.") from error
        except (httpx2.HTTPError, ValueError) as error:
            raise VendorAway("The vendor cannot be asked now.") from error

    def _charged(self, operation_id: str) -> bool:
        wire = operation_id.removeprefix("models/").partition("/")[0]
        rows = [m for m in house().models if m.vendor == self.vendor and m.kind == "video"]
        return any(m.charged_on_failure for m in rows if wire in (m.id, m.film.wire if m.film else ""))

    def _hidden(self, text: str) -> str:
        return text.replace(self._key, "***")[:_CHARS]


def open_filmer(key: Mapping[str, str], base_url: str, seconds: float) -> VeoFilmer:
    """Returns the adapter for `key["api_key"]` at `base_url` (empty: Google's own); `seconds` is how long a submit may take."""
    return VeoFilmer(base_url=base_url or BASE_URL, api_key=key["api_key"], seconds=seconds)
