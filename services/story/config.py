"""Settings of the story service."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr

from kit.providers.film_keys import FilmKeys

Vendor = Literal["local", "openai", "gemini"]


class StorySettings(FilmKeys):
    """What writing and planning need beside what every service needs. A key that is set changes nothing by itself."""

    catalogue: str = Field("", alias="SFD_CATALOGUE")
    writer: Vendor = Field("local", alias="SFD_WRITER")
    painter: Vendor = Field("local", alias="SFD_PAINTER")
    filmer: str = Field("local", alias="SFD_FILMER", max_length=64)
    openai_api_base: str = Field("https://api.openai.com/v1", alias="OPENAI_API_BASE", pattern="^https?://")
    openai_text_api: Literal["responses", "chat"] = Field("responses", alias="SFD_OPENAI_TEXT_API")
    gpt_model: str = Field("", alias="GPT_MODEL")
    gemini_api_base: str = Field(
        "https://generativelanguage.googleapis.com", alias="GEMINI_API_BASE", pattern="^https?://"
    )
    gemini_drama_model: str = Field("", alias="GEMINI_DRAMA_MODEL")
    nano_banana_api_key: SecretStr = Field(SecretStr(""), alias="NANO_BANANA_API_KEY")
    text_seconds: float = Field(300.0, alias="SFD_TEXT_SECONDS", ge=1, le=900)
    story_slots: int = Field(8, alias="SFD_STORY_SLOTS", ge=1, le=256)

    def model_of(self, vendor: str) -> str:
        """Returns the text model that the operator has chosen for a vendor; empty means the catalogue's default."""
        return {"openai": self.gpt_model, "gemini": self.gemini_drama_model}.get(vendor, "")

    def missing(self, kind: str, vendor: str) -> str:
        """Returns the name of the variable without which `vendor` cannot do `kind`; empty when nothing is missing."""
        if vendor == "local":
            return ""
        if kind == "video":
            return self.film_key_missing(vendor)
        if vendor == "openai":
            return "" if _set(self.openai_api_key) else "OPENAI_API_KEY"
        if kind == "image" and _set(self.nano_banana_api_key):
            return ""
        return "" if _set(self.gemini_api_key) else "GEMINI_API_KEY"


def _set(secret: SecretStr) -> bool:
    return bool(secret.get_secret_value())
