"""Pictures from hosts that speak OpenAI's images API, with the official SDK and its retries off."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Literal

import httpx2
from openai import APIStatusError, AsyncOpenAI, OpenAIError
from openai.types import ImagesResponse

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
from kit.providers.catalogue import Model, resolve
from kit.providers.http import SUBMISSION_HEADER, broken, hidden, verdict

Quality = Literal["low", "medium", "high", "auto"]


class OpenAIPainter:
    """images.generate, or images.edit when there are references. The answer holds the picture: there is nothing to poll."""

    vendor = "openai"
    idempotency = Idempotency.NONE
    resend_unknown = False

    def __init__(
        self,
        *,
        base_url: str,
        api_key: str,
        seconds: float,
        quality: Quality = "medium",
        http: httpx2.AsyncClient | None = None,
    ) -> None:
        self._key = api_key
        self._client = AsyncOpenAI(
            base_url=base_url,
            api_key=api_key,
            max_retries=0,
            timeout=httpx2.Timeout(seconds, connect=10.0),
            http_client=http,
        )
        self._quality: Quality = quality

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.close()

    async def submit(self, call: Call) -> Accepted | Answer:
        """Returns the picture; raises `NotAccepted` or `OutcomeUnknown`."""
        try:
            reply = await self._send(call)
        except APIStatusError as error:
            code = str(error.code or error.type or "")
            message = hidden(error.message, self._key)
            raise verdict(error.status_code, error.response.headers, message, code) from error
        except (OpenAIError, httpx2.HTTPError, ValueError) as error:
            raise broken(error) from error
        return _answer(reply, resolve("image", self.vendor, call.model).model)

    async def _send(self, call: Call) -> ImagesResponse:
        headers = {SUBMISSION_HEADER: call.submission_id}
        prompt, size = str(call.request["prompt"]), str(call.request.get("size") or "1024x1536")
        pictures = files(call.request.get("references", ()), call.files)
        if pictures:
            return await self._client.images.edit(
                model=call.model,
                prompt=prompt,
                image=pictures,
                size=size,
                quality=self._quality,
                n=1,
                extra_headers=headers,
            )
        return await self._client.images.generate(
            model=call.model,
            prompt=prompt,
            size=size,
            quality=self._quality,
            n=1,
            extra_headers=headers,
        )

    async def poll(self, operation_id: str) -> Pending | Finished | Refused:
        """There are no operations at this host."""
        return Refused("unknown_operation", f"There is no operation {operation_id!r}.")

    async def fetch(self, operation_id: str) -> Answer:
        """There are no operations at this host."""
        raise NotAccepted(f"There is no operation {operation_id!r}.", reason="unknown_operation")

    async def lookup(self, call: Call, since: float) -> Accepted | None:
        """Pictures are not listed by the host: a lost one cannot be found."""
        return None

    async def cancel(self, operation_id: str) -> None:
        """A picture cannot be stopped."""


def files(references: Sequence[Mapping[str, str]], data: Mapping[str, bytes]) -> list[tuple[str, bytes, str]]:
    """Returns the references in their order as the SDK takes files: name, bytes, content type."""
    named = [(ref["name"], data[ref["name"]]) for ref in references]
    return [(f"{name}.png", content, sniff(content[:64]) or "image/png") for name, content in named]


def _answer(reply: object, model: Model) -> Answer:
    # The SDK hands on whatever came with a 200, a proxy's page too.
    if not isinstance(reply, ImagesResponse):
        raise broken(ValueError("the answer is no JSON"))
    first = reply.data[0] if reply.data else None
    try:
        body = base64.b64decode(first.b64_json, validate=True) if first and first.b64_json else b""
    except binascii.Error as error:
        raise broken(error) from error
    if not body:
        # It was billed all the same, and a person must know.
        raise OutcomeUnknown("The vendor's answer holds no picture.", charged=True)
    units = reply.usage.model_dump(mode="json") if reply.usage else {}
    return Answer(body, sniff(body[:64]) or "application/octet-stream", units, _cost(reply, model))


def _cost(reply: ImagesResponse, model: Model) -> int | None:
    """The vendor's own units at the catalogue's prices, nano-USD; None when it names none or they have no price."""
    usage, prices = reply.usage, model.prices
    if usage is None or not {"input_tokens", "image_input_tokens", "output_tokens"} <= prices.keys():
        return None
    seen = usage.input_tokens_details.image_tokens if usage.input_tokens_details else 0
    return (
        (usage.input_tokens - seen) * prices["input_tokens"]
        + seen * prices["image_input_tokens"]
        + usage.output_tokens * prices["output_tokens"]
    )
