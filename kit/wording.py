"""What a text says when nobody has said it otherwise: its language and its seed. Whoever writes, draws and films must agree on both."""

from __future__ import annotations

import hashlib
import re
from typing import Literal

from sfd.dramas.v1 import drama_pb2

Language = Literal["en", "zh", "ko"]
HANGUL = "\uac00-\ud7a3"
HAN = "\u4e00-\u9fff\u3400-\u4dbf"


def detect_language(text: str) -> Language:
    """Returns `ko` when Hangul leads in `text`, `zh` when Han characters do, else `en` (also for text without letters)."""
    ko = len(re.findall(f"[{HANGUL}]", text))
    zh = len(re.findall(f"[{HAN}]", text))
    en = len(re.findall(r"[A-Za-z]{2,}", text))
    if ko and ko * 2 >= zh and ko >= en:
        return "ko"
    return "zh" if zh and zh >= en else "en"


def language_of(drama: drama_pb2.Drama) -> Language:
    """Returns the language of what a drama says of itself, or of its premise when it says nothing yet."""
    text = f"{drama.title}\n{drama.description}"
    return detect_language(text if text.strip() else drama.premise)


def seed_of(text: str) -> int:
    """Returns the seed that a text stands for when nobody gave one: 31 bits of its SHA-256, never zero."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") >> 1 or 1
