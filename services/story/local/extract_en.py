"""Reads English premises: capitalised names, roles beside them, places after prepositions, things, times."""

from __future__ import annotations

import re

from services.story.local.data import words_en as w
from services.story.local.facts import Facts, Person

_WORD = re.compile(r"[A-Za-zÀ-ÿ][\w'’-]*|\d+|[^\w\s]")
_LINKS = {"of", "de", "da", "del", "van", "von", "la", "le"}
_PLACE_PREP = {
    "in",
    "at",
    "from",
    "to",
    "near",
    "of",
    "across",
    "outside",
    "through",
    "around",
    "inside",
    "into",
    "on",
    "over",
    "called",
}
_VERB = re.compile(
    r"(?:[a-z]+(?:s|ed)|is|was|has|had|must|can|will|falls?|finds?|found|lost|won|fell|came|went|fights?|took)$"
)
_SHE = {"she", "her", "hers", "herself"}
_HE = {"he", "his", "him", "himself"}


def _bare(word: str) -> str:
    return re.sub(r"['’]s?$", "", word)


def _capital(word: str) -> bool:
    return word[:1].isupper() and len(_bare(word)) > 1


def _gender(name: str, role: str) -> str:
    last = role.split()[-1] if role else ""
    first = name.split()[0] if name else ""
    if first in w.FEMALE_NAMES or last in w.FEMALE_ROLES:
        return "female"
    return "male" if first in w.MALE_NAMES or last in w.MALE_ROLES else ""


def _role_at(tokens: list[str], end: int) -> str:
    """The role phrase that ends at token `end`, with up to two adjectives before it, or an empty text."""
    if not 0 <= end < len(tokens) or _bare(tokens[end].lower()) not in w.ROLES | w.SPECIES:
        return ""
    start = end
    while start > 0 and end - start < 2 and tokens[start - 1].lower() in w.ADJECTIVES | w.ROLES:
        start -= 1
    return " ".join(_bare(t.lower()) for t in tokens[start : end + 1])


def _runs(tokens: list[str]) -> list[tuple[int, int]]:
    """Spans of capitalised words that can be names of people or places."""
    spans: list[tuple[int, int]] = []
    at = 0
    while at < len(tokens):
        starts = at == 0 or tokens[at - 1] in '.!?:"“'
        word = _bare(tokens[at])
        after_role = at > 0 and _bare(tokens[at - 1].lower()) in w.ROLES | w.SPECIES | {"named", "called"}
        if not _capital(tokens[at]) or (word in w.STOP and word not in w.TITLES and not after_role):
            at += 1
            continue
        end = at + 1
        if tokens[at] == word:
            while end < len(tokens) and (
                (_capital(tokens[end]) and (_bare(tokens[end]) not in w.STOP))
                or (
                    tokens[end] in _LINKS
                    and end + 1 < len(tokens)
                    and _capital(tokens[end + 1])
                    and tokens[end + 1] not in w.STOP
                )
            ):
                end += 1
                if tokens[end - 1] != _bare(tokens[end - 1]):
                    break
        known = word in w.FEMALE_NAMES or word in w.MALE_NAMES or word in w.CITIES or word in w.TITLES
        if starts and not known and end - at == 1:
            follow = tokens[end] if end < len(tokens) else ""
            again = any(_bare(t) == word and i != at and tokens[i - 1] not in ".!?:" for i, t in enumerate(tokens) if i)
            possessive = tokens[at] != word
            if (
                not (again or possessive or follow in {",", "and"} or _VERB.match(follow))
                or word.lower() in w.ADJECTIVES | w.ROLES
            ):
                at = end
                continue
        spans.append((at, end))
        at = end
    return spans


def _near_role(tokens: list[str], start: int, end: int) -> str:
    """The role that stands beside a name: before it, in apposition after it, after `is a`, or before `named`."""
    before = tokens[start - 1].lower() if start else ""
    if before in {"named", "called", ","}:
        role = _role_at(tokens, start - 2)
        if role:
            return role
    role = _role_at(tokens, start - 1)
    if role:
        return role
    after = [t.lower() for t in tokens[end : end + 7]]
    lead_in = {"a", "an", "the", "her", "his", "their", "once", "now"} | w.ADJECTIVES | w.ROLES
    apposed = after[:1] == [","] and len(after) > 1 and after[1] in lead_in
    if apposed or after[:1] in (["is"], ["was"], ["becomes"]) or after[:1] == ["the"]:
        for i, token in enumerate(after[1:], 1):
            if token in {",", ".", "who", "and", "whose", "but"} or token != _bare(token):
                break
            if _bare(token) in w.ROLES | w.SPECIES and not (
                i + 1 < len(after) and _bare(after[i + 1]) in w.ROLES | w.SPECIES
            ):
                return _role_at(tokens, end + i)
    return ""


def _is_place(tokens: list[str], start: int, end: int) -> bool:
    words = [_bare(t) for t in tokens[start:end]]
    if words[-1] in w.PLACE_ENDINGS or words[0] in w.CITIES or " ".join(words) in w.CITIES:
        return True
    if words[0] in w.TITLES or words[0] in w.FEMALE_NAMES or words[0] in w.MALE_NAMES or tokens[end - 1] != words[-1]:
        return False
    before = tokens[start - 1].lower() if start else ""
    two = tokens[start - 2].lower() if start > 1 else ""
    if before == "the":
        return two in _PLACE_PREP
    if before in {"of", "called"}:
        return two in w.PLACE_NOUNS
    if before == "to":
        return two in {
            "back",
            "returns",
            "return",
            "home",
            "comes",
            "goes",
            "moves",
            "travels",
            "flees",
            "sails",
            "way",
        }
    return before in {"in", "at", "near", "across", "outside", "inside", "from", "around", "through", "into"}


def _pronoun_gender(tokens: list[str], end: int) -> str:
    for token in tokens[end : end + 14]:
        if token.lower() in _SHE:
            return "female"
        if token.lower() in _HE:
            return "male"
    return ""


def _add_person(facts: Facts, name: str, role: str, gender: str) -> None:
    species = next((word for word in reversed(role.split()) if word in w.SPECIES), "")
    for known in facts.people:
        if known.name and (known.name == name or name in known.name.split() or known.name in name.split()):
            known.name = max(known.name, name, key=len)
            known.role, known.gender, known.species = (
                known.role or role,
                known.gender or gender,
                known.species or species,
            )
            return
    negative = any(word in w.NEGATIVE_ROLES for word in role.split())
    facts.people.append(Person(name, role, gender or _gender(name, role), species, negative))


def _common_places(facts: Facts, tokens: list[str]) -> None:
    for at, token in enumerate(tokens):
        low = _bare(token.lower())
        proper = at > 0 and tokens[at - 1][:1].isupper() and _bare(tokens[at - 1]) not in w.STOP
        if (
            low not in w.PLACE_NOUNS
            or proper
            or token[:1].isupper()
            or (at + 1 < len(tokens) and _bare(tokens[at + 1].lower()) in w.ROLES | w.PLACE_NOUNS)
        ):
            continue
        start = at
        while (
            start > 0
            and at - start < 2
            and (tokens[start - 1].lower() in w.ADJECTIVES or tokens[start - 1].lower() in w.PLACE_NOUNS)
        ):
            start -= 1
        if (
            start
            and tokens[start - 1].lower()
            in {"a", "an", "the", "her", "his", "their", "its", "old", "in", "small", "this", "that"} | _PLACE_PREP
        ):
            facts.places.append("the " + " ".join(t.lower() for t in tokens[start : at + 1]))


def _things(facts: Facts, tokens: list[str]) -> None:
    for at, token in enumerate(tokens):
        low = _bare(token.lower())
        if low in w.THINGS and not token[:1].isupper() and at and tokens[at - 1][-1:].isalpha():
            before = tokens[at - 1].lower()
            if before in {"to", "will", "must", "can", "they", "who", "she", "he", "by"}:
                continue
            phrase = (
                low
                if before not in w.ADJECTIVES or (before in {"young", "old"} and low == "money")
                else f"{before} {low}"
            )
            if phrase not in facts.things:
                facts.things.append(phrase)


def read(facts: Facts) -> None:
    """Fill `facts` with the people, places, things and times of an English premise."""
    tokens = [t.replace("’", "'") for t in _WORD.findall(facts.premise)]
    used: set[int] = set()
    found: list[tuple[int, str, str, str]] = []
    for start, end in _runs(tokens):
        name = " ".join([*tokens[start : end - 1], _bare(tokens[end - 1])])
        if _is_place(tokens, start, end):
            facts.places.append(name)
            continue
        if (
            _bare(tokens[start]) in w.TITLES
            and end - start > 1
            and tokens[start] not in {"Mr", "Mrs", "Ms", "Miss", "Sir", "Lord", "Lady", "Madame"}
        ):
            role, name = tokens[start].lower(), " ".join(name.split()[1:])
        elif _bare(tokens[start]) in w.TITLES and end - start == 1:
            continue
        else:
            role = _near_role(tokens, start, end)
        used |= {
            i
            for i in range(max(0, start - 5), min(len(tokens), end + 7))
            if role and _bare(tokens[i].lower()) in role.split()
        }
        found.append((start, name, role, _gender(name, role) or _pronoun_gender(tokens, end)))
    for at, token in enumerate(tokens):
        if at in used or token[:1].isupper() or _bare(token) != token:
            continue
        role = _role_at(tokens, at)
        articled = at - len(role.split()) >= 0 and tokens[at - len(role.split())].lower() in {
            "a",
            "an",
            "the",
            "her",
            "his",
            "two",
            "their",
        }
        follows = at + 1 < len(tokens) and _bare(tokens[at + 1].lower()) in w.ROLES | w.PLACE_NOUNS | w.THINGS
        if (
            role
            and articled
            and not follows
            and role.split()[-1] not in {"man", "woman", "friend", "partner", "spirit", "god"}
        ):
            found.append((at, "", role, _gender("", role) or _pronoun_gender(tokens, at)))
    for _, name, role, gender in sorted(found, key=lambda f: f[0]):
        if name or not any(role.split()[-1] in p.role.split() for p in facts.people):
            _add_person(facts, name, role, gender)
    _common_places(facts, tokens)
    _things(facts, tokens)
    named = {p.name for p in facts.people}
    facts.places = [p for p in dict.fromkeys(facts.places) if p not in named][:5]
    low = facts.premise.lower()
    facts.times = [t for t in w.TIME_WORDS if t in low]
