"""A synthesised music bed by mood: seeded, of any length, and made on a ring so that it can be looped without a seam.

Four voices: a pad that breathes through a chord progression, a bass, a plucked figure, and the mood's pulse (heartbeat, shaker or
bell), in a stereo hall. Nothing is sampled, so there is no licence to keep.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.signal import butter, sosfilt

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOODS = ("tension", "sad", "tender", "upbeat", "mystery")

_BEATS = 4


@dataclass(frozen=True)
class _Score:
    """`bpm` wished for, `root` as a MIDI note, chords as semitones above it, the figure as (sixteenth, chord tone), levels in dB."""

    bpm: float
    root: int
    chords: tuple[tuple[int, ...], ...]
    figure: tuple[tuple[int, int], ...]
    cutoff: float
    pluck_db: float
    pulse: str


def _figure(*pairs: int) -> tuple[tuple[int, int], ...]:
    return tuple(zip(pairs[::2], pairs[1::2], strict=True))


_SCORES = {
    "tension": _Score(
        84,
        38,
        ((0, 3, 7), (0, 3, 8), (-2, 2, 5), (1, 5, 8)),
        _figure(0, 0, 3, 1, 6, 2, 8, 0, 11, 1, 14, 2),
        900,
        -17,
        "heart",
    ),
    "sad": _Score(
        62,
        45,
        ((0, 3, 7, 10), (-4, 0, 3, 7), (3, 7, 10), (-2, 2, 5, 9)),
        _figure(0, 0, 4, 2, 8, 1, 12, 3),
        1100,
        -11,
        "none",
    ),
    "tender": _Score(
        70,
        48,
        ((0, 4, 7, 11), (-3, 0, 4, 7), (5, 9, 12), (-5, -1, 2, 5)),
        _figure(0, 0, 2, 1, 4, 2, 8, 3, 10, 2, 12, 1),
        1400,
        -11,
        "none",
    ),
    "upbeat": _Score(
        112,
        50,
        ((0, 4, 7), (7, 11, 14), (9, 12, 16), (5, 9, 12)),
        _figure(0, 0, 3, 1, 4, 2, 6, 1, 8, 0, 10, 2, 12, 1, 14, 2),
        2200,
        -10,
        "shaker",
    ),
    "mystery": _Score(
        66,
        40,
        ((0, 3, 7, 14), (-1, 3, 6, 11), (0, 5, 8, 12), (1, 5, 8, 13)),
        _figure(0, 3, 5, 1, 10, 2),
        1000,
        -12,
        "bell",
    ),
}


def _hertz(note: float) -> float:
    return float(440.0 * 2.0 ** ((note - 69.0) / 12.0))


class _Ring:
    """A stereo tape whose end is its beginning: what is written past the end goes on at the start."""

    def __init__(self, samples: int, rate: int) -> None:
        self.tape = np.zeros((samples, 2), np.float32)
        self.rate = rate

    def add(self, at: float, sound: NDArray[np.float32], level: float, pan: float = 0.0) -> None:
        left, right = np.cos((pan + 1) * np.pi / 4), np.sin((pan + 1) * np.pi / 4)
        stereo = sound[:, None] * np.array([left, right], np.float32) * np.float32(level)
        start = int(at * self.rate) % len(self.tape)
        while len(stereo):
            room = min(len(stereo), len(self.tape) - start)
            self.tape[start : start + room] += stereo[:room]
            stereo, start = stereo[room:], 0


def _pad(hertz: float, seconds: float, rate: int, rng: np.random.Generator, cutoff: float) -> NDArray[np.float32]:
    """Three detuned voices of falling partials with a slow swell; overlaps its neighbours by half a second on either side."""
    count = int(seconds * rate)
    t = np.arange(count, dtype=np.float32) / rate
    sound = np.zeros(count, np.float32)
    for detune in (-0.0022, 0.0003, 0.0026):
        base = hertz * (1 + detune)
        for partial in range(1, 7):
            if base * partial > min(cutoff * 3, rate / 2.2):
                break
            soft = 1.0 / (1.0 + (base * partial / cutoff) ** 2)
            sound += np.float32(soft / partial**1.2) * np.sin(
                np.float32(2 * np.pi * base * partial) * t + np.float32(rng.uniform(0, 6.28))
            )
    edge = min(int(0.9 * rate), count // 2)
    ramp = (0.5 - 0.5 * np.cos(np.linspace(0, np.pi, edge))).astype(np.float32)
    sound[:edge] *= ramp
    sound[count - edge :] *= ramp[::-1]
    swell = 1.0 + 0.12 * np.sin(np.float32(2 * np.pi * rng.uniform(0.1, 0.22)) * t)
    return np.asarray(sound * swell / 4, np.float32)


def _pluck(hertz: float, rate: int, bright: float) -> NDArray[np.float32]:
    """A struck string: partials that fade the faster the higher they are, with a little inharmonicity."""
    t = np.arange(int(1.5 * rate), dtype=np.float32) / rate
    sound = np.zeros(len(t), np.float32)
    for partial in range(1, 6):
        pitch = hertz * partial * float(np.sqrt(1 + 0.0004 * partial * partial))
        if pitch > rate / 2.2:
            break
        fade = np.exp(-t * np.float32(2.2 + 1.6 * partial))
        sound += np.float32(bright ** (partial - 1)) * fade * np.sin(np.float32(2 * np.pi * pitch) * t)
    sound[: rate // 200] *= np.linspace(0, 1, rate // 200, dtype=np.float32)
    return sound


def _heart(rate: int) -> NDArray[np.float32]:
    t = np.arange(int(0.4 * rate), dtype=np.float32) / rate
    sweep = 2 * np.pi * (46 * t + 34 * (1 - np.exp(-t * 26)) / 26)
    return np.asarray(np.sin(sweep) * np.exp(-t * 11) * np.minimum(1, t * 400), np.float32)


def _shaker(rate: int, rng: np.random.Generator) -> NDArray[np.float32]:
    count = int(0.07 * rate)
    noise = sosfilt(
        butter(2, [min(5000, 0.2 * rate), min(11000, 0.45 * rate)], "bandpass", fs=rate, output="sos"),
        rng.standard_normal(count),
    )
    return np.asarray(noise * np.hanning(count), np.float32)


def _hall(tape: NDArray[np.float32], rate: int, rng: np.random.Generator, seconds: float) -> NDArray[np.float32]:
    """The tape in a hall, by circular convolution with fading noise, different on each side: the tail of the end sounds at the start."""
    size = len(tape)
    t = np.arange(int(seconds * rate)) / rate
    tail = rng.standard_normal((len(t), 2)) * np.exp(-t * 6.9 / seconds)[:, None]
    tail = sosfilt(butter(1, [180, 4200], "bandpass", fs=rate, output="sos"), tail, axis=0)
    tail[: int(0.012 * rate)] = 0
    ring = np.zeros((size, 2))
    for start in range(0, len(tail), size):
        piece = tail[start : start + size]
        ring[: len(piece)] += piece
    ring /= np.sqrt(np.sum(ring**2, axis=0, keepdims=True))
    wet = np.fft.irfft(np.fft.rfft(tape, axis=0) * np.fft.rfft(ring, axis=0), n=size, axis=0)
    return np.asarray(wet, np.float32)


def bed(mood: str, seconds: float, seed: int = 0, rate: int = 48_000) -> NDArray[np.float32]:
    """A music bed of `seconds` as float32 stereo samples (n, 2) with an RMS of about -20 dBFS and peaks under -3 dBFS.

    It holds a whole number of bars (the tempo gives way), so playing it again and again has no seam. The same arguments always give the
    same samples. An unknown mood is played as `tender`. Raises ValueError for a length under half a second.
    """
    if seconds < 0.5:
        raise ValueError("a music bed lasts at least half a second")
    score = _SCORES.get(mood, _SCORES["tender"])
    rng = np.random.default_rng([seed & 0xFFFFFFFF, len(mood)])
    samples = round(seconds * rate)
    bars = max(1, round(seconds * score.bpm / 60 / _BEATS))
    bar = samples / rate / bars
    root = score.root + int(rng.integers(-2, 3))
    turn = int(rng.integers(0, 2)) * 2
    ring = _Ring(samples, rate)
    plucked = {}
    for index in range(bars):
        chord = score.chords[(index + turn) % len(score.chords)]
        at = index * bar
        for place, tone in enumerate(chord):
            swell = _pad(_hertz(root + 12 + tone), bar + 1.0, rate, rng, score.cutoff)
            ring.add(at - 0.5, swell, 0.30, (place - (len(chord) - 1) / 2) * 0.45)
        ring.add(at - 0.25, _pad(_hertz(root + chord[0]), bar + 0.5, rate, rng, 260), 0.55)
        for step, tone in score.figure:
            if rng.random() < 0.12:  # a left-out note now and then keeps it from ticking like a clock
                continue
            note = root + 24 + chord[tone % len(chord)] + 12 * (tone // len(chord))
            if note not in plucked:
                plucked[note] = _pluck(_hertz(note), rate, 0.42 if score.cutoff < 1200 else 0.55)
            level = 10 ** (score.pluck_db / 20) * float(rng.uniform(0.75, 1.0)) * (1.15 if step == 0 else 1.0)
            ring.add(
                at + bar * step / 16 + float(rng.uniform(0, 0.008)), plucked[note], level, float(rng.uniform(-0.5, 0.5))
            )
        _pulse(ring, score.pulse, at, bar, root, rng)
    dry = ring.tape
    wet = _hall(dry, rate, rng, 2.6 if score.bpm < 90 else 1.4)
    mixed = dry + 0.55 * wet
    rms = float(np.sqrt(np.mean(mixed**2))) or 1.0
    out = np.tanh(mixed * (0.1 / rms) * 1.1) / 1.1
    peak = float(np.abs(out).max(initial=1e-9))
    return np.asarray(out * min(1.0, 0.7 / peak), np.float32)


def _pulse(ring: _Ring, kind: str, at: float, bar: float, root: int, rng: np.random.Generator) -> None:
    if kind == "heart":
        for beat in (0.0, 0.12, 0.5, 0.62):
            ring.add(at + bar * beat, _heart(ring.rate), 0.55 if beat in (0.0, 0.5) else 0.36)
    elif kind == "shaker":
        for step in range(8):
            ring.add(at + bar * step / 8, _shaker(ring.rate, rng), 0.16 if step % 2 else 0.10, 0.3)
    elif kind == "bell":
        bell = _pluck(_hertz(root + 43), ring.rate, 0.7)
        ring.add(at + bar * 0.5, bell, 0.10, -0.6)
