"""Kling's two kinds of keys: an API key that is sent as it is, or an access key whose secret signs short-lived tokens."""

from __future__ import annotations

import time
from collections.abc import Callable

import jwt

from kit.providers.base import NotAccepted

_LIFE = 1800
_KEPT = 1500.0
_SKEW = 5


class KlingKey:
    """`api_key` alone, or `access:secret`."""

    def __init__(self, key: str, clock: Callable[[], float] = time.time) -> None:
        self._access, self._split, self._secret = key.partition(":")
        self._clock = clock
        self._token: str | None = None
        self._made = 0.0

    @property
    def signs(self) -> bool:
        """Whether tokens are made: then an authentication error may be cured by a new one."""
        return bool(self._split)

    def headers(self) -> dict[str, str]:
        """Returns the header of a call; a token is kept for 25 of its 30 minutes."""
        if not self.signs:
            return {"authorization": f"Bearer {self._access}"}
        now = self._clock()
        if not self._token or not 0 <= now - self._made < _KEPT:
            claims = {"iss": self._access, "exp": int(now) + _LIFE, "nbf": int(now) - _SKEW}
            self._token, self._made = jwt.encode(claims, self._secret, algorithm="HS256"), now
        return {"authorization": f"Bearer {self._token}"}

    def bearer(self) -> dict[str, str]:
        """Returns the header for the newer protocol; raises `NotAccepted` for a key that signs, which it does not take."""
        if self.signs:
            raise NotAccepted(
                "This model of Kling takes an API key, not an access key with a secret.", reason="vendor_key_refused"
            )
        return self.headers()

    def renew(self) -> None:
        """Forgets the token: the vendor did not take it."""
        self._token = None

    def hide(self, text: str) -> str:
        """Returns a vendor's text without any part of the key."""
        for part in (self._token, self._secret, self._access):
            text = text.replace(part, "***") if part else text
        return text
