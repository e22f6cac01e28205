"""Settings of the gateway. A bad one stops the start with its name."""

from __future__ import annotations

import ipaddress
from typing import Literal

from pydantic import Field, SecretStr, field_validator

from kit.config import EgressSettings
from services.gateway.callbacks.standard import check_secret


class GatewaySettings(EgressSettings):
    """What the gateway needs beyond the settings that every process shares."""

    host: str = Field("127.0.0.1", alias="HOST")
    port: int = Field(8000, alias="PORT", ge=0, le=65535)
    media_port: int = Field(3001, alias="SFD_MEDIA_PORT", ge=0, le=65535)
    media_keyless: Literal["never", "loopback", "always"] = Field("loopback", alias="SFD_MEDIA_KEYLESS")
    captions_port: int = Field(8001, alias="SFD_CAPTIONS_PORT", ge=0, le=65535)
    api_keys: SecretStr = Field(SecretStr(""), alias="API_KEYS")
    cors_origins: str = Field("", alias="CORS_ORIGINS")
    build: str = Field("", alias="SFD_BUILD")
    encryption_key: SecretStr = Field(SecretStr(""), alias="ENCRYPTION_KEY")
    master_key_file: str = Field("", alias="SFD_MASTER_KEY_FILE")
    max_connections: int = Field(2000, alias="SFD_MAX_CONNECTIONS", ge=1, le=1_000_000)
    account_requests: int = Field(1500, alias="SFD_ACCOUNT_REQUESTS", ge=1, le=1_000_000)
    account_streams: int = Field(1000, alias="SFD_ACCOUNT_STREAMS", ge=1, le=1_000_000)
    replicate_webhook_secret: SecretStr = Field(SecretStr(""), alias="REPLICATE_WEBHOOK_SECRET")
    openai_webhook_secret: SecretStr = Field(SecretStr(""), alias="OPENAI_WEBHOOK_SECRET")
    fal_jwks_url: str = Field(
        "https://rest.fal.ai/.well-known/jwks.json", alias="FAL_JWKS_URL", pattern="^https?://[^/]+"
    )
    webhook_slots: int = Field(32, alias="SFD_WEBHOOK_SLOTS", ge=0, le=500)
    webhook_seconds: float = Field(15.0, alias="SFD_WEBHOOK_SECONDS", ge=0.5, le=30)

    @field_validator("cors_origins")
    @classmethod
    def _exact_origins(cls, value: str) -> str:
        for origin in _split(value):
            if "*" in origin or not origin.startswith(("http://", "https://")) or origin.count("/") != 2:
                raise ValueError(f"{origin!r} is not an origin such as https://studio.example.com; '*' is refused")
        return value

    @field_validator("replicate_webhook_secret", "openai_webhook_secret")
    @classmethod
    def _secrets_of_webhooks(cls, value: SecretStr) -> SecretStr:
        for secret in _split(value.get_secret_value()):
            check_secret(secret)
        return value

    @property
    def replicate_secrets(self) -> tuple[str, ...]:
        """What Replicate signs with for the operator's account."""
        return _split(self.replicate_webhook_secret.get_secret_value())

    @property
    def openai_secrets(self) -> tuple[str, ...]:
        """What OpenAI signs with for the operator's project."""
        return _split(self.openai_webhook_secret.get_secret_value())

    @property
    def keys(self) -> tuple[str, ...]:
        """The service keys, in the order given; empty when there are none."""
        return _split(self.api_keys.get_secret_value())

    @property
    def origins(self) -> tuple[str, ...] | None:
        """The exact origins that may read answers; None when each face uses its own default."""
        return _split(self.cors_origins) or None

    @property
    def on_loopback(self) -> bool:
        """True when the listeners cannot be reached from another machine."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def open_mode(self) -> bool:
        """True when requests need no key: no key is set, and only this machine can reach a development gateway."""
        return not self.keys and self.environment == "development" and self.on_loopback

    def refusal(self) -> str:
        """Returns why the gateway must not start with these settings; empty when it may."""
        if not self.keys and not self.open_mode:
            return "setting API_KEYS: at least one key is needed unless ENVIRONMENT=development and HOST is a loopback address"
        if self.environment == "production" and any(len(key) < 16 for key in self.keys):
            return "setting API_KEYS: in production every key must have at least 16 characters"
        return ""


def _split(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())
