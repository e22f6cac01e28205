"""Settings of the video service."""

from __future__ import annotations

from pydantic import Field, PositiveInt, SecretStr

from kit.config import EgressSettings
from kit.providers.film_keys import FilmKeys


class VideoSettings(FilmKeys, EgressSettings):
    """What film makers need beside what every service needs. A vendor without a key is not offered."""

    filmer: str = Field("local", alias="SFD_FILMER", max_length=64)
    openai_api_base: str = Field("https://api.openai.com/v1", alias="OPENAI_API_BASE", pattern="^https?://")
    sora_api_base: str = Field("", alias="SORA_API_BASE", pattern="^(https?://.*)?$")
    runway_api_base: str = Field("https://api.dev.runwayml.com", alias="RUNWAY_API_BASE", pattern="^https?://")
    luma_api_base: str = Field("https://api.lumalabs.ai/dream-machine/v1", alias="LUMA_API_BASE", pattern="^https?://")
    fal_api_base: str = Field("https://queue.fal.run", alias="FAL_API_BASE", pattern="^https?://")
    replicate_api_base: str = Field("https://api.replicate.com", alias="REPLICATE_API_BASE", pattern="^https?://")
    kling_api_base: str = Field("https://api-singapore.klingai.com", alias="KLING_API_BASE", pattern="^https?://")
    minimax_api_base: str = Field("https://api.minimax.io", alias="MINIMAX_API_BASE", pattern="^https?://")
    ark_api_base: str = Field(
        "https://ark.ap-southeast.bytepluses.com/api/v3", alias="ARK_API_BASE", pattern="^https?://"
    )
    veo_api_base: str = Field("https://generativelanguage.googleapis.com", alias="VEO_API_BASE", pattern="^https?://")
    film_hosts: str = Field("", alias="SFD_FILM_HOSTS")
    vendor_callbacks: bool = Field(False, alias="SFD_VENDOR_CALLBACKS")
    callback_poll_seconds: float = Field(30.0, alias="SFD_CALLBACK_POLL_SECONDS", ge=1, le=3600)
    openai_webhook_secret: SecretStr = Field(SecretStr(""), alias="OPENAI_WEBHOOK_SECRET")
    r2_public_url: str = Field("", alias="R2_PUBLIC_URL")
    public_url: str = Field("http://127.0.0.1:8000", alias="SFD_PUBLIC_URL")
    submit_seconds: float = Field(120.0, alias="SFD_VIDEO_SUBMIT_SECONDS", ge=1, le=900)
    video_slots: int = Field(8, alias="SFD_VIDEO_SLOTS", ge=1, le=256)
    downloads: int = Field(4, alias="SFD_VIDEO_DOWNLOADS", ge=1, le=64)
    key_slots: dict[str, PositiveInt] = Field({}, alias="SFD_VIDEO_KEY_SLOTS")
    encryption_key: SecretStr = Field(SecretStr(""), alias="ENCRYPTION_KEY")
    master_key_file: str = Field("", alias="SFD_MASTER_KEY_FILE")
    key_check_seconds: float = Field(20.0, alias="SFD_KEY_CHECK_SECONDS", ge=1, le=25)

    @property
    def films_base(self) -> str:
        """Where films are asked for: their own host when one is set."""
        return self.sora_api_base or self.openai_api_base
