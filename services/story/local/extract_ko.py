"""Reads Korean premises: names by surname, given name and particle, roles beside names, places by suffix, things, times."""

from __future__ import annotations

import re

from services.story.local.data import words
from services.story.local.data import words_ko as w
from services.story.local.facts import Facts, Person

_JOSA = r"(?:은|는|이|가|을|를|와|과|의|에게|에게서|한테|도|이랑|랑|이라는|라는|이며|이고|만|씨|이었다|였다|이다|처럼|보다|께서)"
_GIVEN = sorted({*w.FEMALE_GIVEN, *w.MALE_GIVEN}, key=len, reverse=True)
_ROLES = sorted([*w.ROLES, *w.SPECIES], key=len, reverse=True)
_EDGE = r"(?<![가-힣])"
_FULL = re.compile(_EDGE + r"([가-힣]{2,4}?)" + f"(?={_JOSA}(?![가-힣])|[,.!?\"”' ]|$)")
_NAMED = re.compile(r"(?:이름은\s*|이름의\s*)?[\"“']?([가-힣]{2,4}?|[A-Za-z]{2,20})[\"”']?(?:이라는|라는)(?:\s*이름)?")
_COMMON = {
    "이야기",
    "이번",
    "정말",
    "하지만",
    "우리",
    "한국",
    "한때",
    "한밤",
    "오늘",
    "오래",
    "서로",
    "조용",
    "조선",
    "고백",
    "고향",
    "전설",
    "전쟁",
    "주인",
    "주말",
    "문제",
    "성공",
    "사랑",
    "비밀",
    "마을",
    "도시",
    "여자",
    "남자",
    "소설",
    "진실",
    "진짜",
    "지금",
    "안개",
    "인생",
    "선택",
    "표정",
    "명절",
    "기억",
    "방송",
    "공연",
    "현재",
    "변화",
    "위기",
    "추억",
    "노래",
    "배신",
    "유산",
    "원고",
    "장부",
    "한강",
    "제주",
    "강릉",
    "남산",
    "신라",
    "고려",
    "인천",
    "인형",
    "선물",
    "심장",
    "도둑",
    "왕자",
    "왕비",
    "공주",
    "하나",
    "하루",
    "모두",
    "국밥",
    "소년",
    "소녀",
    "유령",
    "정체",
    "조직",
    "최고",
    "최후",
    "한쪽",
    "함께",
    "여름",
    "남편",
    "남동",
    "여동",
    "이웃",
    "이혼",
    "이복",
    "박물",
    "강아",
    "강도",
    "백마",
    "백신",
    "용기",
    "은퇴",
    "은행",
    "천재",
    "천사",
    "연인",
    "연습",
    "장군",
    "유명",
    "안에",
    "전직",
    "신입",
    "신비",
    "길에",
    "구미",
    "지도",
    "반지",
    "시계",
    "고아",
    "어부",
    "해녀",
    "어느",
    "어린",
    "어머",
    "진돗",
    "임무",
    "위해",
    "위험",
    "명령",
    "기자",
    "기차",
    "기회",
    "반드",
    "금지",
    "육지",
    "모든",
    "인공",
    "여기",
    "오빠",
    "언니",
    "누나",
    "고등",
    "구조",
    "우주",
    "우연",
    "주방",
    "원수",
    "경쟁",
    "노인",
    "마지막",
    "마침내",
    "이제",
    "다시",
    "결국",
}


def _is_name(word: str) -> bool:
    if (
        word in _COMMON
        or any(word.startswith(c) for c in _COMMON if len(c) == len(word))
        or word in w.ROLES
        or word in w.CITIES
        or word in w.THINGS
    ):
        return False
    if word in _GIVEN:
        return True
    return len(word) == 3 and word[0] in w.SURNAMES and word[1:] in _GIVEN


def _names(text: str) -> list[tuple[int, str]]:
    found = [(m.start(1), m.group(1)) for m in _NAMED.finditer(text) if m.group(1) not in w.ROLES]
    for match in re.finditer(_EDGE + r"[가-힣]+", text):
        word = match.group()
        for size in (4, 3, 2):
            name, rest = word[:size], word[size:]
            if len(name) < size or (rest and not re.fullmatch(_JOSA + "?(?:는|은|도)?", rest)):
                continue
            if rest in {"이는", "이가", "이와", "이의"} and size == 2:
                rest = rest[1:]
            role_before = any(text[: match.start()].rstrip().endswith(r) for r in _ROLES)
            surname_only = (
                size == 3
                and name[0] in w.SURNAMES
                and rest
                and name[:2] not in _COMMON
                and name not in _COMMON
                and not any(name.endswith(r) for r in [*_ROLES, *w.PLACE_SUFFIX, *w.CITIES, *w.THINGS] if len(r) > 1)
            )
            likely = role_before and (
                surname_only
                or (
                    size == 2
                    and bool(rest)
                    and name not in _COMMON
                    and not any(name == r for r in [*w.ROLES, *w.THINGS, *w.CITIES, *w.PLACE_SUFFIX])
                )
            )
            if _is_name(name) or likely or (size == 3 and name in {"은별이", "봄이"}):
                found.append((match.start(), name))
                break
    found += [
        (m.start(), m.group())
        for m in re.finditer(r"[A-Z][A-Za-z]{1,15}", text)
        if m.group() not in {"AI", "CEO", "VR", "DNA"}
    ]
    return sorted(set(found))


def _role_beside(text: str, at: int, end: int) -> str:
    before = re.sub(r"[\s,\"“']+$", "", text[:at])
    near = _ROLE_BEFORE.search(before)
    if near:
        head = before[: near.start()].rstrip()
        extra = next((m for m in w.ROLE_MODIFIERS if head.endswith(m)), "")
        return f"{extra} {near.group(1)}".strip()
    found = _ROLE_AFTER.match(text[end:])
    if found and not re.search(r"[을를이가에]\s", found.group(1)):
        extra = next((m for m in w.ROLE_MODIFIERS if found.group(1).strip().endswith(m)), "")
        return f"{extra} {found.group(2)}".strip()
    return ""


def _gender(name: str, role: str) -> str:
    last = role.split()[-1] if role else ""
    if last in w.FEMALE_ROLES or name in w.FEMALE_GIVEN or name[1:] in w.FEMALE_GIVEN:
        return "female"
    return "male" if last in w.MALE_ROLES or name in w.MALE_GIVEN or name[1:] in w.MALE_GIVEN else ""


_TAIL = r"(?=에서|에|로|으로|을|를|은|는|이|가|의|와|과|[\s,.]|$)"
_CITY = re.compile(_EDGE + "(" + "|".join(sorted(w.CITIES, key=len, reverse=True)) + ")" + _TAIL)
_PLACE = re.compile(
    _EDGE
    + "((?:[가-힣]{1,5} )?)([가-힣]{0,6}?("
    + "|".join(sorted(w.PLACE_SUFFIX, key=len, reverse=True))
    + "))"
    + _TAIL
)
_THING = re.compile(_EDGE + "(" + "|".join(sorted(w.THINGS, key=len, reverse=True)) + ")" + _TAIL)
_ROLE = re.compile(_EDGE + "(" + "|".join(_ROLES) + f")(?={_JOSA}(?![가-힣])|[,.\\s]|$)")
_ROLE_BEFORE = re.compile(_EDGE + "(" + "|".join(_ROLES) + ")(?:인)?$")
_ROLE_AFTER = re.compile(
    r"[\"”']?(?:이라는|라는)?(?:\s*이름의)?(?:은|는)?,?\s*((?:[가-힣]+[은는한의]?\s){0,2}?)("
    + "|".join(_ROLES)
    + r")(?=이다|다|였|이었|[,.\s은는이가를을와과]|$)"
)
_PLACE_HEADS = frozenset(words("작은 오래된 낡은 외딴 버려진 바닷가 한적한 허름한 시골 조용한 무너진 폐쇄된 심야"))


def _places(text: str) -> list[str]:
    found = [(m.start(1), m.group(1)) for m in _CITY.finditer(text)]
    for hit in _PLACE.finditer(text):
        head, place = hit.group(1).strip(), hit.group(2)
        if len(place) == 1 and not re.match("에|으로|로", text[hit.end() :]):
            continue
        found.append((hit.start(2), f"{head} {place}" if head in _PLACE_HEADS else place))
    kept = [p for _, p in sorted(found)]
    return [p for p in dict.fromkeys(kept) if not any(p != q and p in q for q in kept)]


def read(facts: Facts) -> None:
    """Fill `facts` with the people, places, things and times of a Korean premise."""
    text = facts.premise
    spotted = _names(text)
    names = list(dict.fromkeys(n for _, n in spotted))
    facts.places = [p for p in _places(text) if p not in names][:5]
    mentioned: list[tuple[int, Person]] = []
    for name in names:
        if any(name != other and name in other for other in names) or any(name in p for p in facts.places):
            continue
        spans = [(at, at + len(n)) for at, n in spotted if n == name]
        role = next((r for at, end in spans if (r := _role_beside(text, at, end))), "")
        last = role.split()[-1] if role else ""
        person = Person(name, role, _gender(name, role), last if last in w.SPECIES else "", last in w.NEGATIVE_ROLES)
        mentioned.append((spans[0][0], person))
    for hit in _ROLE.finditer(text):
        role = hit.group(1)
        lone = len(role) == 1 and role in "형개왕용딸" and not text[hit.end() : hit.end() + 1].strip()
        owned = role in {"딸", "아들"} or text[hit.end() : hit.end() + 1] == "의"
        if lone or owned or any(p.role.endswith(role) for _, p in mentioned):
            continue
        extra = next((m for m in w.ROLE_MODIFIERS if text[: hit.start()].rstrip().endswith(m)), "")
        full, species = f"{extra} {role}".strip(), role if role in w.SPECIES else ""
        mentioned.append((hit.start(), Person("", full, _gender("", full), species, role in w.NEGATIVE_ROLES)))
    facts.people += [p for _, p in sorted(mentioned, key=lambda m: m[0])]
    facts.things = list(dict.fromkeys(m.group(1) for m in _THING.finditer(text)))
    facts.times = [t for t in w.TIMES if t in text]
