"""Who may come in: the rule of every route, and the keys."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from enum import Enum

from kit.context import Caller, Role
from kit.identity import DEFAULT_ACCOUNT_ID
from services.gateway.problems import Problem

MISSING_KEY = "Missing API key. Provide via 'Authorization: Bearer <key>' header"
WRONG_KEY = "Invalid API key"


class Access(Enum):
    """The rule of a route."""

    OPEN = "open"
    ACCOUNT = "account"
    LOOPBACK = "loopback"


RULES: Mapping[str, Access] = {
    "/": Access.OPEN,
    "/health": Access.OPEN,
    "/docs": Access.OPEN,
    "/docs/{name}": Access.OPEN,
    "/redoc": Access.OPEN,
    "/openapi.json": Access.OPEN,
    "/media/{name}": Access.OPEN,
    "/metrics": Access.LOOPBACK,
    "/asset-library/list": Access.ACCOUNT,
    "/asset-library/upload": Access.ACCOUNT,
    "/asset-library/{asset_id}": Access.ACCOUNT,
    "/asset-library/{asset_id}/metadata": Access.ACCOUNT,
    "/dramas": Access.ACCOUNT,
    "/dramas/{drama_id}": Access.ACCOUNT,
    "/dramas/{drama_id}/improve": Access.ACCOUNT,
    "/dramas/{drama_id}/critique": Access.ACCOUNT,
    "/dramas/{drama_id}/critic": Access.ACCOUNT,
    "/dramas/{drama_id}/generate": Access.ACCOUNT,
    "/dramas/{drama_id}/episodes/{episode_id}/generate": Access.ACCOUNT,
    "/dramas/{drama_id}/execute": Access.ACCOUNT,
    "/dramas/{drama_id}/resume": Access.ACCOUNT,
    "/dramas/{drama_id}/cover_photo": Access.ACCOUNT,
    "/dramas/{drama_id}/characters/{character_id}/audition": Access.ACCOUNT,
    "/dramas/{drama_id}/jobs": Access.ACCOUNT,
    "/dramas/{drama_id}/jobs/{job_id}": Access.ACCOUNT,
    "/dramas/{drama_id}/jobs/{job_id}/cancel": Access.ACCOUNT,
    "/dramas/{drama_id}/submissions": Access.ACCOUNT,
    "/dramas/{drama_id}/events": Access.ACCOUNT,
    "/jobs": Access.ACCOUNT,
    "/jobs/{job_id}": Access.ACCOUNT,
    "/submissions/{submission_id}/resolve": Access.ACCOUNT,
    "/webhooks": Access.ACCOUNT,
    "/webhooks/{webhook_id}": Access.ACCOUNT,
    "/webhooks/{webhook_id}/rotate": Access.ACCOUNT,
    "/webhooks/{webhook_id}/test": Access.ACCOUNT,
    "/webhooks/{webhook_id}/deliveries": Access.ACCOUNT,
    "/webhooks/{webhook_id}/deliveries/{delivery_id}/replay": Access.ACCOUNT,
    "/webhooks/{webhook_id}/replay": Access.ACCOUNT,
    "/dramas/{drama_id}/characters": Access.ACCOUNT,
    "/dramas/{drama_id}/characters/{character_id}": Access.ACCOUNT,
    "/dramas/{drama_id}/characters/{character_id}/generate": Access.ACCOUNT,
    "/dramas/{drama_id}/episodes": Access.ACCOUNT,
    "/dramas/{drama_id}/episodes/{episode_id}": Access.ACCOUNT,
    "/dramas/{drama_id}/episodes/{episode_id}/stitch": Access.ACCOUNT,
    "/dramas/{drama_id}/episodes/{episode_id}/scenes": Access.ACCOUNT,
    "/dramas/{drama_id}/episodes/{episode_id}/scenes/{scene_id}": Access.ACCOUNT,
    "/dramas/{drama_id}/episodes/{episode_id}/scenes/{scene_id}/generate": Access.ACCOUNT,
    "/dramas/{drama_id}/assets": Access.ACCOUNT,
    "/dramas/{drama_id}/assets/{asset_id}": Access.ACCOUNT,
    "/dramas/{drama_id}/characters/{character_id}/assets": Access.ACCOUNT,
    "/dramas/{drama_id}/characters/{character_id}/assets/{asset_id}": Access.ACCOUNT,
    "/dramas/{drama_id}/episodes/{episode_id}/assets": Access.ACCOUNT,
    "/dramas/{drama_id}/episodes/{episode_id}/assets/{asset_id}": Access.ACCOUNT,
    "/dramas/{drama_id}/episodes/{episode_id}/scenes/{scene_id}/assets": Access.ACCOUNT,
    "/dramas/{drama_id}/episodes/{episode_id}/scenes/{scene_id}/assets/{asset_id}": Access.ACCOUNT,
    "/dramas/{drama_id}/characters/{character_id}/assets/{asset_id}/generate": Access.ACCOUNT,
    "/dramas/{drama_id}/episodes/{episode_id}/scenes/{scene_id}/assets/{asset_id}/generate": Access.ACCOUNT,
    "/dramas/{drama_id}/plan": Access.ACCOUNT,
    "/dramas/{drama_id}/takes": Access.ACCOUNT,
    "/dramas/{drama_id}/takes/{take_id}/choose": Access.ACCOUNT,
    "/dramas/{drama_id}/jobs/{job_id}/retry": Access.ACCOUNT,
    "/jobs/{job_id}/cancel": Access.ACCOUNT,
    "/jobs/{job_id}/retry": Access.ACCOUNT,
    "/dead-letters": Access.ACCOUNT,
    "/dead-letters/{job_id}/redrive": Access.ACCOUNT,
    "/graphql": Access.ACCOUNT,
    "/v1/keys": Access.ACCOUNT,
    "/v1/keys/{key_id}": Access.ACCOUNT,
    "/v1/keys/{key_id}/validate": Access.ACCOUNT,
    "/v1/providers": Access.ACCOUNT,
    "/v1/usage/stats": Access.ACCOUNT,
    "/v1/usage/detailed": Access.ACCOUNT,
    "/v1/usage/export": Access.ACCOUNT,
    "/v1/usage/pricing": Access.ACCOUNT,
    "/v1/usage/estimate": Access.ACCOUNT,
    "/v1/usage/prices": Access.ACCOUNT,
    "/v1/budgets": Access.ACCOUNT,
    "/v1/budgets/{budget_id}": Access.ACCOUNT,
    "/v1/video/generations": Access.ACCOUNT,
    "/v1/video/generations/{generation_id}": Access.ACCOUNT,
    "/v1/video/generations/{generation_id}/cancel": Access.ACCOUNT,
    "/videos/{file}": Access.ACCOUNT,
    "/v1/videos": Access.ACCOUNT,
    "/v1/videos/edits": Access.ACCOUNT,
    "/v1/videos/{video_id}": Access.ACCOUNT,
    "/v1/videos/{video_id}/cancel": Access.ACCOUNT,
    "/v1/videos/{video_id}/content": Access.ACCOUNT,
    "/v1/videos/{video_id}/remix": Access.ACCOUNT,
    "/v1/hooks/{provider}": Access.OPEN,
    "/v1/models": Access.ACCOUNT,
    "/v1/models/{model_id}": Access.ACCOUNT,
}
"""Every route has its rule here; a test and the start refuse a route without one. Paths not listed need a key."""

_EXACT = {path: rule for path, rule in RULES.items() if "{" not in path}
_OPEN_PREFIXES = tuple(path.split("{")[0] for path, rule in RULES.items() if "{" in path and rule is Access.OPEN)


def rule_for(path: str) -> Access:
    """Returns the rule for a request's path: whatever is not known to be open needs a key."""
    rule = _EXACT.get(path)
    if rule is not None:
        return rule
    return Access.OPEN if path.startswith(_OPEN_PREFIXES) else Access.ACCOUNT


def without_rule(paths: Iterable[str]) -> list[str]:
    """Returns the routes that have no rule."""
    return sorted(path for path in paths if path not in RULES)


class KeyRing:
    """The service keys. They act as the built-in account; keys of other accounts come with their store."""

    def __init__(self, keys: Iterable[str], *, open_mode: bool) -> None:
        self._digests = tuple(hashlib.sha256(key.encode()).digest() for key in keys)
        self._open = open_mode
        self._default = Caller(DEFAULT_ACCOUNT_ID, Role.ACCOUNT)

    @property
    def builtin(self) -> Caller:
        """The built-in account."""
        return self._default

    def identify(self, api_key: str | None, authorization: str | None) -> Caller:
        """Returns who calls with these headers; `X-API-Key` is looked at first.

        Raises a 401 problem for a missing or wrong key. In open mode every caller is the built-in account.
        """
        if self._open:
            return self._default
        key = api_key
        if key is None and authorization is not None:
            scheme, _, rest = authorization.partition(" ")
            key = rest.strip() if scheme.lower() == "bearer" else None
        if not key:
            raise _unauthenticated(MISSING_KEY, "missing_key")
        digest = hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()
        # Every key is compared, so that the time tells nothing about which one was close.
        matches = [hmac.compare_digest(digest, known) for known in self._digests]
        if not any(matches):
            raise _unauthenticated(WRONG_KEY, "invalid_key")
        return self._default


def _unauthenticated(text: str, reason: str) -> Problem:
    headers = {"WWW-Authenticate": 'Bearer realm="sfd"'}
    return Problem(401, "Unauthorized", text, detail=text, reason=reason, headers=headers)
