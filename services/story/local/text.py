"""Small tools on written text in the three languages: how it is cleaned, polished and compared."""

from __future__ import annotations

import re
import unicodedata

from kit.wording import HAN, Language

LANGUAGES: tuple[Language, ...] = ("en", "zh", "ko")

_PARTICLES = (
    "은/는",
    "이/가",
    "을/를",
    "와/과",
    "으로/로",
    "이라/라",
    "이여/여",
    "아/야",
    "이었/였",
    "이에/예",
    "이랑/랑",
    "이나/나",
    "이/",
)
_PARTICLE = re.compile("(.)(" + "|".join(map(re.escape, _PARTICLES)) + ")", re.DOTALL)
_SOFT_H = re.compile(r"(?i)^(hour|honest|honou?r|heir)")
_HARD_VOWEL = re.compile(r"(?i)^(uni([^nm]|t)|one\b|once\b|use|usu|eu|ukul|uto)")


def clean(text: str) -> str:
    """Return `text` on one line, in NFC, without control characters, emoji, brackets or anything markup could hide in."""
    kept = []
    for ch in unicodedata.normalize("NFC", text):
        kind = unicodedata.category(ch)
        if kind in ("Cc", "Zl", "Zp", "Zs"):
            kept.append(" ")
        elif kind[0] in "LN" or kind in ("Mn", "Mc") or ch in "'’‘.,;:!?-–—…\"“”%&，。、；：！？《》「」·":
            kept.append(ch)
        else:
            kept.append(" ")
    return re.sub(r"\s+", " ", "".join(kept)).strip()


def sentences(text: str) -> list[str]:
    """Split `text` into sentences, each with its closing mark; the parts joined give the words of `text` back."""
    parts = re.findall(r".+?(?:[.!?]+[\"”’]*(?=\s|$)|[。！？…]+[”」]*|$)", text.strip(), re.DOTALL)
    return [p.strip() for p in parts if p.strip()]


def closed(sentence: str, language: Language) -> str:
    """Return `sentence` with a closing mark, added only if it has none."""
    sentence = sentence.rstrip(" ,;:，、；：-–—")
    return (
        sentence if re.search(r"[.!?。！？…][\"”’」]*$", sentence) else sentence + ("。" if language == "zh" else ".")
    )


def _particle(match: re.Match[str]) -> str:
    before, pair = match.group(1), match.group(2)
    hard, soft = ("과", "와") if pair == "와/과" else pair.split("/")
    if "가" <= before <= "힣":
        final = (ord(before) - 0xAC00) % 28
        closed_syllable = final != 0 and not (hard == "으로" and final == 8)
    else:
        closed_syllable = before.lower() in "lmnbkpt013678" and not (hard == "으로" and before.lower() in "l178")
    return before + (hard if closed_syllable else soft)


def _article(match: re.Match[str]) -> str:
    article, word = match.group(1), match.group(2)
    vowel = bool(_SOFT_H.match(word)) or (word[0].lower() in "aeiou" and not _HARD_VOWEL.match(word))
    return f"{article[0]}{'n' if vowel else ''} {word}"


def polish(text: str, language: Language) -> str:
    """Return `text` with its seams closed: spacing, a or an, sentence capitals, Korean particles after the right final."""
    text = re.sub(r"\s+", " ", text).strip()
    if language == "ko":
        text = _PARTICLE.sub(_particle, text)
    if language == "zh":
        text = re.sub(f"(?<=[{HAN}，。！？、：；“”]) (?=[{HAN}，。！？、：；“”])", "", text)
    if language == "en":
        text = re.sub(r"\b([Aa])n? ([A-Za-z]\w*)", _article, text)
        text = re.sub(r"\b(s)'s\b", r"\1'", text)
        text = re.sub(r"(^|[.!?][\"”]? )([a-z])", lambda m: m.group(1) + m.group(2).upper(), text)
    text = re.sub(r" ([,.;:!?，。！？、])", r"\1", text)
    return re.sub(r"([.!?。！？])[.。](?=\s|$)", r"\1", text)


def grams(text: str, language: Language, n: int = 5) -> set[tuple[str, ...]]:
    """Return the set of `n`-grams of `text`: of words for English, of letters for Chinese and Korean."""
    units = re.findall(r"[\w']+", text.lower()) if language == "en" else re.findall(r"\w", text)
    return {tuple(units[i : i + n]) for i in range(len(units) - n + 1)}
