"""English spelling to sound by hibari's lexicon, tagger and out-of-vocabulary net, with the words as they were written."""

from __future__ import annotations

import difflib
import functools
import unicodedata
from typing import TYPE_CHECKING

from kit.speech.marks import plain
from kit.speech.shapes import Token

if TYPE_CHECKING:
    from hibari.g2p import G2P


@functools.lru_cache(maxsize=2)
def _reader(british: bool) -> G2P:
    from hibari.g2p import G2P

    return G2P(british=british)


def _key(word: str) -> str:
    return "".join(c for c in word.casefold() if c.isalnum()) or word


def _spoken(text: str, british: bool) -> list[Token]:
    """Words of the normalised text (`7:30` has become two words), each with its phonemes."""
    from hibari.g2p.normalize import normalize

    reader = _reader(british)
    words: list[Token] = []
    written, phones = "", ""
    for piece in reader.phonemize_tokens(reader.tokenize(normalize(text))):
        written += piece.text
        phones += piece.phonemes or ""
        if piece.whitespace:
            words.append(Token(written, phones))
            written, phones = "", ""
    if written:
        words.append(Token(written, phones))
    return words


def read(text: str, *, british: bool = False) -> list[Token]:
    """The words of an English text as written, each with its phonemes; words that make no sound are left out.

    Numbers, times and abbreviations are read out: `7:30` stays one written word although it is two spoken ones.
    """
    # The lexicon knows plain Latin letters only: an accent it does not know would silence the word.
    decomposed = unicodedata.normalize("NFKD", plain(text).replace("’", "'").replace("‘", "'"))
    folded = "".join(c for c in decomposed if not unicodedata.combining(c))
    written, spoken = folded.split(), _spoken(folded, british)
    original = text.split()
    if len(original) != len(written):
        original = written
    matcher = difflib.SequenceMatcher(a=[_key(w) for w in written], b=[_key(t.text) for t in spoken], autojunk=False)
    tokens: list[Token] = []
    for _, a0, a1, b0, b1 in matcher.get_opcodes():
        if a0 == a1 and tokens:  # spoken words that nobody wrote belong to the word before
            tokens[-1] = Token(tokens[-1].text, " ".join((tokens[-1].phones, *(t.phones for t in spoken[b0:b1]))))
            continue
        names = original[a0:a1] or [t.text for t in spoken[b0:b1]]
        for index, name in enumerate(names):
            first = b0 + (b1 - b0) * index // len(names)
            last = b0 + (b1 - b0) * (index + 1) // len(names)
            phones = " ".join(t.phones for t in spoken[first:last] if t.phones)
            if phones:
                tokens.append(Token(name, phones))
    return tokens
