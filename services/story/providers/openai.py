"""Writers at hosts that speak OpenAI's API: responses, or chat completions for hosts that only have those. Official SDK, retries off."""

from __future__ import annotations

import json
from typing import Any, Literal

import httpx2
from openai import APIConnectionError, APIStatusError, AsyncOpenAI, OpenAIError

from kit.providers.base import Accepted, Answer, Call, Finished, Idempotency, NotAccepted, Pending, Refused
from kit.providers.http import SUBMISSION_HEADER, broken, hidden, verdict
from services.story.providers.envelope import Status, envelope

Api = Literal["responses", "chat"]


class OpenAIWriter:
    """One answer a call: nothing to poll, nothing to look up."""

    vendor = "openai"
    idempotency = Idempotency.NONE
    resend_unknown = True

    def __init__(
        self,
        api_key: str,
        base_url: str,
        *,
        api: Api = "responses",
        seconds: float = 300.0,
        http: httpx2.AsyncClient | None = None,
    ) -> None:
        self._key = api_key
        self._client = AsyncOpenAI(
            api_key=api_key,
            base_url=base_url,
            max_retries=0,
            timeout=httpx2.Timeout(seconds, connect=10.0),
            http_client=http,
        )
        self._api = api

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.close()

    async def submit(self, call: Call) -> Accepted | Answer:
        """Returns the answer in its envelope; raises `NotAccepted` or `OutcomeUnknown`."""
        try:
            body = await (self._respond(call) if self._api == "responses" else self._chat(call))
        except APIStatusError as error:
            code = str(error.code or error.type or "")
            message = hidden(error.message, self._key)
            raise verdict(error.status_code, error.response.headers, message, code) from error
        except (APIConnectionError, OpenAIError, httpx2.HTTPError) as error:
            raise broken(error) from error
        return self._read(call, body)

    async def poll(self, operation_id: str) -> Pending | Finished | Refused:
        """There are no operations at this host."""
        return Refused("unknown_operation", f"There is no operation {operation_id!r}.")

    async def fetch(self, operation_id: str) -> Answer:
        """There are no operations at this host."""
        raise NotAccepted(f"There is no operation {operation_id!r}.", reason="unknown_operation")

    async def lookup(self, call: Call, since: float) -> Accepted | None:
        """Answers are not kept by the host (`store` is false): a lost one cannot be found."""
        return None

    async def cancel(self, operation_id: str) -> None:
        """An answer cannot be stopped."""

    async def _respond(self, call: Call) -> dict[str, Any]:
        request = call.request
        body: dict[str, Any] = {
            "model": call.model,
            "instructions": request["instructions"],
            "input": request["input"],
            "max_output_tokens": request["max_output_tokens"],
            "store": False,
        }
        if "schema" in request:
            shape = {"type": "json_schema", "name": request["schema_name"], "schema": request["schema"], "strict": True}
            body["text"] = {"format": shape}
        return await self._post("/responses", body, call)

    async def _chat(self, call: Call) -> dict[str, Any]:
        request = call.request
        body: dict[str, Any] = {
            "model": call.model,
            "messages": [
                {"role": "system", "content": request["instructions"]},
                {"role": "user", "content": request["input"]},
            ],
            "max_completion_tokens": request["max_output_tokens"],
        }
        if "schema" in request:
            shape = {"name": request["schema_name"], "schema": request["schema"], "strict": True}
            body["response_format"] = {"type": "json_schema", "json_schema": shape}
        return await self._post("/chat/completions", body, call)

    async def _post(self, path: str, body: dict[str, Any], call: Call) -> dict[str, Any]:
        """Returns the reply as it came: the request is frozen JSON already, and an answer of an odd shape was billed all the same."""
        reply = await self._client.post(
            path, body=body, cast_to=httpx2.Response, options={"headers": {SUBMISSION_HEADER: call.submission_id}}
        )
        try:
            found = json.loads(reply.content)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    def _read(self, call: Call, body: dict[str, Any]) -> Answer:
        status, text, why = _responses(body) if self._api == "responses" else _completions(body)
        why = hidden(why, self._key)
        usage = _object(body.get("usage"))
        names = (
            ("input_tokens", "output_tokens") if self._api == "responses" else ("prompt_tokens", "completion_tokens")
        )
        counts = [usage.get(name) for name in names]
        tokens = (counts[0], counts[1]) if isinstance(counts[0], int) and isinstance(counts[1], int) else None
        return envelope(self.vendor, call.model, status, text, why=why, usage=usage, tokens=tokens)


def _responses(body: dict[str, Any]) -> tuple[Status, str, str]:
    """Reads a response object: the text of all output messages, a refusal, or why it is incomplete."""
    parts = [
        _object(part)
        for item in _list(body.get("output"))
        if _object(item).get("type") == "message"
        for part in _list(_object(item).get("content"))
    ]
    refusals = [str(p.get("refusal", "")) for p in parts if p.get("type") == "refusal"]
    text = "".join(str(p.get("text", "")) for p in parts if p.get("type") == "output_text")
    if refusals:
        return "refused", "", " ".join(refusals)
    if body.get("status") == "incomplete":
        reason = str(_object(body.get("incomplete_details")).get("reason", ""))
        return ("refused", "", reason) if reason == "content_filter" else ("cut_off", text, reason)
    if body.get("status") in ("failed", "cancelled"):
        return "failed", "", str(_object(body.get("error")).get("message", ""))
    return "ok", text, ""


def _completions(body: dict[str, Any]) -> tuple[Status, str, str]:
    """Reads a chat completion: its first choice."""
    choices = _list(body.get("choices"))
    choice = _object(choices[0]) if choices else {}
    message = _object(choice.get("message"))
    text = str(message.get("content") or "")
    match choice.get("finish_reason"):
        case "length":
            return "cut_off", text, "length"
        case "content_filter":
            return "refused", "", "content_filter"
    if message.get("refusal"):
        return "refused", "", str(message["refusal"])
    return "ok", text, ""


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
