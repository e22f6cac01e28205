"""The sound of a clip: voices in their places, music that steps back while somebody speaks, one loudness."""

from __future__ import annotations

import re
import wave
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import uniform_filter1d
from scipy.signal import resample_poly

from kit.media import music
from kit.media.film.facts import LOUDNESS, SOUND_RATE, TRUE_PEAK
from kit.media.film.levels import levelled
from kit.media.film.script import Script
from kit.media.specs import SceneSpec
from kit.speech.shapes import SAMPLE_RATE

if TYPE_CHECKING:
    from numpy.typing import NDArray

MUSIC_LEVEL, DUCKED = -3.0, -12.0
"""Gain of the music in dB between the lines and under them; a bed comes at -20 dBFS RMS, a voice at about -20."""

_PEAK = TRUE_PEAK - 1.2  # AAC rounds peaks up by up to a decibel
_ROOM = 1.2e-3

_MOODS = {
    "sad": "sad",
    "tender": "tender",
    "happy": "upbeat",
    "angry": "tension",
    "afraid": "tension",
    "determined": "tension",
    "surprised": "mystery",
}
_WORDS = {
    "tension": "chase fight gun knife danger threat storm rage betray 追 战 刀 危险 威胁 背叛 추격 싸움 칼 위험 협박 배신",
    "sad": "tears grave funeral goodbye rain alone loss 泪 墓 告别 雨 孤独 눈물 무덤 이별 비 외로",
    "mystery": "secret night shadow fog letter hidden strange 秘密 夜 影 雾 信 奇怪 비밀 밤 그림자 안개 편지 이상",
    "upbeat": "party dance festival wedding laugh sunny 派对 舞 节 婚礼 笑 阳光 파티 춤 축제 결혼 웃",
    "tender": "love kiss embrace home memory 爱 吻 拥抱 家 回忆 사랑 키스 포옹 집 추억",
}


def mood_of(scene: SceneSpec) -> str:
    """The music's mood: what the lines feel counts double, what the description names counts once."""
    votes = dict.fromkeys(music.MOODS, 0)
    for line in scene.lines:
        if line.emotion in _MOODS:
            votes[_MOODS[line.emotion]] += 2
    text = f"{scene.description} {scene.prompt}".casefold()
    words = frozenset(re.findall(r"[a-z]+", text))
    for mood, names in _WORDS.items():
        votes[mood] += sum(1 for name in names.split() if (name in words if name.isascii() else name in text))
    best = max(votes.values())
    return next(m for m in ("tender", *music.MOODS) if votes[m] == best)


def room_tone(seconds: float, seed: int = 0) -> NDArray[np.float32]:
    """The sound of an empty room at about -60 dBFS: dark noise, a little different on either side. Stereo at 48 kHz."""
    rng = np.random.default_rng(seed & 0xFFFFFFFF)
    noise = rng.standard_normal((round(seconds * SOUND_RATE), 2)).astype(np.float32)
    dark = uniform_filter1d(noise, 24, axis=0)
    return np.asarray(dark * (_ROOM / float(dark.std() or 1.0)), np.float32)


def _ducking(script: Script, samples: int) -> NDArray[np.float32]:
    """The music's gain: down shortly before each utterance, up again slowly, never for a gap too short to breathe in."""
    gain = np.full(samples, 10 ** (MUSIC_LEVEL / 20), np.float32)
    low = np.float32(10 ** (DUCKED / 20))
    end_before = -10.0
    for said in script.utterances:
        if said.speech is None:
            continue
        start = end_before if said.start - end_before < 0.7 else said.start - 0.12
        gain[max(0, int(start * SOUND_RATE)) : int((said.end + 0.1) * SOUND_RATE)] = low
        end_before = said.end
    return np.asarray(
        uniform_filter1d(uniform_filter1d(gain, int(0.2 * SOUND_RATE)), int(0.15 * SOUND_RATE)), np.float32
    )


def mix(script: Script, mood: str, seed: int, places: Mapping[str, float]) -> NDArray[np.float32]:
    """Stereo samples at 48 kHz of exactly the script's duration at -14 LUFS. `places` puts characters from -1 (left) to 1 (right)."""
    samples = round(script.duration * SOUND_RATE)
    out = music.bed(mood, script.duration, seed, SOUND_RATE)[:samples] * _ducking(script, samples)[:, None]
    fade = np.linspace(0.25, 1.0, int(0.25 * SOUND_RATE), dtype=np.float32)[:, None]
    out[: len(fade)] *= fade
    out[-len(fade) :] *= fade[::-1]
    for said in script.utterances:
        if said.speech is None:
            continue
        voice = resample_poly(said.speech.pcm, SOUND_RATE // SAMPLE_RATE, 1).astype(np.float32)
        angle = (0.35 * places.get(said.line.character_id, 0.0) + 1) * np.pi / 4
        first = round(said.start * SOUND_RATE)
        voice = voice[: max(0, samples - first)]
        out[first : first + len(voice)] += 1.3 * voice[:, None] * np.array([np.cos(angle), np.sin(angle)], np.float32)
    return levelled(out + room_tone(samples / SOUND_RATE, seed), LOUDNESS, _PEAK)


def write_wav(path: Path, samples: NDArray[np.float32], rate: int = SOUND_RATE) -> None:
    """Write float samples (n,) or (n, channels) as a 16-bit WAV file."""
    pcm = np.clip(np.rint(samples * 32767.0), -32768, 32767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1 if samples.ndim == 1 else samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(pcm.tobytes())
