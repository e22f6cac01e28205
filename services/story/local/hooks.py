"""Tells whether a text ends on a hook: an open question, a threat or an arrival that the next episode must answer."""

from __future__ import annotations

import re

from kit.wording import detect_language
from services.story.local.grammar import find
from services.story.local.shapes import beats
from services.story.local.text import sentences

_OPEN = re.compile(r"([?？]|…|\.\.\.|—|——)[\"”’」]*$")


def ends_on_hook(text: str, language: str | None = None) -> bool:
    """Return True when the last words of `text` are a hook of the grammar, or an open question or a broken-off sentence.

    Structural: a hook's fixed words must be found in order and reach the end of `text`; no mood is guessed.
    """
    text = text.strip()
    if not text:
        return False
    if _OPEN.search(text):
        return True
    lang = language if language in ("en", "zh", "ko") else detect_language(text)
    tail = "".join(s if lang == "zh" else s + " " for s in sentences(text)[-3:]).strip()
    for beat in beats(lang):
        if beat.phase == "H":
            span = find(beat.summary, tail)
            if span is not None and len(tail) - span[1] <= 40:
                return True
    return False
