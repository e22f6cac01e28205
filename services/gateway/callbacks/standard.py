"""Standard Webhooks, as Replicate and OpenAI sign: HMAC-SHA256 over id, moment and body, under a secret of the vendor's account."""

from __future__ import annotations

from collections.abc import Sequence

from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook, WebhookVerificationError

from services.gateway.callbacks.proof import Callback, unverified

_HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")


class StandardSignature:
    """Verifies with any of the secrets: while one is replaced, two are good. Without a secret nothing is verified."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._webhooks = tuple(Webhook(secret) for secret in secrets)

    async def verify(self, callback: Callback) -> None:
        """Returns for a body signed at most five minutes ago; raises the refusal."""
        headers = {name: callback.header(name) for name in _HEADERS}
        if not any(self._good(webhook, headers, callback.body) for webhook in self._webhooks):
            raise unverified()

    @staticmethod
    def _good(webhook: Webhook, headers: dict[str, str], body: bytes) -> bool:
        try:
            webhook.verify(body, headers, json_parse=False)
        except (WebhookVerificationError, ValueError, OverflowError):
            # A signature that is no base64, a body that is no text: none of them is the vendor's.
            return False
        return True


def check_secret(secret: str) -> None:
    """Raises ValueError for what is no secret of Standard Webhooks: `whsec_` and base64."""
    try:
        Webhook(secret)
    except (EmptyWebhookSecretError, ValueError):
        raise ValueError("is no secret such as whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw") from None
