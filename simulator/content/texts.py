"""A text answer: schema-true JSON or prose, and what a fault makes of it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from simulator.content.prompt import Prompt
from simulator.content.schema import SchemaWriter
from simulator.content.teller import Teller
from simulator.faults import Fault
from simulator.jsons import Json


@dataclass(frozen=True)
class Text:
    """An answer and how it ended: `stop`, `length` (cut off) or `refusal`; with its token counts."""

    text: str
    ending: str
    tokens_in: int
    tokens_out: int


def tokens(text: str) -> int:
    """Return a rough token count: four letters of Latin script, one and a half of any other."""
    latin = sum(c < "\u0250" for c in text)
    return max(1, latin // 4 + (len(text) - latin) * 2 // 3)


def write(prompt: Prompt, schema: Json | None, any_json: bool, limit: int | None, fault: Fault | None) -> Text:
    """Return the answer to a prompt. `schema` asks for JSON of that shape, `any_json` for some object; `limit` is in tokens.

    Faults: `refusal`; `malformed` with variant `not_json` (default), `bad_schema` or `truncated`.
    """
    spent = tokens(prompt.text)
    broken = fault.variant or "not_json" if fault and fault.type == "malformed" else ""
    if fault and fault.type == "refusal":
        text = fault.message or "I'm sorry, but I can't help with that request."
        return Text(text, "refusal", spent, tokens(text))
    if schema is not None or any_json:
        value = (
            {"unexpected": True}
            if broken == "bad_schema"
            else SchemaWriter(schema, prompt).write()
            if schema
            else _note(prompt)
        )
        text = json.dumps(value, ensure_ascii=False)
    else:
        text = " ".join(Teller(prompt).sentence(prompt.lexicon.notes + prompt.lexicon.plots, at) for at in range(4))
    if broken == "not_json":
        text = f"Sure! Here is what you asked for:\n{text[: len(text) // 2]} ..."
    if broken == "truncated":
        return Text(text[: len(text) * 2 // 3], "length", spent, tokens(text) * 2 // 3)
    if limit is not None and tokens(text) > limit:
        return Text(text[: max(1, len(text) * limit // tokens(text))], "length", spent, limit)
    return Text(text, "stop", spent, tokens(text))


def _note(prompt: Prompt) -> Json:
    teller = Teller(prompt)
    return {"title": teller.sentence(prompt.lexicon.titles, 0), "text": teller.sentence(prompt.lexicon.plots, 1)}
