"""Chat completions and responses, with structured output."""

from __future__ import annotations

import secrets
import time

from simulator.catalogue import Model
from simulator.content.prompt import Prompt
from simulator.content.texts import Text, write
from simulator.door import Answer, Ask, World
from simulator.faults import Fault
from simulator.jsons import Json, as_dict, as_int, as_list, as_str, compact
from simulator.openai_face.errors import OpenAIErrors, error, model_of


class ChatDesk:
    """POST /chat/completions."""

    vendor, kind, op = "openai", "text", "submit"
    errors = OpenAIErrors()

    def __init__(self, world: World) -> None:
        self._world = world

    def look(self, ask: Ask) -> tuple[str, str]:
        """Check model, messages and schema; return (model, all words)."""
        model = model_of(self._world.catalogue, ask.fields.get("model"), "text")
        if not as_list(ask.fields.get("messages")):
            raise error(400, "Missing required parameter: 'messages'.", "missing_required_parameter", "messages")
        _refuse(ask.fields, model, "max_tokens", "max_completion_tokens")
        _schema(ask.fields.get("response_format"), "response_format")
        return model.id, _prompt(ask.fields.get("messages"), "").text

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Return a chat completion."""
        model = model_of(self._world.catalogue, ask.fields.get("model"), "text")
        schema, any_json = _schema(ask.fields.get("response_format"), "response_format")
        limit = as_int(ask.fields.get("max_completion_tokens") or ask.fields.get("max_tokens"), 0) or None
        made = write(_prompt(ask.fields.get("messages"), ""), schema, any_json, limit, fault)
        refused = made.ending == "refusal"
        message: Json = {
            "role": "assistant",
            "content": None if refused else made.text,
            "refusal": None,
            "annotations": [],
        }
        if refused:
            message["refusal"] = made.text
        identity = f"chatcmpl-{secrets.token_hex(12)}"
        choice: Json = {"index": 0, "message": message, "logprobs": None}
        choice["finish_reason"] = "length" if made.ending == "length" else "stop"
        body: Json = {"id": identity, "object": "chat.completion", "created": int(time.time()), "model": model.id}
        body |= {"choices": [choice], "service_tier": "default", "system_fingerprint": None}
        body["usage"] = {
            "prompt_tokens": made.tokens_in,
            "completion_tokens": made.tokens_out,
            "total_tokens": made.tokens_in + made.tokens_out,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
        }
        return _billed(body, model, made, identity)


class ResponsesDesk:
    """POST /responses."""

    vendor, kind, op = "openai", "text", "submit"
    errors = OpenAIErrors()

    def __init__(self, world: World) -> None:
        self._world = world

    def look(self, ask: Ask) -> tuple[str, str]:
        """Check model, input and schema; return (model, all words)."""
        model = model_of(self._world.catalogue, ask.fields.get("model"), "text")
        if not ask.fields.get("input"):
            raise error(400, "Missing required parameter: 'input'.", "missing_required_parameter", "input")
        _refuse(ask.fields, model, "max_tokens", "max_output_tokens")
        _schema(as_dict(ask.fields.get("text")).get("format"), "text.format")
        return model.id, self._prompt(ask).text

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Return a response object: completed, or incomplete with `max_output_tokens`; a refusal is a content part."""
        model = model_of(self._world.catalogue, ask.fields.get("model"), "text")
        text = as_dict(ask.fields.get("text"))
        schema, any_json = _schema(text.get("format"), "text.format")
        limit = as_int(ask.fields.get("max_output_tokens"), 0) or None
        made = write(self._prompt(ask), schema, any_json, limit, fault)
        cut = made.ending == "length"
        status = "incomplete" if cut else "completed"
        part: Json = {"type": "output_text", "text": made.text, "annotations": [], "logprobs": []}
        if made.ending == "refusal":
            part = {"type": "refusal", "refusal": made.text}
        identity, now = f"resp_{secrets.token_hex(16)}", int(time.time())
        message: Json = {"id": f"msg_{secrets.token_hex(16)}", "type": "message", "status": status, "role": "assistant"}
        body: Json = {"id": identity, "object": "response", "created_at": now, "status": status, "background": False}
        body |= {
            "completed_at": None if cut else now,
            "error": None,
            "model": model.id,
            "output": [{**message, "content": [part]}],
        }
        body |= {"incomplete_details": {"reason": "max_output_tokens"} if cut else None, "parallel_tool_calls": True}
        body |= {
            "instructions": ask.fields.get("instructions"),
            "max_output_tokens": limit,
            "previous_response_id": None,
        }
        body |= {
            "metadata": as_dict(ask.fields.get("metadata")),
            "temperature": 1.0,
            "top_p": 1.0,
            "truncation": "disabled",
        }
        body |= {
            "tool_choice": "auto",
            "tools": [],
            "store": ask.fields.get("store", True),
            "text": text or {"format": {"type": "text"}},
        }
        body |= {"reasoning": {"effort": None, "summary": None}, "user": None}
        body["usage"] = {
            "input_tokens": made.tokens_in,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": made.tokens_out,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": made.tokens_in + made.tokens_out,
        }
        return _billed(body, model, made, identity)

    @staticmethod
    def _prompt(ask: Ask) -> Prompt:
        return _prompt(ask.fields.get("input"), as_str(ask.fields.get("instructions")))


def _billed(body: Json, model: Model, made: Text, identity: str) -> Answer:
    price = made.tokens_in * model.price_in + made.tokens_out * model.price_out
    units: Json = {"input_tokens": made.tokens_in, "output_tokens": made.tokens_out}
    headers = {"content-type": "application/json", "x-request-id": f"req_{secrets.token_hex(16)}"}
    return Answer(compact(body), headers=headers, units=units, price=price, operation=identity)


def _prompt(messages: object, instructions: str) -> Prompt:
    """Return the words of messages (chat or responses; text or content parts) by role."""
    if isinstance(messages, str):
        return Prompt(instructions, messages)
    system: list[str] = [instructions] if instructions else []
    user: list[str] = []
    for message in map(as_dict, as_list(messages)):
        content = message.get("content")
        words = (
            content if isinstance(content, str) else "\n".join(as_str(as_dict(p).get("text")) for p in as_list(content))
        )
        (system if message.get("role") in ("system", "developer") else user).append(words)
    return Prompt("\n".join(system), "\n".join(user))


def _refuse(fields: Json, model: Model, old: str, new: str) -> None:
    """Raise the 400s that the living text models give for outdated parameters and for streaming (not simulated)."""
    if old in fields and model.id not in ("gpt-4o", "gpt-4.1"):
        text = f"Unsupported parameter: '{old}' is not supported with this model. Use '{new}' instead."
        raise error(400, text, "unsupported_parameter", old)
    if model.id.startswith("gpt-5") and fields.get("temperature") not in (None, 1, 1.0):
        text = "Unsupported value: 'temperature' does not support this value with this model. Only the default (1) is supported."
        raise error(400, text, "unsupported_value", "temperature")
    if fields.get("stream"):
        raise error(400, "Unsupported value: the simulator does not stream.", "unsupported_value", "stream")


def _schema(form: object, where: str) -> tuple[Json | None, bool]:
    """Return (schema, whether any JSON object will do); raise 400 for what strict structured output forbids."""
    source = as_dict(form)
    kind = source.get("type")
    if kind != "json_schema":
        return None, kind == "json_object"
    inner = as_dict(source.get("json_schema")) if "json_schema" in source else source
    if not as_str(inner.get("name")):
        raise error(400, f"Missing required parameter: '{where}.name'.", "missing_required_parameter", f"{where}.name")
    schema = as_dict(inner.get("schema"))
    if inner.get("strict"):
        _strict(schema, (), as_str(inner.get("name")), where)
    return schema, False


def _strict(node: object, path: tuple[str, ...], name: str, where: str) -> None:
    """Raise 400 unless every object of the schema closes itself and requires all its properties."""
    source = as_dict(node)
    properties = as_dict(source.get("properties"))
    at = f"Invalid schema for {where.split('.')[0]} '{name}': In context={path}, "
    if source.get("type") == "object" or properties:
        if source.get("additionalProperties") is not False:
            text = at + "'additionalProperties' is required to be supplied and to be false."
            raise error(400, text, "invalid_json_schema", where)
        missing = set(properties) - set(map(as_str, as_list(source.get("required"))))
        if missing:
            text = (
                at
                + f"'required' is required to be supplied and to be an array including every key. Missing {sorted(missing)}."
            )
            raise error(400, text, "invalid_json_schema", where)
    for group in ("properties", "$defs"):
        for key, value in as_dict(source.get(group)).items():
            _strict(value, (*path, group, key), name, where)
    if "items" in source:
        _strict(source["items"], (*path, "items"), name, where)
    for at_branch, branch in enumerate(as_list(source.get("anyOf"))):
        _strict(branch, (*path, "anyOf", str(at_branch)), name, where)
