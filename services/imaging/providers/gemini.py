"""Pictures from Gemini's image models, with the official SDK; it retries nothing unless told to, and is not told to."""

from __future__ import annotations

import httpx2
from google import genai
from google.genai import errors, types

from kit.blobs import sniff
from kit.providers.base import (
    Accepted,
    Answer,
    Call,
    Finished,
    Idempotency,
    NotAccepted,
    OutcomeUnknown,
    Pending,
    Refused,
)
from kit.providers.catalogue import resolve
from kit.providers.http import SUBMISSION_HEADER, broken, hidden, verdict

POLICY = frozenset(
    {
        "IMAGE_SAFETY",
        "IMAGE_PROHIBITED_CONTENT",
        "IMAGE_RECITATION",
        "NO_IMAGE",
        "PROHIBITED_CONTENT",
        "SAFETY",
        "RECITATION",
        "BLOCKLIST",
        "SPII",
    }
)
"""Finish reasons by which the model says no: the same request would be refused again."""

_VERSION = "v1beta"
_REFUSED = "refused:"


class GeminiPainter:
    """models.generate_content with an image configuration of 9:16; references are inline parts before the prompt."""

    vendor = "gemini"
    idempotency = Idempotency.NONE
    resend_unknown = False

    def __init__(self, *, base_url: str, api_key: str, seconds: float, http: httpx2.AsyncClient | None = None) -> None:
        # With a client of ours the SDK never takes its aiohttp path, which repeats a cut request once by itself.
        self._http = http or httpx2.AsyncClient(timeout=httpx2.Timeout(seconds, connect=10.0))
        self._seconds = seconds
        self._key = api_key
        self._client = genai.Client(
            api_key=api_key,
            vertexai=False,
            # Image settings live in v1beta; a base that names the version already is taken as it is meant.
            http_options=types.HttpOptions(
                base_url=base_url.rstrip("/").removesuffix(f"/{_VERSION}"),
                api_version=_VERSION,
                httpx_async_client=self._http,
            ),
        )

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def submit(self, call: Call) -> Accepted | Answer:
        """Returns the picture, or an operation that is already refused; raises `NotAccepted` or `OutcomeUnknown`."""
        pictures = [call.files[ref["name"]] for ref in call.request.get("references", ())]
        parts = [types.Part.from_bytes(data=p, mime_type=sniff(p[:64]) or "image/png") for p in pictures]
        parts.append(types.Part.from_text(text=str(call.request["prompt"])))
        config = types.GenerateContentConfig(
            response_modalities=["IMAGE"],
            image_config=types.ImageConfig(
                aspect_ratio=str(call.request.get("aspect_ratio") or "9:16"),
                image_size=str(call.request.get("size") or "1K"),
            ),
            http_options=types.HttpOptions(
                headers={SUBMISSION_HEADER: call.submission_id}, timeout=int(self._seconds * 1000)
            ),
        )
        try:
            reply = await self._client.aio.models.generate_content(
                model=call.model, contents=[types.Content(role="user", parts=parts)], config=config
            )
        except errors.APIError as error:
            headers = getattr(error.response, "headers", None) or {}
            message = hidden(error.message or "", self._key)
            raise verdict(error.code, headers, message, error.status or "") from error
        except (httpx2.HTTPError, ValueError) as error:
            raise broken(error) from error
        return self._answer(reply, call)

    def _answer(self, reply: types.GenerateContentResponse, call: Call) -> Accepted | Answer:
        usage = reply.usage_metadata
        units = usage.model_dump(mode="json", exclude_none=True) if usage else {}
        for candidate in reply.candidates or ():
            for part in (candidate.content.parts if candidate.content else None) or ():
                if part.inline_data and part.inline_data.data and not part.thought:
                    body = part.inline_data.data
                    return Answer(body, sniff(body[:64]) or "application/octet-stream", units)
        reason = self._refusal(reply)
        if reason in POLICY:
            # An answer that says no is an outcome like any other: it is recorded, with or without its price.
            charged = resolve("image", self.vendor, call.model).model.charged_on_failure
            return Accepted(f"{_REFUSED}{'charged' if charged else 'free'}:{reason}")
        raise OutcomeUnknown(f"The vendor's answer holds no picture ({reason or 'no reason given'}).", charged=True)

    def _refusal(self, reply: types.GenerateContentResponse) -> str:
        """The word by which the prompt or the picture was refused; empty when there is none."""
        feedback = reply.prompt_feedback
        if feedback and feedback.block_reason:
            blocked = feedback.block_reason.value
            return blocked if blocked in POLICY else "PROHIBITED_CONTENT"
        reasons = [candidate.finish_reason.value for candidate in reply.candidates or () if candidate.finish_reason]
        return next((reason for reason in reasons if reason in POLICY), reasons[0] if reasons else "")

    async def poll(self, operation_id: str) -> Pending | Finished | Refused:
        """Returns the refusal that `submit` has found; there are no other operations at this host."""
        if not operation_id.startswith(_REFUSED):
            return Refused("unknown_operation", f"There is no operation {operation_id!r}.")
        charged, _, reason = operation_id.removeprefix(_REFUSED).partition(":")
        return Refused("model_refused", f"The model refused to draw this: {reason}.", charged=charged == "charged")

    async def fetch(self, operation_id: str) -> Answer:
        """There are no operations at this host."""
        raise NotAccepted(f"There is no operation {operation_id!r}.", reason="unknown_operation")

    async def lookup(self, call: Call, since: float) -> Accepted | None:
        """Answers are not listed by the host: a lost one cannot be found."""
        return None

    async def cancel(self, operation_id: str) -> None:
        """A picture cannot be stopped."""
