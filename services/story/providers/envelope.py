"""The one form in which every vendor's answer is kept: whatever it says, it was billed, and a later worker can read it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from kit.errors import InvalidInput
from kit.jsonio import dumps
from kit.providers.base import Answer
from kit.providers.catalogue import price, resolve

Status: TypeAlias = Literal["ok", "refused", "cut_off", "failed"]


def envelope(
    vendor: str,
    model: str,
    status: Status,
    text: str,
    *,
    why: str = "",
    usage: Mapping[str, Any],
    tokens: tuple[int, int] | None,
) -> Answer:
    """Returns the answer; `tokens` (in, out) are priced by the catalogue, None leaves the cost to the price that was held."""
    body = dumps({"status": status, "text": text, "why": why}).encode("utf-8", errors="replace")
    cost = None if tokens is None else cost_of(vendor, model, *tokens)
    return Answer(body, "application/json", dict(usage), cost)


def cost_of(vendor: str, model: str, tokens_in: int, tokens_out: int) -> int | None:
    """Returns nano-USD at the catalogue's prices; None for a model that it no longer knows or prices otherwise."""
    try:
        known = resolve("text", vendor, model).model
    except InvalidInput:
        return None
    if not {"input_tokens", "output_tokens"} <= known.prices.keys():
        return None
    return price(known, input_tokens=tokens_in, output_tokens=tokens_out)
