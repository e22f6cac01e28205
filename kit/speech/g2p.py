"""Spelling to sound in English, Mandarin and Korean, and for lines that mix them."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from kit.speech import english, korean, mandarin
from kit.speech.marks import SILENT, pauses
from kit.speech.shapes import Token


@lru_cache(maxsize=1)
def alphabet() -> dict[str, int]:
    """The phoneme letters of the voices and their numbers (Kokoro's, which hibari shares). Raises LookupError if not installed."""
    spec = find_spec("hibari")
    if spec is None or spec.origin is None:
        raise LookupError("hibari-tts is not installed: install the extra `local`")
    table: dict[str, int] = json.loads((Path(spec.origin).parent / "assets" / "vocab.json").read_text(encoding="utf-8"))
    return table


def clean(text: str) -> str:
    """The text without what cannot be read aloud: emoji, symbols of no script, control and format characters, markup stars."""
    text = re.sub(r"\.{2,}|。{2,}", "…", unicodedata.normalize("NFC", text))
    # Full-width digits and letters become plain; compatibility folding of the whole text would break the ellipsis apart.
    text = "".join(unicodedata.normalize("NFKC", c) if "\uff10" <= c <= "\uff5a" and c.isalnum() else c for c in text)
    kept = (c if unicodedata.category(c) not in ("So", "Sk", "Cs", "Co", "Cn", "Cf", "Cc") else " " for c in text)
    return " ".join(re.sub(r"[*_`#<>{}\[\]|\\·]", " ", "".join(kept)).split())


def _script(char: str) -> str | None:
    if "\u4e00" <= char <= "\u9fff":
        return "zh"
    if "가" <= char <= "힣":
        return "ko"
    return "en" if char.isalpha() and "LATIN" in unicodedata.name(char, "") else None


def runs(text: str, language: str) -> list[tuple[str, str]]:
    """The text cut where the script changes, as (language, piece); digits and punctuation stay with what precedes them."""
    out: list[tuple[str, str]] = []
    for char in text:
        script = _script(char) or (out[-1][0] if out else language)
        if out and (out[-1][0] == script or not any(c.isalnum() for c in out[-1][1])):
            out[-1] = (script, out[-1][1] + char)
        else:
            out.append((script, char))
    return out


def _read_korean(text: str) -> list[Token]:
    # Writing numbers out changes no spaces, so the written and the spoken words pair up.
    pairs = zip(text.split(), korean.spell_numbers(text).split(), strict=True)
    tokens = (Token(written, korean.to_ipa(spoken) + pauses(spoken)) for written, spoken in pairs)
    return [token for token in tokens if token.phones]


def pronounce(text: str, language: str, *, british: bool = False) -> list[Token]:
    """The words of a line with their phonemes, in order; every phoneme is a letter of `alphabet()`.

    Raises ValueError when nothing in the text can be spoken (empty, punctuation or emoji only).
    """
    known = alphabet()
    tokens: list[Token] = []
    for script, piece in runs(clean(text), language):
        if script == "zh":
            read = mandarin.read(piece)
        elif script == "ko":
            read = _read_korean(piece)
        else:
            read = english.read(piece, british=british)
        for token in read:
            phones = "".join(c for c in token.phones if c in known).strip()
            if any(c not in SILENT for c in phones):
                tokens.append(Token(token.text, phones))
            elif tokens and phones:
                tokens[-1] = Token(tokens[-1].text, tokens[-1].phones + phones)
    if not tokens:
        raise ValueError(f"there is nothing to say in {text[:40]!r}")
    return tokens
