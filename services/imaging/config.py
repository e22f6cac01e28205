"""Settings of the imaging service."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr

from kit.config import EgressSettings


class ImagingSettings(EgressSettings):
    """What painters need beside what every service needs. A vendor without a key is not offered."""

    painter: Literal["local", "openai", "gemini"] = Field("local", alias="SFD_PAINTER")
    openai_api_base: str = Field("https://api.openai.com/v1", alias="OPENAI_API_BASE", pattern="^https?://")
    openai_api_key: SecretStr = Field(SecretStr(""), alias="OPENAI_API_KEY")
    gemini_api_base: str = Field(
        "https://generativelanguage.googleapis.com", alias="GEMINI_API_BASE", pattern="^https?://"
    )
    gemini_api_key: SecretStr = Field(SecretStr(""), alias="GEMINI_API_KEY")
    nano_banana_api_base: str = Field("", alias="NANO_BANANA_API_BASE", pattern="^(https?://.*)?$")
    nano_banana_api_key: SecretStr = Field(SecretStr(""), alias="NANO_BANANA_API_KEY")
    reference_image_url: str = Field("", alias="REFERENCE_IMAGE_URL", pattern="^(https?://.*)?$")
    r2_public_url: str = Field("", alias="R2_PUBLIC_URL")
    public_url: str = Field("http://127.0.0.1:8000", alias="SFD_PUBLIC_URL")
    image_seconds: float = Field(180.0, alias="SFD_IMAGE_SECONDS", ge=1, le=900)
    imaging_slots: int = Field(8, alias="SFD_IMAGING_SLOTS", ge=1, le=256)

    @property
    def images_base(self) -> str:
        """Where Gemini's painters are asked: the images' own host when one is set."""
        return self.nano_banana_api_base or self.gemini_api_base

    @property
    def images_key(self) -> SecretStr:
        """The key of that host."""
        return self.nano_banana_api_key if self.nano_banana_api_key.get_secret_value() else self.gemini_api_key

    def missing(self, vendor: str) -> str:
        """Returns the name of the variable without which `vendor` cannot draw; empty when nothing is missing."""
        key = {"openai": self.openai_api_key, "gemini": self.images_key}.get(vendor)
        return f"{vendor.upper()}_API_KEY" if key is not None and not key.get_secret_value() else ""
