"""fal's signed callbacks: Ed25519 over request id, user id, timestamp and the body's SHA-256, with the public keys as a JWKS."""

from __future__ import annotations

import base64
import hashlib
import time

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from simulator.jsons import Json, compact

USER = "sim-user"


class Signer:
    """A key pair of this process."""

    def __init__(self) -> None:
        self._key = Ed25519PrivateKey.generate()

    def jwks(self) -> Json:
        """Return the public half, as `/.well-known/jwks.json` shows it."""
        raw = self._key.public_key().public_bytes_raw()
        x = base64.urlsafe_b64encode(raw).decode().rstrip("=")
        return {"keys": [{"kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": "sim", "x": x}]}

    def note(self, request_id: str, content: Json) -> tuple[bytes, dict[str, str]]:
        """Return the body of a callback and its headers; the timestamp is the moment of the call."""
        body, stamp = compact(content), str(int(time.time()))
        message = "\n".join((request_id, USER, stamp, hashlib.sha256(body).hexdigest()))
        return body, {
            "content-type": "application/json",
            "x-fal-webhook-request-id": request_id,
            "x-fal-webhook-user-id": USER,
            "x-fal-webhook-timestamp": stamp,
            "x-fal-webhook-signature": self._key.sign(message.encode()).hex(),
        }
