"""Loudness by ITU-R BS.1770-4 / EBU R 128 and a peak limiter, on samples in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import minimum_filter1d, uniform_filter1d
from scipy.signal import resample_poly, sosfilt

if TYPE_CHECKING:
    from numpy.typing import NDArray

RATE = 48_000

# The K weighting of BS.1770-4, annex 1, tables 1 and 2: a shelf for the head and a high pass, given for 48 kHz.
_K_WEIGHTING = np.array(
    [
        [1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585],
        [1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621],
    ]
)
_ABSOLUTE, _RELATIVE = -70.0, -10.0

_REACH = 12
"""Samples on either side that decide what a sound reaches between two samples."""


def integrated(samples: NDArray[np.float32]) -> float:
    """Integrated loudness in LUFS of stereo samples (n, 2) at 48 kHz; -inf for silence or less than 0.4 s."""
    weighted = sosfilt(_K_WEIGHTING, samples, axis=0)
    power = weighted[:, 0] ** 2 + weighted[:, 1] ** 2
    hop, window = RATE // 10, 4
    count = len(power) // hop
    if count < window:
        return float("-inf")
    hops = power[: count * hop].reshape(count, hop).sum(axis=1)
    blocks = np.convolve(hops, np.ones(window), "valid") / (window * hop)
    levels = -0.691 + 10 * np.log10(np.maximum(blocks, 1e-12))
    heard = blocks[levels > _ABSOLUTE]
    if not len(heard):
        return float("-inf")
    gate = -0.691 + 10 * np.log10(np.mean(heard)) + _RELATIVE
    kept = blocks[levels > max(gate, _ABSOLUTE)]
    return float(-0.691 + 10 * np.log10(np.mean(kept)))


def _loudest(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """The larger side of each stereo sample."""
    return np.maximum(np.abs(samples[:, 0]), np.abs(samples[:, 1]))


def true_peak(samples: NDArray[np.float32]) -> float:
    """True peak in dBTP, by fourfold oversampling around the loudest samples; -inf for silence."""
    loud = _loudest(samples)
    top = float(loud.max(initial=0.0))
    if top <= 0:
        return float("-inf")
    # Between samples a peak rises by at most a few dB, so only neighbourhoods of loud samples can hold it.
    near = np.flatnonzero(loud > 0.6 * top)
    for block in np.unique(near // RATE):
        first = max(0, int(block) * RATE - 64)
        piece = resample_poly(samples[first : (int(block) + 1) * RATE + 64], 4, 1, axis=0)
        top = max(top, float(np.abs(piece).max()))
    return float(20 * np.log10(top))


def _between(samples: NDArray[np.float32], over: float) -> NDArray[np.float32]:
    """The larger side of each sample, with what the sound reaches in the quarters up to the next sample wherever it may pass `over`."""
    peaks = _loudest(samples)
    # Four times oversampled as BS.1770-4 annex 2 has it, with a windowed sinc, and only where a sample stands near the limit.
    taps = np.arange(2 * _REACH)[:, None] - (_REACH - 1) - np.array([0.25, 0.5, 0.75])
    window = np.i0(8 * np.sqrt(np.maximum(0.0, 1 - (taps / _REACH) ** 2))) / np.i0(8.0)
    kernel = (np.sinc(taps) * window).astype(np.float32)
    near = np.flatnonzero(peaks > 0.6 * over)
    padded = np.pad(samples, ((_REACH - 1, _REACH), (0, 0)))
    for side in (0, 1):
        windows = np.lib.stride_tricks.sliding_window_view(padded[:, side], 2 * _REACH)
        for first in range(0, len(near), RATE):
            some = near[first : first + RATE]
            peaks[some] = np.maximum(peaks[some], np.abs(windows[some] @ kernel).max(axis=1))
    return peaks


def limited(samples: NDArray[np.float32], ceiling: float) -> NDArray[np.float32]:
    """The samples with true peaks held under `ceiling` dBTP by a gain that looks 4 ms ahead and recovers over 40 ms."""
    top = 10 ** (ceiling / 20)
    peaks = _between(samples, top)
    if float(peaks.max(initial=0.0)) <= top:
        return samples
    needed = np.minimum(1.0, top / np.maximum(peaks, 1e-9))
    ahead, release = int(0.004 * RATE), int(0.04 * RATE)
    held = minimum_filter1d(needed, 2 * (ahead + release) + 1)
    # The mean over a window no wider than the hold never exceeds what a peak inside it needs.
    gain = uniform_filter1d(held, 2 * ahead + 1)
    return np.asarray(samples * gain[:, None], np.float32)


def levelled(samples: NDArray[np.float32], target: float, ceiling: float) -> NDArray[np.float32]:
    """The samples at `target` LUFS with true peaks under `ceiling` dBTP; silence stays as it is.

    Limiting costs loudness, so it is done in up to four rounds. What is hardly more than a few clicks may stay too soft.
    """
    out = samples
    for _ in range(4):
        now = integrated(out)
        if not np.isfinite(now):
            break
        close = abs(now - target) < 0.1
        out = limited(out if close else np.asarray(out * 10 ** ((target - now) / 20), np.float32), ceiling)
        if close:
            break
    return out
