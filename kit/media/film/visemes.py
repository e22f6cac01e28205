"""From phonemes to mouths: what is drawn while a sound is heard."""

from __future__ import annotations

from collections.abc import Sequence

from kit.speech.shapes import PhoneTime

REST = "closed"

_TABLE = {
    "closed": "mbp",
    "teeth": "fvszθðʃʒʧʤʣʦʥʨɕʂꭧʈɖçʝʐ",
    "wide": "ieɛjæIAyɪ",
    "open": "aɑɐʌWɚ",
    "round": "ouɔʊwOQYɥɒøœɹɻɯɰ",
    "small": "tdnlkɡgŋhxɣɾrqcɟɲɳɴəᵊɜɤɨᵻTʔβɸχʁɽʎʋ",
}
MOUTH_OF = {phone: mouth for mouth, phones in _TABLE.items() for phone in phones}
"""The mouth for every phoneme letter of English, Mandarin and Korean that moves the lips; marks of stress and tone have none."""

_BEFORE, _AFTER = frozenset("ˈˌ"), frozenset("ːʰʲ̃↓→↗↘ᵝ")
"""Marks of stress belong to the sound that follows, marks of length, breath and tone to the one before."""

_PAUSE = 0.09
"""Seconds that a gap between words lasts before lips come to rest in it."""

_WEIGHT = {"closed": 2.2, "round": 1.3, "open": 1.3, "wide": 1.2, "teeth": 1.1, "small": 0.7}
"""Which mouth wins a drawing that several sounds share: lips that meet must be seen, a passing tongue need not."""

EARLY = 0.02
"""Seconds by which lips lead their sound, as they do in life."""


def _lips(phones: Sequence[PhoneTime]) -> list[tuple[str, float, float, float]]:
    """(mouth, weight, start, end) of every phone. A short gap between words keeps the mouth as it is: people do not shut it there."""
    timed: list[tuple[str, float, float, float]] = []
    carried = REST
    for index, phone in enumerate(phones):
        sound = phone.phone
        if sound in _BEFORE:
            sound = next((p.phone for p in phones[index + 1 : index + 3] if p.phone in MOUTH_OF), sound)
        if sound in MOUTH_OF:
            carried = MOUTH_OF[sound]
            weight = _WEIGHT[carried]
        elif sound in _AFTER or (sound == " " and phone.end - phone.start < _PAUSE):
            weight = 0.5
        else:
            carried, weight = REST, 1.0
        timed.append((carried, weight, phone.start - EARLY, phone.end - EARLY))
    return timed


def mouths(phones: Sequence[PhoneTime], frames: int, fps: float, *, hold: int = 2) -> list[str]:
    """The mouth in each of `frames` frames for phones timed from the first frame.

    A mouth is held for `hold` frames (animation on twos): one drawing per frame at 30 fps looks like trembling. Within a drawing the mouth
    whose sounds last longest, weighted by how much it matters to be seen, is taken.
    """
    drawn: list[str] = []
    index = 0
    timed = _lips(phones)
    for first in range(0, frames, hold):
        start, end = first / fps, (first + hold) / fps
        while index < len(timed) and timed[index][3] <= start:
            index += 1
        share: dict[str, float] = {}
        for mouth, weight, a, b in timed[index:]:
            if a >= end:
                break
            share[mouth] = share.get(mouth, 0.0) + (min(b, end) - max(a, start)) * weight
        drawn.extend([max(share, key=lambda m: share[m]) if share else REST] * hold)
    return drawn[:frames]
