"""Text to speech with the exact time of every word and phoneme."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kit.speech import engines
from kit.speech.g2p import pronounce
from kit.speech.marks import SILENT
from kit.speech.shapes import SAMPLE_RATE, PhoneTime, Speech, Token, Voice, WordTime

if TYPE_CHECKING:
    from numpy.typing import NDArray

CHUNK = 300
"""Most phonemes in one pass of a model: it knows at most 510, and prosody suffers near the end."""

_LEAD, _TAIL, _PAUSE = 0.04, 0.10, 0.14
_FADE = 0.008
_LEVEL, _CEILING = 0.10, 0.89


@dataclass(frozen=True)
class _Manner:
    speed: float = 1.0
    pitch: float = 1.0
    energy: float = 1.0


_MANNERS = {
    "happy": _Manner(1.05, 1.03, 1.05),
    "sad": _Manner(0.91, 0.97, 0.82),
    "angry": _Manner(1.06, 1.02, 1.25),
    "afraid": _Manner(1.08, 1.04, 0.92),
    "surprised": _Manner(1.04, 1.05, 1.12),
    "tender": _Manner(0.93, 0.99, 0.82),
    "determined": _Manner(0.98, 0.98, 1.12),
}


@dataclass
class _Piece:
    """Samples, with (phone, word index or -1, start, end) in samples."""

    pcm: NDArray[np.float32]
    marks: list[tuple[str, int, int, int]]


def _flatten(tokens: Sequence[Token]) -> list[tuple[str, int]]:
    flat: list[tuple[str, int]] = []
    for index, token in enumerate(tokens):
        if flat:
            flat.append((" ", -1))
        flat.extend((p, index if p not in SILENT else -1) for p in token.phones)
    return flat


def _chunks(flat: list[tuple[str, int]]) -> list[list[tuple[str, int]]]:
    """Pieces of at most CHUNK phonemes, cut after a sentence if one ends in the last two thirds, else a clause, else a word."""
    out = []
    while len(flat) > CHUNK:
        cut = CHUNK
        for marks in (".!?…", ",;:—", " "):
            ends = [i + 1 for i in range(CHUNK // 3, CHUNK) if flat[i][0] in marks]
            if ends:
                cut = ends[-1]
                break
        out.append(flat[:cut])
        flat = flat[cut:]
        while flat and flat[0][0] == " ":
            flat = flat[1:]
    return [*out, flat] if flat else out


def _synthesise(chunk: list[tuple[str, int]], voice: Voice, speed: float, pitch: float, models: Path | None) -> _Piece:
    from scipy.signal import resample_poly

    phones = [phone for phone, _ in chunk]
    # Resampling by the pitch also speeds up by it, so the model is asked to be that much slower.
    asked = min(2.0, max(0.5, speed / pitch))
    if voice.engine == "hibari":
        pcm, lengths = engines.hibari(phones, asked, models)
    else:
        pcm, lengths = engines.kokoro(phones, voice.base, asked, models)
    ends = np.cumsum(lengths)
    if abs(pitch - 1.0) > 0.004:
        ratio = Fraction(1.0 / pitch).limit_denominator(64)
        before = len(pcm)
        pcm = resample_poly(pcm, ratio.numerator, ratio.denominator).astype(np.float32)
        ends = np.rint(ends * (len(pcm) / before)).astype(np.int64)
    ends[-1] = len(pcm)
    starts = np.concatenate([[0], ends[:-1]])
    labels = [("", -1), *chunk, ("", -1)]
    marks = [(p, w, int(a), int(b)) for (p, w), a, b in zip(labels, starts, ends, strict=True)]
    return _Piece(pcm, marks)


def _trim(piece: _Piece, lead: float, tail: float) -> _Piece:
    """The piece with at most `lead` and `tail` seconds of silence around its sound, its marks moved accordingly."""
    loud = np.abs(piece.pcm)
    window = SAMPLE_RATE // 100
    envelope = loud[: len(loud) // window * window].reshape(-1, window).max(axis=1)
    heard = np.flatnonzero(envelope > 0.02 * max(float(envelope.max(initial=0.0)), 1e-6))
    if not len(heard):
        return piece
    voiced = [m for m in piece.marks if m[1] >= 0]
    # Never cut into a phone, however quietly it begins or ends.
    first = min(int(heard[0]) * window, voiced[0][2]) - int(lead * SAMPLE_RATE)
    last = max(int(heard[-1] + 1) * window, voiced[-1][3]) + int(tail * SAMPLE_RATE)
    a, b = max(0, first), min(len(piece.pcm), last)
    marks = [(p, w, min(max(s, a), b) - a, min(max(e, a), b) - a) for p, w, s, e in piece.marks]
    return _Piece(piece.pcm[a:b].copy(), marks)


def _level(pcm: NDArray[np.float32], energy: float) -> NDArray[np.float32]:
    """The samples at one loudness for all voices (RMS of the sounding part), peaks held under the ceiling, edges faded."""
    loud = np.abs(pcm)
    peak = float(loud.max(initial=0.0))
    if peak <= 1e-6:
        return pcm
    sounding = pcm[loud > 0.03 * peak]
    gain = _LEVEL * energy / float(np.sqrt(np.mean(np.square(sounding, dtype=np.float64))))
    out = pcm * np.float32(min(gain, _CEILING / peak))
    fade = min(int(_FADE * SAMPLE_RATE), len(out) // 2)
    ramp = np.linspace(0.0, 1.0, fade, dtype=np.float32)
    out[:fade] *= ramp
    out[len(out) - fade :] *= ramp[::-1]
    return out


def speak(text: str, voice: Voice, language: str, emotion: str = "neutral", *, models: Path | None = None) -> Speech:
    """The spoken text with exact times, levelled and trimmed of silence; the same input always gives the same samples.

    Long lines are spoken in pieces cut at sentences and clauses. `models` is a directory to take the models from instead of
    the installed packages. Raises ValueError when there is nothing to say, LookupError when a model or voice is missing.
    """
    tokens = pronounce(text, language, british=voice.base.startswith("b") and voice.engine == "kokoro")
    manner = _MANNERS.get(emotion, _Manner())
    speed, pitch = voice.speed * manner.speed, voice.pitch * manner.pitch
    chunks = _chunks(_flatten(tokens))
    parts: list[NDArray[np.float32]] = []
    marks: list[tuple[str, int, int, int]] = []
    at = 0
    for index, chunk in enumerate(chunks):
        if all(word < 0 for _, word in chunk):
            continue
        tail = _TAIL if index == len(chunks) - 1 else _PAUSE
        piece = _trim(_synthesise(chunk, voice, speed, pitch, models), _LEAD, tail)
        parts.append(piece.pcm)
        marks.extend((p, w, s + at, e + at) for p, w, s, e in piece.marks)
        at += len(piece.pcm)
    phones = tuple(PhoneTime(p, s / SAMPLE_RATE, e / SAMPLE_RATE) for p, _, s, e in marks)
    spans: dict[int, tuple[int, int]] = {}
    for _, word, start, end in marks:
        if word >= 0:
            spans[word] = (spans.get(word, (start, end))[0], end)
    words = tuple(WordTime(tokens[w].text, s / SAMPLE_RATE, e / SAMPLE_RATE) for w, (s, e) in sorted(spans.items()))
    return Speech(_level(np.concatenate(parts), manner.energy), words, phones)
