"""Korean spelling to sound by rule: Hangul is taken apart into jamo, the standard sound changes are applied, IPA comes out.

The rules are those of the National Institute of Korean Language's standard pronunciation (표준 발음법): liaison (articles
13-15), neutral finals (8-11), aspiration (12), palatalisation (17), nasalisation (18-19), lateralisation (20), tensing (23-25).
"""

from __future__ import annotations

import itertools
import re

INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
FINALS = ("", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")

Syllable = list[str]
"""Initial, vowel, final: three jamo, the final possibly empty. Changed in place by the rules."""


def _table(letters: str, sounds: str) -> dict[str, str]:
    return dict(zip(letters, sounds.split(), strict=True))


_SPLIT = _table("ㄳㄵㄶㄺㄻㄼㄽㄾㄿㅀㅄ", "ㄱㅅ ㄴㅈ ㄴㅎ ㄹㄱ ㄹㅁ ㄹㅂ ㄹㅅ ㄹㅌ ㄹㅍ ㄹㅎ ㅂㅅ")
_NEUTRAL = _table(
    "ㄲㅋㄳㄺㅅㅆㅈㅊㅌㅎㅍㅄㄿㄼㄽㄾㅀㄵㄶㄻ", "ㄱ ㄱ ㄱ ㄱ ㄷ ㄷ ㄷ ㄷ ㄷ ㄷ ㅂ ㅂ ㅂ ㄹ ㄹ ㄹ ㄹ ㄴ ㄴ ㅁ"
)
_ASPIRATED = {"ㄱ": "ㅋ", "ㄷ": "ㅌ", "ㅂ": "ㅍ", "ㅈ": "ㅊ"}
_TENSE = {"ㄱ": "ㄲ", "ㄷ": "ㄸ", "ㅂ": "ㅃ", "ㅅ": "ㅆ", "ㅈ": "ㅉ"}
_NASAL = {"ㄱ": "ㅇ", "ㄷ": "ㄴ", "ㅂ": "ㅁ"}

_IPA_INITIAL = _table(INITIALS, "k k n t t ɾ m p p s s _ ʨ ʨ ʨʰ kʰ tʰ pʰ h") | {"ㅇ": ""}
_IPA_VOICED = {"ㄱ": "ɡ", "ㄷ": "d", "ㅂ": "b", "ㅈ": "ʥ"}
_IPA_VOWEL = _table(VOWELS, "a ɛ ja jɛ ʌ e jʌ je o wa wɛ we jo u wʌ we wi ju ɯ ɯi i")
_IPA_FINAL = {"": "", "ㄱ": "k", "ㄴ": "n", "ㄷ": "t", "ㄹ": "l", "ㅁ": "m", "ㅂ": "p", "ㅇ": "ŋ"}
_STRONG = frozenset("ㄲㄸㅃㅆㅉ")

_DIGITS = "영일이삼사오육칠팔구"
_NATIVE = ("", "한", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉")
_NATIVE_TENS = ("", "열", "스물", "서른", "마흔", "쉰", "예순", "일흔", "여든", "아흔")
_COUNTED = re.compile(r"(\d{1,2})(?=\s?(?:시(?!간은?초)|명|개|살|번째|마리|사람|잔|권|달|가지|송이))")
_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+|\d+")


def read_number(digits: str) -> str:
    """Sino-Korean reading of a whole number in decimal digits (`1234` -> `천이백삼십사`); over 16 digits, digit by digit."""
    digits = digits.replace(",", "")
    if len(digits) > 16 or (len(digits) > 1 and digits[0] == "0"):
        return "".join(_DIGITS[int(d)] for d in digits)
    if int(digits) == 0:
        return "영"
    out = ""
    for place, unit in zip(range(12, -1, -4), ("조", "억", "만", ""), strict=True):
        group = int(digits) // 10**place % 10_000
        if not group:
            continue
        said = ""
        for power, name in ((1000, "천"), (100, "백"), (10, "십"), (1, "")):
            digit = group // power % 10
            if digit:
                said += ("" if digit == 1 and name else _DIGITS[digit]) + name
        out += ("" if said == "일" and unit == "만" else said) + unit
    return out


def spell_numbers(text: str) -> str:
    """The text with numbers written out: native numerals before common counters, Sino-Korean elsewhere."""

    def native(match: re.Match[str]) -> str:
        value = int(match[1])
        if value == 0:
            return "영"
        return "스무" if value == 20 else _NATIVE_TENS[value // 10] + _NATIVE[value % 10]

    text = re.sub(r"(?<=\d)\.(?=\d)", "점", text).replace("%", "퍼센트")
    return _NUMBER.sub(lambda m: read_number(m[0]), _COUNTED.sub(native, text))


def take_apart(word: str) -> list[Syllable]:
    """The jamo of every Hangul syllable of a word; other letters are left out."""
    codes = (ord(c) - 0xAC00 for c in word if "가" <= c <= "힣")
    return [[INITIALS[c // 588], VOWELS[c % 588 // 28], FINALS[c % 28]] for c in codes]


def _join(left: Syllable, right: Syllable) -> None:
    """Apply the sound changes where one syllable meets the next, in place."""
    final, initial = left[2], right[0]
    if not final:
        return
    head, tail = (_SPLIT[final][0], _SPLIT[final][1]) if final in _SPLIT else ("", final)
    if tail == "ㅎ" and initial in _ASPIRATED:  # 좋다 -> 조타, 많고 -> 만코
        left[2], right[0] = head, _ASPIRATED[initial]
    elif tail == "ㅎ" and initial == "ㅅ":  # 좋소 -> 조쏘
        left[2], right[0] = head, "ㅆ"
    elif initial == "ㅇ" and tail == "ㅎ":  # 좋아 -> 조아, 많아 -> 마나
        left[2] = ""
        right[0] = head or "ㅇ"
    elif initial == "ㅇ" and tail != "ㅇ":  # 밥이 -> 바비, 같이 -> 가치, 값이 -> 갑씨
        palatal = {"ㄷ": "ㅈ", "ㅌ": "ㅊ"} if right[1] == "ㅣ" else {}
        moved = palatal.get(tail, tail)
        left[2], right[0] = head, "ㅆ" if head and moved == "ㅅ" else moved
    elif initial == "ㅎ" and (plain := _NEUTRAL.get(tail, tail)) in _ASPIRATED:  # 입학 -> 이팍, 닫히다 -> 다치다
        moved = "ㅈ" if tail == "ㅈ" or (plain == "ㄷ" and right[1] == "ㅣ") else plain
        left[2], right[0] = head, _ASPIRATED[moved]
    else:
        _meet(left, right)


def _meet(left: Syllable, right: Syllable) -> None:
    stem_lb = left[2] in ("ㄼ", "ㄾ")  # 넓다 -> 널따: these stems tense what follows although they end in ㄹ
    final = _NEUTRAL.get(left[2], left[2])
    initial = right[0]
    if (final in _NASAL or stem_lb) and initial in _TENSE:  # 학교 -> 학꾜
        initial = _TENSE[initial]
    elif final in _NASAL and initial in "ㄴㅁ":  # 국민 -> 궁민
        final = _NASAL[final]
    elif final in _NASAL and initial == "ㄹ":  # 독립 -> 동닙
        final, initial = _NASAL[final], "ㄴ"
    elif final in "ㅁㅇ" and initial == "ㄹ":  # 심리 -> 심니
        initial = "ㄴ"
    elif final in "ㄴㄹ" and initial in "ㄴㄹ" and "ㄹ" in (final, initial):  # 신라 -> 실라, 설날 -> 설랄
        final, initial = "ㄹ", "ㄹ"
    left[2], right[0] = final, initial


def pronounce_jamo(word: str) -> list[Syllable]:
    """The syllables of a word as they are spoken (`독립` -> 동닙)."""
    syllables = take_apart(word)
    for left, right in itertools.pairwise(syllables):
        _join(left, right)
    if syllables:
        syllables[-1][2] = _NEUTRAL.get(syllables[-1][2], syllables[-1][2])
    return syllables


def respell(word: str) -> str:
    """The pronunciation of a word written in Hangul, as dictionaries give it in brackets (`국물` -> `궁물`)."""
    return "".join(
        chr(0xAC00 + INITIALS.index(i) * 588 + VOWELS.index(v) * 28 + FINALS.index(f))
        for i, v, f in pronounce_jamo(word)
    )


def to_ipa(word: str) -> str:
    """Phonemes of one written word in the voices' alphabet; empty when it holds no Hangul."""
    out = ""
    before = ""
    for index, (initial, vowel, final) in enumerate(pronounce_jamo(word)):
        voiced = index > 0 and (before == "" or before in "ㄴㄹㅁㅇ")
        if initial == "ㄹ" and before == "ㄹ":
            sound = "l"
        elif initial in ("ㅅ", "ㅆ") and vowel in "ㅣㅑㅕㅛㅠㅟ":
            sound = "ɕ"
        elif voiced and initial in _IPA_VOICED:
            sound = _IPA_VOICED[initial]
        else:
            sound = _IPA_INITIAL[initial]
        said = "i" if vowel == "ㅢ" and initial != "ㅇ" else _IPA_VOWEL[vowel]  # 희망 -> 히망
        stress = "ˈ" if initial in _STRONG else ""
        out += stress + sound + said + _IPA_FINAL[final]
        before = final
    return out
