"""The operator's keys of film vendors: the services that plan films and the one that buys them read the same variables."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field, SecretStr

from kit.config import Settings
from kit.jsonio import load_object

VARIABLES: Mapping[str, str] = {
    "openai": "SORA_API_KEY",
    "gemini": "GEMINI_API_KEY",
    "runway": "RUNWAYML_API_SECRET",
    "luma": "LUMAAI_API_KEY",
    "fal": "FAL_KEY",
    "replicate": "REPLICATE_API_TOKEN",
    "kling": "KLING_API_KEY",
    "minimax": "MINIMAX_API_KEY",
    "seedance": "ARK_API_KEY",
}
"""The variable that holds the operator's key, by vendor."""


class FilmKeys(Settings):
    """Keys of film vendors. A key that is set changes nothing by itself: somebody has to ask for the vendor."""

    openai_api_key: SecretStr = Field(SecretStr(""), alias="OPENAI_API_KEY")
    sora_api_key: SecretStr = Field(SecretStr(""), alias="SORA_API_KEY")
    gemini_api_key: SecretStr = Field(SecretStr(""), alias="GEMINI_API_KEY")
    runway_api_key: SecretStr = Field(SecretStr(""), alias="RUNWAYML_API_SECRET")
    luma_api_key: SecretStr = Field(SecretStr(""), alias="LUMAAI_API_KEY")
    fal_api_key: SecretStr = Field(SecretStr(""), alias="FAL_KEY")
    replicate_api_key: SecretStr = Field(SecretStr(""), alias="REPLICATE_API_TOKEN")
    kling_api_key: SecretStr = Field(SecretStr(""), alias="KLING_API_KEY")
    minimax_api_key: SecretStr = Field(SecretStr(""), alias="MINIMAX_API_KEY")
    ark_api_key: SecretStr = Field(SecretStr(""), alias="ARK_API_KEY")
    provider_keys: SecretStr = Field(SecretStr("{}"), alias="SFD_PROVIDER_KEYS")

    @property
    def films_key(self) -> SecretStr:
        """The key of the host that speaks OpenAI's videos API."""
        return self.sora_api_key if self.sora_api_key.get_secret_value() else self.openai_api_key

    @property
    def film_keys(self) -> Mapping[str, str]:
        """The operator's key of each vendor that is shipped with the house; empty where there is none."""
        keys = {
            "openai": self.films_key,
            "gemini": self.gemini_api_key,
            "runway": self.runway_api_key,
            "luma": self.luma_api_key,
            "fal": self.fal_api_key,
            "replicate": self.replicate_api_key,
            "kling": self.kling_api_key,
            "minimax": self.minimax_api_key,
            "seedance": self.ark_api_key,
        }
        return {vendor: key.get_secret_value() for vendor, key in keys.items()}

    @property
    def own_providers(self) -> Mapping[str, str]:
        """The operator's keys of installed providers, by name; raises `InvalidInput` for a text that is no JSON object."""
        told = load_object(self.provider_keys.get_secret_value(), "SFD_PROVIDER_KEYS")
        return {name: str(key) for name, key in told.items()}

    def film_key_missing(self, vendor: str) -> str:
        """Returns the variable without which the operator has no key of a film vendor; empty when nothing is missing."""
        if vendor == "local" or self.film_keys.get(vendor) or self.own_providers.get(vendor):
            return ""
        return VARIABLES.get(vendor, "SFD_PROVIDER_KEYS")
