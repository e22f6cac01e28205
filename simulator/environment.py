"""The environment that points a house at the simulator instead of at the vendors."""

from __future__ import annotations

KEY = "sk-simulated-key-of-this-machine"
"""Any text is a key here, unless `bad` or `quota` is in it."""
_BASES = {
    "OPENAI_API_BASE": "/openai/v1",
    "SORA_API_BASE": "/openai/v1",
    "GEMINI_API_BASE": "/gemini",
    "VEO_API_BASE": "/gemini",
    "RUNWAY_API_BASE": "/runway",
    "LUMA_API_BASE": "/luma/dream-machine/v1",
    "FAL_API_BASE": "/fal",
    "REPLICATE_API_BASE": "/replicate",
    "KLING_API_BASE": "/kling",
    "MINIMAX_API_BASE": "/minimax",
    "ARK_API_BASE": "/seedance/api/v3",
}
_KEYS = (
    "OPENAI_API_KEY",
    "SORA_API_KEY",
    "GEMINI_API_KEY",
    "NANO_BANANA_API_KEY",
    "RUNWAYML_API_SECRET",
    "LUMAAI_API_KEY",
    "FAL_KEY",
    "REPLICATE_API_TOKEN",
    "KLING_API_KEY",
    "MINIMAX_API_KEY",
    "ARK_API_KEY",
)


def environment(url: str, key: str = KEY) -> dict[str, str]:
    """Return base URLs and keys of every vendor, by variable; `url` is the simulator's, without a slash at its end."""
    return {name: url + path for name, path in _BASES.items()} | dict.fromkeys(_KEYS, key)
