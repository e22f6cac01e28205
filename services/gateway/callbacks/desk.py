"""Which vendor proves itself how, and where its body names the operation.

Every URL that was given with a call carries a token of ours. OpenAI's webhooks are set up once for an account, so theirs carries none and
the signature alone is the proof. Runway, Luma, Kling, MiniMax, Seedance and providers of third parties sign nothing that can be checked.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from kit import callbacks
from services.gateway.body import check_content_type, parse_object
from services.gateway.callbacks.fal import FalSignature, PublishedKeys
from services.gateway.callbacks.proof import Callback, Verifier, unverified
from services.gateway.callbacks.standard import StandardSignature
from services.gateway.config import GatewaySettings

OPENAI, REPLICATE, FAL, MINIMAX = "openai", "replicate", "fal", "minimax"
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_OPERATION = re.compile(r"[A-Za-z0-9._:-]{1,200}")
_MAX_CHALLENGE = 1024
_NAMED: Mapping[str, tuple[tuple[str, ...], ...]] = {
    OPENAI: (("data", "id"),),
    FAL: (("request_id",),),
    MINIMAX: (("task_id",), ("task", "id")),
}
"""Where a body names its operation, for vendors whose lost calls no list shows."""
_ENDS = frozenset({"video.completed", "video.failed"})
"""OpenAI's events that a film waits for; others of the same account are heard without effect."""


@dataclass(frozen=True)
class Heard:
    """What a verified callback is for: the paid call or the operation; nothing when both are empty. `challenge` is to be repeated."""

    submission_id: str = ""
    operation_id: str = ""
    challenge: str = ""


class CallbackDesk:
    """Verifies callbacks of all vendors. `secret` is what the tokens are made with, `signatures` are those of vendors that sign."""

    def __init__(self, secret: str, signatures: Mapping[str, Verifier]) -> None:
        self._secret = secret
        self._signatures = signatures

    def admit(self, vendor: str, query: Mapping[str, str]) -> None:
        """Raises the refusal of what can be refused before its body is read: a URL that is not ours."""
        if vendor == OPENAI:
            if OPENAI not in self._signatures:
                raise unverified()
            return
        submission, key, token = (query.get(name, "") for name in ("submission", "key", "token"))
        # Compared also for what is no id, so that the time tells nothing.
        ours = callbacks.is_ours(self._secret, vendor, submission, key, token)
        if not ours or _UUID.fullmatch(submission) is None:
            raise unverified()

    async def hear(self, vendor: str, query: Mapping[str, str], callback: Callback) -> Heard:
        """Returns what a callback is for; raises a 401 when it is not proved, and a 400 or 422 for a body that cannot be read."""
        self.admit(vendor, query)
        if (signature := self._signatures.get(vendor)) is not None and _signs(vendor, query):
            await signature.verify(callback)
        if vendor == OPENAI:
            told = await _object(callback)
            return Heard(operation_id=_operation(vendor, told) if told.get("type") in _ENDS else "")
        # What nothing is taken from is not even read.
        told = await _object(callback) if vendor in _NAMED else {}
        challenge = told.get("challenge")
        if vendor == MINIMAX and isinstance(challenge, str) and 0 < len(challenge) <= _MAX_CHALLENGE:
            return Heard(challenge=challenge)
        return Heard(query["submission"], _operation(vendor, told))


def _signs(vendor: str, query: Mapping[str, str]) -> bool:
    # Replicate's secret is its account's: of a user's key there is none here, and the token is the proof.
    return vendor != REPLICATE or query.get("key") == callbacks.OPERATOR


async def _object(callback: Callback) -> dict[str, Any]:
    if not callback.body.strip():
        return {}
    check_content_type(callback.headers.get("content-type", ""))
    return await asyncio.to_thread(parse_object, callback.body)


def _operation(vendor: str, told: Mapping[str, Any]) -> str:
    for path in _NAMED.get(vendor, ()):
        found: Any = told
        for name in path:
            found = found.get(name) if isinstance(found, dict) else None
        if isinstance(found, str) and _OPERATION.fullmatch(found):
            return found
    return ""


@asynccontextmanager
async def open_callbacks(settings: GatewaySettings) -> AsyncIterator[CallbackDesk]:
    """Yields the desk with the signatures that can be checked here."""
    signatures: dict[str, Verifier] = {}
    for vendor, secrets in ((OPENAI, settings.openai_secrets), (REPLICATE, settings.replicate_secrets)):
        if secrets:
            signatures[vendor] = StandardSignature(secrets)
    limits = httpx.Limits(max_connections=2, max_keepalive_connections=0)
    async with httpx.AsyncClient(timeout=5.0, limits=limits, trust_env=False, follow_redirects=False) as http:
        signatures[FAL] = FalSignature(PublishedKeys(settings.fal_jwks_url, http))
        yield CallbackDesk(settings.internal_secret.get_secret_value(), signatures)
