"""Reads what a Korean premise turns on: the word with the subject's particle, relatives, and the things it is about."""

from __future__ import annotations

import re

from services.story.local.data import matters
from services.story.local.data import words_ko as w
from services.story.local.facts import Anchor, Facts, Person
from services.story.local.text import sentences

_SUBJECT = re.compile(r"(?<![가-힣])([가-힣]{2,7}?|개|곰)(은|는|이|가)(?=\s)")
_HEADS = "사자원관수인꾼생장가"
_NOT = frozenset(["사람", "인생", "비가", "누가", "자신", "모두", "하나", "유산", "목소리", "사건", "의원"])
_KIN = re.compile(
    r"(?<![가-힣])(?P<adj>(?:실종된|사라진|잃어버린|헤어진|쌍둥이|연락이 끊긴) )?(?P<kin>"
    + "|".join(sorted(matters.KO_KIN, key=len, reverse=True))
    + r")(?P<josa>을|를|이|가|은|는|와|과)(?=[\s,.])"
)
_MATTER = re.compile(
    r"(?<![가-힣])("
    + "|".join(sorted({*w.THINGS, *matters.KO}, key=len, reverse=True))
    + r")(?=에서|에|로|으로|을|를|은|는|이|가|의|와|과|도|[\s,.]|$)"
)
_PAIR = {
    "은": "은/는",
    "는": "은/는",
    "이": "이/가",
    "가": "이/가",
    "을": "을/를",
    "를": "을/를",
    "와": "와/과",
    "과": "와/과",
}


def event_of(core: str, name: str, second: str = "") -> str:
    """Return the statement of `core` told of the person `name` as `{L}`, or an empty text when it does not fit."""
    for story in sentences(core):
        hit = re.search(rf"(?<![가-힣]){re.escape(name)}(은|는|이|가)\s+(?=\S)", story)
        if hit and len(story) - hit.end() > 6:
            return f"{{L}}{_PAIR[hit.group(1)]} {story[hit.end() :]}"
        both = second and re.search(
            rf"(?<![가-힣]){re.escape(name)}(?:와|과|이랑|랑)\s(?:[가-힣]+\s){{0,3}}{re.escape(second)}(은|는|이|가)\s+",
            story,
        )
        if both and len(story) - both.end() > 6:
            return f"{{L}}와/과 {{P}}{_PAIR[both.group(1)]} {story[both.end() :]}"
    return ""


def _unnamed(facts: Facts, story: str) -> tuple[Person, re.Match[str]] | None:
    """The unnamed subject of `story` with the match of its word and particle, when it stands before every name."""
    first_name = min((story.find(n) for n in facts.names if n in story), default=len(story))
    for hit in _SUBJECT.finditer(story):
        word = hit.group(1)
        if hit.start() >= first_name:
            return None
        known = word in w.ROLES or word in w.SPECIES
        if word in matters.KO_KIN or word in w.THINGS or word in w.PLACE_SUFFIX or word in _NOT or word in facts.places:
            continue
        if not known and (len(word) < 3 or word[-1] not in _HEADS):
            continue
        role: list[str] = [word]
        for before in reversed(story[: hit.start()].split()[-3:]):
            if re.search(r"(?:의|에서|에|을|를|와|과|,|한테|로)$", before):
                break
            role.insert(0, before)
        lead = next((p for p in facts.people if not p.name and p.role.split()[-1:] == [word]), None)
        if lead is not None:
            facts.people = [p for p in facts.people if p is not lead]
        person = lead or Person()
        person.role, person.negative = " ".join(role), False
        person.species = word if word in w.SPECIES else ""
        return person, hit
    return None


def _gender(role: str, rest: str) -> str:
    last = role.split()[-1]
    if last in w.FEMALE_ROLES or role.startswith("여"):
        return "female"
    if last in w.MALE_ROLES:
        return "male"
    return (
        "female"
        if "그녀" in rest or re.search(r"\b(?:언니|오빠|남편)", rest)
        else "male"
        if re.search("누나|아내", rest)
        else ""
    )


def read(facts: Facts) -> None:
    """Set the anchor of `facts`; an unnamed subject comes first among its people."""
    story = next(iter(sentences(facts.core)), "")
    anchor = Anchor()
    found = _unnamed(facts, story)
    rest = story
    if found is not None:
        anchor.lead, hit = found
        rest = story[hit.end() :].strip()
        anchor.lead.gender = anchor.lead.gender or _gender(anchor.lead.role, rest)
        anchor.described = story[: hit.end(1)]
        kin = _KIN.search(rest)
        if kin is not None and not re.search(r"(?:죽은|돌아가신|세상을 떠난)\s*$", rest[: kin.start()]):
            anchor.second = (
                next((p for p in facts.people if not p.name and p.role.endswith(kin["kin"])), None) or Person()
            )
            anchor.second.role, anchor.second.relation = (kin["adj"] or "") + kin["kin"], kin["kin"]
            anchor.second.gender = matters.kin_gender(kin["kin"])
            rest = f"{rest[: kin.end('kin')]} {{P}}{_PAIR[kin['josa']]}{rest[kin.end('josa') :]}"
        anchor.event = f"{{L}}{_PAIR[hit.group(2)]} {rest}" if len(rest) > 6 else ""
        front = [p for p in (anchor.lead, anchor.second) if p is not None]
        facts.people = [*front, *(p for p in facts.people if not any(p is f for f in front))]
    hits = [m.group(1) for m in _MATTER.finditer(rest)]
    anchor.matters = [m for m in dict.fromkeys([*facts.things, *hits]) if m not in facts.names][:3]
    if anchor.matters:
        told = re.search(rf"((?:[0-9가-힣]+ ?전 )?[가-힣]+(?:한|된|진|난|던) ){re.escape(anchor.matters[0])}", rest)
        anchor.matter_long = (told.group(1) if told else "") + anchor.matters[0]
    facts.anchor = anchor
