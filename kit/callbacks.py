"""URLs at which vendors call back: each carries the paid call that it is for, and a token that only this house can make.

The token is what proves a callback of a vendor that signs nothing. Of one that signs, both are asked for.
"""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import urlencode

PATH = "/v1/hooks"
OPERATOR, USER = "operator", "user"
"""Whose vendor key the call is made with: where a vendor signs with a secret of the key's account, only the operator's is known here."""


def token(secret: str, vendor: str, submission_id: str, key: str) -> str:
    """Returns the proof that a URL is ours: HMAC-SHA256 over vendor, submission and whose key it is, 32 hexadecimal digits."""
    message = f"callback\0{vendor}\0{submission_id}\0{key}".encode()
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()[:32]


def is_ours(secret: str, vendor: str, submission_id: str, key: str, shown: str) -> bool:
    """Returns whether a token is the one of these, in a time that tells nothing."""
    return hmac.compare_digest(token(secret, vendor, submission_id, key).encode(), shown.encode("utf-8", "replace"))


def url(base: str, secret: str, vendor: str, submission_id: str, key: str = OPERATOR) -> str:
    """Returns where `vendor` may call back for a submission; `base` is the gateway's public URL, `key` whose key it is made with."""
    proof = token(secret, vendor, submission_id, key)
    return f"{base.rstrip('/')}{PATH}/{vendor}?{urlencode({'submission': submission_id, 'key': key, 'token': proof})}"
