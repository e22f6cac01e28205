"""What the local voices are told and what they give back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SAMPLE_RATE = 24_000
"""Samples per second of all local speech."""

Engine = Literal["kokoro", "hibari"]


@dataclass(frozen=True)
class Voice:
    """One way of speaking: a voice of an engine and how it is bent.

    `id` is a voice of the engine (`am_michael`), with `@2`, `@3` ... appended where one voice plays several people.
    `speed` and `pitch` are factors around 1.0; `pitch` moves the formants with it, as a larger or smaller body does.
    """

    id: str
    engine: Engine = "kokoro"
    speed: float = 1.0
    pitch: float = 1.0

    @property
    def base(self) -> str:
        """The engine's own voice name, without the mark that tells two people apart."""
        return self.id.partition("@")[0]


@dataclass(frozen=True)
class PhoneTime:
    """One phoneme (IPA letter, punctuation, space, or empty for silence) with its start and end in seconds."""

    phone: str
    start: float
    end: float


@dataclass(frozen=True)
class WordTime:
    """One word as written in the text, with the start and end of its sound in seconds."""

    text: str
    start: float
    end: float


@dataclass(frozen=True)
class Speech:
    """Spoken text: float32 mono samples at `SAMPLE_RATE`, and where each word and phoneme lies in them.

    The phones follow each other without gaps from 0.0 to the end of `pcm`.
    """

    pcm: NDArray[np.float32]
    words: tuple[WordTime, ...]
    phones: tuple[PhoneTime, ...]

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return len(self.pcm) / SAMPLE_RATE


@dataclass(frozen=True)
class Token:
    """One written word and its phonemes in the alphabet of the voices; `phones` may end in punctuation."""

    text: str
    phones: str
