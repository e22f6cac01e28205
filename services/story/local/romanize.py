"""Latin letters for names, so that ids stay readable: Hangul by the Revised Romanization, Han by a small table."""

from __future__ import annotations

import unicodedata

from services.story.local.data import words
from services.story.local.data.words_zh import PINYIN

_INITIALS = tuple(i.strip("-") for i in words("g kk n d tt r m b pp s ss - j jj ch k t p h"))
_VOWELS = words("a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i")
_FINALS = ("", *words("k k k n n n t l k m l l l p l m p p t t ng t t k t p t"))


def romanize(text: str) -> str:
    """Return `text` in ASCII letters; a letter without a reading becomes its code point in hexadecimal."""
    out: list[str] = []
    for ch in unicodedata.normalize("NFC", text):
        code = ord(ch) - 0xAC00
        if 0 <= code < 11172:
            out.append(_INITIALS[code // 588] + _VOWELS[code % 588 // 28] + _FINALS[code % 28])
        elif ch in PINYIN:
            out.append(PINYIN[ch])
        elif ch.isascii():
            out.append(ch)
        else:
            plain = unicodedata.normalize("NFKD", ch).encode("ascii", "ignore").decode()
            out.append(plain or (f"u{ord(ch):x}" if ch.isalpha() else ""))
    return "".join(out)
