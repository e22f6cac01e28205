"""Local voices: casting (`casting`), spelling to sound (`g2p`) and speaking with exact times (`say`), all offline.

Import `speak` from `kit.speech.say`: it brings numpy and the models with it, the names below do not.
"""

from kit.speech.casting import cast_voices, choose_voice
from kit.speech.shapes import SAMPLE_RATE, PhoneTime, Speech, Voice, WordTime

__all__ = ["SAMPLE_RATE", "PhoneTime", "Speech", "Voice", "WordTime", "cast_voices", "choose_voice"]
