"""The models that the simulated vendors serve, with prices, and the ones they have shut down."""

from __future__ import annotations

from dataclasses import dataclass

NANO = 1_000_000_000


@dataclass(frozen=True)
class Model:
    """One model. Prices are nano-USD: per token in and out for texts and OpenAI's pictures, per second for films."""

    id: str
    vendor: str
    kind: str
    price_in: int = 0
    price_out: int = 0
    per_second: int = 0
    shutdown_date: str | None = None
    idempotency: str = "none"
    listed: bool = True


def _text(vendor: str, name: str, usd_in: float, usd_out: float, ends: str | None = None) -> Model:
    return Model(name, vendor, "text", int(usd_in * 1000), int(usd_out * 1000), shutdown_date=ends)


def _openai_image(name: str, ends: str | None = None) -> Model:
    return Model(name, "openai", "image", 5_000, 30_000, shutdown_date=ends)


def _gemini_image(name: str, per_image: float) -> Model:
    return Model(name, "gemini", "image", 0, int(per_image * NANO))


_MODELS = (
    _text("openai", "gpt-6-luna", 1.25, 10),
    _text("openai", "gpt-6-luna-mini", 0.25, 2),
    _text("openai", "gpt-5.6-sol", 1.5, 12),
    _text("openai", "gpt-5.1", 1.25, 10, "2027-04-01"),
    _text("openai", "gpt-5", 1.25, 10, "2026-12-11"),
    _text("openai", "gpt-5-mini", 0.25, 2, "2026-12-11"),
    _text("openai", "gpt-4.1", 2, 8, "2027-01-14"),
    _text("openai", "gpt-4o", 2.5, 10, "2027-01-14"),
    _openai_image("gpt-image-2.5-flare"),
    _openai_image("gpt-image-2.5-sunburst"),
    _openai_image("gpt-image-2"),
    _openai_image("gpt-image-1.5", "2026-12-01"),
    Model("sim-video-1", "openai", "video", per_second=NANO // 10),
    Model("sim-video-replay", "openai", "video", per_second=NANO // 10, idempotency="replay"),
    Model("sim-video-reject", "openai", "video", per_second=NANO // 10, idempotency="reject"),
    Model("sim-video-blind", "openai", "video", per_second=NANO // 10, listed=False),
    _text("gemini", "gemini-3.8-flash", 0.75, 4.5),
    _text("gemini", "gemini-3.5-flash-lite", 0.15, 0.6),
    _text("gemini", "gemini-3.1-pro", 2, 12),
    _gemini_image("gemini-nano-banana-2.1", 0.067),
    _gemini_image("gemini-3.1-flash-image", 0.067),
    _gemini_image("gemini-3.1-flash-lite-image", 0.034),
    _gemini_image("gemini-3-pro-image", 0.134),
)
_SORA = (
    Model("sora-2", "openai", "video", per_second=NANO // 10),
    Model("sora-2-pro", "openai", "video", per_second=3 * NANO // 10),
)
RETIRED = frozenset(
    {
        "gpt-5-image",
        "gpt-image-1",
        "dall-e-2",
        "dall-e-3",
        "sora-2",
        "sora-2-pro",
        "o1-mini",
        "gpt-4-32k",
        "gemini-2.5-flash-image",
        "gemini-3-pro-preview",
        "gemini-2.0-flash",
        "imagen-4.0-generate-001",
        "gemini-3-pro-image-preview",
    }
)


class Catalogue:
    """The living models of both vendors; `with_sora` keeps the shut-down Sora models alive for old clients."""

    def __init__(self, with_sora: bool) -> None:
        self._models = {m.id: m for m in (*_MODELS, *(_SORA if with_sora else ()))}

    def get(self, vendor: str, name: str) -> Model | None:
        """Return a living model of this vendor, or None."""
        model = self._models.get(name)
        return model if model and model.vendor == vendor else None

    def of(self, vendor: str) -> list[Model]:
        """Return the vendor's living models."""
        return [m for m in self._models.values() if m.vendor == vendor]
