"""URLs at which vendors call back: each carries the paid call that it is for, and a token that only this house can make."""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import urlencode

PATH = "/v1/hooks"


def token(secret: str, vendor: str, submission_id: str) -> str:
    """Returns the proof that a URL is ours: HMAC-SHA256 over vendor and submission, 32 hexadecimal digits."""
    message = f"callback\0{vendor}\0{submission_id}".encode()
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()[:32]


def is_ours(secret: str, vendor: str, submission_id: str, shown: str) -> bool:
    """Returns whether a token is the one of this vendor and submission, in a time that tells nothing."""
    return hmac.compare_digest(token(secret, vendor, submission_id).encode(), shown.encode("utf-8", "replace"))


def url(base: str, secret: str, vendor: str, submission_id: str) -> str:
    """Returns where `vendor` may call back for a submission; `base` is the gateway's public URL."""
    asked = urlencode({"submission": submission_id, "token": token(secret, vendor, submission_id)})
    return f"{base.rstrip('/')}{PATH}/{vendor}?{asked}"
