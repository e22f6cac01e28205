"""Writers at Google's Gemini, with the official SDK; it retries nothing unless told to, and is not told to."""

from __future__ import annotations

import httpx2
from google import genai
from google.genai import errors, types

from kit.providers.base import Accepted, Answer, Call, Finished, Idempotency, NotAccepted, Pending, Refused
from kit.providers.http import SUBMISSION_HEADER, broken, hidden, verdict
from services.story.providers.envelope import Status, envelope

_POLICY = frozenset({"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "LANGUAGE"})


class GeminiWriter:
    """models.generate_content with a JSON schema. Sampling settings are deprecated by the vendor and not sent."""

    vendor = "gemini"
    idempotency = Idempotency.NONE
    resend_unknown = True

    def __init__(
        self, api_key: str, base_url: str, *, seconds: float = 300.0, http: httpx2.AsyncClient | None = None
    ) -> None:
        # With a client of ours the SDK never takes its aiohttp path, which repeats a cut request once by itself.
        self._http = http or httpx2.AsyncClient(timeout=httpx2.Timeout(seconds, connect=10.0))
        self._seconds = seconds
        self._key = api_key
        self._client = genai.Client(
            api_key=api_key,
            vertexai=False,
            http_options=types.HttpOptions(base_url=base_url, httpx_async_client=self._http),
        )

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def submit(self, call: Call) -> Accepted | Answer:
        """Returns the answer in its envelope; raises `NotAccepted` or `OutcomeUnknown`."""
        request = call.request
        config = types.GenerateContentConfig(
            system_instruction=str(request["instructions"]),
            max_output_tokens=int(request["max_output_tokens"]),
            http_options=types.HttpOptions(
                headers={SUBMISSION_HEADER: call.submission_id}, timeout=int(self._seconds * 1000)
            ),
        )
        if "schema" in request:
            config.response_mime_type = "application/json"
            config.response_json_schema = request["schema"]
        try:
            reply = await self._client.aio.models.generate_content(
                model=call.model, contents=str(request["input"]), config=config
            )
        except errors.APIError as error:
            headers = getattr(error.response, "headers", None) or {}
            message = hidden(error.message or "", self._key)
            raise verdict(error.code, headers, message, error.status or "") from error
        except (httpx2.HTTPError, ValueError) as error:
            raise broken(error) from error
        return self._read(call, reply)

    async def poll(self, operation_id: str) -> Pending | Finished | Refused:
        """There are no operations at this host."""
        return Refused("unknown_operation", f"There is no operation {operation_id!r}.")

    async def fetch(self, operation_id: str) -> Answer:
        """There are no operations at this host."""
        raise NotAccepted(f"There is no operation {operation_id!r}.", reason="unknown_operation")

    async def lookup(self, call: Call, since: float) -> Accepted | None:
        """Answers are not listed by the host: a lost one cannot be found."""
        return None

    async def cancel(self, operation_id: str) -> None:
        """An answer cannot be stopped."""

    def _read(self, call: Call, reply: types.GenerateContentResponse) -> Answer:
        usage = reply.usage_metadata
        units = usage.model_dump(mode="json", exclude_none=True) if usage else {}
        tokens = None
        if usage and usage.prompt_token_count is not None:
            # Thinking is billed as output.
            tokens = (usage.prompt_token_count, (usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0))
        status, text, why = _outcome(reply)
        return envelope(self.vendor, call.model, status, text, why=why, usage=units, tokens=tokens)


def _outcome(reply: types.GenerateContentResponse) -> tuple[Status, str, str]:
    feedback = reply.prompt_feedback
    if feedback and feedback.block_reason:
        return "refused", "", feedback.block_reason.value
    candidate = reply.candidates[0] if reply.candidates else None
    if candidate is None:
        return "ok", "", ""
    parts = (candidate.content.parts if candidate.content else None) or []
    text = "".join(part.text for part in parts if part.text and not part.thought)
    reason = candidate.finish_reason.value if candidate.finish_reason else ""
    if reason in _POLICY:
        return "refused", "", reason
    if reason == "MAX_TOKENS":
        return "cut_off", text, reason
    return "ok", text, ""
