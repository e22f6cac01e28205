"""The sound of an episode: the clips' tracks in a row, brought to one loudness, and encoded with its peaks held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kit.media import music, probe
from kit.media.ffmpeg import run, source
from kit.media.film.facts import LOUDNESS, SOUND_ARGS, SOUND_RATE, TRUE_PEAK
from kit.media.film.levels import integrated, levelled
from kit.media.film.sound import room_tone, write_wav

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TIMEOUT = 1800.0
_STEREO = f"aresample={SOUND_RATE},aformat=sample_fmts=flt:channel_layouts=stereo"
_TRIES = 3
_HEADROOM = 1.2  # AAC rounds peaks up by up to a decibel
_NEAR_SILENT = 10 ** (-55 / 20)
_BED = 0.25
_NEAR = 0.6  # LU; the check allows 1


@dataclass(frozen=True)
class Piece:
    """One clip's share of the track: its file, whether that has sound, and the seconds that it fills."""

    path: Path
    sounds: bool
    length: float


def gathered(pieces: Sequence[Piece], folder: Path) -> NDArray[np.float32]:
    """The pieces' sound in a row, stereo at 48 kHz, each exactly as long as its picture, not yet levelled.

    A piece without sound, or with nothing to hear in it, gets a quiet music bed. `folder` takes a scratch file. Raises MediaError.
    """
    counts = [round(piece.length * SOUND_RATE) for piece in pieces]
    ends = np.cumsum(counts)
    out = np.zeros((int(ends[-1]), 2), np.float32)
    sounding = [(i, piece.path) for i, piece in enumerate(pieces) if piece.sounds]
    if sounding:
        inputs = [arg for _, path in sounding for arg in source(path)]
        cut = "{stereo},apad=whole_len={n},atrim=end_sample={n},asetpts=N/SR/TB"
        chains = [f"[{k}:a:0]{cut.format(stereo=_STEREO, n=counts[i])}[a{k}]" for k, (i, _) in enumerate(sounding)]
        joined = "".join(f"[a{k}]" for k in range(len(sounding)))
        graph = ";".join([*chains, f"{joined}concat=n={len(sounding)}:v=0:a=1[out]"])
        raw = folder / "gathered.f32"
        # Floats: what stands over full scale in a loud clip is brought down later, not cut off here.
        run([*inputs, "-filter_complex", graph, "-map", "[out]", "-f", "f32le", "-y", str(raw)], timeout=_TIMEOUT)
        heard, at = np.fromfile(raw, "<f4").reshape(-1, 2), 0
        for i, _ in sounding:
            some = heard[at : at + counts[i]]
            out[ends[i] - counts[i] : ends[i] - counts[i] + len(some)] = np.nan_to_num(some, posinf=0.0, neginf=0.0)
            at += counts[i]
    for i, count in enumerate(counts):
        share = out[ends[i] - count : ends[i]]
        if float(np.sqrt(np.mean(np.square(share)))) < _NEAR_SILENT:
            share += _BED * _bed(count, i)
    return out


def _bed(samples: int, seed: int) -> NDArray[np.float32]:
    return music.bed("tender", max(0.5, samples / SOUND_RATE + 0.01), seed, SOUND_RATE)[:samples]


def at_loudness(
    samples: NDArray[np.float32], target: float, ceiling: float, *, bedded: bool = False
) -> NDArray[np.float32]:
    """The track at `target` LUFS with true peaks under `ceiling` dBTP, by one gain for all of it and a limiter for the peaks alone.

    A track that cannot become loud enough, a few clicks in silence, gets a music bed, as does one that is to be `bedded`. Room tone goes
    in last, so that a pause is never digital silence however far the gain went down.
    """
    made = samples if bedded else levelled(samples, target, ceiling)
    if bedded or abs(integrated(made) - target) > _NEAR:
        top = float(np.abs(samples).max(initial=0.0))
        made = levelled(samples * np.float32(0.3 / max(top, 1e-6)) + _bed(len(samples), 0), target, ceiling)
    return made + room_tone(len(made) / SOUND_RATE)[: len(made)]


def encoded(samples: NDArray[np.float32], folder: Path) -> tuple[Path, probe.Loudness]:
    """The track as AAC in `folder` at -14 LUFS with true peaks under -1 dBTP, and its loudness as measured after encoding.

    Three tries: AAC changes peaks and leaves out the highest notes, so the second makes up for what the first one lacked. Where the
    loudness is still off, the measurement's gate is flipping over strikes that die away into silence: the third fills that with music.
    Raises MediaError.
    """
    wav, out = folder / "sound.wav", folder / "sound.m4a"
    target, ceiling, bedded = LOUDNESS, TRUE_PEAK - _HEADROOM, False
    for left in reversed(range(_TRIES)):
        write_wav(wav, at_loudness(samples, target, ceiling, bedded=bedded))
        run([*source(wav), *SOUND_ARGS, "-y", str(out)], timeout=_TIMEOUT)
        found = probe.loudness(out)
        short, over = LOUDNESS - found.integrated, found.true_peak - TRUE_PEAK
        if not left or (over <= 0 and abs(short) <= _NEAR):
            break
        bedded = left == 1 and abs(short) > _NEAR
        target = LOUDNESS if bedded else target + min(3.0, max(-3.0, short))
        ceiling -= over + 0.3 * (_TRIES - left) if over > 0 else 0.0
    return out, found
