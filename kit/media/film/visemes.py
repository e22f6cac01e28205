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

_MODIFIERS = frozenset("ˈˌːʰʲ̃↓→↗↘ᵝ")
_WEIGHT = {"closed": 2.2, "round": 1.3, "open": 1.3, "wide": 1.2, "teeth": 1.1, "small": 0.7}
"""Which mouth wins a drawing that several sounds share: lips that meet must be seen, a passing tongue need not."""

EARLY = 0.02
"""Seconds by which lips lead their sound, as they do in life."""


def mouths(phones: Sequence[PhoneTime], frames: int, fps: float, *, hold: int = 2) -> list[str]:
    """The mouth in each of `frames` frames for phones timed from the first frame.

    A mouth is held for `hold` frames (animation on twos): one drawing per frame at 30 fps looks like trembling. Within a drawing the mouth
    whose sounds last longest, weighted by how much it matters to be seen, is taken.
    """
    drawn: list[str] = []
    index = 0
    carried = REST
    timed: list[tuple[str, float, float]] = []
    for phone in phones:
        if phone.phone in _MODIFIERS:
            mouth = carried  # a tone or a length mark prolongs the sound before it
        else:
            mouth = carried = MOUTH_OF.get(phone.phone, REST)
        timed.append((mouth, phone.start - EARLY, phone.end - EARLY))
    for first in range(0, frames, hold):
        start, end = first / fps, (first + hold) / fps
        while index < len(timed) and timed[index][2] <= start:
            index += 1
        share: dict[str, float] = {}
        for mouth, a, b in timed[index:]:
            if a >= end:
                break
            overlap = min(b, end) - max(a, start)
            pause = mouth == REST and overlap >= 0.8 * (end - start)
            share[mouth] = share.get(mouth, 0.0) + overlap * (1.0 if pause else _WEIGHT[mouth])
        drawn.extend([max(share, key=lambda m: share[m]) if share else REST] * hold)
    return drawn[:frames]
