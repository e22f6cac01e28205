"""Reads what a Chinese premise turns on: subject before verb, relatives, and the things it is about."""

from __future__ import annotations

import re

from services.story.local.data import matters
from services.story.local.data import words_zh as w
from services.story.local.facts import Anchor, Facts, Person
from services.story.local.text import sentences

_MORE_ROLES = (
    "调酒师",
    "飞行员",
    "消防员",
    "药剂师",
    "翻译",
    "钢琴师",
    "修表匠",
    "拳击手",
    "摔跤手",
    "售票员",
    "乘务员",
    "陌生人",
    "女人",
    "男人",
    "老人",
    "孩子",
    "宅男",
)
_ROLES = sorted({*w.ROLES, *w.SPECIES, *_MORE_ROLES}, key=len, reverse=True)
_ROLE = re.compile("(?:" + "|".join(_ROLES) + ")")
_KIN = re.compile(
    "(?P<adj>(?:失踪|失散|疏远|失忆|走失|分别|双胞胎)(?:多年)?的?)?(?P<kin>"
    + "|".join(matters.ZH_KIN)
    + ")(?=[，。；、在和与回]|$|的(?:脸|声音|下落))"
)
_MATTER = re.compile("|".join(sorted({*w.THINGS, *matters.ZH}, key=len, reverse=True)))
_MEASURE = re.compile("(?:一|那|这|某)(?:名|位|个|只|条|匹|头|群)|(?:^|[，在的])(?:名|位)")


def event_of(core: str, name: str, second: str = "") -> str:
    """Return the statement of `core` told of the person `name` as `{L}`, or an empty text when it does not fit."""
    story = next((s for s in sentences(core) if name in s), "")
    at = story.find(name)
    rest = story[at + len(name) :].lstrip("，")
    if not story or re.match("[的与和跟是们、]|$", rest) or len(rest) < 4:
        pair = re.match(rf"[和与跟][^，。]{{0,10}}{re.escape(second)}(?=[^的])", rest) if second and story else None
        if pair is None:
            return ""
        return f"{{L}}和{{P}}{rest[pair.end() :].lstrip('，')}"
    return "{L}" + rest


def _unnamed(facts: Facts, story: str) -> tuple[Person, int, int] | None:
    """The unnamed subject of `story` and where its role begins and ends, when it stands before every name."""
    first_name = min((story.find(n) for n in facts.names if n in story), default=len(story))
    for hit in _ROLE.finditer(story):
        after = story[hit.end() : hit.end() + 1]
        if hit.start() >= first_name or story[hit.end() :].startswith(tuple(facts.names) or ("\0",)):
            return None
        if (
            after in set("的们家店院团馆之、")
            or hit.group() in matters.ZH_KIN
            or re.search("[被把将让给向对]$", story[: hit.start()])
        ):
            continue
        if (
            len(hit.group()) == 1
            and not _MEASURE.search(story[: hit.start()])
            and hit.start()
            and story[hit.start() - 1] not in "的猫狗小老黑白"
        ):
            continue
        lead = next((p for p in facts.people if not p.name and hit.group().endswith(p.role[-2:]) and p.role), None)
        if lead is not None:
            facts.people = [p for p in facts.people if p is not lead]
        role = _MEASURE.split(story[: hit.end()])[-1].split("，")[-1]
        for place in facts.places:
            role = role.split(place)[-1]
        role = role.split("的")[-1] if len(role.split("的")[-1]) > 1 else hit.group()
        person = lead or Person()
        person.role = role if len(role) <= 8 else hit.group()
        person.species = person.species or next((s for s in w.SPECIES if hit.group().endswith(s)), "")
        person.negative = False
        return person, hit.start(), hit.end()
    return None


def _gender(role: str, rest: str) -> str:
    if "女" in role or any(role.endswith(r) for r in w.FEMALE_ROLES):
        return "female"
    if "男" in role or any(role.endswith(r) for r in w.MALE_ROLES):
        return "male"
    found = re.search("她|他(?!们)", rest)
    return "" if found is None else "female" if found.group() == "她" else "male"


def read(facts: Facts) -> None:
    """Set the anchor of `facts`; an unnamed subject comes first among its people."""
    story = next(iter(sentences(facts.core)), "")
    facts.places = [p for p in facts.places if not p.startswith("自己")]
    anchor = Anchor()
    found = _unnamed(facts, story)
    rest = story
    if found is not None:
        anchor.lead, _, end = found
        rest = story[end:].lstrip("，")
        anchor.lead.gender = anchor.lead.gender or _gender(anchor.lead.role, rest)
        anchor.described = re.sub("^在", "", story[:end])
        kin = _KIN.search(rest)
        if (
            kin is not None
            and not (rest[: kin.start()].endswith("的") and not kin["adj"])
            and not re.search("(?:去世|已故|死去|过世|亡)的?$", rest[: kin.start()])
        ):
            anchor.second = (
                next((p for p in facts.people if not p.name and p.role.endswith(kin["kin"])), None) or Person()
            )
            anchor.second.role, anchor.second.relation = (kin["adj"] or "") + kin["kin"], kin["kin"]
            anchor.second.gender = matters.kin_gender(kin["kin"])
            rest = f"{rest[: kin.end('kin')]}{{P}}{rest[kin.end('kin') :]}"
        anchor.event = "{L}" + rest if len(rest) > 4 else ""
        front = [p for p in (anchor.lead, anchor.second) if p is not None]
        facts.people = [*front, *(p for p in facts.people if not any(p is f for f in front))]
    facts.things = [t for t in facts.things if not (t == "画" and re.search("画[家师展廊]", facts.premise))]
    hits = [m.group() for m in _MATTER.finditer(rest) if len(m.group()) > 1] or facts.things[:1]
    anchor.matters = [m for m in dict.fromkeys([*facts.things, *hits]) if m not in facts.names][:3]
    if anchor.matters:
        told = re.search(
            f"((?:[一二三四五六七八九十两]+|[0-9]+)年前[^，。在]{{1,6}}的){re.escape(anchor.matters[0])}", rest
        )
        anchor.matter_long = (told.group(1) if told and "{" not in told.group() else "") + anchor.matters[0]
    facts.anchor = anchor
