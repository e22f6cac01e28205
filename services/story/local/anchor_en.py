"""Reads what an English premise turns on: its subject, the verb that follows, relatives and the things it is about."""

from __future__ import annotations

import re

from services.story.local.data import verbs_en as v
from services.story.local.data import words_en as w
from services.story.local.facts import Anchor, Facts, Person
from services.story.local.text import sentences

_TOKEN = re.compile(r"[A-Za-zÀ-ÿ][\w'’-]*|\d+|[^\w\s]")
_PREFIX = re.compile(
    r"(?:(?:In|On|At|Near|After|Before|When|While|During|Every|Each|Once|Deep|Far|Inside|Under|Aboard|As|Since|If|Because|"
    r"Betrayed|Framed|Ten|Five|Three|Two|Twenty|Years|[A-Z][a-z]+(?:ed|ing))\b[^,]{1,90}, )+"
)
_TIMELY = re.compile(r"(?:After|Before|When|While|Every|Each|Once|As|Since|If|Because|Ten|Five|Three|Twenty|Years)\b")
_KIN = re.compile(
    r"\b(?P<pron>her|his|their) (?P<adj>(?:[a-z-]+ ){0,2}?)(?P<kin>(?:twin |step|half-|grand|little |older |younger |best )?"
    r"(?:sister|brother|mother|father|daughter|son|wife|husband|twin|aunt|uncle|friend|niece|nephew|fiancée?|fiancee?|ex|"
    r"boyfriend|girlfriend|rival|mentor|neighbou?r))\b(?!['’-])(?! (?:[A-Z]|named|called))"
)
_KIN_WORDS = frozenset(
    [
        "sister",
        "brother",
        "mother",
        "father",
        "daughter",
        "son",
        "wife",
        "husband",
        "twin",
        "aunt",
        "uncle",
        "friend",
        "niece",
        "nephew",
        "fiancé",
        "fiancée",
        "ex",
        "boyfriend",
        "girlfriend",
        "rival",
        "mentor",
        "neighbour",
        "neighbor",
        "grandmother",
        "grandfather",
    ]
)
_FOE = re.compile(
    r"\bthe (?P<who>man|woman|people|person|company|family) who (?P<did>[a-z]+ed|stole|left|took|broke|sold|killed|lost|burned) "
    r"(?P<whom>(?:him|her|them|(?:his|her|their) (?:[a-z'’-]+ ?){1,3}?))(?=[ ,.]|$)(?! [a-z]+['’]s)"
)
_GONE = re.compile(r"\b(?:dead|late|deceased|murdered|drowned|killed)\b")
_PREPOSITIONS = frozenset(("of", "in", "on", "at", "from", "to", "with", "by", "for", "into", "under", "about"))


def _verb(tokens: list[re.Match[str]], at: int) -> bool:
    """Whether the word at `at` is a finite verb, by a list of verbs or by its ending and what stands beside it."""
    word = tokens[at].group()
    before = tokens[at - 1].group().lower() if at else ""
    if not at or word != word.lower() or before in v.DETERMINERS or before in _PREPOSITIONS or before in w.ADJECTIVES:
        return False
    if word in v.VERBS:
        return True
    after = tokens[at + 1].group().lower() if at + 1 < len(tokens) else ""
    ended = word.endswith("s") and not re.search(r"(?:ss|us|is|'s|’s)$", word) and len(word) > 3
    return ended and (after in v.STOPPERS or after in v.VERBS)


def _main_verb(tokens: list[re.Match[str]]) -> int:
    """The index of the verb of the main clause, past the verbs of relative clauses, or -1."""
    skip = 0
    for at, token in enumerate(tokens):
        if token.group().lower() in {"who", "whose", "that", "which"} and at:
            skip += 1
        elif _verb(tokens, at):
            if not skip:
                return at
            skip -= 1
        elif token.group() in {".", "!", "?", ";"}:
            return -1
    return -1


def _is_person(head: str, subject: str, rest: str) -> bool:
    if head in w.ROLES or head in w.SPECIES or head in v.PEOPLE:
        return True
    if head in w.PLACE_NOUNS or head in w.THINGS or head in v.VAGUE:
        return False
    named = head.endswith(v.PERSON_ENDINGS) or " who" in subject
    return named or re.search(r"\b(?:he|she|his|her)\b", rest) is not None


def _gender_in(text: str) -> str:
    found = re.search(r"\b(she|her|herself|he|his|him|himself)\b", text, re.IGNORECASE)
    return "" if not found else "female" if found.group().lower() in ("she", "her", "herself") else "male"


def _unnamed(facts: Facts, subject: str, rest: str) -> Person | None:
    """The person an unnamed subject is, taken from those already read when its role is among them."""
    from services.story.local.extract_en import _gender

    found = re.match(r"(?:an?|the|one)\s+(.*)", subject, re.IGNORECASE)
    if not found:
        return None
    role: list[str] = []
    for token in _TOKEN.findall(found.group(1)):
        if (
            token.lower() in v.STOPPERS
            or not token[0].isalpha()
            or (role and role[-1] in w.ROLES and token[0].isupper())
        ):
            break
        role.append(token if token.isupper() else token.lower())
    if not role or (role[-1].endswith("s") and not role[-1].endswith("ss")) or not _is_person(role[-1], subject, rest):
        return None
    head = role[-1]
    person = next((p for p in facts.people if not p.name and p.role.split()[-1:] == [head]), None) or Person()
    if person in facts.people:
        facts.people.remove(person)
    person.role = " ".join(role[-4:])
    person.species = next((r for r in reversed(role) if r in w.SPECIES), "")
    person.gender = _gender("", person.role) or _gender_in(subject + " " + rest) or person.gender
    person.negative = False
    return person


def _matters(facts: Facts, rest: str) -> tuple[list[str], str]:
    """The things `rest` is about as a line says them, and the longest way to say the last of them."""
    tokens = list(_TOKEN.finditer(rest))
    found: list[tuple[int, str]] = []
    for at, token in enumerate(tokens):
        low = token.group().lower()
        if low not in v.DETERMINERS - {"that", "this", "these", "those"} and not re.search(r"['’]s$", token.group()):
            continue
        phrase: list[str] = []
        for one in tokens[at + 1 : at + 6]:
            word = one.group()
            if re.search(r"['’]", word):
                phrase = []
                break
            if word.lower() in v.STOPPERS or not word[0].isalpha() or word[0].isupper():
                break
            if phrase and word in v.VERBS:
                break
            phrase.append(word)
        while phrase and re.search(r"(?:ed|ing|ly)$", phrase[-1]):
            phrase.pop()
        if not phrase or len(phrase[-1]) < 3:
            continue
        head, single = phrase[-1], phrase[-1].rstrip("s")
        if {head, single} & (w.ROLES | v.VAGUE | v.PEOPLE | w.SPECIES | w.ADJECTIVES) or re.search(
            r"(?:ist|man|woman)$", head
        ):
            continue
        if head in _KIN_WORDS:
            continue
        kept = [p for p in phrase[-2:-1] if p in w.ADJECTIVES or p in w.THINGS or p in w.PLACE_NOUNS]
        found.append((at, "the " + " ".join([*kept, head])))
    things = [f"the {t}" for t in facts.things]
    spoken = list(dict.fromkeys([*things, *(t for _, t in reversed(found))]))
    crowd = re.search(r"\b(passenger|customer|guest|patient|crew|crowd|witness(?=es))", rest)
    if not spoken and crowd:
        spoken = [
            "the crew"
            if crowd.group(1) == "crew"
            else f"the {crowd.group(1)}{'es' if crowd.group(1) == 'witness' else 's'}"
        ]
    long = ""
    if spoken:
        tail = re.search(re.escape(spoken[0][4:]) + r" (that (?:[\w'’-]+ ?){2,8})(?=[.,;]|$)", rest)
        long = f"{spoken[0]} {tail.group(1).strip()}" if tail else spoken[0]
    return spoken[:3], long


def _event(subject: str, rest: str, prefix: str) -> str:
    text = rest.rstrip(" .!…")
    if len(text) > 170:
        cut = max(text.rfind(", ", 60, 170), text.rfind(" and ", 60, 170))
        text = text[:cut] if cut > 0 else ""
    if not text:
        return ""
    return f"{prefix}{subject} {text}." if _TIMELY.match(prefix) and len(prefix) < 70 else f"{subject} {text}."


def read(facts: Facts) -> None:
    """Set the anchor of `facts`, and put the premise's subject first among its people."""
    story = next(iter(sentences(facts.core)), "")
    prefix = m.group() if (m := _PREFIX.match(story)) else ""
    body = story[len(prefix) :]
    tokens = list(_TOKEN.finditer(body))
    at = _main_verb(tokens)
    if at < 1:
        facts.anchor = Anchor(
            matters=[f"the {t}" for t in facts.things], matter_long="".join(f"the {t}" for t in facts.things[:1])
        )
        return
    subject, rest = body[: tokens[at].start()].strip(" ,"), body[tokens[at].start() :]
    spouse = re.search(r"\b(?:his wife|her husband)\b", story)
    anchor = Anchor()
    inside = sorted(
        (subject.find(p.name.split()[0]), n)
        for n, p in enumerate(facts.people)
        if p.name and p.name.split()[0] in subject
    )
    owner = inside and re.search(r"\bof (?:\w+ )?$", subject[: inside[0][0]])
    slot = "{L}"
    if inside and not owner:
        anchor.lead = facts.people[inside[0][1]]
        if len(inside) > 1 and re.search(r"\band\b", subject[inside[0][0] : inside[1][0]]):
            anchor.second, slot = facts.people[inside[1][1]], "{L} and {P}"
    else:
        anchor.lead = _unnamed(facts, subject, rest)
        anchor.described = subject[:1].lower() + subject[1:] if anchor.lead else ""
    if anchor.lead is None:
        anchor.matters, anchor.matter_long = _matters(facts, rest)
        facts.anchor = anchor
        return
    if spouse and not anchor.lead.name:
        anchor.lead.gender = "male" if spouse.group() == "his wife" else "female"
    if anchor.lead.gender == "":
        anchor.lead.gender = _gender_in(rest)
    kin = _KIN.search(rest)
    if kin and not anchor.lead.species and not _GONE.search(kin["adj"] + kin["kin"]) and anchor.second is None:
        anchor.second = _relative(facts, kin, anchor.lead)
        rest = f"{rest[: kin.end()]} {{P}}{rest[kin.end() :]}"
    before = _KIN.search(prefix) if kin is None and anchor.second is None and not anchor.lead.species else None
    if before and not _GONE.search(before["adj"] + before["kin"] + prefix[before.end() :]):
        anchor.second = _relative(facts, before, anchor.lead)
        prefix = f"{prefix[: before.end()]} {{P}}{prefix[before.end() :]}"
    anchor.event = _event(slot, rest, prefix)
    foe = _FOE.search(rest)
    if foe and foe["who"] in ("man", "woman"):
        facts.people = [p for p in facts.people if p.name or p.role != foe["who"]]
        gender = "male" if foe["who"] == "man" else "female"
        facts.people.append(Person("", foe.group().strip(), gender, "", negative=True))
    anchor.matters, anchor.matter_long = _matters(facts, rest.replace(" {P}", ""))
    if " that " in anchor.matter_long:
        facts.places = [p for p in facts.places if p not in anchor.matters]
    front = [p for p in (anchor.lead, anchor.second) if p is not None]
    facts.people = [*front, *(p for p in facts.people if not any(p is f for f in front))]
    facts.anchor = anchor


def _relative(facts: Facts, kin: re.Match[str], lead: Person) -> Person:
    from services.story.local.extract_en import _gender

    word = kin["kin"]
    person = next(
        (p for p in facts.people if not p.name and p is not lead and p.role.split()[-1:] == word.split()[-1:]), None
    )
    person = person or Person()
    person.role, person.relation = f"{kin['adj']}{word}".strip(), word
    person.gender = _gender("", word) or _gender("", re.sub(r"^(?:step|half-|grand)", "", word)) or person.gender
    person.negative = word.endswith("rival")
    return person
