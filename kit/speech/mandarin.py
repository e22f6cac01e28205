"""Mandarin spelling to sound: jieba cuts words, pypinyin reads them with tone sandhi, misaki's tables give the phonemes."""

from __future__ import annotations

import functools
import logging
import re
from collections.abc import Callable

from kit.speech.marks import pauses
from kit.speech.shapes import Token

_DIGITS = "零一二三四五六七八九"
_NUMBER = re.compile(r"(\d{1,2}:\d{2}|\d+(?:,\d{3})*(?:\.\d+)?%?(?:年)?)")


@functools.lru_cache(maxsize=1)
def _cutter() -> Callable[[str], list[str]]:
    import jieba

    jieba.setLogLevel(logging.WARNING)
    cut: Callable[[str], list[str]] = jieba.lcut
    return cut


def _counted(digits: str) -> str:
    import cn2an

    if len(digits) > 15 or (len(digits) > 1 and digits[0] == "0" and "." not in digits):
        return "".join(_DIGITS[int(d)] for d in digits if d.isdigit())
    return str(cn2an.an2cn(digits))


def spell_number(written: str) -> str:
    """A number in characters as it is spoken: years (`2024年`) digit by digit, `5%`, clock times (`7:30`) and plain numbers."""
    written = written.replace(",", "")
    if ":" in written:
        hour, minute = written.split(":")
        return f"{_counted(str(int(hour)))}点" + (f"{_counted(str(int(minute)))}分" if int(minute) else "")
    if written.endswith("%"):
        return "百分之" + _counted(written[:-1])
    digits = written.removesuffix("年")
    if written.endswith("年"):
        return ("".join(_DIGITS[int(d)] for d in digits) if len(digits) == 4 else _counted(digits)) + "年"
    return _counted(digits)


@functools.lru_cache(maxsize=4096)
def to_ipa(word: str) -> str:
    """Phonemes of one word of Chinese characters, tones as the arrows of the voices' alphabet."""
    from misaki.zh import ZHG2P
    from pypinyin import Style, lazy_pinyin

    syllables = lazy_pinyin(word, style=Style.TONE3, neutral_tone_with_five=True, tone_sandhi=True, errors="ignore")
    # U+032F marks glides in the tables; the voices' alphabet has no such letter.
    return "".join(ZHG2P.py2ipa(s) for s in syllables).replace("\u032f", "")


def read(text: str) -> list[Token]:
    """The words of a Mandarin text as written, each with its phonemes; punctuation is kept in the word before it."""
    tokens: list[Token] = []
    for index, piece in enumerate(_NUMBER.split(text)):
        if index % 2:  # the odd pieces are what the pattern matched
            tokens.append(Token(piece, to_ipa(spell_number(piece))))
            continue
        for word in _cutter()(piece):
            phones = to_ipa(word) if any("\u4e00" <= c <= "\u9fff" for c in word) else ""
            if phones:
                tokens.append(Token(word, phones))
            elif tokens and word.strip():
                last = tokens[-1]
                tokens[-1] = Token(last.text + word.strip(), last.phones + pauses(word))
    return tokens
