"""What every actor does in every frame: breathes, blinks, feels, and moves the lips to its own lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kit.media.film.actors import STATES
from kit.media.film.script import Script, Utterance
from kit.media.film.visemes import REST, mouths
from kit.media.illustration.layers import Face
from kit.speech.shapes import SAMPLE_RATE

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BREATH, _BREATHS = 0.5, (3.4, 4.6)
_EARLY = 0.2
"""Seconds by which a face changes before its line: one feels before one speaks."""

_BLINK = 4
_BLINKS = (2.0, 4.6)


@dataclass(frozen=True)
class Performance:
    """Per frame: the state of the body (0 to `STATES` - 1) and the face."""

    states: tuple[int, ...]
    faces: tuple[Face, ...]


def _energy(said: Utterance, frames: int, fps: int) -> NDArray[np.float64]:
    """Loudness of an utterance per frame of the clip, 0 to 1, rising at once and falling slowly."""
    out = np.zeros(frames)
    if said.speech is None:
        return out
    first, window = round(said.start * fps), SAMPLE_RATE // fps
    pcm = said.speech.pcm
    level = 0.0
    for index in range(min(frames - first, len(pcm) // window + fps // 3)):
        piece = pcm[index * window : (index + 1) * window]
        now = float(np.sqrt(np.mean(np.square(piece)))) / 0.16 if len(piece) else 0.0
        level += (min(1.0, now) - level) * (0.30 if now > level else 0.12)
        out[first + index] = level
    return out


def _blinks(frames: int, fps: int, rng: np.random.Generator) -> set[int]:
    closed: set[int] = set()
    at = float(rng.uniform(0.6, 2.4))
    while at * fps < frames:
        first = int(at * fps) // 2 * 2
        closed.update(range(first, first + _BLINK))
        at += float(rng.uniform(*_BLINKS))
    return closed


def perform(character_id: str, first_emotion: str, script: Script, frames: int, fps: int, seed: int) -> Performance:
    """One actor's performance of a script. `first_emotion` is what the face shows before the actor's first line."""
    rng = np.random.default_rng([seed & 0xFFFFFFFF, *character_id.encode()])
    own = [u for u in script.utterances if u.line.character_id == character_id]
    time = np.arange(frames) / fps
    period = float(rng.uniform(*_BREATHS))
    deep = _BREATH * 0.5 * (1 - np.cos(2 * np.pi * (time / period + float(rng.uniform(0, 1)))))
    lips, feeling = [REST] * frames, [own[0].line.emotion if own else first_emotion] * frames
    closed = _blinks(frames, fps, rng)
    loud = np.zeros(frames)
    for said in own:
        change = max(0, int((said.start - _EARLY) * fps)) // 2 * 2
        if change and said is not own[0]:
            if feeling[-1] != said.line.emotion:
                closed.update(range(change - 2, change + 2))  # a blink covers the change of face
            feeling[change:] = [said.line.emotion] * (frames - change)
        if said.speech is not None:
            first = round(said.start * fps)
            drawn = mouths(said.speech.phones, max(0, min(frames - first, round(said.speech.duration * fps) + 2)), fps)
            lips[first : first + len(drawn)] = drawn
        loud = np.maximum(loud, _energy(said, frames, fps))
    states = np.clip(np.rint((deep + 0.5 * loud) * (STATES - 1)), 0, STATES - 1).astype(int)
    faces = (Face(feeling[i], lips[i], "closed" if i in closed else "open") for i in range(frames))
    return Performance(tuple(states.tolist()), tuple(faces))
