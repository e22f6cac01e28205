"""When who says what: lines become utterances placed in time, and the timeline that captions and players use."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from kit.media.ffmpeg import MediaError
from kit.media.film.facts import LONGEST, TIMELINE_VERSION
from kit.media.specs import CharacterSpec, LineSpec, SceneSpec
from kit.speech.casting import choose_voice
from kit.speech.shapes import Speech, Voice

Speak = Callable[[str, Voice, str, str], Speech]
"""Text, voice, language, emotion to speech: `kit.speech.say.speak`, or a cache before it."""

_HEAD, _GAP, _TAIL = 0.45, 0.30, 0.60
_MOST_HEAD, _MOST_GAP = 1.0, 1.4
_BEAT = 0.7
"""Seconds that a line without words (`...`) is looked at."""

_FASTEST = 1.6


@dataclass(frozen=True)
class Utterance:
    """One line at its place: `start` in seconds of the clip; `speech` is None for a wordless beat."""

    line: LineSpec
    voice: Voice
    start: float
    end: float
    speech: Speech | None


@dataclass(frozen=True)
class Script:
    """All utterances of a clip of `duration` seconds, in order."""

    language: str
    duration: float
    utterances: tuple[Utterance, ...]

    def timeline(self, camera: Mapping[str, object], music: Mapping[str, object]) -> dict[str, object]:
        """A JSON object: version, duration, language, utterances with words and phones at exact times of the clip, camera, music."""
        return {
            "version": TIMELINE_VERSION,
            "duration": round(self.duration, 4),
            "language": self.language,
            "utterances": [_utterance(u, u.speech) for u in self.utterances if u.speech is not None],
            "camera": dict(camera),
            "music": dict(music),
        }


def _utterance(said: Utterance, speech: Speech) -> dict[str, object]:
    def at(seconds: float) -> float:
        return round(said.start + seconds, 4)

    return {
        "character_id": said.line.character_id,
        "text": said.line.text,
        "emotion": said.line.emotion,
        "start": round(said.start, 4),
        "end": round(said.end, 4),
        "voice": said.voice.id,
        "words": [{"text": w.text, "start": at(w.start), "end": at(w.end)} for w in speech.words],
        "phones": [{"phone": p.phone, "start": at(p.start), "end": at(p.end)} for p in speech.phones],
    }


def voice_of(line: LineSpec, voices: Mapping[str, Voice], language: str) -> Voice:
    """The voice of a line's character; a narrator or unknown speaker gets a calm voice that nobody in the cast has."""
    if line.character_id in voices:
        return voices[line.character_id]
    teller = CharacterSpec(line.character_id or "narrator", "", "", "other", "calm, clear, warm storyteller")
    return choose_voice(teller, language, {voice.id for voice in voices.values()})


def _spoken(
    scene: SceneSpec, voices: Mapping[str, Voice], speak: Speak, hurry: float
) -> list[tuple[LineSpec, Voice, Speech | None]]:
    out: list[tuple[LineSpec, Voice, Speech | None]] = []
    for line in scene.lines:
        voice = voice_of(line, voices, scene.language)
        quick = replace(voice, speed=round(voice.speed * hurry, 3))
        try:
            out.append((line, voice, speak(line.text, quick, scene.language, line.emotion)))
        except ValueError:  # nothing that can be spoken: a look instead of a line
            out.append((line, voice, None))
    return out


def _length(spoken: Sequence[tuple[LineSpec, Voice, Speech | None]]) -> float:
    said = sum(speech.duration if speech else _BEAT for _, _, speech in spoken)
    return _HEAD + said + _GAP * max(0, len(spoken) - 1) + _TAIL


def write(scene: SceneSpec, voices: Mapping[str, Voice], speak: Speak, duration: float | None, fps: int) -> Script:
    """Place a scene's lines in a clip of at least `duration` seconds (None: as long as it takes, five at least).

    Speech that needs more time stretches the clip up to `LONGEST`; if that is not enough, everybody speaks faster, up to 1.6 times. Spare
    time goes to the start and between the lines before it goes to the end. Raises MediaError when the lines cannot fit.
    """
    spoken = _spoken(scene, voices, speak, 1.0)
    needed = _length(spoken)
    if needed > LONGEST:
        fixed = needed - sum(s.duration for _, _, s in spoken if s)
        hurry = (needed - fixed) / max(0.1, LONGEST - fixed - 0.2) * 1.02
        if hurry > _FASTEST or fixed > LONGEST:
            raise MediaError(
                f"the scene's lines take {needed:.1f} s, more than fits a clip of {LONGEST:.0f} s: split the scene"
            )
        spoken = _spoken(scene, voices, speak, hurry)
        needed = _length(spoken)
        if needed > LONGEST:
            raise MediaError(f"the scene's lines take {needed:.1f} s even when spoken fast: split the scene")
    total = min(LONGEST, max(needed, duration if duration is not None else 5.0))
    total = math.ceil(total * fps - 1e-6) / fps
    spare = total - needed
    head = min(_MOST_HEAD - _HEAD, spare * 0.2)
    gaps = max(0, len(spoken) - 1)
    gap = min(_MOST_GAP - _GAP, (spare - head) * 0.75 / gaps) if gaps else 0.0
    at = _HEAD + head
    utterances = []
    for line, voice, speech in spoken:
        # A start on a frame keeps picture and sound together without rounding either.
        start = round(at * fps) / fps
        end = start + (speech.duration if speech else _BEAT)
        utterances.append(Utterance(line, voice, start, end, speech))
        at = end + _GAP + gap
    return Script(scene.language, total, tuple(utterances))
