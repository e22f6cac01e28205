"""The short signed token that carries a caller from process to process.

A JWT (RFC 7519) signed with HS256 under `SFD_INTERNAL_SECRET`: `sub` account UUID, `role`, `aud` `sfd`, `iat`, `exp`. It lives for
minutes, never leaves the house, and is not what users hold.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import TypeVar

import jwt

from kit.context import Caller, Role
from kit.errors import Unauthenticated

AUDIENCE = "sfd"
LIFETIME = 300
_MAX_TOKEN = 4096
_CACHE = 1024


class Signer:
    """Mints and verifies tokens; remembers both for a while because a signature per call costs more than most calls."""

    def __init__(self, secret: str) -> None:
        if len(secret) < 32:
            raise ValueError("SFD_INTERNAL_SECRET must have at least 32 characters")
        self._secret = secret
        self._minted: OrderedDict[Caller, tuple[str, float]] = OrderedDict()
        self._verified: OrderedDict[str, tuple[Caller, float]] = OrderedDict()

    def mint(self, caller: Caller, lifetime: int = LIFETIME) -> str:
        """Returns a token for `caller` that is good for at least half of `lifetime` seconds."""
        now = time.time()
        known = self._minted.get(caller)
        if known is not None and known[1] - now > lifetime / 2:
            return known[0]
        claims = {
            "sub": caller.account_id,
            "role": caller.role.name.lower(),
            "aud": AUDIENCE,
            "iat": int(now),
            "exp": int(now) + lifetime,
        }
        token = jwt.encode(claims, self._secret, algorithm="HS256", headers={"typ": "sfd+jwt"})
        _remember(self._minted, caller, (token, now + lifetime))
        return token

    def verify(self, token: str) -> Caller:
        """Returns the caller of a good token; raises `Unauthenticated` for any other."""
        now = time.time()
        known = self._verified.get(token)
        if known is not None:
            if known[1] > now:
                return known[0]
            del self._verified[token]
        if len(token) > _MAX_TOKEN:
            raise Unauthenticated("The token is too long.")
        try:
            claims = jwt.decode(
                token,
                self._secret,
                algorithms=["HS256"],
                audience=AUDIENCE,
                options={"require": ["exp", "iat", "sub", "aud"]},
            )
            caller = Caller(str(claims["sub"]), Role[str(claims["role"]).upper()])
        except (jwt.PyJWTError, KeyError) as error:
            raise Unauthenticated("The token is missing, expired or not ours.") from error
        _remember(self._verified, token, (caller, float(claims["exp"])))
        return caller


K = TypeVar("K")
V = TypeVar("V")


def _remember(cache: OrderedDict[K, V], key: K, value: V) -> None:
    cache[key] = value
    cache.move_to_end(key)
    while len(cache) > _CACHE:
        cache.popitem(last=False)


DEFAULT_ACCOUNT_ID = "00000000-0000-7000-8000-000000000001"
"""The built-in account: open mode and service keys act as it."""
