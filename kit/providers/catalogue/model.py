"""A row of the catalogue: one model of one vendor, with everything that is known of it. Nothing about a model is in code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from kit.providers.base import Idempotency

Kind: TypeAlias = Literal["text", "image", "video"]
Mode: TypeAlias = Literal["text", "image", "last_frame", "references", "video"]
"""What a film is made from: words alone, a first frame, a first and a last frame, pictures to look like, or another film."""


@dataclass(frozen=True)
class PriceCase:
    """Prices that hold in some cases only: the first case that fits counts. An unset condition fits everything."""

    prices: Mapping[str, int]
    audio: bool | None = None
    sizes: tuple[str, ...] = ()
    modes: tuple[Mode, ...] = ()
    seconds: tuple[int, ...] = ()


@dataclass(frozen=True)
class Film:
    """What a film model takes and gives, beside its legal `seconds` and `sizes`.

    `modes` are its ways to make a film. `seconds_at` narrows the legal lengths for a size, `seconds_in` for a mode, `sizes_in` the legal
    sizes for a mode. `audio` says whether there is sound. `max_prompt` is in characters, 0 means no limit; `prompt_unit` is `utf16` for
    vendors that count UTF-16 code units instead (an emoji is two). `result_hours` is how long the vendor keeps a film, 0 means for ever.
    `callbacks`: it can call back. `quality` ranks models for people who ask for the best, 1 to 5. `wire` is the model's name or path on
    the wire when that is another than its id, `protocol` which of the vendor's protocols it speaks; `options` is for the adapter alone.
    `cases` are prices that hold under conditions; units of prices are `seconds`, `films`, `film_tokens` (seconds x width x height x 24 /
    1024) and `input_images`.
    """

    modes: tuple[Mode, ...] = ("text",)
    seconds_at: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    seconds_in: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    sizes_in: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    audio: Literal["never", "optional", "always"] = "never"
    negative_prompt: bool = False
    seed: bool = False
    fps: tuple[int, ...] = ()
    max_prompt: int = 0
    prompt_unit: Literal["characters", "utf16"] = "characters"
    result_hours: int = 0
    callbacks: bool = False
    quality: int = 3
    wire: str = ""
    protocol: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    cases: tuple[PriceCase, ...] = ()


@dataclass(frozen=True)
class Model:
    """One model of one vendor.

    `prices` holds nano-USD per unit; units are `input_tokens`, `output_tokens`, `images` (at the size the house asks for), `seconds`.
    `seconds` and `sizes` are the legal ones, empty when there are none. `key_slots` is how many calls one key may have open, 0 means
    no limit. `sunset_at` is a day (YYYY-MM-DD) or empty. `typical_seconds` says how long it usually takes, in seconds per unit (`calls`,
    `images`, `seconds` of film, `clips` joined, `output_tokens`), and `typical_source` where that is known from.
    """

    id: str
    vendor: str
    kind: Kind
    prices: Mapping[str, int] = field(default_factory=dict)
    estimated: bool = False
    seconds: tuple[int, ...] = ()
    sizes: tuple[str, ...] = ()
    max_references: int = 0
    key_slots: int = 0
    charged_on_failure: bool = False
    sunset_at: str = ""
    successor: str = ""
    idempotency: Idempotency = Idempotency.NONE
    default: bool = False
    typical_seconds: Mapping[str, float] = field(default_factory=dict)
    typical_source: str = ""
    film: Film | None = None
    """What a film model takes and gives; None for other kinds."""

    @property
    def name(self) -> str:
        """How people see it: `local` or `vendor/model`."""
        return self.id if self.vendor == "local" else f"{self.vendor}/{self.id}"
